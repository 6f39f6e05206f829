import { Duration } from 'cdk8s';
import {
  Accelerator,
  Cluster,
  GpuModelPool,
  type GpuModelPoolProps,
  ModelSource,
  ModelVersions,
  Probe,
  ServerImage,
  ServingProtocol,
  TfServingModel,
  type TfServingModelProps,
} from '../../lib';
import { directoryWith, records, WARM_UP } from '../support/local-model';
import { container, flag, GKE, only, podSpec, render, warningsOf } from '../support/render';

/**
 * The set-ups that threads of tensorflow/serving and its neighbours complain about most, as their authors would write them
 * with this library: each is refused, reported, or right by default.
 */
const MODEL: TfServingModelProps = {
  source: ModelSource.inImage('/models/ranker'),
  server: ServerImage.official('2.19.1'),
  resources: { requests: { cpu: '2', memory: '4Gi' } },
};

const written = (props: Partial<TfServingModelProps> = {}, cluster = GKE) =>
  render((chart) => void new TfServingModel(chart, 'ranker', { ...MODEL, ...props }), cluster);

const warned = (props: Partial<TfServingModelProps>, pool?: GpuModelPoolProps) => {
  let texts: string[] = [];
  render((chart) => {
    const gpus = pool && new GpuModelPool(chart, 'gpus', pool);
    texts = warningsOf([new TfServingModel(chart, 'ranker', { ...MODEL, pool: gpus, ...props })]);
  });
  return texts;
};

const followed = (interval: Duration) => ModelSource.gcs('gs://bucket/ranker', { pollInterval: interval });

describe('#1853: SIGTERM is ignored, and a pod is killed with requests under way', () => {
  test('a grace period that cuts requests off is reported with the one that does not', () => {
    expect(warned({ terminationGracePeriod: Duration.seconds(30) })).toEqual([
      expect.stringMatching(/^terminationGracePeriod is 30 s, but the last request may end 62 s after the stop began.*until it is killed/),
    ]);
  });

  test('by default it is as long as address, connection and request, without a hook that takes its time', () => {
    const objects = written();
    expect(podSpec(objects).terminationGracePeriodSeconds).toBe(62);
    expect(container(objects).lifecycle).toBeUndefined();
  });
});

describe('#1754, #2219, kubeflow#2987: which URL says that the model is ready', () => {
  test.each<[string, Probe, RegExp]>([
    ['a health page', Probe.httpGet('/healthz', { port: 8501 }), /has no page \/healthz, and none for its own health/],
    ['the list of models', Probe.httpGet('/v1/models', { port: 8501 }), /has no page \/v1\/models/],
    ['the status', Probe.httpGet('/v1/models/ranker', { port: 8501 }), /answers 200 even when no version of it is left/],
    ['the port of gRPC', Probe.httpGet('/v1/models/ranker/metadata'), /port 8500, where the server speaks gRPC only/],
  ])('%s is reported', (_, readinessProbe, message) => {
    expect(warned({ readinessProbe })).toEqual([expect.stringMatching(message)]);
  });

  test('by default it is one that fails when nothing can predict', () => {
    expect(container(written()).readinessProbe.httpGet).toEqual({ path: '/v1/models/ranker/metadata', port: 8501 });
  });
});

describe('#1831: the base path is the version', () => {
  test.each<[string, () => ModelSource]>([
    ['in an image', () => ModelSource.inImage('/models/ranker/1')],
    ['in a bucket', () => ModelSource.gcs('gs://bucket/ranker/00000123/')],
    ['on a volume', () => ModelSource.persistentVolumeClaim('models', { path: 'ranker/1' })],
  ])('%s it is refused with the directory above it', (_, source) => {
    expect(source).toThrow(/ends in a number, so it is a version directory.*Write the directory above it: '.*ranker'/);
  });

  test('a local export is refused likewise', () => {
    const version = directoryWith({ 'saved_model.pb': 'graph' });
    expect(() => written({ localCopy: version })).toThrow(/is itself a version.*Write the directory above it/);
  });
});

describe('#1664, #1346: memory grows with each version until the pod is killed', () => {
  test('two versions that do not fit are refused with the sum', () => {
    const source = followed(Duration.minutes(5));
    expect(() => written({ source, modelSize: '1Gi', resources: { requests: { cpu: '2', memory: '2Gi' } } })).toThrow(
      /'resources\.limits\.memory' \("2Gi"\) is less than the 2 x 1\.2 x 1Gi = 2458Mi.*Raise it to 3520Mi/,
    );
  });

  test('a source without an interval makes each version a rollout, with memory for one', () => {
    const objects = written({ modelSize: '1Gi', resources: { requests: { cpu: '2' } } });
    expect(flag(objects, 'file_system_poll_wait_seconds')).toBe('0');
    expect(container(objects).resources.limits.memory).toBe('2304Mi');
  });
});

describe('tensorflow#17206, #1618: threads for all cores of the node', () => {
  test('they follow from the limit, all of them', () => {
    const objects = written({ resources: { limits: { cpu: '2', memory: '4Gi' } } });
    const threads = ['tensorflow_intra_op_parallelism', 'tensorflow_inter_op_parallelism', 'rest_api_num_threads', 'grpc_max_threads'];
    expect(threads.map((name) => flag(objects, name))).toEqual(['2', '2', '8', '8']);
  });

  test('the 0 that stands for the cores of the node is refused', () => {
    expect(() => written({ flags: { tensorflowInterOpParallelism: 0 } })).toThrow(/must be at least 1: 0 means the cores of the node/);
  });
});

describe('#662: gRPC clients stay with one pod', () => {
  test('connections end by default, and clients that balance by themselves find every pod', () => {
    const objects = written({ headless: true, replicas: 3 });
    expect(flag(objects, 'grpc_channel_arguments')).toBe('grpc.max_connection_age_ms=20000,grpc.max_connection_age_grace_ms=30000');
    const headless = objects.find(({ kind, metadata }) => kind === 'Service' && metadata.name === 'ranker-headless');
    expect(headless?.spec.clusterIP).toBe('None');
  });

  test('an age that outlives the pod is refused', () => {
    expect(() => written({ flags: { grpcChannelArguments: 'grpc.max_connection_age_ms=600000' } })).toThrow(/grpc\.max_connection_age_ms/);
  });
});

describe('#1795: RESOURCE_EXHAUSTED under load', () => {
  test('batching raises the threads that wait for a full batch', () => {
    expect(flag(written({ batching: { maxBatchSize: 128 } }), 'grpc_max_threads')).toBe('256');
    expect(flag(written({ batching: { maxBatchSize: 128 } }), 'rest_api_num_threads')).toBe('257');
  });

  test('too few threads to answer anything are refused', () => {
    expect(() => written({ flags: { grpcMaxThreads: 1 } })).toThrow(/'flags\.grpcMaxThreads' \(1\) must be at least 2/);
    expect(() => written({ flags: { restApiNumThreads: 1 } })).toThrow(/'flags\.restApiNumThreads' \(1\) must be at least 2/);
  });
});

describe('#1401: 400 for a request above the batch size', () => {
  test('a smaller batch than request is refused where nothing splits it', () => {
    expect(() => written({ batching: { maxBatchSize: 1000, maxExecutionBatchSize: 32 } })).toThrow(
      /'batching\.maxExecutionBatchSize' \(32\) needs 'enableLargeBatchSplitting'/,
    );
    expect(() => written({ batching: { maxBatchSize: 1000, maxExecutionBatchSize: 32, enableLargeBatchSplitting: true } })).not.toThrow();
  });
});

describe('#1916: the bill for looking for versions each second', () => {
  test('the price of an interval is reported', () => {
    expect(warned({ source: followed(Duration.seconds(1)), modelSize: '100Mi' })).toEqual([
      expect.stringMatching(/^pollInterval: each pod lists the bucket 2592000 times a month/),
    ]);
  });

  test('by default it looks once', () => {
    expect(flag(written({ source: ModelSource.gcs('gs://bucket/ranker') }), 'file_system_poll_wait_seconds')).toBe('0');
  });
});

describe('#249, #675: the memory of the GPU', () => {
  const pool = { accelerator: Accelerator.NVIDIA_T4, maxNodes: 2 };

  test('a model that no GPU holds is reported with the sum', () => {
    expect(warned({ modelSize: '15Gi', resources: { requests: { cpu: '2' } } }, pool)).toEqual([
      expect.stringMatching(/^modelSize: 1\.2 x 15Gi = 18Gi is more than the 16Gi of one GPU/),
    ]);
  });

  test('a share of it is refused where there is no GPU', () => {
    expect(() => written({ flags: { perProcessGpuMemoryFraction: 0.5 } })).toThrow(/'flags\.perProcessGpuMemoryFraction'/);
  });
});

describe('#1759: the image runs as root', () => {
  test('root is refused, and by default nobody is', () => {
    expect(() => written({ runAsUser: 0 })).toThrow(/'runAsUser' \(0\)/);
    const { securityContext } = podSpec(written());
    expect(securityContext.runAsNonRoot).toBe(true);
    expect(securityContext.runAsUser).toBeGreaterThan(0);
  });
});

describe('#462, #1863: no metrics', () => {
  test('they are on with gRPC alone too', () => {
    const objects = written({ protocols: [ServingProtocol.GRPC] }, Cluster.kind());
    expect(flag(objects, 'rest_api_port')).toBe('8501');
    expect(flag(objects, 'monitoring_config_file')).toBe('/etc/tfs-config/monitoring_config.txt');
    expect(Object.values(only(objects, 'ConfigMap').data).join()).toContain('enable: true');
  });

  test('a file of your own, whose absence would leave a server without REST, is refused', () => {
    expect(() => written({ extraFlags: ['--monitoring_config_file=/etc/mine.txt'] })).toThrow(/'extraFlags\[0\]'.*'configDirectory'/);
  });
});

describe('#1562: a model that fails to load for its warm-up', () => {
  test('damaged records are refused before anything is deployed', () => {
    const damaged = records(Buffer.from('2\u0001a')).subarray(0, -1);
    const localCopy = directoryWith({ '1/saved_model.pb': 'graph', [`1/${WARM_UP}`]: damaged });
    expect(() => written({ localCopy })).toThrow(/has warm-up with which version 1 fails to load: .* record 1 is cut off in its data/);
  });
});

describe('#1963, #2062: s3:// that no image since 2.7 reads', () => {
  test('as a bucket of Google it is refused with the source that brings it', () => {
    expect(() => ModelSource.gcs('s3://bucket/ranker')).toThrow(/no s3:\/\/ since release 2\.7; use ModelSource\.s3\(\)/);
  });

  test('a program brings it into the pod, and the server reads a directory', () => {
    const source = ModelSource.s3('s3://bucket/ranker', { size: '2Gi', versions: [3] });
    const objects = written({ source }, Cluster.eks());
    expect(podSpec(objects).initContainers.map(({ name }: { name: string }) => name)).toEqual(['download-model']);
    expect(flag(objects, 'model_base_path')).toBe('/mnt/models');
  });
});

describe('#1608, #1230: labels end the server at its next start', () => {
  test('the flag that they need comes with them', () => {
    const objects = written({ versions: ModelVersions.specific(42, 43), versionLabels: { stable: 42, canary: 43 } });
    expect(flag(objects, 'allow_version_labels_for_unavailable_models')).toBe('true');
  });

  test('one that names a version that nobody serves is refused', () => {
    expect(() => written({ versions: ModelVersions.specific(42), versionLabels: { canary: 43 } })).toThrow(
      /'versionLabels\.canary' \(43\) is none of the versions that are served \(42\)/,
    );
  });
});

describe('#979, #1767, #2189: one missing model keeps all others from loading', () => {
  test('several models in a server are reported, and ready means all of them', () => {
    const otherModels = [{ modelName: 'detector', source: ModelSource.inImage('/models/detector') }];
    expect(warned({ otherModels })).toEqual([
      'otherModels: where the directory of one of 2 models is missing, the server loads none of them, nor a new version of any',
    ]);
    const [, , script] = container(written({ otherModels })).readinessProbe.exec.command;
    for (const name of ['ranker', 'detector']) expect(script).toContain(`/v1/models/${name}/metadata`);
  });
});

describe('#1519, #1565: a list of models that is read again is not applied, or blocks', () => {
  test('it is read once, and a change of it is a rollout', () => {
    const names = [43, 44].map((version) => only(written({ versions: ModelVersions.specific(version) }), 'ConfigMap').metadata.name);
    expect(names[0]).not.toBe(names[1]);
    expect(() => written({ extraFlags: ['--model_config_file_poll_wait_seconds=5'] })).toThrow(/a file again that never changes/);
  });
});

describe('a source that brings one version, where another one is asked for', () => {
  test('the server would wait for it for ever: it is refused', () => {
    const source = ModelSource.archive('https://models.example.com/ranker-7.tar.gz', { sha256: '0'.repeat(64), version: 7, size: '1Gi' });
    expect(() => written({ source, versions: ModelVersions.specific(8) })).toThrow(
      /'versions' \("specific\(8\)"\) hold 8, which the source does not bring: it brings 7/,
    );
    expect(() => written({ source, versions: ModelVersions.specific(7) })).not.toThrow();
  });
});
