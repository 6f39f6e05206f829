import { App, Duration } from 'cdk8s';
import {
  AutoscaledService,
  Autoscaling,
  Cluster,
  ContainerImage,
  GpuModelPool,
  ModelGateway,
  ModelSource,
  Peer,
  ServerImage,
  ServingChart,
  TfServingModel,
} from '../lib';
import { GKE } from './support/render';

/** Values that a program in JavaScript, or one that reads them from a file, may pass: each is refused by name, at once. */
const resources = { requests: { cpu: '1', memory: '1Gi' } };
const image = ContainerImage.fromRegistry('x:1');
const model = { source: ModelSource.inImage('/m'), server: ServerImage.official('2.19.1'), resources };
const service = { image, ports: [{ port: 80 }], resources };

const SHARED = {
  resources: [undefined, null, {}, 'x', { requests: { cpu: 1, memory: '1Gi' } }, { requests: null }],
  autoscaling: [null, {}, 'x', { maxReplicas: 3 }],
  exposure: [null, {}, 'public'],
  callers: [null, 'x', ['x'], [null]],
  egress: [null, [{}], [{ to: null, ports: [1] }], [{ to: Peer.internet(), ports: ['443'] }]],
  env: [null, [], 'x', { A: null }],
  envVars: [[null], [{}], [{ name: 'A', value: 5 }]],
  volumes: [null, [null], [{}]],
  volumeMounts: [null, [{}]],
  readinessProbe: [null, {}, 'x'],
  startupProbe: ['x'],
  requestTimeout: [null, 30, '30s'],
  nodePool: [null, 5],
  onePerNode: [null, 'yes'],
  nodeSelector: [null, { a: 1 }],
  tolerations: [null, ['x'], [{ operator: 'Bad' }]],
  podLabels: [null, 'x', { a: null }],
  podAnnotations: [{ a: 5 }],
  serviceAnnotations: [{ a: null }],
  imagePullSecrets: [null, 'x', [null]],
  runAsUser: [null, '1'],
  serviceName: [5],
  maxSurge: [5, null],
  headless: ['x'],
  priorityClassName: [5],
};

const CASES: [string, (chart: ServingChart, change: object) => unknown, { [prop: string]: unknown[] }][] = [
  [
    'AutoscaledService',
    (chart, change) => new AutoscaledService(chart, 'x', { ...service, ...change }),
    {
      ...SHARED,
      image: [undefined, null, 'x:1', {}],
      ports: [undefined, null, {}, [null], [{}], [{ port: '80' }]],
      command: [null, 'x', [5], [null]],
      args: ['x', [null], [5]],
      preStopSleep: [null, 5],
      component: ['', 'a b', 'é', 5],
    },
  ],
  [
    'TfServingModel',
    (chart, change) => new TfServingModel(chart, 'x', { ...model, ...change }),
    {
      ...SHARED,
      source: [undefined, null, 'gs://x/y', {}],
      server: [undefined, null, 'x'],
      protocols: [null, ['http'], 'grpc'],
      grpcPort: [0, '8500', null],
      restPort: [0, 'x'],
      gpus: [0, null],
      pool: [null, {}, 'x'],
      loadTime: [null, 5, Duration.millis(1500)],
      modelMemory: [5, 'x', null],
      batching: [null, {}, { maxBatchSize: '8' }, { maxBatchSize: 8, allowedBatchSizes: [null] }, { maxBatchSize: 8, other: 1 }],
      flags: [null, { foo: 1 }, { tensorflowIntraOpParallelism: '2' }, { enableProfiler: null }, { maxNumLoadRetries: Number.NaN }],
      extraFlags: [null, 'x', [null], [5], ['--num_load_threads=x']],
      configMapName: ['', 'A'],
      configDirectory: ['/', '', '/usr', 5],
      envConfigMapName: ['', 5],
      modelName: [null, 5, 'a b', '..', 'é'],
    },
  ],
  [
    'ModelGateway',
    (chart, change) =>
      new ModelGateway(chart, 'x', { image, resources, targetPort: 80, model: new TfServingModel(chart, 'm', model), ...change }),
    {
      ...SHARED,
      image: [undefined, 'x:1'],
      model: [undefined, null, {}],
      targetPort: [undefined, '80'],
      routes: [['x'], null],
      protocol: [5],
      hostEnv: [5],
    },
  ],
  [
    'GpuModelPool',
    (chart, change) => new GpuModelPool(chart, 'x', { accelerator: 'T4' as never, maxNodes: 1, ...change }),
    { accelerator: [undefined, null, 'T4', {}] },
  ],
];

describe.each(CASES)('%s', (_, make, wrong) => {
  test.each(Object.entries(wrong).flatMap(([prop, values]) => values.map((value) => [prop, value] as const)))('%s of %j', (prop, value) => {
    const chart = new ServingChart(new App(), 'models', { cluster: GKE });
    let message = 'accepted';
    try {
      make(chart, { [prop]: value });
    } catch (error) {
      expect((error as Error).constructor).toBe(Error);
      message = (error as Error).message;
    }
    expect(message).toMatch(new RegExp(`^models/x[^:]*: '${prop}`));
    expect(message).toMatch(/\. .*[.?]$/);
  });
});

test.each<[string, () => unknown, RegExp]>([
  ['an autoscaler without bounds', () => Autoscaling.cpu(undefined as never), /'props' \(undefined\) must be an object/],
  ['an autoscaler without a maximum', () => Autoscaling.cpu({} as never), /'maxReplicas' \(undefined\) must be a number/],
  ['a server without an image', () => ServerImage.custom({ release: '2.19' } as never), /'image' \(undefined\)/],
  [
    'a poll interval in seconds',
    () => ModelSource.gcs('gs://bucket/x', { pollInterval: 60 as never }),
    /'pollInterval' \(60\) must be a Duration/,
  ],
  [
    'an access mode in a list',
    () => ModelSource.persistentVolumeClaim('c', { accessMode: ['ReadWriteOnce'] as never }),
    /'accessMode' \(\["ReadWriteOnce"\]\) must be a text/,
  ],
  [
    'a poll interval of a claim in seconds',
    () => ModelSource.persistentVolumeClaim('c', { pollInterval: 60 as never }),
    /'pollInterval' \(60\) must be a Duration/,
  ],
  ['a model in an image without a path', () => ModelSource.inImage(undefined as never), /'basePath' \(undefined\) must be a text/],
  ['a server without options', () => ServerImage.custom(null as never), /'props' \(null\) must be an object/],
  ['a GKE cluster without a project', () => Cluster.gke({} as never), /'projectId' \(undefined\) must be a text/],
  ['a GKE cluster without props', () => Cluster.gke(undefined as never), /'props' \(undefined\)/],
])('%s', (_, make, message) => {
  expect(make).toThrow(message);
});
