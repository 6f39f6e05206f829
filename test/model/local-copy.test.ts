import * as fs from 'node:fs';
import * as path from 'node:path';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { ModelSource, ServerImage, TfServingModel, type TfServingModelProps } from '../../lib';
import { maskedChecksum, readRecords } from '../../lib/model/local/records';
import { directoryWith, LOCAL_MODEL, records, WARM_UP } from '../support/local-model';
import { container, render, warningsOf } from '../support/render';

const MODEL: TfServingModelProps = {
  source: ModelSource.gcs('gs://bucket/ranker'),
  server: ServerImage.official('2.19.1'),
  resources: { requests: { cpu: '1' } },
};
const model = (localCopy: string, props: Partial<TfServingModelProps> = {}) =>
  render((chart) => void new TfServingModel(chart, 'ranker', { ...MODEL, localCopy, ...props }));
const warnings = (localCopy: string, props: Partial<TfServingModelProps> = {}) => {
  let texts: string[] = [];
  render((chart) => {
    texts = warningsOf([new TfServingModel(chart, 'ranker', { ...MODEL, localCopy, ...props })]);
  });
  return texts;
};

const GRAPH = { '1/saved_model.pb': 'graph' };
const request = (name: string) => Buffer.from(`2${String.fromCharCode(name.length)}${name}`);
/** A log whose field of this number holds so many bytes. */
const log = (field: number, bytes: number) =>
  Buffer.concat([Buffer.from([field * 8 + 2, (bytes & 127) | 128, ((bytes >> 7) & 127) | 128, bytes >> 14]), Buffer.alloc(bytes, 7)]);
const good = records(request('a'), request('b'));
const warm = (file: Buffer) => directoryWith({ ...GRAPH, [`1/${WARM_UP}`]: file });
const changed = (index: number) => {
  const bytes = Buffer.from(good);
  bytes[index] ^= 1;
  return bytes;
};

describe('versions', () => {
  test('are measured, and the largest one counts', () => {
    const copy = directoryWith({
      '7/saved_model.pb': Buffer.alloc(2 ** 20),
      '7/variables/variables.data-00000-of-00001': Buffer.alloc(99 * 2 ** 20),
      '12/saved_model.pbtxt': 'graph',
      'readme.txt': Buffer.alloc(2 ** 20),
      'next/half.tmp': 'not yet a version',
    });
    // 1.2 x 100 + 0.5 x 100 + 256 + 128, in steps of 64
    expect(container(model(copy)).resources.limits.memory).toBe('576Mi');
    expect(warnings(copy, { modelSize: '99Mi' })).toEqual([
      expect.stringMatching(/^modelSize: 99Mi is less than the largest version in .*, 100Mi/),
    ]);
    expect(warnings(copy, { modelSize: '100Mi' })).toEqual([]);
  });

  test('may be links, as a publisher swaps them', () => {
    const copy = directoryWith({ 'data/saved_model.pb': 'graph' });
    fs.symlinkSync(path.join(copy, 'data'), path.join(copy, '3'));
    fs.symlinkSync(copy, path.join(copy, 'data', 'loop'));
    expect(container(model(copy)).resources.limits.memory).toBeDefined();
  });

  test('are read and never written', () => {
    const copy = directoryWith({ ...GRAPH, [`1/${WARM_UP}`]: good });
    const listing = () =>
      fs.readdirSync(copy, { recursive: true }).map((name) => [name, fs.statSync(path.join(copy, String(name))).mtimeMs]);
    const before = listing();
    expect(JSON.stringify(model(copy))).toBe(JSON.stringify(model(copy)));
    expect(listing()).toEqual(before);
  });

  test.each<[string, { [file: string]: string }, RegExp]>([
    ['no file', {}, /holds no version: no directory with a number/],
    ['no number', { 'latest/saved_model.pb': '' }, /holds no version/],
    ['a number that is too large', { '9223372036854775808/saved_model.pb': '' }, /holds no version/],
    ['the files of a version', { 'saved_model.pb': '' }, /is itself a version: .* Write the directory above it/],
    ['a version without a graph', { ...GRAPH, '2/model.h5': '' }, /has no 2\/saved_model\.pb/],
    ['one version twice', { ...GRAPH, '0001/saved_model.pb': '' }, /holds version 1 twice/],
  ])('with %s are refused', (_, files, message) => {
    expect(() => model(directoryWith(files))).toThrow(/^models\/ranker: 'localCopy' \(".*"\) /);
    expect(() => model(directoryWith(files))).toThrow(message);
  });

  test('that nobody can read are refused', () => {
    expect(() => model('no/such/directory')).toThrow(/'localCopy' \("no\/such\/directory"\) is no directory that can be read/);
    expect(() => model(path.join(LOCAL_MODEL, '1/saved_model.pb'))).toThrow(/is no directory that can be read/);
  });
});

describe('warm-up records', () => {
  test.each<[string, Buffer]>([
    ['one', records(request('a'))],
    ['none in an empty file', Buffer.alloc(0)],
    ['as many as the server takes', records(...Array.from({ length: 1000 }, () => request('a')))],
    ['one of many bytes', records(log(6, 2 ** 21 - 1))],
    ['of each kind', records(...[2, 3, 4, 6, 7].map((field) => log(field, 5)))],
    ['with metadata', records(Buffer.concat([log(1, 300), request('a')]))],
  ])('are taken: %s', (_, file) => {
    expect(() => model(warm(file))).not.toThrow();
  });

  test.each<[string, Buffer, RegExp]>([
    ['one too many', records(...Array.from({ length: 1001 }, () => request('a'))), /there are 1001 records, and 1000 are the most/],
    ['a header that is cut off', good.subarray(0, good.length - 10), /record 2 is cut off in its header/],
    ['data that are cut off', good.subarray(0, good.length - 1), /record 2 is cut off in its data/],
    ['a wrong checksum of a length', changed(8), /record 1 has a length whose checksum is wrong/],
    ['a wrong length', changed(0), /record 1 has a length whose checksum is wrong/],
    ['a wrong checksum of data', changed(good.length - 1), /record 2 has data whose checksum is wrong/],
    ['changed data', changed(12), /record 1 has data whose checksum is wrong/],
    ['an empty record', records(request('a'), Buffer.alloc(0)), /record 2 is no PredictionLog with a request/],
    ['examples for training', records(log(1, 9)), /record 1 is no PredictionLog with a request/],
    ['a run of a session', records(log(5, 9)), /record 1 is a run of a session, which the server does not replay/],
    ['another message', records(log(9, 9)), /record 1 is no PredictionLog\./],
    ['a message that is cut off inside', records(request('abc').subarray(0, 4)), /record 1 is no PredictionLog\./],
    ['text', records(Buffer.from('hello')), /record 1 is no PredictionLog\./],
    ['compression', gzipSync(good), /record 1 is compressed, which the server does not read/],
    ['JSON', Buffer.from('{"instances": [1, 2, 3]}'), /record 1 has a length whose checksum is wrong/],
  ])('with %s are refused', (_, file, message) => {
    const broken = () => model(warm(file));
    expect(broken).toThrow(
      /'localCopy' .* has warm-up with which version 1 fails to load: in 1\/assets\.extra\/tf_serving_warmup_requests /,
    );
    expect(broken).toThrow(message);
  });

  test.each(['tf_serving_warmup_requests', '1/tf_serving_warmup_requests', '1/assets/tf_serving_warmup_requests'])(
    'in the wrong place, %s, are refused',
    (place) => {
      expect(() => model(directoryWith({ ...GRAPH, [place]: good }))).toThrow(
        /where the server does not look.*Move it to 1\/assets\.extra\/tf_serving_warmup_requests\./,
      );
    },
  );

  test('that are switched off are reported', () => {
    expect(warnings(warm(good), { flags: { enableModelWarmup: false } })).toEqual([
      expect.stringMatching(/^flags\.enableModelWarmup: it is off, but version 1 brings records/),
    ]);
    expect(warnings(warm(good), { flags: { enableModelWarmup: true } })).toEqual([]);
    expect(warnings(directoryWith(GRAPH), { flags: { enableModelWarmup: false } })).toEqual([]);
  });

  test('that are to be replayed more often must be there', () => {
    const flags = { numRequestIterationsForWarmup: 3 };
    expect(warnings(directoryWith(GRAPH), { flags })).toEqual([
      expect.stringMatching(/^flags\.numRequestIterationsForWarmup: no version in/),
    ]);
    expect(warnings(warm(good), { flags })).toEqual([]);
  });

  test('that a version lacks, where another one has them, are reported', () => {
    const copy = directoryWith({ ...GRAPH, '2/saved_model.pb': 'graph', [`1/${WARM_UP}`]: good });
    expect(warnings(copy)).toEqual([expect.stringMatching(/^localCopy: version 2 has no records for warm-up, as version 1 has/)]);
  });
});

test('any records are read as they were written, and no changed byte goes unseen', () => {
  const file = path.join(directoryWith({}), 'records');
  const data = fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(data, fc.nat(), fc.integer({ min: 1, max: 255 }), (drawn, at, flip) => {
      const bytes = records(...drawn.map((one) => Buffer.from(one)));
      fs.writeFileSync(file, bytes);
      expect(readRecords(file)).toEqual({ count: drawn.length });
      bytes[at % bytes.length] ^= flip;
      fs.writeFileSync(file, bytes);
      expect(readRecords(file).flaw).toMatch(/^record \d+ (has|is)/);
    }),
  );
});

test('checksums are those of TensorFlow', () => {
  // CRC-32C of '123456789' is e3069283; TFRecord rotates it by 15 bits and adds a constant
  const crc = 0xe3069283;
  expect(maskedChecksum(Buffer.from('123456789'))).toBe((((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0);
});
