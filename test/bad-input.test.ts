import { App, Duration } from 'cdk8s';
import type { Construct } from 'constructs';
import {
  Accelerator,
  AutoscaledService,
  Autoscaling,
  Cluster,
  ContainerImage,
  GpuModelPool,
  HashedConfigMap,
  ModelGateway,
  ModelSource,
  Peer,
  Probe,
  Route,
  ServerImage,
  ServingChart,
  TfServingModel,
  type TfServingModelProps,
} from '../lib';
import { GKE, render } from './support/render';

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
  env: [null, [], 'x', { A: null }, new Map([['A', '1']]), JSON.parse('{"__proto__": "x"}')],
  envVars: [[null], [{}], [{ name: 'A', value: 5 }]],
  envFrom: [[null], [{}], [{ prefix: 'A_' }], [{ configMap: { name: 'a' } }]],
  volumes: [null, [null], [{}], [{ name: 'a' }]],
  volumeMounts: [null, [{}]],
  readinessProbe: [null, {}, 'x'],
  startupProbe: ['x'],
  requestTimeout: [null, 30, '30s', Duration.millis(1500), Duration.seconds(0)],
  nodePool: [null, 5],
  onePerNode: [null, 'yes'],
  nodeSelector: [null, { a: 1 }],
  tolerations: [null, ['x'], [{ operator: 'Bad' }]],
  podLabels: [null, 'x', { a: null }, ['a']],
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
      ports: [
        ...[undefined, null, {}, [null], [{}], [{ port: '80' }]],
        ...[
          [{ port: 80, appProtocol: 5 }],
          [{ port: 80, appProtocol: 'a b' }],
          [{ port: 80, published: 'no' }],
          [{ port: 80, name: 'a--b' }],
        ],
      ],
      command: [null, 'x', [5], [null]],
      args: ['x', [null], [5], new Array(1)],
      preStopSleep: [null, 5, Duration.millis(500)],
      terminationGracePeriod: [Duration.minutes(0.001)],
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
      modelSize: [5, 'x', null],
      loadThroughput: [5, 'x', null],
      localCopy: [5, '', null],
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
  ['an archive without options', () => ModelSource.archive('https://a.example.com/m.tgz', undefined as never), /'props' \(undefined\)/],
  [
    'an archive without a checksum',
    () => ModelSource.archive('https://a.example.com/m.tgz', { size: '1Gi' } as never),
    /'sha256' \(undefined\)/,
  ],
  [
    'an archive of a number',
    () => ModelSource.archive(5 as never, { size: '1Gi', sha256: '0'.repeat(64), version: 1 }),
    /'url' \(5\) must be a text/,
  ],
  ['a bucket of S3 without options', () => ModelSource.s3('s3://bucket/m', null as never), /'props' \(null\) must be an object/],
  ['a bucket of S3 of a list', () => ModelSource.s3(['s3://bucket/m'] as never, { size: '1Gi', versions: [1] }), /'uri' \(\["s3:/],
  ['a model in an image without a path', () => ModelSource.inImage(undefined as never), /'basePath' \(undefined\) must be a text/],
  ['a server without options', () => ServerImage.custom(null as never), /'props' \(null\) must be an object/],
  ['a GKE cluster without a project', () => Cluster.gke({} as never), /'projectId' \(undefined\) must be a text/],
  ['a GKE cluster without props', () => Cluster.gke(undefined as never), /'props' \(undefined\)/],
])('%s', (_, make, message) => {
  expect(make).toThrow(message);
});

const gateway = { image, resources, targetPort: 8080 };

describe('props that nobody reads', () => {
  const build: [string, (chart: ServingChart, extra: object) => unknown][] = [
    ['AutoscaledService', (chart, extra) => new AutoscaledService(chart, 'x', { ...service, ...extra })],
    ['TfServingModel', (chart, extra) => new TfServingModel(chart, 'x', { ...model, ...extra })],
    [
      'ModelGateway',
      (chart, extra) => new ModelGateway(chart, 'x', { ...gateway, model: new TfServingModel(chart, 'm', model), ...extra }),
    ],
    ['GpuModelPool', (chart, extra) => new GpuModelPool(chart, 'x', { accelerator: Accelerator.NVIDIA_T4, maxNodes: 1, ...extra })],
    ['HashedConfigMap', (chart, extra) => new HashedConfigMap(chart, 'x', { name: 'x', data: { a: '1' }, ...extra })],
    ['ServingChart', (chart, extra) => new ServingChart(chart, 'x', extra)],
    ['Probe', (_, extra) => Probe.httpGet('/', extra)],
    ['Route', (_, extra) => Route.ingress({ ingressClassName: 'x', controllerNamespace: 'x', ...extra })],
    ['Autoscaling', (_, extra) => Autoscaling.cpu({ maxReplicas: 2, ...extra })],
    ['Peer', (_, extra) => Peer.pods({ labels: { a: 'b' }, ...extra })],
  ];
  const gke = () => new ServingChart(new App(), 'models', { cluster: Cluster.gke({ projectId: 'my-project', imageRegistry: 'gcr.io/p' }) });

  test.each(build)('%s refuses them, and takes undefined ones', (_, make) => {
    expect(() => make(gke(), { colour: 'red' })).toThrow(/: 'colour' \("red"\) is not known here\. .*[.?]$/);
    expect(() => make(gke(), { colour: undefined })).not.toThrow();
  });

  test.each<[string, object, string]>([
    ['a letter too few', { replica: 2 }, "models/x: 'replica' (2) is not known here. Did you mean 'replicas'?"],
    ['other capitals', { ServiceName: 'x' }, "Did you mean 'serviceName'?"],
    ['an underscore', { read_only_root_filesystem: true }, "Did you mean 'readOnlyRootFilesystem'?"],
    ['another ending', { autoscaler: {} }, "Did you mean 'autoscaling'?"],
    ['nothing near', { gpu: 1 }, 'Remove it, or correct its name.'],
    ['requests', { resources: { request: {} } }, "'resources.request' ({}) is not known here. Did you mean 'requests'?"],
    [
      'a GPU among the amounts',
      { resources: { limits: { 'nvidia.com/gpu': '1' } } },
      '\'resources.limits.nvidia.com/gpu\' ("1") is not known here. Known are: cpu, memory, ephemeralStorage.',
    ],
    ['a port', { ports: [{ port: 80, containerPort: 8080 }] }, "'ports[0].containerPort' (8080) is not known here"],
    [
      'a mount',
      { volumeMounts: [{ name: 'tmp', mountpath: '/x' }] },
      '\'volumeMounts[0].mountpath\' ("/x") is not known here. Did you mean',
    ],
    ['a volume newer than the types', { volumes: [{ name: 'x', image: {} }] }, "'volumes[0].image' ({}) is not known here"],
    ['a rule', { egress: [{ to: Peer.internet(), port: 443 }] }, "'egress.port' (443) is not known here. Did you mean 'ports'?"],
  ])('%s', (_, change, message) => {
    expect(() => new AutoscaledService(gke(), 'x', { ...service, ...change })).toThrow(message);
  });
});

test.each<[string, () => unknown, string]>([
  ['a probe of numbers', () => Probe.tcpSocket({ periodSeconds: 5 as never }), "Probe.tcpSocket: 'periodSeconds' (5) must be a Duration"],
  ['no options', () => Probe.httpGet('/', null as never), "Probe.httpGet: 'props' (null) must be an object"],
  [
    'half a second',
    () => Probe.grpc({ timeoutSeconds: Duration.millis(500) }),
    'Probe.grpc: \'timeoutSeconds\' ("0.5 s") must be a Duration of whole seconds',
  ],
  [
    'no time at all',
    () => Probe.grpc({ timeoutSeconds: Duration.seconds(0) }),
    '\'timeoutSeconds\' ("0 s") must be a whole number of seconds',
  ],
  ['no period', () => Probe.grpc({ periodSeconds: Duration.seconds(0) }), '\'periodSeconds\' ("0 s") must be'],
  ['no failure', () => Probe.grpc({ failureThreshold: 0 }), "'failureThreshold' (0)"],
  ['a port for a command', () => Probe.exec(['/bin/x'], { port: 80 }), "Probe.exec: 'port' (80) means nothing to a command"],
  ['labels as a list', () => Peer.pods({ labels: ['a'] as never }), 'Peer.pods: \'labels\' (["a"]) must be a map'],
  ['no pods', () => Peer.pods(undefined as never), "Peer.pods: 'props' (undefined)"],
  ['a peer by name', () => Peer.of('x' as never), 'Peer.of: \'construct\' ("x") is none that network policies can name'],
  ['no route', () => Route.gateway(undefined as never), "Route.gateway: 'props' (undefined)"],
  [
    'an annotation of a number',
    () => Route.ingress({ ingressClassName: 'x', controllerNamespace: 'x', annotations: { a: 1 as never } }),
    "Route.ingress: 'annotations.a' (1) must be a text",
  ],
  [
    'a path of a number',
    () => Route.gateway({ gatewayName: 'x', controllerNamespace: 'x', path: 5 as never }),
    "'path' (5) must be a text",
  ],
  [
    'a chart with a text for its cluster',
    () => new ServingChart(new App(), 'x', { cluster: 'kind' as never }),
    '\'cluster\' ("kind") must be',
  ],
  [
    'a chart that makes its namespace, perhaps',
    () => new ServingChart(new App(), 'x', { createNamespace: 'no' as never }),
    '\'createNamespace\' ("no") must be true or false',
  ],
  [
    'half a second of calm',
    () => Autoscaling.cpu({ maxReplicas: 2, scaleDownStabilization: Duration.millis(500) }),
    '\'scaleDownStabilization\' ("0.5 s")',
  ],
])('%s', (_, make, message) => {
  expect(make).toThrow(message);
});

test('what is added to a service or a gateway later is checked as well', () => {
  const chart = new ServingChart(new App(), 'models', { cluster: GKE });
  const added = new AutoscaledService(chart, 'x', service);
  const resnet = new TfServingModel(chart, 'm', model);
  const front = new ModelGateway(chart, 'g', { ...gateway, model: resnet });
  expect(() => added.allowFrom('everybody' as never)).toThrow(/'peer' \("everybody"\) must be made by one of the methods of Peer/);
  expect(() => added.allowTo(null as never)).toThrow(/'egress' \(null\) must be an object/);
  expect(() => front.addModel('m' as never, 'A')).toThrow(/'model' \("m"\) must be/);
  expect(() => front.addModel(resnet, 5 as never)).toThrow(/'hostEnv' \(5\) must be a text/);
  added.allowFrom(Peer.namespace('web'));
  added.allowTo({ to: Peer.internet(), ports: [443] });
  front.addModel(resnet, 'A');
});

test('a subclass may hand on props of its own, and ours are judged all the same', () => {
  class TeamModel extends TfServingModel {
    public readonly team: string;

    public constructor(scope: Construct, id: string, props: TfServingModelProps & { team: string }) {
      super(scope, id, props);
      this.team = props.team;
    }
  }
  const props = {
    source: ModelSource.inImage('/models/resnet'),
    server: ServerImage.official('2.19.1'),
    resources: { requests: { cpu: '1', memory: '1Gi' } },
  };
  render((chart) => {
    expect(new TeamModel(chart, 'ranker', { ...props, team: 'search' }).team).toBe('search');
    expect(() => new TeamModel(chart, 'bad', { ...props, team: 'search', replicas: -1 })).toThrow(/'replicas' \(-1\)/);
    expect(() => new TfServingModel(chart, 'worse', { ...props, team: 'search' } as TfServingModelProps)).toThrow(
      /'team' \("search"\) is not known here/,
    );
  });
});

describe('networks', () => {
  test.each([
    ['203.0.113.7/24', '203.0.113.0/24'],
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['3.4.249.0/0', '0.0.0.0/0'],
    ['2001:db8::1/64', '2001:db8::/64'],
    ['2001:db8:0:1:ffff::/64', '2001:db8:0:1::/64'],
    ['::1/0', '::/0'],
  ])('%s is an address in %s', (value, network) => {
    expect(() => Peer.cidr(value)).toThrow(
      `is an address in a network, not the network: newer Kubernetes refuses it. Did you mean '${network}'?`,
    );
    expect(() => Peer.cidr(network)).not.toThrow();
  });

  test.each(['2001:0db8::/32', '2001:DB8::/32', '0:0:0:0:0:0:0:0/0', '203.0.113.7/32', '::1/128'])('%s is a network', (network) => {
    expect(() => Peer.cidr(network)).not.toThrow();
  });
});

test('annotations that no API server takes are refused', () => {
  const annotated = (length: number) =>
    render((chart) => void new AutoscaledService(chart, 'ping', { ...service, podAnnotations: { note: 'x'.repeat(length) } }));
  expect(() => annotated(2 ** 18)).toThrow(/'podAnnotations' \("262148 bytes"\) must be at most 262144 bytes together/);
  expect(() => annotated(2 ** 18 - 4)).not.toThrow();
});

test('what is made with new says so', () => {
  render((chart) => {
    const made = new TfServingModel(chart, 'resnet', model);
    const gateway = (value: unknown) => () =>
      new ModelGateway(chart, `gateway${Math.random()}`.replace('.', '-'), {
        image,
        resources,
        targetPort: 80,
        model: value as TfServingModel,
      });
    expect(gateway(made.service)).toThrow(/'model' .* must be a ModelBackend, made with new/);
    expect(gateway('resnet')).toThrow(/'model' \("resnet"\) must be a ModelBackend, made with new/);
  });
});
