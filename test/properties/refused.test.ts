import { inspect } from 'node:util';
import { App } from 'cdk8s';
import * as fc from 'fast-check';
import {
  Accelerator,
  AutoscaledService,
  Autoscaling,
  Cluster,
  ContainerImage,
  Exposure,
  GpuModelPool,
  HashedConfigMap,
  ModelGateway,
  type ModelGatewayProps,
  ModelSource,
  ModelSwitch,
  type ModelSwitchProps,
  Peer,
  Probe,
  Route,
  ServerImage,
  ServingChart,
  TfServingModel,
} from '../../lib';
import { gpuPool, type Site, site, siteWithGpus } from '../support/arbitrary-clusters';
import { gatewayProps, modelProps } from '../support/arbitrary-models';
import { builtImage, cidr, label, labels, seconds, some, truth } from '../support/arbitrary-values';
import { serviceProps } from '../support/arbitrary-workloads';
import * as wrong from '../support/wrong-values';

/** A wrong value of any prop, among valid ones of all others, gives one error that says which, where and what to do. */

/** Something that takes props, those that it takes, and how a message names the place. */
interface Taker {
  readonly where: RegExp;
  readonly valid: fc.Arbitrary<readonly [props: object, make: (props: never) => unknown]>;
  readonly wrong: { readonly [prop: string]: readonly unknown[] };
}

const chartAt = ({ cluster }: Site) => new ServingChart(new App(), 'models', { cluster });

const factory = <Taken extends object>(
  where: string,
  values: wrong.Wrong<Taken>,
  valid: fc.Arbitrary<Taken>,
  make: (props: Taken) => unknown,
): [string, Taker] => [
  where,
  {
    // a cluster with a name says which one it is
    where: new RegExp(where.startsWith('Cluster.') ? `^(${where}|Cluster '.*'): ` : `^${where}: `),
    wrong: values,
    valid: valid.map((props) => [props, make] as const),
  },
];

const construct = <Taken extends object>(
  name: string,
  values: wrong.Wrong<Taken>,
  sites: fc.Arbitrary<Site>,
  valid: (at: Site) => fc.Arbitrary<Taken>,
  make: (chart: ServingChart, props: Taken) => unknown,
): [string, Taker] => [
  name,
  {
    where: /^models\/x/,
    wrong: values,
    valid: sites.chain((at) => valid(at).map((props) => [props, (changed: Taken) => make(chartAt(at), changed)] as const)),
  },
];

const servable = {
  source: ModelSource.inImage('/models/resnet'),
  server: ServerImage.official('2.19.1'),
  resources: { requests: { cpu: '100m', memory: '64Mi' } },
};
const gcpProject = { projectId: fc.constant('my-project'), autopilot: some(truth) };
const routed = { path: some(fc.constantFrom('/', '/a')), host: fc.constant('a.example.com'), controllerNamespace: some(label) };
const sourceOptions = { pollInterval: some(seconds(1, 60)) };
const archived = { size: fc.constant('1Gi'), sha256: fc.constant('0'.repeat(64)), version: fc.nat(9), downloadTime: some(seconds(1, 60)) };
const pinned = { size: fc.constant('1Gi'), versions: fc.tuple(fc.nat(9)), credentialsSecretName: some(label) };
const replicas = { minReplicas: some(fc.constantFrom(1, 2)), maxReplicas: fc.constantFrom(2, 5) };
const metric = { type: 'Resource', resource: { name: 'memory', target: { type: 'Utilization', averageUtilization: 5 } } };

const TAKERS: [string, Taker][] = [
  construct('AutoscaledService', wrong.SERVICE, site, serviceProps, (chart, props) => new AutoscaledService(chart, 'x', props)),
  construct(
    'TfServingModel',
    wrong.MODEL,
    site,
    (at) => modelProps(at),
    (chart, props) => new TfServingModel(chart, 'x', props),
  ),
  construct<Omit<ModelGatewayProps, 'model'> & { model?: TfServingModel }>(
    'ModelGateway',
    wrong.GATEWAY,
    site,
    gatewayProps,
    (chart, props) => {
      const model = new TfServingModel(chart, 'm', servable);
      return new ModelGateway(chart, 'x', { ...('model' in props ? {} : { model }), ...props } as ModelGatewayProps);
    },
  ),
  construct<Omit<ModelSwitchProps, 'active'> & { active?: TfServingModel }>(
    'ModelSwitch',
    wrong.SWITCH,
    site,
    () => fc.record({ name: some(label) }),
    (chart, props) => {
      const active = new TfServingModel(chart, 'blue', servable);
      return new ModelSwitch(chart, 'x', { ...('active' in props ? {} : { active }), ...props } as ModelSwitchProps);
    },
  ),
  construct(
    'GpuModelPool',
    wrong.GPU_POOL,
    siteWithGpus,
    (at) => gpuPool(at).map(({ pool }) => pool),
    (chart, props) => new GpuModelPool(chart, 'x', props),
  ),
  construct(
    'HashedConfigMap',
    wrong.CONFIG_MAP,
    site,
    () => fc.constant({ name: 'x', data: { a: 'b' } }),
    (chart, props) => new HashedConfigMap(chart, 'x', props),
  ),
  construct(
    'ServingChart',
    wrong.CHART,
    site,
    () => fc.record({ namespace: some(label), labels: some(labels) }),
    (chart, props) => new ServingChart(chart, 'x', props),
  ),
  factory('Cluster.kind', wrong.LOCAL_CLUSTER, fc.record({ registry: some(truth) }), (props) => Cluster.kind(props)),
  factory('Cluster.minikube', wrong.LOCAL_CLUSTER, fc.record({ loadBalancer: some(truth) }), (props) => Cluster.minikube(props)),
  factory('Cluster.gke', wrong.GKE_CLUSTER, fc.record(gcpProject), (props) => Cluster.gke(props)),
  factory('Cluster.eks', wrong.EKS_CLUSTER, fc.record({ name: some(label) }), (props) => Cluster.eks(props)),
  factory('Route.ingress', wrong.INGRESS_ROUTE, fc.record({ ingressClassName: label, ...routed }), (props) => Route.ingress(props)),
  factory('Route.gateway', wrong.GATEWAY_ROUTE, fc.record({ gatewayName: label, ...routed }), (props) => Route.gateway(props)),
  factory('Probe.httpGet', wrong.PROBE, fc.record({ periodSeconds: some(seconds(1, 9)) }), (props) => Probe.httpGet('/', props)),
  factory('Probe.tcpSocket', wrong.PROBE, fc.record({ periodSeconds: some(seconds(1, 9)) }), (props) => Probe.tcpSocket(props)),
  factory('Probe.grpc', wrong.PROBE, fc.record({ periodSeconds: some(seconds(1, 9)) }), (props) => Probe.grpc(props)),
  factory('Probe.exec', wrong.PROBE, fc.record({ periodSeconds: some(seconds(1, 9)) }), (props) => Probe.exec(['x'], props)),
  factory('Exposure.internal', wrong.EXPOSURE, fc.record({ allowedCidrs: fc.tuple(cidr) }), (props) => Exposure.internal(props)),
  factory('Exposure.external', wrong.EXPOSURE, fc.record({ allowedCidrs: fc.tuple(cidr) }), (props) => Exposure.external(props)),
  factory('ModelSource.gcs', wrong.BUCKET, fc.record(sourceOptions), (props) => ModelSource.gcs('gs://bucket/x', props)),
  factory('ModelSource.persistentVolumeClaim', wrong.CLAIM, fc.record(sourceOptions), (props) =>
    ModelSource.persistentVolumeClaim('c', props),
  ),
  factory('ModelSource.archive', wrong.ARCHIVE, fc.record(archived), (props) =>
    ModelSource.archive('https://models.example.com/x.tar.gz', props),
  ),
  factory('ModelSource.s3', wrong.S3, fc.record(pinned), (props) => ModelSource.s3('s3://bucket/x', props)),
  factory('ModelSource.hostPath', wrong.HOST_PATH, fc.record(sourceOptions), (props) => ModelSource.hostPath('/models/x', props)),
  factory('ModelSource.nfs', wrong.NFS, fc.record(sourceOptions), (props) => ModelSource.nfs('nfs.example.com', '/models/x', props)),
  factory('ModelSource.ociImage', wrong.OCI_IMAGE, fc.record({ path: some(label) }), (props) =>
    ModelSource.ociImage(ContainerImage.fromBuild('model:v1'), props),
  ),
  factory('ModelSource.gcsFuse', wrong.GCS_FUSE, fc.record(sourceOptions), (props) => ModelSource.gcsFuse('bucket', props)),
  factory('ModelSource.s3Mount', wrong.S3_MOUNT, fc.record(sourceOptions), (props) => ModelSource.s3Mount('bucket', props)),
  factory('ServerImage.custom', wrong.SERVER_IMAGE, fc.record({ image: builtImage, release: fc.constant('2.19') }), (props) =>
    ServerImage.custom(props),
  ),
  factory('ServerImage.fromReference', wrong.SERVER_REFERENCE, fc.record({ release: fc.constantFrom(undefined, '2.19.1') }), (props) =>
    ServerImage.fromReference('tensorflow/serving:2.19.1', props),
  ),
  factory('ContainerImage.fromBuild', wrong.BUILT_IMAGE, fc.constant({ release: 'v1' }), (props) =>
    ContainerImage.fromBuild('ping', props),
  ),
  factory('Accelerator.custom', wrong.ACCELERATOR, fc.record({ name: label }), (props) => Accelerator.custom(props)),
  factory('Autoscaling.cpu', wrong.BY_CPU, fc.record(replicas), (props) => Autoscaling.cpu(props)),
  factory('Autoscaling.metrics', wrong.BY_METRICS, fc.record({ ...replicas, metrics: fc.constant([metric]) }), (props) =>
    Autoscaling.metrics(props),
  ),
  factory('Peer.pods', wrong.PODS, fc.record({ labels, namespace: some(label) }), (props) => Peer.pods(props)),
];

/** The error that something throws, or nothing where it is accepted. */
function refusal(make: () => unknown): Error | undefined {
  try {
    make();
  } catch (error) {
    return error as Error;
  }
  return undefined;
}

/** Fails unless an error is of the house's one form and names a prop. */
function expectClear(error: Error | undefined, where: RegExp, prop: string, value: unknown): void {
  const what = `${prop} of ${inspect(value, { depth: 3 })}`;
  if (error === undefined) throw new Error(`${what} was accepted`);
  const { message } = error;
  const named = new RegExp(`'${prop}['.[ ]`);
  const wayOut = /\. \S.*[.?]$/;
  const clear = error.constructor === Error && where.test(message) && named.test(message) && wayOut.test(message);
  if (!clear || /[\n\r]/.test(message)) throw new Error(`${what} gave an unclear ${error}`);
}

describe.each(TAKERS)('%s', (_, { where, valid, wrong: table }) => {
  test.each(Object.keys(table))('wrong %s', (prop) => {
    fc.assert(
      fc.property(valid, ([props, make]) => {
        for (const value of table[prop]) {
          expectClear(
            refusal(() => make({ ...props, [prop]: value } as never)),
            where,
            prop,
            value,
          );
        }
      }),
      { numRuns: 2 },
    );
  });

  test('a prop that nobody reads', () => {
    fc.assert(
      fc.property(valid, ([props, make]) => {
        expectClear(
          refusal(() => make({ ...props, colour: 'red' } as never)),
          where,
          'colour',
          'red',
        );
      }),
      { numRuns: 2 },
    );
  });

  test('every prop that is read has wrong values here', () => {
    const [[props, make]] = fc.sample(valid, 1);
    const read = new Set<string>();
    const watched = new Proxy(props, {
      get: (target, prop) => {
        if (typeof prop === 'string') read.add(prop);
        return Reflect.get(target, prop);
      },
    });
    make(watched as never);
    expect(read.size).toBeGreaterThan(0);
    expect([...read].filter((prop) => !(prop in table))).toEqual([]);
  });
});
