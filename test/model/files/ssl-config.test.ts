import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sslConfigProgram } from '../../../lib/model/files/ssl-config';

let directory: string;
let source: string;
let target: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tls of $(a) "model" '));
  source = join(directory, 'secret');
  target = join(directory, 'out', 'ssl_config.txt');
  mkdirSync(source);
  mkdirSync(join(directory, 'out'));
  writeFileSync(join(source, 'tls.key'), 'key');
  writeFileSync(join(source, 'tls.crt'), 'certificate');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function run(clientVerify = false) {
  const [program, ...args] = sslConfigProgram({ source, target, clientVerify }).command;
  return spawnSync(program, args, { encoding: 'utf8' });
}

const octal = (text: string) => Array.from(Buffer.from(text), (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
/** Ends of lines of both kinds and none, quotes, backslashes, what a shell expands, and bytes beyond ASCII. */
const TRICKY = '-----BEGIN "x" \'y\' \\n \\ $HOME `id` $(id) %s *\r\n\n\té😀\u007f no end of line';

test('the files become fields, whatever bytes they hold', () => {
  writeFileSync(join(source, 'tls.key'), TRICKY);
  expect(run()).toMatchObject({ status: 0, stdout: '', stderr: '' });
  expect(readFileSync(target, 'utf8')).toBe(`server_key: "${octal(TRICKY)}"\nserver_cert: "${octal('certificate')}"\n`);
});

test('zeros and bytes that are no text stay what they are', () => {
  const bytes = Buffer.from([0, 255, 10, 0, 32, 92, 34, 0, 0]);
  writeFileSync(join(source, 'tls.crt'), bytes);
  expect(run().status).toBe(0);
  expect(readFileSync(target, 'utf8')).toContain('server_cert: "\\000\\377\\012\\000\\040\\134\\042\\000\\000"\n');
});

test('equal lines in a row stay, however many', () => {
  const rows = '0123456789abcde\n'.repeat(1000);
  writeFileSync(join(source, 'tls.key'), rows);
  expect(run().status).toBe(0);
  expect(readFileSync(target, 'utf8')).toContain(`server_key: "${octal(rows)}"\n`);
});

test('the authority of clients stands there only where clients are asked', () => {
  writeFileSync(join(source, 'ca.crt'), 'authority');
  run();
  expect(readFileSync(target, 'utf8')).not.toMatch(/custom_ca|client_verify/);
  expect(run(true).status).toBe(0);
  expect(readFileSync(target, 'utf8')).toMatch(/^custom_ca: "[\\0-7]+"\nclient_verify: true\n$/m);
});

test('nobody but the user reads the key, and nothing else is left', () => {
  run();
  expect(statSync(target).mode & 0o777).toBe(0o400);
  expect(readdirSync(join(directory, 'out'))).toEqual(['ssl_config.txt']);
});

test('files may be links, as in a mounted Secret, and a second run replaces the first', () => {
  run();
  mkdirSync(join(source, '..data'));
  writeFileSync(join(source, '..data', 'tls.key'), 'renewed');
  rmSync(join(source, 'tls.key'));
  symlinkSync('..data/tls.key', join(source, 'tls.key'));
  writeFileSync(`${target}.unfinished`, 'of a run that was killed', { mode: 0o400 });
  expect(run()).toMatchObject({ status: 0, stderr: '' });
  expect(readFileSync(target, 'utf8')).toContain(octal('renewed'));
  expect(readdirSync(join(directory, 'out'))).toEqual(['ssl_config.txt']);
});

test.each([
  ['tls.key', false],
  ['tls.crt', false],
  ['ca.crt', true],
])('without %s there is no file, and the reason is said', (file, clientVerify) => {
  rmSync(join(source, file), { force: true });
  const missing = run(clientVerify);
  expect(missing.status).toBe(1);
  expect(missing.stderr).toContain(`${file} is missing or empty: the Secret must hold ${file}`);
  writeFileSync(join(source, file), '');
  expect(run(clientVerify).status).toBe(1);
  expect(readdirSync(join(directory, 'out'))).toEqual([]);
});

test('a failure leaves an earlier file as it was', () => {
  run();
  const before = readFileSync(target, 'utf8');
  rmSync(join(source, 'tls.crt'));
  expect(run().status).not.toBe(0);
  expect(readFileSync(target, 'utf8')).toBe(before);
});

test('a directory that does not exist fails', () => {
  target = join(directory, 'nowhere', 'ssl_config.txt');
  expect(run().status).not.toBe(0);
  expect(existsSync(target)).toBe(false);
});

test('Kubernetes finds nothing to replace in the program', () => {
  const [, , script] = sslConfigProgram({ source, target, clientVerify: false }).command;
  expect(script).not.toMatch(/\$[$(]/);
});
