import { Duration } from 'cdk8s';
import {
  Cluster,
  ContainerImage,
  EksNodes,
  ModelGateway,
  type ModelGatewayProps,
  ModelSource,
  Probe,
  Route,
  ServerImage,
  TfServingModel,
} from '../lib';
import type { KubeObject } from '../lib/check';
import { noticesOf } from '../lib/private/notices';
import { GKE, only, render } from './support/render';

const EKS = Cluster.eks({ imageRepository: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/models' });
const HEALTH = { readinessProbe: Probe.httpGet('/health') };

function behind(route: Route, props: Partial<ModelGatewayProps> = {}, cluster = GKE) {
  let notices: { kind: string; text: string; detail: string }[] = [];
  const objects = render((chart) => {
    new ModelGateway(chart, 'gateway', {
      image: ContainerImage.fromBuild('gateway:v2'),
      model: new TfServingModel(chart, 'model', {
        source: ModelSource.inImage('/models/clothing'),
        server: ServerImage.official('2.19.1'),
        resources: { requests: { cpu: '1', memory: '1Gi' } },
      }),
      targetPort: 9696,
      resources: { limits: { cpu: '100m', memory: '128Mi' } },
      routes: [route],
      ...props,
    });
    notices = noticesOf(chart.node.findAll());
  }, cluster);
  return { objects: objects.filter(({ metadata, kind }) => metadata.name === 'gateway' || kind === 'HealthCheckPolicy'), notices };
}

const callers = (objects: KubeObject[]) =>
  only(objects, 'NetworkPolicy').spec.ingress.flatMap(({ from }: { from: { ipBlock?: { cidr: string } }[] }) =>
    from.map((peer) => peer.ipBlock?.cidr ?? peer),
  );
const sleep = (objects: KubeObject[]) => only(objects, 'Deployment').spec.template.spec.containers[0].lifecycle.preStop.sleep.seconds;

const FRONT_ENDS = ['130.211.0.0/22', '35.191.0.0/16'];

test("GKE's own ingress class stands in an annotation, and its front ends are let through", () => {
  const { objects, notices } = behind(Route.ingress({ ingressClassName: 'gce', path: '/clothing' }), HEALTH);
  const ingress = only(objects, 'Ingress');
  expect(ingress.metadata.annotations).toEqual({ 'kubernetes.io/ingress.class': 'gce' });
  expect(ingress.spec).not.toHaveProperty('ingressClassName');
  expect(only(objects, 'Service').metadata.annotations).toEqual({
    'cloud.google.com/backend-config': '{"default":"gateway"}',
    'cloud.google.com/neg': '{"ingress": true}',
  });
  expect(only(objects, 'BackendConfig')).toMatchObject({
    apiVersion: 'cloud.google.com/v1',
    spec: { timeoutSec: 30, connectionDraining: { drainingTimeoutSec: 30 }, healthCheck: { type: 'HTTP', requestPath: '/health' } },
  });
  expect(callers(objects)).toEqual(FRONT_ENDS);
  expect(sleep(objects)).toBe(60);
  expect(notices).toContainEqual(
    expect.objectContaining({ kind: 'reach', text: 'kubectl -n models get ingress gateway', detail: 'shows the address of /clothing' }),
  );
  expect(notices).toContainEqual(
    expect.objectContaining({ kind: 'warning', text: expect.stringContaining("load balancer of class 'gce'") }),
  );
});

test('a regional load balancer of GKE calls from its proxy-only subnet, which one has to name', () => {
  const options = { ingressClassName: 'gce-internal', controllerCidrs: ['10.129.0.0/23'] };
  expect(callers(behind(Route.ingress(options), HEALTH).objects)).toEqual([...FRONT_ENDS, '10.129.0.0/23']);
  expect(() => behind(Route.ingress({ ingressClassName: 'gce-internal' }), HEALTH)).toThrow(
    /models\/gateway: Route: 'controllerCidrs' \(undefined\) must name the proxy-only subnet/,
  );
});

test.each([
  ['GKE', 'gce', GKE, {}],
  ['EKS', 'alb', EKS, { controllerCidrs: ['10.0.0.0/24'] }],
])('a load balancer of %s asks pods over HTTP, so that the readiness probe must say where', (_, ingressClassName, cluster, more) => {
  const route = Route.ingress({ ingressClassName, ...more });
  expect(() => behind(route, {}, cluster)).toThrow(/models\/gateway: Route: 'readinessProbe' .* must be asked over HTTP/);
  expect(() => behind(route, { readinessProbe: Probe.tcpSocket() }, cluster)).toThrow(/Probe\.httpGet/);
  expect(() => behind(route, HEALTH, cluster)).not.toThrow();
});

test('a Gateway of GKE gets a health check policy, over HTTP where the readiness probe is', () => {
  const route = () => Route.gateway({ gatewayName: 'web', gatewayNamespace: 'infra', gatewayClassName: 'gke-l7-global-external-managed' });
  const { objects, notices } = behind(route(), HEALTH);
  expect(only(objects, 'HealthCheckPolicy')).toMatchObject({
    apiVersion: 'networking.gke.io/v1',
    spec: {
      default: { config: { type: 'HTTP', httpHealthCheck: { portSpecification: 'USE_SERVING_PORT', requestPath: '/health' } } },
      targetRef: { group: '', kind: 'Service', name: 'gateway' },
    },
  });
  expect(only(behind(route(), { requestTimeout: Duration.minutes(2) }).objects, 'GCPBackendPolicy')).toMatchObject({
    apiVersion: 'networking.gke.io/v1',
    spec: {
      default: { timeoutSec: 120, connectionDraining: { drainingTimeoutSec: 120 } },
      targetRef: { kind: 'Service', name: 'gateway' },
    },
  });
  expect(callers(objects)).toEqual(FRONT_ENDS);
  expect(notices).toContainEqual(expect.objectContaining({ text: 'kubectl -n infra get gateway web' }));
  expect(only(behind(route()).objects, 'HealthCheckPolicy').spec.default.config).toEqual({
    type: 'TCP',
    tcpHealthCheck: { portSpecification: 'USE_SERVING_PORT' },
  });
});

test('a regional Gateway of GKE names its proxy-only subnet', () => {
  const options = { gatewayName: 'web', gatewayClassName: 'gke-l7-rilb' };
  expect(() => behind(Route.gateway(options), HEALTH)).toThrow(/'controllerCidrs'/);
  expect(callers(behind(Route.gateway({ ...options, controllerCidrs: ['10.129.0.0/23'] }), HEALTH).objects)).toContain('10.129.0.0/23');
});

test.each([EksNodes.MANAGED_NODE_GROUPS, EksNodes.AUTO_MODE])('an ALB of EKS (%s) sends to the pods themselves', (nodes) => {
  const cluster = Cluster.eks({ imageRepository: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/models', nodes });
  const { objects } = behind(Route.ingress({ ingressClassName: 'alb', controllerCidrs: ['10.0.0.0/24'] }), HEALTH, cluster);
  expect(only(objects, 'Ingress')).toMatchObject({
    metadata: {
      annotations: {
        'alb.ingress.kubernetes.io/target-type': 'ip',
        'alb.ingress.kubernetes.io/healthcheck-path': '/health',
        'alb.ingress.kubernetes.io/load-balancer-attributes': 'idle_timeout.timeout_seconds=30',
      },
    },
    spec: { ingressClassName: 'alb' },
  });
  expect(callers(objects)).toEqual(['10.0.0.0/24']);
  expect(sleep(objects)).toBe(40);
});

test.each([
  ['kind', 'gce', Cluster.kind(), /kind has no controller of class 'gce': it is a load balancer of GKE/],
  ['minikube', 'alb', Cluster.minikube(), /minikube has no controller of class 'alb': it is a load balancer of EKS/],
  ['EKS', 'gce-internal', EKS, /EKS has no controller of class 'gce-internal'/],
  ['GKE', 'alb', GKE, /GKE has no controller of class 'alb'/],
  ['GKE', 'gce-intern', GKE, /GKE has no ingress class 'gce-intern'\. Choose one of gce, gce-internal/],
])('%s refuses class %s', (_, ingressClassName, cluster, message) => {
  expect(() => behind(Route.ingress({ ingressClassName }), HEALTH, cluster)).toThrow(message);
});

test('a controller in the cluster must say where its pods are', () => {
  expect(() => behind(Route.ingress({ ingressClassName: 'traefik' }))).toThrow(
    /models\/gateway: Route: 'controllerNamespace' \(undefined\) must say where the pods of controller 'traefik' run/,
  );
  expect(() => behind(Route.gateway({ gatewayName: 'web' }))).toThrow(/'controllerNamespace'/);
  const { objects } = behind(Route.gateway({ gatewayName: 'web', controllerNamespace: 'istio-ingress' }));
  expect(callers(objects)).toEqual([{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'istio-ingress' } } }]);
  expect(sleep(objects)).toBe(10);
});

test('networks that are none are refused', () => {
  expect(() => Route.ingress({ ingressClassName: 'gce', controllerCidrs: ['10.0.0.1'] })).toThrow(
    /Route\.ingress: 'controllerCidrs\[0\]' \("10\.0\.0\.1"\) must be a network in CIDR form/,
  );
});

test.each([
  [
    'a class said twice',
    { annotations: { 'kubernetes.io/ingress.class': 'nginx' } },
    /'annotations.kubernetes.io\/ingress.class' \("nginx"\) says the class/,
  ],
  ['an address as host', { host: '10.0.0.1' }, /'host' \("10\.0\.0\.1"\) must be a DNS name, not an address/],
])('%s is refused', (_, options, message) => {
  expect(() => Route.ingress({ ingressClassName: 'traefik', controllerNamespace: 'traefik', ...options })).toThrow(message);
});

test('a host with a wildcard is a host', () => {
  const route = Route.ingress({ ingressClassName: 'traefik', controllerNamespace: 'traefik', host: '*.example.com' });
  expect(only(behind(route).objects, 'Ingress').spec.rules[0].host).toBe('*.example.com');
});

test('the same route twice is refused, and another path is not', () => {
  const route = (path: string) => Route.ingress({ ingressClassName: 'traefik', controllerNamespace: 'traefik', path });
  expect(() => behind(route('/a'), { routes: [route('/a'), route('/a')] })).toThrow(/'routes\[1\]' \("any host\/a"\) stands twice/);
  expect(() => behind(route('/a'), { routes: [route('/a'), route('/b')] })).not.toThrow();
});

test('a certificate is asked for, and on GKE leaves no plain HTTP beside it', () => {
  const secure = { host: 'models.example.com', tlsSecretName: 'models-tls' };
  const { objects, notices } = behind(Route.ingress({ ingressClassName: 'gce', ...secure }), HEALTH);
  expect(only(objects, 'Ingress').metadata.annotations).toMatchObject({ 'kubernetes.io/ingress.allow-http': 'false' });
  expect(notices).toContainEqual(
    expect.objectContaining({ kind: 'access', text: expect.stringMatching(/^kubectl -n models create secret tls models-tls --cert=/) }),
  );
});

test('whoever says that callers are asked who they are is not warned', () => {
  const warned = (authenticated: boolean) =>
    behind(Route.ingress({ ingressClassName: 'traefik', controllerNamespace: 'traefik', authenticated })).notices.filter(
      ({ kind, text }) => kind === 'warning' && text.startsWith('routes:'),
    );
  expect(warned(false)).toHaveLength(1);
  expect(warned(true)).toEqual([]);
});
