import { App, Duration } from 'cdk8s';
import {
  type AcceleratorProps,
  type ArchiveSourceOptions,
  type AutoscaledServiceProps,
  type BuiltImageOptions,
  type ClaimSourceOptions,
  type CpuAutoscaling,
  type CustomServerImage,
  type DownloadOptions,
  type EksClusterProps,
  type ExposureOptions,
  type GatewayRouteOptions,
  type GcsFuseSourceOptions,
  type GcsSourceOptions,
  type GkeClusterProps,
  type GpuModelPoolProps,
  type HashedConfigMapProps,
  type HostPathSourceOptions,
  type IngressRouteOptions,
  type LocalClusterProps,
  type MetricAutoscaling,
  type ModelGatewayProps,
  ModelSource,
  type ModelSwitchProps,
  type NfsSourceOptions,
  type OciImageSourceOptions,
  Peer,
  type PodsPeer,
  Probe,
  type ProbeOptions,
  type ProgramOptions,
  Route,
  type S3MountSourceOptions,
  type S3SourceOptions,
  type ServerReferenceOptions,
  type ServingChartProps,
  type TfServingModelProps,
  type WorkloadOptions,
} from '../../lib';

/** Values that a prop never takes, whatever stands beside it: some for each prop, or the compiler complains. */
export type Wrong<Props> = { readonly [Prop in keyof Required<Props>]: readonly unknown[] };

const TEXT = [5, null, [], {}];
const NUMBER = ['1', null, Number.NaN, Number.POSITIVE_INFINITY];
const TRUTH = ['true', 1, null];
const DURATION = [30, '30s', null, Duration.millis(1500)];
const MAP = [null, 'x', ['a'], new Map([['a', 'b']])];
const TEXTS = [null, 'x', [5], [null], new Array(1)];
const MAPS = [null, 'x', {}, [null], ['x'], [{ colour: 'red' }]];
const INSTANCE = [null, {}, 'x', 5];
const PEERS = [null, 'x', {}, ['x'], [null], [{}]];

const COUNT = [...NUMBER, -1, 1.5, 2 ** 31];
const PORT = [...NUMBER, 0, -1, 80.5, 65536];
const DNS_LABEL = [...TEXT, '', 'A', 'a_b', '-a', 'a-', '1a', 'é', 'a'.repeat(64)];
const DNS_NAME = [...TEXT, '', 'A', 'a b', 'a..b', '-a'];
const LABELS = [...MAP, { a: 1 }, { a: null }, { 'a b': 'x' }, { a: 'b c' }, { '': 'x' }, { a: 'x'.repeat(64) }];
const ANNOTATIONS = [...MAP, { a: 5 }, { a: null }, { 'a b': 'x' }, { a: '\u0007' }];
const AMOUNT_OF_PODS = [...TEXT, '', '-1', '101%', 'many', '1.5'];
const CPU = [...TEXT, '', 'x', '-1', '0', '500M'];
const MEMORY = [...TEXT, '', 'x', '-1Gi', '512m', '1 Gi'];
const CIDRS = [...TEXTS, ['x'], ['10.0.0.1'], ['10.0.0.1/8'], ['300.0.0.0/8']];
const VERSION = [...TEXT, '', '1.26', '1.99', '2.0', 'v1.30'];
const POLL = [...DURATION, Duration.seconds(0), Duration.days(40)];

const amounts = (requests: unknown, limits?: unknown) => ({ requests, limits });
/** Enough for a model whose size is known. */
const WITHOUT_MEMORY = amounts({ cpu: '1' });
const volume = { name: 'data', emptyDir: {} };
const mount = { name: 'tmp', mountPath: '/data' };

const WORKLOAD: Wrong<WorkloadOptions> = {
  name: [...DNS_LABEL, 'a'.repeat(53)],
  containerName: DNS_LABEL,
  serviceName: DNS_LABEL,
  replicas: COUNT,
  autoscaling: [...INSTANCE, { maxReplicas: 3 }],
  resources: [
    ...[undefined, ...MAP, {}, { gpu: 1 }, amounts(null), amounts({}), WITHOUT_MEMORY, amounts({ memory: '1Gi' })],
    ...CPU.map((cpu) => amounts({ cpu, memory: '1Gi' })),
    ...MEMORY.map((memory) => amounts({ cpu: '1', memory })),
    ...MEMORY.map((memory) => amounts({ cpu: '1', memory: '1Gi' }, { memory })),
    ...MEMORY.map((ephemeralStorage) => amounts({ cpu: '1', memory: '1Gi', ephemeralStorage })),
    amounts({ cpu: '2', memory: '1Gi' }, { cpu: '1' }),
    amounts({ cpu: '2', memory: '1Gi' }, { memory: '512Mi' }),
    amounts({ cpu: '1', memory: '1Gi', 'nvidia.com/gpu': '1' }),
  ],
  exposure: [...INSTANCE, 'public'],
  callers: PEERS,
  egress: [
    ...MAPS,
    ...[[{}], [{ to: null, ports: [1] }], [{ to: Peer.internet() }]],
    ...[[], ['443'], [0], 443].map((ports) => [{ to: Peer.internet(), ports }]),
  ],
  env: [...MAP, { A: null }, { A: 5 }, { 'a b': 'x' }, { '1A': 'x' }, { A: '\u0000' }, JSON.parse('{"__proto__": "x"}')],
  envVars: [
    ...MAPS,
    ...[[{}], [{ name: 'a', value: 5 }], [{ name: 'a b' }], [{ name: 'a' }, { name: 'a' }], [{ name: 'a', valueFrom: {} }]],
    [{ name: 'a', value: 'x', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
    [{ name: 'a', valueFrom: { fieldRef: { fieldPath: 'status.podIP' }, secretKeyRef: { name: 's', key: 'k' } } }],
  ],
  envFrom: [...MAPS, [{}], [{ prefix: 'A_' }], [{ configMapRef: { name: 'a' }, secretRef: { name: 'b' } }]],
  volumes: [
    ...MAPS,
    ...[[{}], [{ name: 'data' }], [volume, volume], [{ ...volume, name: 'tmp' }], [{ ...volume, name: 'A' }]],
    ...[[{ ...volume, secret: { secretName: 's' } }], [{ name: 'data', image: {} }]],
  ],
  volumeMounts: [
    ...MAPS,
    ...[[{}], [{ ...mount, name: 'unheard-of' }], [mount, { ...mount, mountPath: '/data/' }], [{ ...mount, mountpath: '/x' }]],
    ...[5, '', 'data', '/', '/tmp', '/proc', '/a/../b', '/a:b'].map((mountPath) => [{ ...mount, mountPath }]),
    ...[{ subPath: '/x' }, { subPath: '../x' }, { subPath: 'x', subPathExpr: 'y' }].map((part) => [{ ...mount, ...part }]),
  ],
  startupProbe: [
    ...INSTANCE,
    Probe.tcpSocket({ successThreshold: 2 }),
    Probe.tcpSocket({ periodSeconds: Duration.days(1), failureThreshold: 31 }),
  ],
  readinessProbe: [...INSTANCE, Probe.tcpSocket({ terminationGracePeriod: Duration.seconds(5) })],
  livenessProbe: [...INSTANCE, Probe.tcpSocket({ successThreshold: 2 })],
  requestTimeout: [...DURATION, Duration.seconds(0)],
  terminationGracePeriod: [...DURATION, Duration.seconds(0)],
  nodePool: DNS_LABEL,
  onePerNode: TRUTH,
  nodeSelector: LABELS,
  tolerations: [
    ...MAPS,
    ...[{}, { operator: 'Bad' }, { key: 'a b' }, { key: 'a', effect: 'Never' }, { key: 'a', operator: 'Exists', value: 'b' }].map((one) => [
      one,
    ]),
    ...[
      { key: 'a', tolerationSeconds: 5 },
      { key: 'a', effect: 'NoExecute', tolerationSeconds: -1 },
      { key: 'a', value: 'b c' },
    ].map((one) => [one]),
  ],
  podLabels: [...LABELS, { 'app.kubernetes.io/name': 'x' }],
  podAnnotations: ANNOTATIONS,
  serviceAnnotations: ANNOTATIONS,
  serviceAccountAnnotations: ANNOTATIONS,
  headless: TRUTH,
  imagePullSecrets: [...TEXTS, [''], ['A'], ['twice', 'twice']],
  imagePullPolicy: [...TEXT, '', 'always'],
  runAsUser: [...COUNT, 0],
  runAsGroup: COUNT,
  fsGroup: COUNT,
  readOnlyRootFilesystem: TRUTH,
  priorityClassName: DNS_NAME,
  maxSurge: AMOUNT_OF_PODS,
  maxUnavailable: AMOUNT_OF_PODS,
  minReadySeconds: DURATION,
};

const PROGRAM: Wrong<ProgramOptions> = {
  ...WORKLOAD,
  image: [undefined, ...INSTANCE, 'x:1'],
  command: [...TEXTS, ['\u0000']],
  args: [...TEXTS, ['\u0000']],
  preStopSleep: DURATION,
};

export const SERVICE: Wrong<AutoscaledServiceProps> = {
  ...PROGRAM,
  ports: [
    ...[undefined, ...MAPS, [], [{}], [{ port: 80, containerPort: 80 }], [{ port: 80 }, { port: 80 }], [{ port: 80, published: false }]],
    ...PORT.map((port) => [{ port }]),
    ...PORT.map((targetPort) => [{ port: 80, targetPort }]),
    ...[5, '', 'a--b', 'A', 'a'.repeat(16)].map((name) => [{ port: 80, name }]),
    ...[5, '', 'a b'].map((appProtocol) => [{ port: 80, appProtocol }]),
    [{ port: 80, published: 'no' }],
    [{ port: 80 }, { port: 81 }],
  ],
  component: [...TEXT, '', 'a b', 'é'],
  placement: MAP,
};

const OTHER = { modelName: 'other', source: ModelSource.inImage('/other') };

export const MODEL: Wrong<TfServingModelProps> = {
  ...WORKLOAD,
  resources: WORKLOAD.resources.filter((wrong) => wrong !== WITHOUT_MEMORY),
  requestTimeout: [...DURATION, Duration.seconds(0), Duration.days(2)],
  modelName: [...TEXT, '', 'a b', '..', 'é', 'a/b', 'a'.repeat(129)],
  source: [undefined, ...INSTANCE],
  versions: INSTANCE,
  versionLabels: [
    ...[
      ...MAP,
      { stable: '1' },
      { stable: null },
      { stable: -1 },
      { stable: 1.5 },
      { stable: 2 ** 53 },
      { '': 1 },
      { 'a b': 1 },
      { 'a/b': 1 },
    ],
    ...[{ é: 1 }, { ['a'.repeat(64)]: 1 }],
  ],
  otherModels: [
    ...[...MAPS, [OTHER, OTHER], [{ ...OTHER, modelName: 'a/b' }], [{ ...OTHER, modelName: '' }], [{ ...OTHER, source: 'gs://b/x' }]],
    ...[[{ ...OTHER, versions: [1] }], [{ ...OTHER, versionLabels: { stable: 1 } }], [{ ...OTHER, modelMemory: '512m' }]],
    ...[[{ modelName: 'other' }], [{ source: OTHER.source }]],
  ],
  server: [undefined, ...INSTANCE],
  protocols: [...TEXTS, [], ['http'], ['GRPC']],
  grpcPort: PORT,
  restPort: PORT,
  pool: [...INSTANCE, new App()],
  gpus: [...NUMBER, 0, 1, 1.5, -1],
  loadTime: [...DURATION, Duration.seconds(0), Duration.days(2)],
  modelMemory: MEMORY,
  modelSize: MEMORY,
  loadThroughput: MEMORY,
  localCopy: [...TEXT, '', ' ', 'no/such/directory', __filename, __dirname],
  batching: [
    ...[...MAP, {}, { maxBatchSize: 8, other: 1 }],
    ...['8', 0, 1.5, null].map((maxBatchSize) => ({ maxBatchSize })),
    ...['8', -1, 1.5].map((batchTimeoutMicros) => ({ maxBatchSize: 8, batchTimeoutMicros })),
    ...['8', 0, 1.5].map((numBatchThreads) => ({ maxBatchSize: 8, numBatchThreads })),
    ...['8', 0, 1.5].map((maxEnqueuedBatches) => ({ maxBatchSize: 8, maxEnqueuedBatches })),
    ...['8', [null], ['8'], [4], [8, 8], [8, 4], [0, 8]].map((allowedBatchSizes) => ({ maxBatchSize: 8, allowedBatchSizes })),
    { maxBatchSize: 8, maxExecutionBatchSize: 4 },
    { maxBatchSize: 8, padVariableLengthInputs: 'yes' },
    { maxBatchSize: 8, enableLargeBatchSplitting: 1 },
    ...[5, '', ' x'].map((threadPoolName) => ({ maxBatchSize: 8, threadPoolName })),
  ],
  batchingPerModel: [
    ...[...MAP, { maxBatchSize: 8 }, ...['8', 0, 1.5].map((numBatchThreads) => ({ numBatchThreads }))],
    ...[...[5, '', ' x'].map((threadPoolName) => ({ threadPoolName })), ...['8', 0, 1.5].map((largestBatch) => ({ largestBatch }))],
  ],
  sessionConfig: [...MAP, { intraOpParallelismThreads: 2 }, { allowGrowth: 1 }, { globalJitLevel: 'ON_2' }],
  tls: [...MAP, {}, ...[null, 5, '', 'A', 'a b'].map((secretName) => ({ secretName })), { secretName: 'a', clientCertificates: 'yes' }],
  flags: [
    ...[...MAP, { unheardOf: 1 }, { tensorflowIntraOpParallelism: '2' }, { tensorflowIntraOpParallelism: 0 }, { enableProfiler: null }],
    ...[
      { restApiNumThreads: 1 },
      { numRequestIterationsForWarmup: 0 },
      { maxNumLoadRetries: Number.NaN },
      { maxNumLoadRetries: 101 },
      { perProcessGpuMemoryFraction: 2 },
    ],
    ...[{ grpcChannelArguments: 'x' }, { grpcChannelArguments: 'grpc.max_connection_age_ms=1' }],
    { port: 1 },
    ...[{ grpcSocketPath: 'x' }, { savedModelTags: 'a,,b' }, { mixedPrecision: 'float16' }, { numRequestIterationsForWarmup: 0 }],
    ...[{ numTflitePools: 0 }, { sslConfigFile: '/x' }, { skipInitializeTpu: 'no' }],
  ],
  extraFlags: [
    ...[...TEXTS, ['x'], ['--x'], ['-x=1'], ['--port=1'], ['--num_load_threads=x'], ['--version=true']],
    ...[['--a=1', '--a=2'], ['--flush_filesystem_caches=1']],
  ],
  scrapers: PEERS,
  configMapName: [...DNS_LABEL, 'a'.repeat(55)],
  configDirectory: [...TEXT, '', 'etc', '/', '/usr', '/etc/ssl/certs', '/proc/x', '/a/../b', '/$(X)'],
  envConfigMapName: [...DNS_LABEL, 'a'.repeat(55)],
};

export const SWITCH: Wrong<ModelSwitchProps> = {
  active: [undefined, ...INSTANCE, new App()],
  idle: [...PEERS, new App()],
  name: [...DNS_LABEL, 'a'.repeat(53)],
};

const route = Route.ingress({ ingressClassName: 'traefik', controllerNamespace: 'traefik' });

export const GATEWAY: Wrong<ModelGatewayProps> = {
  ...PROGRAM,
  model: [undefined, ...INSTANCE, new App()],
  hostEnv: [...TEXT, '', 'a b', '1A'],
  protocol: [...TEXT, '', 'http', 'GRPC'],
  speaksTls: TRUTH,
  port: PORT,
  targetPort: [undefined, ...PORT],
  routes: [null, 'x', {}, ['x'], [null], [{}], [route, route]],
};

export const GPU_POOL: Wrong<GpuModelPoolProps> = {
  accelerator: [undefined, ...INSTANCE, 'NVIDIA T4'],
  poolName: DNS_LABEL,
  gpusPerNode: [...COUNT, 0, 17],
  maxNodes: [undefined, ...COUNT, 0, 15_001],
  minNodes: [...COUNT, 15_001],
  machineType: TEXT,
  spot: TRUTH,
  runtimeClassName: DNS_LABEL,
};

export const LOCAL_CLUSTER: Wrong<LocalClusterProps> = {
  name: DNS_LABEL,
  registry: TRUTH,
  loadBalancer: TRUTH,
  gpus: [...TEXT, '', 'none', 'REFUSE'],
  cpus: [...COUNT, 0, 1001],
  memory: MEMORY,
  nodes: [...COUNT, 0, 101],
  hostCidrs: CIDRS,
  kubernetesVersion: VERSION,
};

const sized = { name: 'a', cpu: '8', memory: '32Gi', maxNodes: 1 };
const NODE_POOLS = [
  ...[...MAPS, [{}], [{ name: 'a' }], [{ name: 'a', maxNodes: 1 }], [sized, sized], [{ ...sized, colour: 1 }]],
  ...[5, '', 'A'].map((name) => [{ ...sized, name }]),
  ...[5, '', 'unheard-of'].map((machineType) => [{ name: 'a', maxNodes: 1, machineType }]),
  ...CPU.map((cpu) => [{ ...sized, cpu }]),
  ...MEMORY.map((memory) => [{ ...sized, memory }]),
  ...CPU.map((systemCpu) => [{ ...sized, systemCpu }]),
  ...MEMORY.map((systemMemory) => [{ ...sized, systemMemory }]),
  ...[...COUNT, 2].map((minNodes) => [{ ...sized, minNodes }]),
  ...[...COUNT, 0].map((maxNodes) => [{ ...sized, maxNodes }]),
  ...[...COUNT, 17].map((gpusPerNode) => [{ ...sized, gpusPerNode }]),
  ...[...MAPS, [{ key: 'a' }], [{ key: 'a', effect: 'Never' }], [{ key: 'a b', effect: 'NoSchedule' }]].map((taints) => [
    { ...sized, taints },
  ]),
];

export const GKE_CLUSTER: Wrong<GkeClusterProps> = {
  name: DNS_LABEL,
  projectId: [undefined, ...TEXT, '', 'A', 'abc', 'my project', '1-project'],
  projectNumber: [...TEXT, '', 'x', '12', '012345678'],
  imageRegistry: [...TEXT, '', 'https://gcr.io', 'gcr.io/', 'gcr.io/A', 'a b'],
  nodePools: NODE_POOLS,
  autopilot: TRUTH,
  googleServiceAccount: [...TEXT, '', 'x', 'a@b.c'],
  kubernetesVersion: VERSION,
};

export const EKS_CLUSTER: Wrong<EksClusterProps> = {
  name: DNS_LABEL,
  imageRepository: [...TEXT, '', 'https://x', 'x/', 'x/A', 'a b'],
  nodes: [...TEXT, '', 'KARPENTER', 'fargate'],
  nodePools: NODE_POOLS,
  kubernetesVersion: VERSION,
};

const ROUTE = {
  path: [...TEXT, '', 'x', '//', '/..', '/a b', '/?x', '/#'],
  host: [...DNS_NAME, '10.0.0.1', 'https://x', 'a.example.com:80', '*'],
  controllerNamespace: DNS_LABEL,
  controllerCidrs: CIDRS,
  authenticated: TRUTH,
};

export const INGRESS_ROUTE: Wrong<IngressRouteOptions> = {
  ...ROUTE,
  ingressClassName: [undefined, ...DNS_NAME],
  tlsSecretName: DNS_NAME,
  annotations: [...ANNOTATIONS, { 'kubernetes.io/ingress.class': 'x' }],
};

export const GATEWAY_ROUTE: Wrong<GatewayRouteOptions> = {
  ...ROUTE,
  gatewayName: [undefined, ...DNS_NAME],
  gatewayNamespace: DNS_LABEL,
  gatewayClassName: DNS_NAME,
};

export const PROBE: Wrong<ProbeOptions> = {
  port: PORT,
  initialDelaySeconds: DURATION,
  periodSeconds: [...DURATION, Duration.seconds(0)],
  timeoutSeconds: [...DURATION, Duration.seconds(0)],
  failureThreshold: [...COUNT, 0],
  successThreshold: [...COUNT, 0],
  terminationGracePeriod: [...DURATION, Duration.seconds(0)],
};

export const EXPOSURE: Wrong<ExposureOptions> = {
  allowedCidrs: [undefined, ...CIDRS, []],
  nodePort: [...NUMBER, 0, 80, 29999, 32768, 30000.5],
};

export const BUCKET: Wrong<GcsSourceOptions> = { pollInterval: POLL, keyFileSecretName: DNS_NAME };

export const CLAIM: Wrong<ClaimSourceOptions> = {
  path: [...TEXT, '', ' a', '../a', 'a/../b', 'a//b', 'a/1', '$(X)', 'a:b'],
  accessMode: [...TEXT, '', 'RWO', 'readOnlyMany'],
  pollInterval: POLL,
};

const DOWNLOAD: Wrong<DownloadOptions> = {
  size: [undefined, ...MEMORY],
  downloadTime: [...DURATION, Duration.seconds(0), Duration.days(2)],
  toolImage: INSTANCE,
  toolResources: [...MAP, { cpu: '1' }, amounts({ cpu: '0' }), amounts({ memory: '1' }), amounts({}, { ephemeralStorage: '1Gi' })],
  plainHttp: TRUTH,
};

export const ARCHIVE: Wrong<ArchiveSourceOptions> = {
  ...DOWNLOAD,
  sha256: [undefined, ...TEXT, '', 'a'.repeat(63), 'A'.repeat(64), `sha256:${'a'.repeat(64)}`],
  version: [undefined, ...NUMBER, -1, 1.5, 2 ** 60],
  tokenSecretName: DNS_NAME,
};

/** Of a bucket whose versions are pinned. */
export const S3: Wrong<S3SourceOptions> = {
  ...DOWNLOAD,
  versions: [null, 3, '3', [], ['3'], [-1], [1.5], [3, 3], [2 ** 60]],
  pollInterval: [...POLL, Duration.minutes(1)],
  region: [...TEXT, '', 'EU', 'eu west', 'eu-west-1 '],
  endpoint: [...TEXT, '', 'storage.example.com', 'http://storage.example.com', 'https://a:b@c.example.com', 'ftp://x'],
  roleArn: [...TEXT, '', 'models', 'arn:aws:iam::1:role/models', 'arn:aws:iam::123456789012:user/models'],
  credentialsSecretName: DNS_NAME,
};

const DIRECTORY = [...TEXT, '', ' a', '../a', 'a/../b', 'a//b', 'a/1', '1', '$(X)', 'a:b', 'a b', 'a,b'];
const MOUNT_OPTIONS = [...TEXTS, [''], [' a'], ['a,b'], ['a\nb']];

export const HOST_PATH: Wrong<HostPathSourceOptions> = { pollInterval: POLL };

export const NFS: Wrong<NfsSourceOptions> = { mountOptions: [...MOUNT_OPTIONS, ['hard noatime'], ['rw'], ['ro']], pollInterval: POLL };

export const OCI_IMAGE: Wrong<OciImageSourceOptions> = { path: [...TEXT, '', ' a', '../a', 'a/../b', 'a//b', 'a/1', '$(X)', 'a:b'] };

export const GCS_FUSE: Wrong<GcsFuseSourceOptions> = {
  path: DIRECTORY,
  mountOptions: [...MOUNT_OPTIONS, ['implicit-dirs'], ['only-dir=x'], ['rw'], ['uid 5']],
  sidecarCpu: CPU,
  sidecarMemory: MEMORY,
  sidecarEphemeralStorage: MEMORY,
  pollInterval: POLL,
};

export const S3_MOUNT: Wrong<S3MountSourceOptions> = {
  path: DIRECTORY,
  region: [...TEXT, '', 'Ireland', 'eu-west-1a', 'EU-WEST-1'],
  podIdentity: TRUTH,
  mountOptions: [...MOUNT_OPTIONS, ['allow-delete'], ['--prefix=x/'], ['region eu-west-1'], ['read-only'], ['allow-other']],
  pollInterval: POLL,
};

export const SERVER_IMAGE: Wrong<CustomServerImage> = {
  image: [undefined, ...INSTANCE],
  gpuImage: INSTANCE,
  release: [undefined, ...TEXT, '', 'x', '2', 'v2.19', '2.19.1-gpu', '02.19'],
  binary: [...TEXT, '', 'server', '/', '/bin/', '/a/../b', '/$(X)'],
  architecture: [...TEXT, '', 'x86', 'AMD64'],
};

export const SERVER_REFERENCE: Wrong<ServerReferenceOptions> = {
  gpuReference: [...TEXT, '', 'tensorflow/serving:latest-gpu', 'tensorflow/serving:2.18.0-gpu', 'example.com/serving:2.19.1-gpu'],
  release: [...TEXT, '', 'x', '2', '2.18.0'],
};

export const BUILT_IMAGE: Wrong<BuiltImageOptions> = { release: [5, null, {}, '', 'a b', 'latest', 'sha256:12'] };

export const ACCELERATOR: Wrong<AcceleratorProps> = {
  name: [undefined, ...TEXT, '', ' x'],
  gkeName: [...TEXT, '', 'A', 'a b', '-a'],
  karpenterName: [...TEXT, '', 'A', 'a b', 'a-'],
  memoryGib: [...COUNT, 0, 1025],
  computeCapability: [...TEXT, '', '8', '8.90', 'sm_89'],
};

const BOUNDS = {
  minReplicas: [...COUNT, 0, 1_000_000],
  maxReplicas: [undefined, ...COUNT, 0],
  scaleDownStabilization: [...DURATION, Duration.hours(2)],
  behavior: [...MAP, { scaleSideways: {} }, { scaleUp: 5 }],
};
const resource = (target: unknown) => [{ type: 'Resource', resource: { name: 'memory', target } }];

export const BY_CPU: Wrong<CpuAutoscaling> = { ...BOUNDS, averageUtilization: [...COUNT, 0, 101] };

export const BY_METRICS: Wrong<MetricAutoscaling> = {
  ...BOUNDS,
  metrics: [
    ...[
      undefined,
      ...MAPS,
      [],
      [{}],
      [{ type: 'Cpu' }],
      [{ type: 'Pods' }],
      [{ type: 'Pods', external: {} }],
      [{ type: 'Pods', pods: {} }],
    ],
    ...[undefined, {}, { type: 'Value' }, { type: 'Utilization' }, { type: 'Utilization', averageUtilization: '5' }].map(resource),
  ],
};

export const PODS: Wrong<PodsPeer> = { labels: [undefined, ...LABELS], namespace: DNS_LABEL };

export const CHART: Wrong<ServingChartProps> = {
  cluster: INSTANCE,
  namespace: [...DNS_LABEL, 'kube-system', 'default'],
  createNamespace: TRUTH,
  podSecurity: [...TEXT, '', 'Restricted', 'none'],
  nodePool: DNS_LABEL,
  labels: LABELS,
};

export const CONFIG_MAP: Wrong<HashedConfigMapProps> = {
  name: [undefined, ...DNS_LABEL],
  data: [undefined, ...MAP, { a: 5 }, { 'a b': 'x' }],
};
