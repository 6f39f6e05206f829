import { Duration } from 'cdk8s';
import {
  Autoscaling,
  Cluster,
  ContainerImage,
  Exposure,
  ModelSource,
  ServerImage,
  ServingProtocol,
  TfServingModel,
  type TfServingModelProps,
} from '../lib';
import { textProto, wrapped } from '../lib/model/files/text-proto';
import { noticesOf } from '../lib/private/notices';
import { container, flag, GKE, only, podSpec, render, toYaml } from './support/render';

const REQUIRED: TfServingModelProps = {
  source: ModelSource.inImage('/models/resnet'),
  server: ServerImage.official('2.19.1'),
  resources: { requests: { cpu: '2', memory: '4Gi' } },
};

const model = (props: Partial<TfServingModelProps> = {}, cluster = GKE) =>
  render((chart) => {
    new TfServingModel(chart, 'resnet', { ...REQUIRED, ...props });
  }, cluster);

const making =
  (props: Partial<TfServingModelProps>, cluster = GKE) =>
  () =>
    model(props, cluster);

const old = (release: string) => ServerImage.custom({ image: ContainerImage.fromRegistry('example.com/server:1'), release });

test('a model with the required props only', () => {
  expect(toYaml(model())).toMatchSnapshot();
});

describe('command line', () => {
  test('the server is called directly, so that an image needs no entry point', () => {
    expect(container(model()).command).toEqual(['/usr/bin/tensorflow_model_server']);
    const server = ServerImage.custom({
      image: ContainerImage.fromBuild('x:1'),
      release: '2.19.1',
      binary: '/usr/local/bin/tensorflow_model_server',
    });
    expect(container(model({ server })).command).toEqual(['/usr/local/bin/tensorflow_model_server']);
  });

  test('every argument is one flag of the form --name=value', () => {
    for (const argument of container(model({ batching: { maxBatchSize: 8 } })).args) expect(argument).toMatch(/^--[a-z_]+=\S+$/);
  });

  test('threads follow from the CPU limit, or else from the request', () => {
    const threads = (resources: TfServingModelProps['resources']) =>
      ['tensorflow_intra_op_parallelism', 'tensorflow_inter_op_parallelism', 'rest_api_num_threads', 'grpc_max_threads'].map((name) =>
        flag(model({ resources }), name),
      );
    expect(threads({ requests: { cpu: '3', memory: '1Gi' } })).toEqual(['3', '3', '12', '12']);
    expect(threads({ requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '4' } })).toEqual(['4', '4', '16', '16']);
    expect(threads({ requests: { cpu: '100m', memory: '1Gi' } })).toEqual(['1', '1', '4', '4']);
  });

  test('batches of single rows find enough threads', () => {
    const objects = model({ batching: { maxBatchSize: 128 } });
    expect(flag(objects, 'rest_api_num_threads')).toBe('257');
    expect(flag(objects, 'grpc_max_threads')).toBe('256');
  });

  test('a flag of the user stands in place of the default', () => {
    const objects = model({ flags: { tensorflowInterOpParallelism: 8, enableProfiler: true, maxNumLoadRetries: 0 } });
    expect(flag(objects, 'tensorflow_inter_op_parallelism')).toBe('8');
    expect(flag(objects, 'tensorflow_intra_op_parallelism')).toBe('2');
    expect(flag(objects, 'enable_profiler')).toBe('true');
    expect(flag(objects, 'max_num_load_retries')).toBe('0');
  });

  test('defaults that an old release does not know are left out', () => {
    const args: string[] = container(model({ server: old('1.8'), protocols: [ServingProtocol.GRPC] })).args;
    const names = args.map((argument) => argument.split('=')[0]);
    expect(names).toContain('--rest_api_port');
    for (const name of ['--tensorflow_intra_op_parallelism', '--grpc_max_threads', '--enable_profiler', '--monitoring_config_file']) {
      expect(names).not.toContain(name);
    }
    expect(flag(model({ server: ServerImage.official('2.14.0') }), 'enable_grpc_healthcheck_service')).toBeUndefined();
    expect(flag(model(), 'enable_grpc_healthcheck_service')).toBe('true');
  });

  test('fails on a flag that the release would ignore', () => {
    expect(making({ server: ServerImage.official('2.8.0'), flags: { xlaGpuCompilationEnabled: true } })).toThrow(
      /'flags.xlaGpuCompilationEnabled' \(true\) needs TensorFlow Serving 2.18.0, but the image has 2.8.0/,
    );
    expect(making({ server: ServerImage.official('2.8.0'), extraFlags: ['--mixed_precision=bfloat16'] })).toThrow(
      /extraFlags\[0\].*needs TensorFlow Serving 2.15.1/,
    );
  });

  test.each<[string, Partial<TfServingModelProps>, RegExp]>([
    ['an extra flag in two words', { extraFlags: ['--num_load_threads 2'] }, /must have the form '--name=value'/],
    ['an extra flag that has a prop', { extraFlags: ['--port=9000'] }, /belongs to the prop 'grpcPort'/],
    ['an extra flag that is already there', { extraFlags: ['--grpc_max_threads=9'] }, /is already written as --grpc_max_threads=8/],
    ['a truth value of 1', { extraFlags: ['--prefer_tflite_model=1'] }, /takes =true and =false only/],
    ['a typed flag that has a prop', { flags: { port: 9999 } as never }, /'flags.port' \(9999\) belongs to the prop 'grpcPort'/],
    ['one REST thread', { flags: { restApiNumThreads: 1 } }, /at least 2: the event loop keeps one/],
    ['a GPU share of 2', { flags: { perProcessGpuMemoryFraction: 2 } }, /above 0 and at most 1/],
    ['a channel argument without a value', { flags: { grpcChannelArguments: 'grpc.x' } }, /must have the form 'key=value'/],
    ['threads of 1.5', { flags: { tensorflowIntraOpParallelism: 1.5 } }, /'flags.tensorflowIntraOpParallelism' \(1.5\)/],
  ])('fails on %s', (_, props, message) => {
    expect(making(props)).toThrow(message);
  });

  test('channel arguments of the user are added to those that recycle connections', () => {
    const added = flag(
      model({ flags: { grpcChannelArguments: 'grpc.keepalive_time_ms=60000,grpc.max_connection_idle_ms=5000' } }),
      'grpc_channel_arguments',
    );
    expect(added).toBe(
      'grpc.max_connection_age_ms=20000,grpc.max_connection_age_grace_ms=30000,grpc.keepalive_time_ms=60000,grpc.max_connection_idle_ms=5000',
    );
  });
});

describe('probes', () => {
  test('nothing restarts a model within its load time and retries', () => {
    const { startupProbe } = container(
      model({ loadTime: Duration.minutes(20), flags: { maxNumLoadRetries: 2, loadRetryIntervalMicros: 10_000_000 } }),
    );
    expect(startupProbe.tcpSocket.port).toBe(8500);
    expect(startupProbe.periodSeconds * startupProbe.failureThreshold).toBe(3 * 20 * 60 + 2 * 10 + 5);
    expect(only(model({ loadTime: Duration.minutes(20) }), 'Deployment').spec.progressDeadlineSeconds).toBeGreaterThan(2 * 20 * 60);
  });

  test('ready means that the model can predict', () => {
    expect(container(model({ modelName: 'image_classifier' })).readinessProbe.httpGet).toEqual({
      path: '/v1/models/image_classifier/metadata',
      port: 8501,
    });
  });

  test('a release that does not answer with metadata is ready with its port', () => {
    const readiness = (release: string) => container(model({ server: old(release) })).readinessProbe;
    expect(readiness('1.11.0').tcpSocket).toEqual({ port: 8500 });
    expect(readiness('1.12.0').httpGet.path).toBe('/v1/models/resnet/metadata');
  });

  test('a load may take three times as long as was said, however few the retries', () => {
    const budget = (loadTime: number, maxNumLoadRetries: number) => {
      const { startupProbe } = container(model({ loadTime: Duration.seconds(loadTime), flags: { maxNumLoadRetries } }));
      return startupProbe.periodSeconds * startupProbe.failureThreshold;
    };
    expect(budget(60, 0)).toBe(3 * 60 + 5);
    expect(budget(60, 1)).toBe(3 * 60 + 5);
    expect(budget(60, 4)).toBe(5 * 60 + 4 * 5 + 5);
  });

  test('liveness tells a server that hangs from a busy one, where the release can', () => {
    const { tcpSocket: _, ...newer } = container(model()).livenessProbe;
    const pace = { periodSeconds: 20, timeoutSeconds: 10, failureThreshold: 3, terminationGracePeriodSeconds: 5 };
    expect(newer).toEqual({ grpc: { port: 8500 }, ...pace });
    expect(container(model({ server: ServerImage.official('2.8.0') })).livenessProbe.tcpSocket).toEqual({ port: 8500 });
  });
});

describe('stop', () => {
  test('the grace period covers the endpoint update, the oldest connection and the longest request', () => {
    const objects = model({ requestTimeout: Duration.seconds(60) });
    expect(podSpec(objects).terminationGracePeriodSeconds).toBe(10 + 1.1 * 20 + 60);
    expect(container(objects)).not.toHaveProperty('lifecycle');
    expect(flag(objects, 'grpc_channel_arguments')).toBe('grpc.max_connection_age_ms=20000,grpc.max_connection_age_grace_ms=60000');
    expect(flag(objects, 'rest_api_timeout_in_ms')).toBe('60000');
  });
});

describe('ports', () => {
  test('only the protocols that callers may use stand on the Service and in the network policy', () => {
    const objects = model({
      protocols: [ServingProtocol.GRPC],
      grpcPort: 9000,
      exposure: Exposure.external({ allowedCidrs: ['0.0.0.0/0'] }),
    });
    expect(only(objects, 'Service').spec.ports).toEqual([
      { name: 'grpc', port: 9000, targetPort: 'grpc', appProtocol: 'kubernetes.io/h2c' },
    ]);
    expect(only(objects, 'NetworkPolicy').spec.ingress[0].ports).toEqual([{ port: 9000, protocol: 'TCP' }]);
    expect(container(objects).ports.map(({ containerPort }: { containerPort: number }) => containerPort)).toEqual([9000, 8501]);
  });

  test('fails on equal ports, and on REST with a release that has none', () => {
    expect(making({ grpcPort: 8501 })).toThrow(/'restPort' \(8501\) must differ from 'grpcPort'/);
    expect(making({ server: old('1.7') })).toThrow(/cannot hold REST: TensorFlow Serving 1.7.0 has none/);
    expect(making({ protocols: [] })).toThrow(/'protocols'/);
  });

  test('addresses follow from the model object', () => {
    render((chart) => {
      const both = new TfServingModel(chart, 'resnet', { ...REQUIRED, serviceName: 'resnet-service' });
      expect(both.grpcAddress).toBe('resnet-service.models.svc.cluster.local:8500');
      expect(both.restUrl).toBe('http://resnet-service.models.svc.cluster.local:8501/v1/models/resnet');
      const grpc = new TfServingModel(chart, 'other', { ...REQUIRED, protocols: [ServingProtocol.GRPC] });
      expect(() => grpc.restUrl).toThrow(/'port' \("http"\) is no port of the Service \(it has grpc\)/);
    });
  });
});

describe('sources', () => {
  test.each([
    ['relative', () => ModelSource.inImage('models/x'), /must be an absolute path/],
    ['with a version', () => ModelSource.inImage('/models/x/1'), /is a version directory.*'\/models\/x'/],
    ['with a version and a slash', () => ModelSource.gcs('gs://bucket/x/00123/'), /is a version directory/],
    ['that climbs', () => ModelSource.inImage('/models/../x'), /without '..'/],
    ['that stands still', () => ModelSource.inImage('/models/./x'), /must not hold '.', '..' or an empty part/],
    ['of the whole image', () => ModelSource.inImage('/'), /must be a directory of its own/],
    ['of the whole image, with more slashes', () => ModelSource.inImage('//'), /must be a directory of its own/],
    ['that the scratch volume hides', () => ModelSource.inImage('/tmp/resnet'), /hidden by the scratch volume/],
    ['of the kernel', () => ModelSource.inImage('/proc/self'), /belongs to the kernel's \/proc/],
    ['of a bucket that climbs', () => ModelSource.gcs('gs://bucket/a/../b'), /'uri'.*must not hold '.', '..'/],
    ['of a bucket that stands still', () => ModelSource.gcs('gs://bucket/.'), /'uri'.*must not hold/],
    ['of a bucket with an empty part', () => ModelSource.gcs('gs://bucket//x'), /'uri'/],
    ['of a volume that climbs', () => ModelSource.persistentVolumeClaim('c', { path: '..' }), /'path'.*without '..'/],
    ['of a volume with a version', () => ModelSource.persistentVolumeClaim('c', { path: '1' }), /'path'.*is a version directory/],
    ['of a volume that is empty', () => ModelSource.persistentVolumeClaim('c', { path: '' }), /'path' \(""\)/],
    ['of a volume that is no text', () => ModelSource.persistentVolumeClaim('c', { path: 5 as never }), /'path' \(5\) must be a text/],
    ['of a volume without options', () => ModelSource.persistentVolumeClaim('c', null as never), /'props' \(null\) must be an object/],
    ['of a bucket without options', () => ModelSource.gcs('gs://bucket/x', null as never), /'props' \(null\) must be an object/],
    ['with a key of no name', () => ModelSource.gcs('gs://bucket/x', { keyFileSecretName: 5 as never }), /'keyFileSecretName' \(5\)/],
    ['on S3', () => ModelSource.gcs('s3://bucket/x'), /no s3:\/\/ since release 2.7/],
    ['that Kubernetes would expand', () => ModelSource.inImage('/models/$(X)'), /must not hold '\$\('/],
    [
      'of a claim with an unknown access mode',
      () => ModelSource.persistentVolumeClaim('c', { accessMode: 'RWO' }),
      /'accessMode' \("RWO"\)/,
    ],
    ['that polls all the time', () => ModelSource.gcs('gs://bucket/x', { pollInterval: Duration.millis(100) }), /'pollInterval'/],
  ])('fails on a path %s', (_, make, message) => {
    expect(make).toThrow(message);
  });

  test.each([
    ['/models/resnet', '/models/resnet'],
    ['/temporary/resnet/', '/temporary/resnet/'],
    ['/processed', '/processed'],
  ])('a path of %s is taken as it stands', (path, basePath) => {
    expect(flag(model({ source: ModelSource.inImage(path) }), 'model_base_path')).toBe(basePath);
  });

  test('the root of a volume is one', () => {
    expect(flag(model({ source: ModelSource.persistentVolumeClaim('models') }), 'model_base_path')).toBe('/mnt/models');
  });

  test('the root of a bucket takes another permission, which is said', () => {
    render((chart) => {
      const said = (id: string, uri: string) =>
        noticesOf([new TfServingModel(chart, id, { ...REQUIRED, source: ModelSource.gcs(uri) })])
          .filter(({ kind }) => kind === 'warning')
          .map(({ text }) => text);
      expect(said('root', 'gs://12345/')).toEqual([expect.stringMatching(/storage.buckets.get/)]);
      expect(said('directory', 'gs://12345/resnet')).toEqual([]);
    });
  });

  test('images without CA certificates cannot read buckets', () => {
    const source = ModelSource.gcs('gs://bucket/resnet');
    expect(making({ source, server: ServerImage.official('1.10.0') })).toThrow(
      /'server' \("tensorflow\/serving:1.10.0"\) has no CA certificates, without which it cannot read gs:\/\/bucket\/resnet/,
    );
    expect(making({ source, server: ServerImage.official('1.10.1') })).not.toThrow();
    expect(making({ server: ServerImage.official('1.10.0') })).not.toThrow();
  });

  test('a bucket is read by Workload Identity on GKE, and over HTTPS and the metadata server only', () => {
    const objects = model({ source: ModelSource.gcs('gs://bucket/resnet') });
    expect(flag(objects, 'model_base_path')).toBe('gs://bucket/resnet');
    expect(flag(objects, 'file_system_poll_wait_seconds')).toBe('0');
    expect(podSpec(objects).volumes.map(({ name }: { name: string }) => name)).toEqual(['tmp', 'config']);
    const ports = only(objects, 'NetworkPolicy').spec.egress.map((rule: { ports: { port: number }[] }) => rule.ports[0].port);
    expect(ports).toEqual([53, 443, 80, 988]);
  });

  test('elsewhere it is read with a key, without which it is refused', () => {
    const source = ModelSource.gcs('gs://bucket/resnet', { keyFileSecretName: 'gcs-key' });
    const objects = model({ source }, Cluster.kind());
    expect(container(objects).env).toEqual([{ name: 'GOOGLE_APPLICATION_CREDENTIALS', value: '/var/run/secrets/gcs/key.json' }]);
    expect(podSpec(objects).volumes).toContainEqual({ name: 'gcs-key', secret: { secretName: 'gcs-key' } });
    expect(making({ source: ModelSource.gcs('gs://bucket/resnet') }, Cluster.kind())).toThrow(
      /models\/resnet: 'keyFileSecretName' \(undefined\) must name a Secret with a key: pods on kind/,
    );
  });

  test('a Google service account of older clusters stands on the service account', () => {
    const cluster = Cluster.gke({ projectId: 'my-project', googleServiceAccount: 'reader@my-project.iam.gserviceaccount.com' });
    const objects = model({ source: ModelSource.gcs('gs://bucket/resnet') }, cluster);
    expect(only(objects, 'ServiceAccount').metadata.annotations).toEqual({
      'iam.gke.io/gcp-service-account': 'reader@my-project.iam.gserviceaccount.com',
    });
  });

  test('a volume is mounted read-only', () => {
    const objects = model({ source: ModelSource.persistentVolumeClaim('models', { path: 'team/resnet' }), replicas: 3 });
    expect(flag(objects, 'model_base_path')).toBe('/mnt/models/team/resnet');
    expect(container(objects).volumeMounts).toContainEqual({ name: 'models', mountPath: '/mnt/models', readOnly: true });
  });

  test.each([
    ['kind', Cluster.kind(), 'ReadOnlyMany', /kind's default storage class makes ReadWriteOnce volumes only/],
    ['GKE', GKE, 'ReadWriteMany', /needs a class of Filestore/],
    ['EKS', Cluster.eks(), 'ReadOnlyMany', /needs a class of EFS/],
    ['EKS', Cluster.eks(), 'ReadWriteOnce', /no default storage class/],
  ])('a volume that %s does not make by itself is reported', (_, cluster, accessMode, text) => {
    render((chart) => {
      const source = ModelSource.persistentVolumeClaim('models', { accessMode });
      const told = noticesOf([new TfServingModel(chart, 'resnet', { ...REQUIRED, source })]).map((notice) => notice.text);
      expect(told).toEqual(['kubectl -n models get persistentvolumeclaim models', expect.stringMatching(text)]);
    }, cluster);
  });

  test('a volume for one node goes with one pod, which makes room before its successor comes', () => {
    const source = ModelSource.persistentVolumeClaim('models', { accessMode: 'ReadWriteOnce' });
    expect(making({ source, replicas: 2 })).toThrow(/'replicas' \(2\) cannot be above 1: a ReadWriteOnce volume/);
    expect(making({ source, autoscaling: Autoscaling.cpu({ maxReplicas: 2 }) })).toThrow(/'maxReplicas' \(2\)/);
    expect(only(model({ source, replicas: 1 }), 'Deployment').spec.strategy.rollingUpdate).toEqual({ maxSurge: 0, maxUnavailable: 1 });
  });

  test('following new versions needs memory for two', () => {
    const source = ModelSource.gcs('gs://bucket/resnet', { pollInterval: Duration.minutes(1) });
    expect(flag(model({ source, modelMemory: '2Gi' }), 'file_system_poll_wait_seconds')).toBe('60');
    expect(making({ source, modelMemory: '3Gi' })).toThrow(
      /is less than the 2 x 3Gi = 6Gi that both versions take.*Raise it to 6656Mi \(6Gi \+ 256Mi \+ 256Mi/,
    );
    expect(making({ modelMemory: '5Gi' })).toThrow(/is less than the 5Gi that the model takes/);
  });
});

describe('configuration files', () => {
  test('batching comes as a file and the flag that it needs', () => {
    const objects = model({
      batching: { maxBatchSize: 128, batchTimeoutMicros: 0, maxEnqueuedBatches: 2, numBatchThreads: 2, allowedBatchSizes: [8, 128] },
      configMapName: 'tfs-config',
    });
    expect(flag(objects, 'enable_batching')).toBe('true');
    expect(flag(objects, 'batching_parameters_file')).toBe('/etc/tfs-config/batching_config.txt');
    const config = only(objects, 'ConfigMap');
    expect(config.metadata.name).toMatch(/^tfs-config-/);
    expect(config.data['batching_config.txt']).toBe(
      'max_batch_size { value: 128 }\nbatch_timeout_micros { value: 0 }\nmax_enqueued_batches { value: 2 }\nnum_batch_threads { value: 2 }\n' +
        'allowed_batch_sizes: 8\nallowed_batch_sizes: 128\n',
    );
    expect(container(objects).volumeMounts).toContainEqual({ name: 'config', mountPath: '/etc/tfs-config', readOnly: true });
    expect(podSpec(objects).volumes).toContainEqual({ name: 'config', configMap: { name: config.metadata.name } });
  });

  test('another batching is another pod template, so that it rolls out', () => {
    const template = (maxBatchSize: number) => JSON.stringify(only(model({ batching: { maxBatchSize } }), 'Deployment').spec.template);
    expect(template(8)).not.toBe(template(16));
    expect(template(8)).toBe(template(8));
  });

  test.each([
    ['sizes that fall', { maxBatchSize: 8, allowedBatchSizes: [8, 4] }],
    ['sizes that end elsewhere', { maxBatchSize: 8, allowedBatchSizes: [1, 4] }],
    ['no queue', { maxBatchSize: 8, maxEnqueuedBatches: 0 }],
    ['splits larger than requests', { maxBatchSize: 8, enableLargeBatchSplitting: true, maxExecutionBatchSize: 9 }],
    ['splits of no rows', { maxBatchSize: 8, enableLargeBatchSplitting: true, maxExecutionBatchSize: 0 }],
    ['splits that nothing turns on', { maxBatchSize: 8, maxExecutionBatchSize: 4 }],
    [
      'splits that are filled up',
      { maxBatchSize: 8, enableLargeBatchSplitting: true, maxExecutionBatchSize: 4, allowedBatchSizes: [2, 8] },
    ],
    [
      'a queue too short for one request',
      { maxBatchSize: 64, enableLargeBatchSplitting: true, maxExecutionBatchSize: 8, maxEnqueuedBatches: 7 },
    ],
    ['waiting of less than no time', { maxBatchSize: 8, batchTimeoutMicros: -1 }],
    ['a size of half a row', { maxBatchSize: 8, allowedBatchSizes: [0.5, 8] }],
    ['no sizes at all', { maxBatchSize: 8, allowedBatchSizes: [] }],
    ['a field that does not exist', { maxBatchSize: 8, timeout: 1 } as never],
    ['rows in words', { maxBatchSize: '8' } as never],
    ['nothing for a truth value', { maxBatchSize: 8, padVariableLengthInputs: null } as never],
    ['sizes in words', { maxBatchSize: 8, allowedBatchSizes: '1,8' } as never],
    ['no threads', { maxBatchSize: 8, numBatchThreads: 0 }],
    ['empty batches', { maxBatchSize: 0 }],
  ])('fails on batching with %s', (_, batching) => {
    expect(making({ batching })).toThrow(/'batching\./);
  });

  test('large requests can be split into batches, for which the queue has room', () => {
    const objects = model({
      batching: { maxBatchSize: 64, enableLargeBatchSplitting: true, maxExecutionBatchSize: 8, allowedBatchSizes: [8, 64] },
    });
    expect(only(objects, 'ConfigMap').data['batching_config.txt']).toBe(
      'max_batch_size { value: 64 }\nbatch_timeout_micros { value: 0 }\nmax_enqueued_batches { value: 8 }\nnum_batch_threads { value: 2 }\n' +
        'allowed_batch_sizes: 8\nallowed_batch_sizes: 64\nenable_large_batch_splitting { value: true }\nmax_execution_batch_size { value: 8 }\n',
    );
    expect(flag(objects, 'rest_api_num_threads')).toBe('17');
  });

  test('a release that cannot split batches is refused, and not told that they are whole', () => {
    const batching = (enableLargeBatchSplitting: boolean) =>
      model({ server: ServerImage.official('2.3.0'), batching: { maxBatchSize: 8, enableLargeBatchSplitting } });
    expect(() => batching(true)).toThrow(/'batching.enableLargeBatchSplitting' \(true\) needs TensorFlow Serving 2.4.0/);
    expect(only(batching(false), 'ConfigMap').data['batching_config.txt']).not.toContain('splitting');
  });

  test('batches of very many rows do not ask for as many threads', () => {
    const objects = model({ batching: { maxBatchSize: 2 ** 31 - 1 } });
    expect(flag(objects, 'rest_api_num_threads')).toBe('4096');
    expect(flag(objects, 'grpc_max_threads')).toBe('4096');
  });

  test('name and path can come through the environment', () => {
    const objects = model({ envConfigMapName: 'tfserving-configs', modelName: 'image_classifier' });
    expect(flag(objects, 'model_name')).toBe('$(MODEL_NAME)');
    expect(flag(objects, 'model_base_path')).toBe('$(MODEL_PATH)');
    const environment = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith('tfserving-configs-'));
    expect(environment?.data).toEqual({ MODEL_NAME: 'image_classifier', MODEL_PATH: '/models/resnet' });
    expect(container(objects).envFrom).toEqual([{ configMapRef: { name: environment?.metadata.name } }]);
  });

  test('text protos escape every byte that a reader might take otherwise', () => {
    expect(textProto({ name: 'x" } config { name: "evil' })).toBe('name: "x\\042 } config { name: \\042evil"\n');
    expect(textProto({ a: 'é\n', b: wrapped(1), c: undefined, d: [1, 2], e: { f: { g: true } } })).toBe(
      'a: "\\303\\251\\012"\nb { value: 1 }\nd: 1\nd: 2\ne {\n  f { g: true }\n}\n',
    );
  });
});

test.each<[string, Partial<TfServingModelProps>, RegExp]>([
  ['a model name with a slash', { modelName: 'a/b' }, /'modelName' \("a\/b"\)/],
  ['an empty model name', { modelName: '' }, /'modelName' \(""\)/],
  ['a model name that injects', { modelName: 'x --rest_api_port=9' }, /'modelName'/],
  ['GPUs without a pool', { gpus: 1 }, /'gpus' \(1\) needs a 'pool'/],
  ['a relative configuration directory', { configDirectory: 'etc' }, /'configDirectory' \("etc"\)/],
])('fails on %s', (_, props, message) => {
  expect(making(props)).toThrow(message);
});

test.each<[string, object, RegExp]>([
  ['another release', { release: '2.x' }, /'release' \("2.x"\)/],
  ['another architecture', { architecture: 'sparc' }, /'architecture' \("sparc"\) must be amd64 or arm64/],
  ['an architecture that is no text', { architecture: null }, /'architecture' \(null\) must be a text/],
  ['a program that is no text', { binary: 5 }, /'binary' \(5\) must be a text/],
  ['a program without a place', { binary: 'tensorflow_model_server' }, /'binary'.*absolute path/],
  ['a directory for a program', { binary: '/usr/bin/' }, /'binary'.*not of a directory/],
  ['a program that Kubernetes would expand', { binary: '/usr/$(X)' }, /'binary'.*'\$\('/],
  ['a GPU image that is no image', { gpuImage: 'x:1' }, /'gpuImage' \("x:1"\) must be made by/],
])('a custom server fails on %s', (_, options, message) => {
  expect(() => ServerImage.custom({ image: ContainerImage.fromBuild('x:1'), release: '2.19', ...options })).toThrow(message);
});
