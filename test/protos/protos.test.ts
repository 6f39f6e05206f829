import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { TfServingModel } from '../../lib';
import { sslConfigProgram } from '../../lib/model/files/ssl-config';
import { entries, ProtoSymbol, textProto, wrapped } from '../../lib/model/files/text-proto';
import { site } from '../support/arbitrary-clusters';
import { modelProps } from '../support/arbitrary-models';
import { truth } from '../support/arbitrary-values';
import { render } from '../support/render';
import { publishedServers, serversOf } from '../support/server-files';
import { FILES, MESSAGE_OF_FLAG } from './files';
import { type Fields, Judge } from './judge';
import { PYTHON, pythonEnvironment } from './packages';

/** Every text proto that the library writes means to the server's own definitions what was meant. */

const LEAST = 20_000;
const STAND_IN = join(__dirname, '../cluster/stand-in');
const judge = new Judge();
let judged = 0;
let differences = 0;

afterAll(async () => {
  await judge.end();
  process.stderr.write(`${judged} text protos judged, ${differences} differences\n`);
});

async function agrees(message: string, text: string, fields?: Fields): Promise<void> {
  const complaint = await judge.complaint(message, text, fields);
  judged++;
  if (complaint === undefined) return;
  differences++;
  throw new Error(`${complaint}\n${text}`);
}

test.each([
  ['an unknown field', 'tensorflow.serving.BatchingParameters', 'max_batch_sizes { value: 1 }', undefined],
  ['a wrapped field without its wrapper', 'tensorflow.serving.BatchingParameters', 'max_batch_size: 1', undefined],
  ['a raw line end', 'tensorflow.serving.SSLConfig', 'server_key: "a\nb"', undefined],
  ['a text that is no UTF-8', 'tensorflow.serving.SSLConfig', 'server_key: "\\377"', undefined],
  ['a map in the form of JSON', 'tensorflow.ConfigProto', 'device_count { "GPU": 1 }', undefined],
  ['another value', 'tensorflow.serving.SSLConfig', 'server_key: "a"', { server_key: 'b' }],
  ['a value that was not meant', 'tensorflow.serving.SSLConfig', 'server_key: "a" client_verify: true', { server_key: 'a' }],
  ['a missing one', 'tensorflow.serving.BatchingParameters', 'max_batch_size { }', { max_batch_size: { value: 1 } }],
])('the judge sees %s', async (_, message, text, fields) => {
  expect(await judge.complaint(message, text, fields as Fields | undefined)).toBeDefined();
});

test.each(FILES.map(({ message, written }, index) => [index, message, written] as const))(
  'file %i, any %s',
  async (_, message, written) => {
    await fc.assert(
      fc.asyncProperty(written, ({ text, fields }) => agrees(message, text, fields)),
      { numRuns: 5000 },
    );
  },
);

const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('"', "'", '\\', '\n', '\r', '\0', '7', 'x', '😀', 'é') }),
);
const int64 = fc.oneof(
  fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  fc.constantFrom(0n, -(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n + 1n),
  fc.maxSafeInteger(),
);

test('any text', async () => {
  await fc.assert(
    fc.asyncProperty(anyText, anyText, truth, (key, cert, verify) => {
      const fields = { server_key: key, server_cert: cert, client_verify: verify };
      return agrees('tensorflow.serving.SSLConfig', textProto(fields), fields);
    }),
    { numRuns: 4000 },
  );
});

test('any number, map and value of an enumeration', async () => {
  const int32 = fc.integer();
  const double = fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .filter((drawn) => !Number.isInteger(drawn) || Number.isSafeInteger(drawn));
  const jit = fc.constantFrom('OFF', 'ON_1', 'ON_2');
  const devices = fc.dictionary(anyText, int32, { noNullPrototype: true });
  await fc.assert(
    fc.asyncProperty(double, jit, devices, (fraction, level, map) => {
      // text has one zero
      const share = fraction === 0 ? 0 : fraction;
      const gpu_options = { per_process_gpu_memory_fraction: share };
      const text = textProto({
        gpu_options,
        device_count: entries(map),
        graph_options: { optimizer_options: { global_jit_level: new ProtoSymbol(level) } },
      });
      const fields = { gpu_options, device_count: map, graph_options: { optimizer_options: { global_jit_level: level } } };
      return agrees('tensorflow.ConfigProto', text, fields);
    }),
    { numRuns: 2000 },
  );
  await fc.assert(
    fc.asyncProperty(int64, fc.array(int64), (value, sizes) => {
      const text = textProto({ max_batch_size: wrapped(value), allowed_batch_sizes: sizes });
      return agrees('tensorflow.serving.BatchingParameters', text, { max_batch_size: { value }, allowed_batch_sizes: sizes });
    }),
    { numRuns: 2000 },
  );
});

test('any file of a TLS Secret, as the program beside the server writes it down', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'tls-'));
  const files = fc.oneof(
    anyText
      .map((drawn) => `-----BEGIN\r\n${drawn}`)
      .map((text) => ({ key: Buffer.from(text), message: 'tensorflow.serving.SSLConfig', text })),
    fc.uint8Array({ minLength: 1, maxLength: 300 }).map((bytes) => {
      const key = Buffer.from(bytes);
      return { key, message: 'google.protobuf.BytesValue', text: key.toString('latin1') };
    }),
  );
  try {
    await fc.assert(
      fc.asyncProperty(files, truth, async ({ key, message, text }, clientVerify) => {
        writeFileSync(join(directory, 'tls.key'), key);
        writeFileSync(join(directory, 'tls.crt'), 'certificate\n');
        writeFileSync(join(directory, 'ca.crt'), 'a "CA"');
        const target = join(directory, 'ssl_config.txt');
        const [bash, ...args] = sslConfigProgram({ source: directory, target, clientVerify }).command;
        const { status, stderr } = spawnSync(bash, args, { encoding: 'utf8' });
        if (status !== 0) throw new Error(stderr);
        const written = readFileSync(target, 'ascii');
        if (message === 'google.protobuf.BytesValue') {
          await agrees(message, (written.split('\n')[0] as string).replace('server_key', 'value'), { value: text });
          return;
        }
        const ca = clientVerify ? { custom_ca: 'a "CA"', client_verify: true } : {};
        await agrees(message, written, { server_key: text, server_cert: 'certificate\n', ...ca });
      }),
      { numRuns: 150 },
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('files of any model', async () => {
  const drawn = site.chain((at) => fc.record({ at: fc.constant(at), props: modelProps(at) }));
  await fc.assert(
    fc.asyncProperty(drawn, async ({ at, props }) => {
      const [server, ...others] = serversOf(render((chart) => void new TfServingModel(chart, 'resnet', props), at.cluster));
      expect(others).toEqual([]);
      for (const { flag, text } of server.files) await agrees(MESSAGE_OF_FLAG[flag], text);
      // no file is overlooked, but for those that the pod or the user makes
      const named = server.args.filter((argument) => /^--(?!ssl|platform|thread_pool_factory)[a-z_]+_file=/.test(argument));
      expect(server.files).toHaveLength(named.length);
    }),
    { numRuns: 200 },
  );
});

test('files of the published set-ups', async () => {
  const files = publishedServers().flatMap((server) => server.files);
  expect(files.length).toBeGreaterThan(0);
  for (const { flag, text } of files) await agrees(MESSAGE_OF_FLAG[flag], text);
});

test('the stand-in of the cluster stories has the same definitions', () => {
  const directory = mkdtempSync(join(tmpdir(), 'definitions-'));
  try {
    const fresh = join(directory, 'definitions.binpb');
    const { status, stderr } = spawnSync(PYTHON, [join(__dirname, 'definitions.py'), fresh], {
      env: pythonEnvironment(),
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(readFileSync(join(STAND_IN, 'definitions.binpb')).equals(readFileSync(fresh))).toBe(true);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test(`at least ${LEAST} were judged`, () => {
  expect(judged).toBeGreaterThanOrEqual(LEAST);
});
