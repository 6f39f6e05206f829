import { Duration } from 'cdk8s';
import {
  Accelerator,
  AutoscaledService,
  type AutoscaledServiceProps,
  Autoscaling,
  type Batching,
  ContainerImage,
  type DownloadOptions,
  type GcsFuseSourceOptions,
  GpuModelPool,
  type GpuModelPoolProps,
  JitLevel,
  ModelGateway,
  type ModelGatewayProps,
  ModelSource,
  ModelSwitch,
  type ModelSwitchProps,
  ModelVersions,
  Peer,
  type PerModelBatching,
  type PortMapping,
  Probe,
  type S3MountSourceOptions,
  type ServerFlags,
  ServerImage,
  type ServingChart,
  ServingProtocol,
  type SessionConfig,
  TfServingModel,
  type TfServingModelProps,
} from '../../../lib';
import { LOCAL_MODEL } from '../../support/local-model';
import { type Matrix, only, type Subject } from './matrix';
import { ROUTE_CASES } from './route-cases';
import { PROGRAM_CASES, WORKLOAD_CASES } from './workload-cases';

const resources = { requests: { cpu: '1', memory: '2Gi' } };
/** Flags that not every server or place takes: they have cases of their own. */
type Special = 'perProcessGpuMemoryFraction' | 'platformConfigFile' | 'threadPoolFactoryConfigFile' | 'skipInitializeTpu';
const flags: Required<Omit<ServerFlags, Special>> = {
  grpcSocketPath: '/tmp/grpc.sock',
  restApiEnableCorsSupport: true,
  enableGrpcHealthcheckService: true,
  enableSerializationAsTensorContent: true,
  numUnloadThreads: 2,
  flushFilesystemCaches: false,
  numRequestIterationsForWarmup: 2,
  enableSignatureMethodNameCheck: true,
  preferTfliteModel: true,
  numTflitePools: 2,
  numTfliteInterpretersPerPool: 2,
  removeUnusedFieldsFromBundleMetagraph: false,
  mixedPrecision: 'bfloat16',
  tensorflowIntraOpParallelism: 2,
  tensorflowInterOpParallelism: 2,
  restApiNumThreads: 16,
  grpcMaxThreads: 16,
  maxNumLoadRetries: 3,
  loadRetryIntervalMicros: 1_000_000,
  numLoadThreads: 2,
  grpcChannelArguments: 'grpc.keepalive_time_ms=60000',
  enableModelWarmup: true,
  savedModelTags: 'serve,gpu',
  xlaCpuCompilationEnabled: true,
  xlaGpuCompilationEnabled: true,
  enableProfiler: true,
};
const batching: Required<Batching> = {
  maxBatchSize: 32,
  enableLargeBatchSplitting: true,
  maxExecutionBatchSize: 16,
  batchTimeoutMicros: 1000,
  maxEnqueuedBatches: 100,
  numBatchThreads: 4,
  threadPoolName: 'all-models',
  allowedBatchSizes: [8, 16, 32],
  padVariableLengthInputs: true,
};
const pollInterval = Duration.minutes(5);
const gcsFuse: Required<GcsFuseSourceOptions> = {
  path: 'team/resnet',
  mountOptions: ['file-cache:max-size-mb:-1'],
  sidecarCpu: '500m',
  sidecarMemory: '512Mi',
  sidecarEphemeralStorage: '5Gi',
  pollInterval,
};
const s3Mount: Required<S3MountSourceOptions> = {
  path: 'team/resnet',
  region: 'eu-west-1',
  podIdentity: true,
  mountOptions: ['maximum-throughput-gbps 10'],
  pollInterval,
};
const sessionConfig: Required<SessionConfig> = {
  allowGrowth: true,
  allowSoftPlacement: true,
  disableThreadSpinning: true,
  globalJitLevel: JitLevel.ON,
  logDevicePlacement: true,
};
const batchingPerModel: Required<PerModelBatching> = { numBatchThreads: 4, threadPoolName: 'all-models', largestBatch: 64 };
const ownBuild = ServerImage.custom({ image: ContainerImage.fromBuild('server:v2'), release: '2.19.1' });
const digest = `sha256:${'a'.repeat(64)}`;
const server = ServerImage.official('2.19.1');
const download: Required<Omit<DownloadOptions, 'plainHttp'>> = {
  size: '1500Mi',
  downloadTime: Duration.minutes(20),
  toolImage: ContainerImage.fromBuild('tools:v1'),
  toolResources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '1', memory: '128Mi' } },
};
const archive = { size: '2Gi', sha256: '0'.repeat(64), version: 20260101120000, tokenSecretName: 'token' };
const keys = { credentialsSecretName: 'keys' };
const endpoint = 'https://storage.example.com:9000';
const roleArn = 'arn:aws:iam::123456789012:role/models';
const t4 = (chart: ServingChart) => new GpuModelPool(chart, 'pool', { accelerator: Accelerator.NVIDIA_T4, maxNodes: 4, gpusPerNode: 4 });

const MODEL: Matrix<TfServingModelProps> = {
  ...WORKLOAD_CASES,
  autoscaling: { ...WORKLOAD_CASES.autoscaling, 'on CPU': { autoscaling: Autoscaling.cpu({ maxReplicas: 3 }) } },
  modelName: { another: { modelName: 'Resnet_50.v1-a' } },
  source: {
    'in the image': { source: ModelSource.inImage('/models/resnet') },
    'a bucket': { source: ModelSource.gcs('gs://bucket/resnet', { keyFileSecretName: 'key', pollInterval: Duration.minutes(5) }) },
    'a bucket, by the identity of the pod': only(['gke', 'autopilot'], { source: ModelSource.gcs('gs://bucket/resnet') }),
    'an archive': { source: ModelSource.archive('https://models.example.com/ranker.tar.gz', { ...archive, ...download }) },
    'an archive, in short': { source: ModelSource.archive('https://models.example.com/ranker.tgz', archive) },
    'versions of a bucket of S3': {
      source: ModelSource.s3('s3://bucket/ranker', { ...keys, ...download, versions: [3, 4], region: 'eu-west-1', endpoint }),
    },
    'the newest version of a bucket of S3': {
      source: ModelSource.s3('s3://bucket/ranker', { ...keys, size: '2Gi', pollInterval: Duration.minutes(5) }),
    },
    'a bucket of S3, by the identity of the pod': only(['eks'], {
      source: ModelSource.s3('s3://bucket/ranker', { size: '2Gi', versions: [3] }),
    }),
    'a bucket of S3, by a role': only(['eks'], {
      source: ModelSource.s3('s3://bucket/ranker', { size: '2Gi', pollInterval: Duration.minutes(5), roleArn }),
    }),
    'a claim': { source: ModelSource.persistentVolumeClaim('models', { path: 'resnet', pollInterval: Duration.minutes(1) }) },
    'a claim for one node': { source: ModelSource.persistentVolumeClaim('models', { accessMode: 'ReadWriteOnce' }) },
    'a claim for one node, with its pods': only(['minikube'], {
      source: ModelSource.persistentVolumeClaim('models', { accessMode: 'ReadWriteOnce' }),
      replicas: 3,
    }),
    'a claim for one pod': { source: ModelSource.persistentVolumeClaim('models', { accessMode: 'ReadWriteOncePod' }) },
    'a directory of the nodes': only(['minikube', 'kind'], { source: ModelSource.hostPath('/models/resnet', { pollInterval }) }),
    'a directory of NFS': { source: ModelSource.nfs('nfs.example.com', '/exports/resnet', { pollInterval }) },
    'a directory of NFS, by other options': { source: ModelSource.nfs('10.0.0.2', '/resnet', { mountOptions: ['nfsvers=3', 'nolock'] }) },
    'an image': only(['minikube'], { source: ModelSource.ociImage(ContainerImage.fromBuild('model:v1'), { path: 'resnet' }) }),
    'a bucket, mounted by GKE': only(['gke', 'autopilot'], { source: ModelSource.gcsFuse('bucket', gcsFuse) }),
    'a bucket, mounted by EKS': only(['eks'], { source: ModelSource.s3Mount('bucket', s3Mount) }),
    'all of a bucket, mounted by EKS': only(['eks'], { source: ModelSource.s3Mount('bucket') }),
  },
  versions: {
    one: { versions: ModelVersions.specific(42) },
    two: { versions: ModelVersions.specific(42, 43) },
    'the newest two': { versions: ModelVersions.latest(2) },
    'all of them': { versions: ModelVersions.all() },
  },
  versionLabels: { two: { versions: ModelVersions.specific(42, 43), versionLabels: { stable: 42, canary: 43 } } },
  otherModels: {
    'in the image': { otherModels: [{ modelName: 'detector', source: ModelSource.inImage('/models/detector') }] },
    'in claims': {
      source: ModelSource.persistentVolumeClaim('models', { path: 'resnet' }),
      otherModels: [
        { modelName: 'beside', source: ModelSource.persistentVolumeClaim('models', { path: 'beside' }), modelMemory: '100Mi' },
        {
          modelName: 'elsewhere',
          source: ModelSource.persistentVolumeClaim('others'),
          versions: ModelVersions.specific(1, 2),
          versionLabels: { stable: 1 },
        },
      ],
    },
  },
  server: {
    'an old one': { server: ServerImage.official('1.13.0') },
    'by digests': (chart) => ({
      pool: t4(chart),
      server: ServerImage.fromReference(`tensorflow/serving:2.19.1@${digest}`, { gpuReference: `tensorflow/serving:2.19.1-gpu@${digest}` }),
    }),
    custom: {
      server: ServerImage.custom({
        image: ContainerImage.fromBuild('server:v1'),
        gpuImage: ContainerImage.fromBuild('server-gpu:v1'),
        release: '2.19',
        binary: '/opt/server',
        architecture: 'arm64',
      }),
    },
  },
  protocols: { 'gRPC only': { protocols: [ServingProtocol.GRPC] }, 'REST only': { protocols: [ServingProtocol.REST] } },
  grpcPort: { another: { grpcPort: 9000 } },
  restPort: { another: { restPort: 9001 } },
  pool: { 'of T4': (chart) => ({ pool: t4(chart) }) },
  gpus: { two: (chart) => ({ pool: t4(chart), gpus: 2 }) },
  loadTime: { 'an hour': { loadTime: Duration.hours(1) } },
  modelMemory: { said: { modelMemory: '200Mi' }, 'which the pods get': { modelMemory: '200Mi', resources: { requests: { cpu: '1' } } } },
  modelSize: { said: { modelSize: '100Mi' }, 'by which the pods get memory': { modelSize: '100Mi', resources: { limits: { cpu: '1' } } } },
  loadThroughput: { said: { modelSize: '100Mi', loadThroughput: '10Mi' } },
  localCopy: { measured: { localCopy: LOCAL_MODEL } },
  batching: { 'all of it': { batching }, 'its least': { batching: { maxBatchSize: 8 } } },
  batchingPerModel: { 'all of it': { batchingPerModel }, 'its least': { batchingPerModel: {} } },
  tls: {
    'of the server': { tls: { secretName: 'ranker-tls' } },
    'of both sides': {
      tls: { secretName: 'ranker-tls', clientCertificates: true },
      protocols: [ServingProtocol.GRPC, ServingProtocol.REST],
    },
  },
  sessionConfig: { 'all of it': { sessionConfig, flags: { xlaCpuCompilationEnabled: true } }, nothing: { sessionConfig: {} } },
  flags: {
    'of a platform': { flags: { platformConfigFile: '/models/platform.txt' } },
    'of an own build': { server: ownBuild, flags: { threadPoolFactoryConfigFile: '/models/threads.txt', skipInitializeTpu: true } },
    'all of them': (chart) => ({ pool: t4(chart), flags: { ...flags, perProcessGpuMemoryFraction: 0.5 } }),
    'on CPUs': { flags },
  },
  extraFlags: { one: { extraFlags: ['--new_flag=1'] } },
  scrapers: {
    one: { scrapers: [Peer.namespace('monitoring')] },
    'beside gRPC': { scrapers: [Peer.cidr('10.0.0.0/16')], protocols: [ServingProtocol.GRPC] },
  },
  configMapName: { another: { configMapName: 'tfs-files', batching } },
  configDirectory: { another: { configDirectory: '/etc/other', batching } },
  envConfigMapName: { one: { envConfigMapName: 'tfs-environment' } },
};

const least = { source: ModelSource.inImage('/models/m'), server, resources };

const POOL: Matrix<GpuModelPoolProps> = {
  accelerator: {
    'a T4': { accelerator: Accelerator.NVIDIA_T4 },
    'an L4': { accelerator: Accelerator.NVIDIA_L4 },
    'a V100': only(['minikube', 'kind', 'gke', 'eks'], { accelerator: Accelerator.NVIDIA_V100 }),
    'a P100': only(['minikube', 'kind', 'gke', 'eks'], { accelerator: Accelerator.NVIDIA_P100 }),
    'an A10G': only(['minikube', 'kind', 'eks'], { accelerator: Accelerator.NVIDIA_A10G }),
    'one of tomorrow': { accelerator: Accelerator.custom({ name: 'X100', gkeName: 'nvidia-x100', karpenterName: 'x100' }) },
  },
  poolName: { another: { poolName: 'gpus-1' } },
  gpusPerNode: { four: { gpusPerNode: 4 } },
  maxNodes: { one: { maxNodes: 1 } },
  minNodes: { one: { minNodes: 1 } },
  machineType: {
    known: only(['minikube', 'kind', 'gke', 'autopilot'], { machineType: 'n1-standard-8' }),
    'of AWS': only(['minikube', 'kind', 'eks'], { machineType: 'g4dn.2xlarge' }),
  },
  spot: { yes: { spot: true } },
  runtimeClassName: { nvidia: { runtimeClassName: 'nvidia' } },
};

const ports: Required<PortMapping>[] = [
  { name: 'http', port: 80, targetPort: 8080, appProtocol: 'http', published: true },
  { name: 'grpc', port: 81, targetPort: 8081, appProtocol: 'kubernetes.io/h2c', published: true },
  { name: 'metrics', port: 9090, targetPort: 9090, appProtocol: 'http', published: false },
];

const SERVICE: Matrix<AutoscaledServiceProps> = {
  ...PROGRAM_CASES,
  ports: { three: { ports }, 'its least': { ports: [{ port: 8080 }] } },
  component: { one: { component: 'ping' } },
  placement: {
    'of a pool of GPUs': {
      placement: {
        nodeSelector: { gpu: 't4' },
        tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
        extendedResources: { 'nvidia.com/gpu': 1 },
        gpus: 1,
        runtimeClassName: 'nvidia',
      },
    },
  },
};

const GATEWAY: Matrix<ModelGatewayProps> = {
  ...PROGRAM_CASES,
  model: {
    'with a headless twin': (chart) => ({ model: new TfServingModel(chart, 'twin', { ...least, headless: true }) }),
    'one of two': (chart) => ({ model: new ModelSwitch(chart, 'front', { active: blue(chart), idle: [blue(chart, 'green')] }) }),
  },
  hostEnv: { another: { hostEnv: 'RESNET_HOST' } },
  protocol: { gRPC: { protocol: ServingProtocol.GRPC }, REST: { protocol: ServingProtocol.REST } },
  speaksTls: {
    'with a model that has it': (chart) => ({
      speaksTls: true,
      model: new TfServingModel(chart, 'encrypted', { ...least, tls: { secretName: 'model-tls' } }),
    }),
  },
  port: { another: { port: 8000 } },
  targetPort: { another: { targetPort: 80 } },
  routes: ROUTE_CASES,
};

const blue = (chart: ServingChart, id = 'blue') => new TfServingModel(chart, id, { ...least, modelName: 'm' });

const SWITCH: Matrix<ModelSwitchProps> = {
  active: {
    'with a headless twin': (chart) => ({ active: new TfServingModel(chart, 'twin', { ...least, modelName: 'm', headless: true }) }),
  },
  idle: { two: (chart) => ({ idle: [blue(chart, 'green'), blue(chart, 'red')] }) },
  name: { another: { name: 'front-of-m' } },
};

/** The constructs, each with the props that it cannot be without. */
export const CONSTRUCTS = {
  TfServingModel: subject(MODEL, (chart, props) => void new TfServingModel(chart, 'model', { ...least, ...props })),
  GpuModelPool: subject(POOL, (chart, props) => {
    const pool = new GpuModelPool(chart, 'pool', { accelerator: Accelerator.NVIDIA_T4, maxNodes: 3, ...props });
    new TfServingModel(chart, 'model', { ...least, pool });
  }),
  AutoscaledService: subject(
    SERVICE,
    (chart, props) => void new AutoscaledService(chart, 'ping', { image: ContainerImage.fromBuild('ping:v1'), ports, resources, ...props }),
  ),
  ModelSwitch: subject(SWITCH, (chart, props) => {
    const { active = blue(chart) } = props;
    new ModelSwitch(chart, 'front', { ...props, active });
  }),
  ModelGateway: subject(GATEWAY, (chart, props) => {
    const { model = new TfServingModel(chart, 'behind', least) } = props;
    const image = ContainerImage.fromBuild('gateway:v1');
    const readinessProbe = Probe.httpGet('/health');
    new ModelGateway(chart, 'gateway', { image, targetPort: 8080, resources, readinessProbe, ...props, model });
  }),
};

/** Forgets which props they are, so that all constructs are told alike. */
function subject<T>(matrix: Matrix<T>, make: (chart: ServingChart, props: Partial<T>) => void): Subject<object> {
  return { matrix, make } as Subject<object>;
}
