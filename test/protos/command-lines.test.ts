import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { TfServingModel, type TfServingModelProps } from '../../lib';
import { sslConfigProgram } from '../../lib/model/files/ssl-config';
import { site, siteWithGpus } from '../support/arbitrary-clusters';
import { modelProps } from '../support/arbitrary-models';
import { render } from '../support/render';
import { publishedServers, type Server, serversOf } from '../support/server-files';
import { FILES, MESSAGE_OF_FLAG } from './files';

/** Every command line that the library writes starts the stand-in, which reads flags and files as the server does. */

const STAND_IN = join(__dirname, '../cluster/stand-in');
const directory = mkdtempSync(join(tmpdir(), 'command-lines-'));
const program = join(directory, 'tensorflow_model_server');
const hasGo = spawnSync('go', ['version']).status === 0;
const told = hasGo ? test : test.skip;

beforeAll(() => {
  if (!hasGo) return;
  expect(run('go', ['build', '-o', program, '.'], { cwd: STAND_IN })).toMatchObject({ status: 0 });
  const generator = join(run('go', ['env', 'GOROOT']).stdout.trim(), 'src/crypto/tls/generate_cert.go');
  expect(run('go', ['run', generator, '--host', 'models', '--ca'], { cwd: directory })).toMatchObject({ status: 0 });
  for (const file of ['tls.crt', 'ca.crt']) copyFileSync(join(directory, 'cert.pem'), join(directory, file));
  renameSync(join(directory, 'key.pem'), join(directory, 'tls.key'));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
  if (!hasGo) process.stderr.write('there is no Go: no command line was started\n');
});

function run(command: string, args: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', ...options });
  return { status, stdout, stderr };
}

/** What the stand-in understood of a server. */
function understood({ args, files }: Server) {
  const folder = mkdtempSync(join(directory, 'files-'));
  let moved = args.map((argument) => argument.replace(/^(--ssl_config_file)=.*$/s, (_, flag) => `${flag}=${sslConfig(folder, false)}`));
  files.forEach(({ flag, path, text }, index) => {
    const there = join(folder, String(index));
    writeFileSync(there, text);
    moved = moved.map((argument) => (argument === `--${flag}=${path}` ? `--${flag}=${there}` : argument));
  });
  const { status, stdout, stderr } = run(program, moved, { env: { STAND_IN_CHECK: '1' } });
  rmSync(folder, { recursive: true });
  if (status !== 0) throw new Error(`${stderr}\n${args.join('\n')}\n${files.map(({ text }) => text).join('\n')}`);
  const { flags, models } = JSON.parse(stdout) as { flags: { [name: string]: string }; models: { name: string; basePath: string }[] };
  for (const argument of moved) {
    const [, name, value] = /^--([^=]+)=(.*)$/s.exec(argument) ?? [];
    expect(flags[name as string]).toBe(value);
  }
  return { flags, models };
}

/** The file of TLS, which a program writes beside the server. */
function sslConfig(folder: string, clientVerify: boolean): string {
  const target = join(folder, 'ssl_config.txt');
  const [bash, ...args] = sslConfigProgram({ source: directory, target, clientVerify }).command;
  expect(run(bash, args)).toEqual({ status: 0, stdout: '', stderr: '' });
  return target;
}

/**
 * Without flags that no server has, which are passed on with a warning, but would count as an error here, and without those
 * that name files of the user's own.
 */
function startable({ extraFlags, flags, ...rest }: TfServingModelProps): TfServingModelProps {
  return {
    ...rest,
    extraFlags: extraFlags?.filter((flag) => !flag.startsWith('--unheard_of_')),
    flags: flags && { ...flags, platformConfigFile: undefined, threadPoolFactoryConfigFile: undefined },
  };
}

told('the stand-in behaves as the server is known to', () => {
  const { status, stdout, stderr } = run('go', ['test', './...'], { cwd: STAND_IN });
  if (status !== 0) throw new Error(`${stdout}\n${stderr}`);
});

told('a server without a model waits, and does not end', () => {
  const args = ['--model_base_path=/nowhere', '--file_system_poll_wait_seconds=0'];
  const { signal, stdout } = spawnSync(program, args, { encoding: 'utf8', env: {}, timeout: 1500 });
  expect({ signal, stdout }).toEqual({
    signal: 'SIGTERM',
    stdout: expect.stringContaining('Could not find base path /nowhere for servable default'),
  });
});

told('any model', () => {
  const drawn = fc.oneof(site, siteWithGpus).chain((at) => fc.record({ at: fc.constant(at), props: modelProps(at) }));
  fc.assert(
    fc.property(drawn, ({ at, props }) => {
      const models: TfServingModel[] = [];
      const objects = render((chart) => models.push(new TfServingModel(chart, 'resnet', startable(props))), at.cluster);
      const [server] = serversOf(objects);
      const others = (props.otherModels ?? []).map(({ modelName: name }) => ({ name }));
      expect(understood(server).models).toMatchObject([{ name: models[0].modelName, basePath: models[0].basePath }, ...others]);
    }),
    { numRuns: 200 },
  );
});

/** What a server needs beside a file. */
const BESIDE: { readonly [flag: string]: string[] } = {
  batching_parameters_file: ['--enable_batching=true'],
  model_config_file: ['--allow_version_labels_for_unavailable_models=true'],
};

told.each(FILES)('any $message', ({ message, written }) => {
  const flag = Object.keys(MESSAGE_OF_FLAG).find((name) => MESSAGE_OF_FLAG[name] === message) as string;
  const args = ['--model_base_path=/models/demo', '--rest_api_port=8501', ...(BESIDE[flag] ?? []), `--${flag}=/file`];
  fc.assert(
    fc.property(written, ({ text }) => void understood({ args, files: [{ flag, path: '/file', text }] })),
    { numRuns: 50 },
  );
});

told.each([true, false])('the files of a TLS Secret, where the certificates of clients are asked for: %s', (clientVerify) => {
  const text = readFileSync(sslConfig(directory, clientVerify), 'ascii');
  const start = (content: string) => {
    const path = join(directory, 'file');
    writeFileSync(path, content);
    const args = ['--model_base_path=/models/demo', '--rest_api_port=8501', `--ssl_config_file=${path}`];
    return run(program, args, { env: { STAND_IN_CHECK: '1' } }).status;
  };
  expect(start(text)).toBe(0);
  expect(start(text.replace(/^server_key.*$/m, 'server_key: "key"'))).toBe(255);
});

told('the models of the published set-ups', () => {
  const servers = publishedServers();
  expect(servers.length).toBeGreaterThan(0);
  for (const server of servers) expect(understood(server).models).toHaveLength(1);
});

told.each([
  ['an unknown flag', '--grpc_port=8500'],
  ['a flag without its sign', '--port 8500'],
  ['a truth value of another language', '--enable_batching=1'],
  ['a number with a unit', '--rest_api_timeout_in_ms=30s'],
  ['the same port twice', '--rest_api_port=8500'],
  ['a file that is not there', '--tensorflow_session_config_file=/nowhere'],
  ['a relative path', '--model_base_path=models'],
])('the stand-in sees %s', (_, argument) => {
  const args = ['--model_base_path=/models/demo', '--rest_api_port=8501', argument];
  expect(run(program, args, { env: { STAND_IN_CHECK: '1' } }).status).toBe(255);
  expect(run(program, args.slice(0, 2), { env: { STAND_IN_CHECK: '1' } }).status).toBe(0);
});
