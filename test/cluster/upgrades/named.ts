import { Duration } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import {
  Accelerator,
  AutoscaledService,
  type AutoscaledServiceProps,
  Autoscaling,
  type Cluster,
  ContainerImage,
  Exposure,
  GpuModelPool,
  ModelGateway,
  type ModelGatewayProps,
  ModelSource,
  Peer,
  Probe,
  Route,
  ServerImage,
  type ServingChart,
  TfServingModel,
  type TfServingModelProps,
} from '../../../lib';
import { SITES } from '../admission/matrix';
import { objectsOf } from '../support/drawn-apps';
import type { History } from './history';

const resources = { requests: { cpu: '500m', memory: '1Gi' } };
const image = ContainerImage.fromBuild('ping:v1');
const metric = {
  type: 'External',
  external: { metric: { name: 'q' }, target: { type: 'AverageValue', averageValue: k8s.Quantity.fromString('30') } },
};
const door = { allowedCidrs: ['203.0.113.0/24'] };
const controllerCidrs = ['10.129.0.0/23'];
const mounted = (volume: Omit<k8s.Volume, 'name'>) => ({
  volumes: [{ name: 'extra', ...volume }],
  volumeMounts: [{ name: 'extra', mountPath: '/extra' }],
});

/** Changes of the door, which each platform writes in its own way. */
const EXPOSED: { [what: string]: Partial<AutoscaledServiceProps>[] } = {
  'inside, outside, from the network around, inside': [
    {},
    { exposure: Exposure.external(door) },
    { exposure: Exposure.internal({ allowedCidrs: ['10.0.0.0/8'] }) },
    {},
  ],
  'ports of an exposed service change': [
    { exposure: Exposure.external(door), ports: [{ port: 80, targetPort: 8080 }] },
    {
      exposure: Exposure.external(door),
      ports: [
        { name: 'web', port: 80, targetPort: 8081 },
        { port: 81, targetPort: 8080 },
      ],
    },
  ],
};

/** Changes of a service that tools like to get wrong: field by field, there and back again. */
const SERVICE: { [what: string]: Partial<AutoscaledServiceProps>[] } = {
  'a headless twin comes and goes': [{}, { headless: true }, {}],
  'ports change their numbers and their names': [
    {
      ports: [
        { port: 80, targetPort: 8080 },
        { name: 'metrics', port: 90, targetPort: 9090 },
      ],
    },
    {
      ports: [
        { port: 90, targetPort: 9090 },
        { name: 'metrics', port: 80, targetPort: 8080 },
      ],
    },
    {
      ports: [
        { name: 'metrics', port: 80, targetPort: 9090 },
        { name: 'http', port: 81, targetPort: 8080, published: false },
      ],
    },
  ],
  'a variable comes from elsewhere': [
    { env: { MODE: 'a' } },
    { envVars: [{ name: 'MODE', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] },
    { envVars: [{ name: 'MODE', valueFrom: { configMapKeyRef: { name: 's', key: 'k' } } }] },
    { env: { MODE: 'b', OTHER: 'c' } },
    { env: { OTHER: 'c', MODE: 'b' }, envFrom: [{ secretRef: { name: 's' } }] },
  ],
  'probes ask otherwise': [
    { readinessProbe: Probe.httpGet('/a', { initialDelaySeconds: Duration.seconds(3), successThreshold: 2 }) },
    { readinessProbe: Probe.tcpSocket() },
    { readinessProbe: Probe.exec(['/bin/true']) },
    { readinessProbe: Probe.grpc({ timeoutSeconds: Duration.seconds(3) }) },
    { readinessProbe: Probe.httpGet('/b') },
  ],
  'a volume is another one': [
    mounted({ emptyDir: { medium: 'Memory' } }),
    mounted({ configMap: { name: 'c', items: [{ key: 'a', path: 'b' }] } }),
    mounted({ secret: { secretName: 's' } }),
    mounted({ persistentVolumeClaim: { claimName: 'c', readOnly: true } }),
    mounted({ emptyDir: {} }),
    {},
  ],
  'an autoscaler measures otherwise': [
    { autoscaling: Autoscaling.cpu({ maxReplicas: 3, behavior: { scaleUp: { selectPolicy: 'Min' } } }) },
    { autoscaling: Autoscaling.metrics({ minReplicas: 2, maxReplicas: 4, metrics: [metric] }) },
    { autoscaling: Autoscaling.cpu({ maxReplicas: 5, scaleDownStabilization: Duration.minutes(1) }) },
  ],
  'rollouts take another pace': [{ maxSurge: '1', maxUnavailable: '0' }, { maxSurge: '0', maxUnavailable: '50%' }, {}],
  'pods go elsewhere': [
    { nodeSelector: { disk: 'ssd' }, tolerations: [{ operator: 'Exists' }], onePerNode: true },
    { tolerations: [{ key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }] },
    {},
  ],
  'who may call changes to nobody': [{ callers: [Peer.namespace('web')], egress: [{ to: Peer.internet(), ports: [443] }] }, {}],
  'names of the container and annotations change': [
    { containerName: 'a', serviceAnnotations: { a: 'b' }, podAnnotations: { a: 'b' }, podLabels: { a: 'b' } },
    { containerName: 'b', serviceAccountAnnotations: { a: 'b' }, imagePullSecrets: ['a', 'b'] },
    { imagePullSecrets: ['b'], priorityClassName: 'high', runAsUser: 1000 },
  ],
};

const pool = (chart: ServingChart) => new GpuModelPool(chart, 'gpus', { accelerator: Accelerator.NVIDIA_T4, maxNodes: 3 });
const MODEL: { [what: string]: ((chart: ServingChart) => Partial<TfServingModelProps>)[] } = {
  'a model moves to another store': [
    () => ({ source: ModelSource.inImage('/models/m') }),
    () => ({ source: ModelSource.gcs('gs://bucket/m', { keyFileSecretName: 'key' }) }),
    () => ({ source: ModelSource.persistentVolumeClaim('claim') }),
    () => ({ source: ModelSource.persistentVolumeClaim('claim', { accessMode: 'ReadWriteOnce' }) }),
  ],
  'a model moves to GPUs and back': [() => ({}), (chart) => ({ pool: pool(chart) }), () => ({})],
  'a configuration changes': [
    () => ({ batching: { maxBatchSize: 8 } }),
    () => ({ batching: { maxBatchSize: 16 }, envConfigMapName: 'environment' }),
    () => ({ grpcPort: 9000, restPort: 9001 }),
    () => ({ grpcPort: 9001, restPort: 9000, scrapers: [Peer.namespace('monitoring')] }),
  ],
};

const modelImage = ModelSource.ociImage(ContainerImage.fromRegistry('example.com/model:v1'));

/** A volume cannot change, and keeps its claim for as long as that is there. */
const VOLUMES = [
  ModelSource.hostPath('/models/a'),
  modelImage,
  ModelSource.nfs('nfs.example.com', '/models/a'),
  ModelSource.hostPath('/models/b'),
  ModelSource.hostPath('/models/a'),
  modelImage,
  ModelSource.persistentVolumeClaim('claim', { accessMode: 'ReadWriteOncePod' }),
];

const anywhere = Route.ingress({
  ingressClassName: 'traefik',
  controllerNamespace: 'traefik',
  host: 'a.example.com',
  tlsSecretName: 'tls',
});
const ROUTES: { [what: string]: { on: Cluster; routes: Route[][] } } = {
  'an Ingress of GKE': {
    on: SITES.gke,
    routes: [
      [anywhere],
      [Route.ingress({ ingressClassName: 'gce' })],
      [Route.ingress({ ingressClassName: 'gce-internal', controllerCidrs })],
      [anywhere],
    ],
  },
  'an Ingress of EKS': { on: SITES.eks, routes: [[anywhere], [Route.ingress({ ingressClassName: 'alb', controllerCidrs })], [anywhere]] },
  'a Gateway': {
    on: SITES.gke,
    routes: [
      [Route.gateway({ gatewayName: 'a', controllerCidrs, host: 'a.example.com' })],
      [Route.gateway({ gatewayName: 'b', gatewayNamespace: 'c', gatewayClassName: 'gke-l7-rilb', controllerCidrs, path: '/a' })],
      [Route.gateway({ gatewayName: 'b', gatewayClassName: 'gke-l7-global-external-managed' })],
    ],
  },
};

/** Releases that follow each other, all in one namespace. */
export function namedHistories(namespace: string): History[] {
  const written = (cluster: Cluster, build: (chart: ServingChart) => void) =>
    objectsOf({ cluster, namespace, createNamespace: false }, build);
  const histories: History[] = [];
  const add = (name: string, id: (id: string) => History['releases']) => histories.push({ name, releases: id(`h${histories.length}`) });
  for (const [site, cluster] of Object.entries(SITES)) {
    for (const [what, releases] of Object.entries(EXPOSED)) {
      add(`${site}: ${what}`, (id) => releases.map((props) => written(cluster, (chart) => service(chart, id, props))));
    }
  }
  for (const [what, releases] of Object.entries(SERVICE)) {
    add(what, (id) => releases.map((props) => written(SITES.gke, (chart) => service(chart, id, props))));
  }
  for (const [what, releases] of Object.entries(MODEL)) {
    add(what, (id) => releases.map((props) => written(SITES.gke, (chart) => model(chart, id, props(chart)))));
  }
  add('a model moves from volume to volume', (id) =>
    VOLUMES.map((source) => written(SITES.minikube, (chart) => model(chart, id, { source }))),
  );
  for (const [what, { on, routes }] of Object.entries(ROUTES)) {
    add(what, (id) => routes.map((release) => written(on, (chart) => gateway(chart, id, { routes: release }))));
  }
  return histories;
}

const service = (chart: ServingChart, id: string, props: Partial<AutoscaledServiceProps>) =>
  void new AutoscaledService(chart, id, { image, ports: [{ port: 8080 }], resources, ...props });

const model = (chart: ServingChart, id: string, props: Partial<TfServingModelProps>) =>
  new TfServingModel(chart, id, { source: ModelSource.inImage('/models/m'), server: ServerImage.official('2.19.1'), resources, ...props });

const gateway = (chart: ServingChart, id: string, props: Partial<ModelGatewayProps>) =>
  void new ModelGateway(chart, id, {
    image,
    targetPort: 8080,
    resources,
    readinessProbe: Probe.httpGet('/health'),
    model: model(chart, `${id}-model`, {}),
    ...props,
  });
