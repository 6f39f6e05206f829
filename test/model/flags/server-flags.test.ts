import {
  Accelerator,
  ContainerImage,
  GpuModelPool,
  ModelSource,
  Probe,
  type ServerFlags,
  ServerImage,
  ServingProtocol,
  TfServingModel,
  type TfServingModelProps,
} from '../../../lib';
import { FLAGS } from '../../../lib/model/flags/flag-table';
import { serverName } from '../../../lib/model/flags/user-flag';
import { MODEL_SHAPE } from '../../../lib/model/model-props';
import { container, flag, podSpec, render, warningsOf } from '../../support/render';

const OWN_BUILD = ServerImage.custom({
  image: ContainerImage.fromBuild('server:v1'),
  gpuImage: ContainerImage.fromBuild('server-gpu:v1'),
  release: '2.20.0',
});
const MODEL: TfServingModelProps = {
  source: ModelSource.inImage('/models/resnet'),
  server: ServerImage.official('2.20.0'),
  resources: { requests: { cpu: '3', memory: '4Gi' } },
};
const model = (change: Partial<TfServingModelProps>) =>
  render((chart) => {
    const pool = new GpuModelPool(chart, 'gpus', { accelerator: Accelerator.NVIDIA_T4, maxNodes: 2 });
    new TfServingModel(chart, 'resnet', { ...MODEL, pool, ...change });
  });
const warnings = (change: Partial<TfServingModelProps>) => {
  let said: string[] = [];
  render((chart) => {
    said = warningsOf([new TfServingModel(chart, 'resnet', { ...MODEL, ...change })]);
  });
  return said;
};

/** Values that a flag takes, values that it does not, and what must stand beside it. */
interface Sample<Value> {
  readonly good: readonly Value[];
  readonly bad: readonly unknown[];
  readonly beside?: ServerFlags;
}

const truth: Sample<boolean> = { good: [true, false], bad: ['true', 1, null] };
const count = (least: number, beside?: ServerFlags): Sample<number> => ({
  good: [least, least + 1, 2 ** 31 - 1],
  bad: ['2', -1, 1.5, Number.NaN, 2 ** 31, null, ...(least > 0 ? [least - 1] : [])],
  beside,
});
const long = (least: number): Sample<number> => ({
  good: [least, 2 ** 31, Number.MAX_SAFE_INTEGER],
  bad: ['2', -1, 1.5, 2 ** 53, null, ...(least > 0 ? [least - 1] : [])],
});
const file: Sample<string> = { good: ['/models/file.txt'], bad: [5, null, '\u0000'] };
const tflite = { preferTfliteModel: true };

/** A flag that has no row here does not compile. */
const SAMPLES: { readonly [Flag in keyof Required<ServerFlags>]: Sample<NonNullable<ServerFlags[Flag]>> } = {
  grpcSocketPath: {
    good: ['/tmp/grpc.sock', '/tmp/a/b.sock', `/tmp/${'x'.repeat(102)}`],
    bad: [5, '', 'x.sock', '/run/grpc.sock', '/tmp', '/tmp/', '/tmp/../x', '/tmp/$(X)', `/tmp/${'x'.repeat(103)}`],
  },
  restApiNumThreads: count(2),
  restApiEnableCorsSupport: truth,
  grpcChannelArguments: { good: ['grpc.x=1', 'a=b,c=d'], bad: [5, '', 'x', 'a=1,', 'a=1,a=2', 'grpc.max_connection_age_ms=1'] },
  grpcMaxThreads: count(2),
  enableGrpcHealthcheckService: truth,
  enableProfiler: truth,
  enableSerializationAsTensorContent: truth,
  numLoadThreads: count(0),
  numUnloadThreads: count(0),
  maxNumLoadRetries: { good: [0, 1, 100], bad: ['1', -1, 101, 0.5] },
  loadRetryIntervalMicros: { good: [0, 5_000_000, 2 ** 32], bad: ['1', -1, 0.5, 2 ** 53] },
  flushFilesystemCaches: truth,
  savedModelTags: { good: ['serve', 'serve,gpu'], bad: [5, '', 'a,', ',a', 'a,,b', 'a, b', 'a,a', null] },
  enableModelWarmup: truth,
  numRequestIterationsForWarmup: count(1),
  enableSignatureMethodNameCheck: truth,
  preferTfliteModel: truth,
  numTflitePools: count(1, tflite),
  numTfliteInterpretersPerPool: count(1, tflite),
  removeUnusedFieldsFromBundleMetagraph: truth,
  tensorflowIntraOpParallelism: long(1),
  tensorflowInterOpParallelism: long(1),
  perProcessGpuMemoryFraction: { good: [0.01, 0.5, 1], bad: [0, -0.5, 1.01, '0.5', Number.NaN, null] },
  platformConfigFile: file,
  xlaCpuCompilationEnabled: truth,
  xlaGpuCompilationEnabled: truth,
  mixedPrecision: { good: ['bfloat16'], bad: ['float16', 'BFLOAT16', '', true] },
  threadPoolFactoryConfigFile: file,
  skipInitializeTpu: truth,
};
const ROWS = Object.entries(SAMPLES) as [string, Sample<unknown>][];

describe('the table of flags', () => {
  test('holds the 48 of the server, each typed, written by a prop, or refused', () => {
    expect(Object.keys(FLAGS)).toHaveLength(48);
    const typed = ROWS.map(([prop]) => serverName(prop));
    expect(typed.filter((name) => !(name in FLAGS))).toEqual([]);
    for (const [name, { prop, refused }] of Object.entries(FLAGS)) {
      const ways = [typed.includes(name), prop !== undefined, refused !== undefined].filter((way) => way);
      expect({ name, ways: ways.length }).toEqual({ name, ways: 1 });
    }
  });

  test('names props that there are', () => {
    const named = Object.values(FLAGS).flatMap(({ prop }) => prop ?? []);
    const known = [...Object.keys(MODEL_SHAPE), ...ROWS.map(([prop]) => `flags.${prop}`)];
    expect(named.filter((prop) => !known.includes(prop))).toEqual([]);
  });
});

describe.each(ROWS)('%s', (prop, { good, bad, beside }) => {
  const server = FLAGS[serverName(prop)].otherBuilds === undefined ? MODEL.server : OWN_BUILD;
  const withValue = (value: unknown) => model({ server, flags: { ...beside, [prop]: value } as ServerFlags });

  test('takes its values', () => {
    for (const value of good) {
      const written = flag(withValue(value), serverName(prop));
      expect(written).toEqual(prop === 'grpcChannelArguments' ? expect.stringContaining(`,${value}`) : String(value));
    }
  });

  test('refuses others by its name', () => {
    for (const value of bad) expect(() => withValue(value)).toThrow(new RegExp(`^models/resnet: 'flags\\.${prop}' \\(`));
  });

  test('is refused where the release does not know it', () => {
    const { since } = FLAGS[serverName(prop)];
    const image = ContainerImage.fromBuild('server:v1');
    const older = since.replace(/^(\d+)\.(\d+)\.\d+$/, (_, major, minor) => (Number(minor) > 0 ? `${major}.${Number(minor) - 1}` : '1.15'));
    const change = { pool: undefined, protocols: [ServingProtocol.GRPC], server: ServerImage.custom({ image, release: older }) };
    const flags = { ...beside, [prop]: good[0] } as ServerFlags;
    expect(() => model({ ...change, flags })).toThrow(new RegExp(`'flags\\.${prop}' .* needs TensorFlow Serving ${since}, but`));
  });
});

describe('flags that the server does not have', () => {
  test.each([
    ['restApiNumThread', /'flags\.restApiNumThread' \(1\) is no flag that this library knows\. Did you mean 'restApiNumThreads'\?/],
    ['quantumMode', /is no flag that this library knows\. Write it as text in 'extraFlags'\.$/],
    ['__proto__x', /is no flag that this library knows/],
  ])('%s is refused', (prop, message) => {
    expect(() => model({ flags: { [prop]: 1 } as never })).toThrow(message);
  });

  test.each(Object.entries(FLAGS).filter(([, { prop }]) => prop !== undefined))(
    '--%s is the business of a prop',
    (name, { prop, since }) => {
      const key = name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
      expect(() => model({ flags: { [key]: 1 } as never })).toThrow(`belongs to the prop '${prop}'`);
      expect(() => model({ extraFlags: [`--${name}=1`] })).toThrow(`belongs to the prop '${prop}'`);
      expect(since).toMatch(/^\d+\.\d+\.\d+$/);
    },
  );

  test.each(Object.entries(FLAGS).filter(([, { refused }]) => refused !== undefined))(
    '--%s is refused with a reason',
    (name, { refused }) => {
      expect(() => model({ extraFlags: [`--${name}=1`] })).toThrow(refused?.rule);
    },
  );
});

describe('flags together', () => {
  test.each<[string, Partial<TfServingModelProps>, RegExp]>([
    ['pools without TFLite', { flags: { numTflitePools: 2 } }, /'flags\.numTflitePools' \(2\) says how TFLite is run/],
    [
      'pools with TFLite switched off',
      { flags: { numTfliteInterpretersPerPool: 2, preferTfliteModel: false } },
      /'flags\.numTfliteInterpretersPerPool' \(2\) says how TFLite is run/,
    ],
    [
      'replays of a warm-up that is off',
      { flags: { enableModelWarmup: false, numRequestIterationsForWarmup: 2 } },
      /'flags\.numRequestIterationsForWarmup' \(2\) says how warm-up records are replayed/,
    ],
    [
      'the same as text',
      { extraFlags: ['--enable_model_warmup=false', '--num_request_iterations_for_warmup=2'] },
      /'extraFlags\[1\]'.*says how warm-up records are replayed/,
    ],
    [
      'a platform configuration and a session',
      { flags: { platformConfigFile: '/x' }, sessionConfig: { allowGrowth: true } },
      /'flags\.platformConfigFile' \("\/x"\) makes the server ignore 'sessionConfig'/,
    ],
    [
      'a platform configuration and batching per model',
      { flags: { platformConfigFile: '/x' }, batchingPerModel: {} },
      /ignore 'batchingPerModel'/,
    ],
    [
      'a platform configuration and TFLite',
      { flags: { platformConfigFile: '/x', preferTfliteModel: true } },
      /ignore 'flags\.preferTfliteModel'/,
    ],
    [
      'threads of both kinds at once',
      { extraFlags: ['--tensorflow_session_parallelism=2'] },
      /belongs to the prop 'flags\.tensorflowIntraOpParallelism'/,
    ],
    [
      'a factory of threads',
      { flags: { threadPoolFactoryConfigFile: '/x' } },
      /means nothing to the project's own builds: no factory .* ServerImage\.custom\(\)/,
    ],
    ['TPUs', { extraFlags: ['--skip_initialize_tpu=true'] }, /'extraFlags\[0\]'.*they know no TPU/],
    [
      'a health service that is off, and a question to it',
      { flags: { enableGrpcHealthcheckService: false }, livenessProbe: Probe.grpc() },
      /'livenessProbe'.*'flags\.enableGrpcHealthcheckService' switches off/,
    ],
  ])('fails on %s', (_, change, message) => {
    expect(() => model(change)).toThrow(message);
  });

  const mounted = (mountPath: string, readOnly?: boolean): Partial<TfServingModelProps> => ({
    volumes: [{ name: 'run', emptyDir: {} }],
    volumeMounts: [{ name: 'run', mountPath, readOnly }],
  });
  const socket = { flags: { grpcSocketPath: '/run/tfs/grpc.sock' } };

  test('a socket lies where the server can make it', () => {
    expect(() => model(socket)).toThrow(/lies where the server cannot make files: it can in \/tmp\. For example '\/tmp\/grpc\.sock'\.$/);
    expect(() => model({ ...socket, ...mounted('/run/tfs', true) })).toThrow(/it can in \/tmp\./);
    expect(() => model({ ...socket, ...mounted('/run/tfs2') })).toThrow(/it can in \/tmp, \/run\/tfs2\./);
    expect(() => model({ ...socket, ...mounted('/run/tfs/grpc.sock') })).toThrow(/cannot make files/);
    expect(flag(model({ ...socket, ...mounted('/run/tfs/') }), 'grpc_socket_path')).toBe('/run/tfs/grpc.sock');
    expect(flag(model({ ...socket, readOnlyRootFilesystem: false }), 'grpc_socket_path')).toBe('/run/tfs/grpc.sock');
  });

  test('a server without its health service is asked for a connection', () => {
    const { livenessProbe } = container(model({ flags: { enableGrpcHealthcheckService: false } }));
    expect(livenessProbe).toMatchObject({ tcpSocket: { port: 8500 } });
    expect(container(model({})).livenessProbe).toMatchObject({ grpc: { port: 8500 } });
  });

  test('a platform configuration must say how many threads there are', () => {
    expect(warnings({ flags: { platformConfigFile: '/x' } })).toEqual([
      expect.stringMatching(/^flags\.platformConfigFile: .* or else the cores of the node/),
    ]);
  });
});

describe('threads', () => {
  const cpu = (requests: string, limits?: string): Partial<TfServingModelProps> => ({
    resources: { requests: { cpu: requests, memory: '1Gi' }, limits: limits === undefined ? undefined : { cpu: limits, memory: '1Gi' } },
  });
  const threads = (change: Partial<TfServingModelProps>) => {
    const objects = model(change);
    const names = ['intra_op_parallelism', 'inter_op_parallelism'].map((name) => `tensorflow_${name}`);
    return [...names, 'rest_api_num_threads', 'grpc_max_threads', 'num_tflite_pools'].map((name) => flag(objects, name));
  };

  test.each<[string, Partial<TfServingModelProps>, (string | undefined)[]]>([
    ['the request', cpu('3'), ['3', '3', '12', '12', undefined]],
    ['the limit, where there is one', cpu('2', '4500m'), ['4', '4', '16', '16', undefined]],
    ['one core at least', cpu('100m'), ['1', '1', '4', '4', undefined]],
    ['batching', { ...cpu('3'), batching: { maxBatchSize: 32 } }, ['3', '3', '65', '64', undefined]],
    [
      'the batches that split requests become',
      { ...cpu('3'), batching: { maxBatchSize: 320, enableLargeBatchSplitting: true, maxExecutionBatchSize: 32 } },
      ['3', '3', '65', '64', undefined],
    ],
    ['the batches of models', { ...cpu('3'), batchingPerModel: { largestBatch: 32 } }, ['3', '3', '65', '64', undefined]],
    ['the cores alone, where models do not say their batches', { ...cpu('3'), batchingPerModel: {} }, ['3', '3', '12', '12', undefined]],
    ['TFLite', { ...cpu('3'), flags: tflite }, ['3', '3', '12', '12', '3']],
    ['TFLite, as text', { ...cpu('3'), extraFlags: ['--prefer_tflite_model=true'] }, ['3', '3', '12', '12', '3']],
    ['TFLite with pools of its own', { ...cpu('3'), flags: { ...tflite, numTflitePools: 9 } }, ['3', '3', '12', '12', '9']],
    [
      'what the user says, and the other stays',
      { ...cpu('3'), flags: { tensorflowIntraOpParallelism: 7 } },
      ['7', '3', '12', '12', undefined],
    ],
    [
      'what the user says, the other way round',
      { ...cpu('3'), flags: { tensorflowInterOpParallelism: 7 } },
      ['3', '7', '12', '12', undefined],
    ],
  ])('follow from %s', (_, change, expected) => {
    expect(threads(change)).toEqual(expected);
  });

  const batching = { maxBatchSize: 32 };
  test('too few to fill a batch are reported, on protocols that callers use', () => {
    const few = { grpcMaxThreads: 63, restApiNumThreads: 16 };
    expect(warnings({ batching, flags: few })).toEqual([
      expect.stringMatching(/^flags\.grpcMaxThreads: 63 threads, .* cannot fill batches of 32 rows/),
      expect.stringMatching(/^flags\.restApiNumThreads: 16 threads/),
    ]);
    expect(warnings({ batching, flags: few, protocols: [ServingProtocol.GRPC] })).toHaveLength(1);
    expect(warnings({ batchingPerModel: { largestBatch: 32 }, flags: few })).toHaveLength(2);
    expect(warnings({ batching, flags: { grpcMaxThreads: 64, restApiNumThreads: 64 } })).toEqual([]);
    expect(warnings({ flags: few })).toEqual([]);
  });
});

test('the pod of a model without any of these has no further program', () => {
  expect(podSpec(model({})).initContainers).toBeUndefined();
});
