import { Duration } from 'cdk8s';
import {
  Accelerator,
  Cluster,
  ContainerImage,
  GpuModelPool,
  LocalGpus,
  ModelSource,
  ServerImage,
  TfServingModel,
  type TfServingModelProps,
} from '../lib';
import { noticesOf } from '../lib/private/notices';
import { container, flag, GKE, only, render } from './support/render';

/** What a model is given that works against itself: refused with the reason, or made right. */
type Change = Partial<TfServingModelProps>;

const MODEL: TfServingModelProps = {
  source: ModelSource.inImage('/models/resnet'),
  server: ServerImage.official('2.19.1'),
  resources: { requests: { cpu: '2', memory: '4Gi' } },
};

const model = (change: Change = {}, cluster = GKE) =>
  render((chart) => void new TfServingModel(chart, 'resnet', { ...MODEL, ...change }), cluster);

const onPool = (change: Change, cluster = GKE) =>
  render((chart) => {
    const pool = new GpuModelPool(chart, 'gpus', { accelerator: Accelerator.NVIDIA_T4, maxNodes: 2 });
    new TfServingModel(chart, 'resnet', { ...MODEL, pool, ...change });
  }, cluster);

const warnings = (change: Change) => {
  let said: string[] = [];
  render((chart) => {
    const made = new TfServingModel(chart, 'resnet', { ...MODEL, ...change });
    said = noticesOf([made]).map(({ text }) => text);
  });
  return said;
};

const VOLUME = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
const mounted = (mountPath: string): Change => ({ volumes: VOLUME, volumeMounts: [{ name: 'data', mountPath }] });
const KEYED = ModelSource.gcs('gs://bucket/resnet', { keyFileSecretName: 'key' });

describe('flags', () => {
  test.each<[string, Change, RegExp]>([
    ['TLS', { extraFlags: ['--ssl_config_file=/x'] }, /'extraFlags\[0\]'.*belongs to the prop 'tls'/],
    ['ALTS', { extraFlags: ['--use_alts_credentials=true'] }, /'extraFlags\[0\]'.*would encrypt gRPC/],
    ['TLS as a typed flag', { flags: { sslConfigFile: '/x' } as never }, /'flags.sslConfigFile'.*belongs to the prop 'tls'/],
    [
      'a list of models',
      { extraFlags: ['--model_config_file=/x'] },
      /takes? names and paths from a file.*'otherModels', from which the file is written/,
    ],
    [
      'a list of models that is polled',
      { extraFlags: ['--model_config_file_poll_wait_seconds=5'] },
      /a file again that never changes.*is a rollout/,
    ],
    ['the release', { extraFlags: ['--version=true'] }, /prints the release and ends the server/],
    ['the release without a value', { extraFlags: ['--version'] }, /must have the form '--name=value'/],
    ['a flag twice', { extraFlags: ['--num_load_threads=1', '--num_load_threads=2'] }, /'extraFlags\[1\]'.*for the second time/],
    ['an unknown flag twice', { extraFlags: ['--new=1', '--new=2'] }, /'extraFlags\[1\]'.*for the second time/],
    [
      'a flag in both props',
      { flags: { numLoadThreads: 1 }, extraFlags: ['--num_load_threads=2'] },
      /already written as --num_load_threads=1/,
    ],
    ['a number in words', { extraFlags: ['--num_load_threads=two'] }, /must hold a whole number/],
    ['an empty number', { extraFlags: ['--num_load_threads='] }, /must hold a whole number/],
    ['half a thread', { extraFlags: ['--num_load_threads=1.5'] }, /must hold a whole number/],
    ['a negative number', { extraFlags: ['--num_load_threads=-1'] }, /must hold a whole number/],
    ['a number beyond 32 bits', { extraFlags: ['--num_load_threads=3000000000'] }, /must be a whole number from 0 to 2147483647/],
    ['a share in words', { extraFlags: ['--per_process_gpu_memory_fraction=half'] }, /must hold a number/],
    ['a share of 1.5', { extraFlags: ['--per_process_gpu_memory_fraction=1.5'] }, /above 0 and at most 1/],
    ['no gRPC thread', { flags: { grpcMaxThreads: 0 } }, /'flags.grpcMaxThreads' \(0\) must be at least 2/],
    ['one gRPC thread', { flags: { grpcMaxThreads: 1 } }, /'flags.grpcMaxThreads' \(1\) must be at least 2: one thread waits/],
    [
      'threads of the node',
      { flags: { tensorflowIntraOpParallelism: 0 } },
      /IntraOpParallelism' \(0\) must be at least 1: 0 means the cores/,
    ],
    ['operations of the node', { flags: { tensorflowInterOpParallelism: 0 } }, /InterOpParallelism' \(0\) must be at least 1/],
    ['endless retries', { flags: { maxNumLoadRetries: 101 } }, /'flags.maxNumLoadRetries' \(101\) must be from 0 to 100/],
    [
      'the age of connections',
      { flags: { grpcChannelArguments: 'grpc.max_connection_age_ms=5000' } },
      /the grace period of a stopping pod/,
    ],
    [
      'the grace of connections',
      { flags: { grpcChannelArguments: 'a=1,grpc.max_connection_age_grace_ms=5' } },
      /\("grpc.max_connection_age_grace_ms=5"\)/,
    ],
    ['a channel argument twice', { flags: { grpcChannelArguments: 'grpc.x=1,grpc.x=2' } }, /\("grpc.x=2"\) stands twice/],
    ['no text for a text', { flags: { savedModelTags: null } as never }, /'flags.savedModelTags' \(null\) must be a string/],
    ['a variable that nobody sets', { extraFlags: ['--saved_model_tags=$(TAGS)'] }, /refers to the variable 'TAGS'/],
    [
      'a variable that nobody sets, typed',
      { flags: { savedModelTags: 'a,$(TAGS)' } },
      /'flags.savedModelTags'.*refers to the variable 'TAGS'/,
    ],
    [
      'a platform configuration and batching',
      { extraFlags: ['--platform_config_file=/x'], batching: { maxBatchSize: 8 } },
      /ignore 'batching'/,
    ],
    [
      'a platform configuration and threads',
      { extraFlags: ['--platform_config_file=/x'], flags: { tensorflowIntraOpParallelism: 2 } },
      /ignore 'flags.tensorflowIntraOpParallelism'/,
    ],
    [
      'a platform configuration and another extra flag',
      { extraFlags: ['--enable_model_warmup=false', '--platform_config_file=/x'] },
      /'extraFlags\[1\]'.*ignore 'extraFlags\[0\]'/,
    ],
  ])('fails on %s', (_, change, message) => {
    expect(() => model(change)).toThrow(message);
  });

  test.each<[string, Change, string, string]>([
    ['two gRPC threads', { flags: { grpcMaxThreads: 2 } }, 'grpc_max_threads', '2'],
    ['one thread of the session', { flags: { tensorflowIntraOpParallelism: 1 } }, 'tensorflow_intra_op_parallelism', '1'],
    ['a hundred retries', { flags: { maxNumLoadRetries: 100 } }, 'max_num_load_retries', '100'],
    ['a whole number', { extraFlags: ['--num_unload_threads=2'] }, 'num_unload_threads', '2'],
    ['a text', { extraFlags: ['--mixed_precision=bfloat16'] }, 'mixed_precision', 'bfloat16'],
    ['a variable', { env: { TAGS: 'a' }, extraFlags: ['--saved_model_tags=$(TAGS)'] }, 'saved_model_tags', '$(TAGS)'],
    ['a variable for a number', { env: { N: '2' }, extraFlags: ['--num_load_threads=$(N)'] }, 'num_load_threads', '$(N)'],
    [
      'a variable from elsewhere',
      { envFrom: [{ configMapRef: { name: 'x' } }], extraFlags: ['--saved_model_tags=$(TAGS)'] },
      'saved_model_tags',
      '$(TAGS)',
    ],
    [
      'a variable of its own',
      { envConfigMapName: 'x', extraFlags: ['--saved_model_tags=$(MODEL_NAME)'] },
      'saved_model_tags',
      '$(MODEL_NAME)',
    ],
    ['the text itself', { extraFlags: ['--saved_model_tags=$$(TAGS)'] }, 'saved_model_tags', '$$(TAGS)'],
    ['a platform configuration', { extraFlags: ['--platform_config_file=/x'] }, 'platform_config_file', '/x'],
  ])('takes %s', (_, change, name, value) => {
    expect(flag(model(change), name)).toBe(value);
  });

  test('a platform configuration must say how many threads there are', () => {
    expect(warnings({ extraFlags: ['--platform_config_file=/x'] })).toEqual([expect.stringMatching(/or else the cores of the node/)]);
  });
});

describe("a share of a GPU's memory", () => {
  const share = { flags: { perProcessGpuMemoryFraction: 0.5 } };
  const written = { extraFlags: ['--per_process_gpu_memory_fraction=0.5'] };

  test.each([
    ['a typed flag', share],
    ['an extra flag', written],
  ])('as %s needs a GPU, is left out where another runs in its place, and is checked there too', (_, change) => {
    const standIn = Cluster.kind({ gpus: LocalGpus.CPU_STAND_IN });
    expect(() => model(change)).toThrow(/says how a GPU is shared, but the model has no 'pool'/);
    expect(flag(onPool(change), 'per_process_gpu_memory_fraction')).toBe('0.5');
    expect(flag(onPool(change, standIn), 'per_process_gpu_memory_fraction')).toBeUndefined();
  });

  test('is checked where it is left out, too', () => {
    expect(() => onPool({ flags: { perProcessGpuMemoryFraction: 2 } }, Cluster.kind({ gpus: LocalGpus.CPU_STAND_IN }))).toThrow(
      /above 0 and at most 1/,
    );
  });
});

describe.each(['loadTime', 'requestTimeout'])('%s', (prop) => {
  test.each([
    ['0 s', Duration.seconds(0), 'a whole number of seconds from 1 to 86400.'],
    ['0.5 s', Duration.millis(500), 'a Duration of whole seconds'],
    ['1.5 s', Duration.millis(1500), 'a Duration of whole seconds'],
    ['86401 s', Duration.seconds(86_401), 'a whole number of seconds from 1 to 86400.'],
  ])('of %s is refused', (shown, duration, rule) => {
    expect(() => model({ [prop]: duration })).toThrow(`models/resnet: '${prop}' ("${shown}") must be ${rule}`);
  });

  test.each([Duration.seconds(1), Duration.millis(2000), Duration.hours(24)])('of %s is taken', (duration) => {
    expect(() => model({ [prop]: duration })).not.toThrow();
  });
});

describe('names of ConfigMaps', () => {
  const configMap = (change: Change) => only(model(change), 'ConfigMap').metadata.name;

  test('follow from the name of the workload, which may be as long as it may be', () => {
    const name = (length: number) => configMap({ name: 'a'.repeat(length), serviceName: 'x' });
    expect(name(47)).toMatch(/^a{47}-config-[0-9a-f]{8}$/);
    expect(name(48)).toMatch(/^a{41}-[0-9a-f]{5}-config-[0-9a-f]{8}$/);
    expect(name(52)).toHaveLength(63);
    expect(new Set([48, 49, 52].map(name)).size).toBe(3);
  });

  test.each(['configMapName', 'envConfigMapName'])('%s leaves room for the hash', (prop) => {
    expect(() => model({ [prop]: 'a'.repeat(54) })).not.toThrow();
    expect(() => model({ [prop]: 'a'.repeat(55) })).toThrow(
      new RegExp(`^models/resnet: '${prop}' \\("a{55}"\\) must be a DNS label of at most 54 characters`),
    );
  });
});

describe('variables', () => {
  test.each<[string, Change, RegExp]>([
    ['the name', { envConfigMapName: 'x', env: { MODEL_NAME: 'y' } }, /'env.MODEL_NAME' \("y"\) is set by the prop 'envConfigMapName'/],
    [
      'the path',
      { envConfigMapName: 'x', envVars: [{ name: 'MODEL_PATH', value: '/y' }] },
      /'envVars.MODEL_PATH' \("\/y"\).*'envConfigMapName'/,
    ],
  ])('%s of the model cannot be replaced', (_, change, message) => {
    expect(() => model(change)).toThrow(message);
  });

  test('the key of a bucket cannot be replaced, where there is one', () => {
    const env = { GOOGLE_APPLICATION_CREDENTIALS: '/x' };
    expect(() => model({ source: KEYED, env }, Cluster.kind())).toThrow(/'env.GOOGLE_APPLICATION_CREDENTIALS' \("\/x"\).*'source'/);
    expect(container(model({ source: KEYED, env })).env).toEqual([{ name: 'GOOGLE_APPLICATION_CREDENTIALS', value: '/x' }]);
  });

  test('others are free, also under names that matter elsewhere', () => {
    expect(container(model({ env: { MODEL_NAME: 'y', TF_CPP_MIN_LOG_LEVEL: '1' } })).env).toEqual([
      { name: 'MODEL_NAME', value: 'y' },
      { name: 'TF_CPP_MIN_LOG_LEVEL', value: '1' },
    ]);
  });

  test('the place of compiled kernels can be another, in either form', () => {
    const variable = { name: 'CUDA_CACHE_PATH', value: '/cache' };
    expect(container(onPool({})).env).toEqual([{ name: 'CUDA_CACHE_PATH', value: '/tmp/cuda-cache' }]);
    expect(container(onPool({ env: { CUDA_CACHE_PATH: '/cache' } })).env).toEqual([variable]);
    expect(container(onPool({ envVars: [variable] })).env).toEqual([variable]);
  });

  test("whole sets come before the model's own, of which the last one wins", () => {
    const { envFrom } = container(model({ envConfigMapName: 'own', envFrom: [{ configMapRef: { name: 'theirs' } }] }));
    expect(envFrom.map((set: any) => set.configMapRef.name)).toEqual(['theirs', expect.stringMatching(/^own-/)]);
  });
});

describe('the configuration directory', () => {
  test.each([
    ...[
      '/',
      '/bin',
      '/etc',
      '/etc/',
      '//etc',
      '/etc/ssl/certs',
      '/lib',
      '/tmp',
      '/usr',
      '/usr/bin',
      '/usr/local/../bin',
      '/var',
      '/proc/x',
      '/dev',
    ],
    ...['/models', '/models/resnet', '/models/resnet/', '/models/resnet/config', '/config/$(X)', '/config/./../x', 'config'],
  ])('cannot be %s', (configDirectory) => {
    expect(() => model({ configDirectory })).toThrow(/^models\/resnet: 'configDirectory' \(".*"\) .*\. .*\.$/);
  });

  test.each([
    ['/etc/tfs-config/', '/etc/tfs-config'],
    ['/config//./tfs', '/config/tfs'],
    ['/models/resnet-config', '/models/resnet-config'],
    ['/tmp/config', '/tmp/config'],
    ['/usr/share/tfs', '/usr/share/tfs'],
  ])('can be %s', (configDirectory, mountPath) => {
    const objects = model({ configDirectory });
    expect(container(objects).volumeMounts).toContainEqual({ name: 'config', mountPath, readOnly: true });
    expect(flag(objects, 'monitoring_config_file')).toBe(`${mountPath}/monitoring_config.txt`);
  });

  test('cannot hide the server, nor what is mounted', () => {
    const server = ServerImage.custom({ image: ContainerImage.fromBuild('x:1'), release: '2.19.1', binary: '/opt/tfs/bin/server' });
    expect(() => model({ server, configDirectory: '/opt/tfs' })).toThrow(/would hide the server, \/opt\/tfs\/bin\/server/);
    expect(() => model({ ...mounted('/data'), configDirectory: '/data/config' })).toThrow(/overlaps what is mounted on \/data/);
    expect(() => model({ ...mounted('/data/x'), configDirectory: '/data' })).toThrow(/overlaps what is mounted on \/data\/x/);
    const source = ModelSource.persistentVolumeClaim('models');
    expect(() => model({ source, configDirectory: '/mnt' })).toThrow(/overlaps the directory of the model, \/mnt\/models/);
    expect(() => model({ ...mounted('/data'), configDirectory: '/data-config' })).not.toThrow();
  });
});

describe('mounts', () => {
  test.each(['/usr', '/usr/bin', '/usr/bin/'])('cannot hide the server, as %s does', (mountPath) => {
    expect(() => model(mounted(mountPath))).toThrow(
      /'volumeMounts.mountPath' .* would hide the server, \/usr\/bin\/tensorflow_model_server/,
    );
  });

  test.each(['/models', '/models/resnet', '/models/resnet/'])('over the model, as on %s, must hold it, which is said', (mountPath) => {
    expect(warnings(mounted(mountPath))).toEqual([expect.stringMatching(/hides what the image holds in \/models\/resnet.*volume 'data'/)]);
  });

  test.each(['/data', '/models/resnet/1', '/models/other'])('on %s hide no model', (mountPath) => {
    expect(warnings(mounted(mountPath))).toEqual([]);
  });

  test('over a source that is mounted itself hide nothing', () => {
    const source = ModelSource.persistentVolumeClaim('models', { accessMode: 'ReadWriteOnce' });
    expect(warnings({ ...mounted('/mnt'), source }).filter((text) => text.startsWith('volumeMounts'))).toEqual([]);
  });
});
