import { App } from 'cdk8s';
import {
  Cluster,
  ContainerImage,
  ModelGateway,
  type ModelGatewayProps,
  ModelSource,
  Probe,
  Route,
  ServerImage,
  ServingChart,
  ServingProtocol,
  TfServingModel,
  type TfServingModelProps,
} from '../lib';
import { noticesOf } from '../lib/private/notices';
import { GKE, only, render, toYaml } from './support/render';

const MODEL: TfServingModelProps = {
  source: ModelSource.inImage('/models/clothing'),
  server: ServerImage.official('2.19.1'),
  resources: { requests: { cpu: '1', memory: '1Gi' } },
};

const behind = (props: Partial<ModelGatewayProps> = {}, model: Partial<TfServingModelProps> = {}) =>
  render((chart) => {
    new ModelGateway(chart, 'gateway', {
      image: ContainerImage.fromBuild('gateway:v2'),
      model: new TfServingModel(chart, 'model', { ...MODEL, ...model }),
      targetPort: 9696,
      resources: { limits: { cpu: '100m', memory: '128Mi' } },
      ...props,
    });
  });

const of = (objects: ReturnType<typeof behind>, name: string) => objects.filter(({ metadata }) => metadata.name === name);
const environment = (objects: ReturnType<typeof behind>) =>
  Object.fromEntries(
    only(of(objects, 'gateway'), 'Deployment').spec.template.spec.containers[0].env.map(
      ({ name, value }: { name: string; value: string }) => [name, value],
    ),
  );

test('a gateway with a route', () => {
  const objects = behind({ routes: [Route.ingress({ ingressClassName: 'traefik', path: '/clothing', controllerNamespace: 'traefik' })] });
  expect(toYaml(of(objects, 'gateway'))).toMatchSnapshot();
});

test('it finds the model by the address that the model object has', () => {
  expect(environment(behind())).toEqual({ TF_SERVING_HOST: 'model.models.svc.cluster.local:8500', TF_SERVING_MODEL_NAME: 'model' });
  expect(environment(behind({ hostEnv: 'MODEL' }, { serviceName: 'clothing', grpcPort: 9000 })).MODEL).toBe(
    'clothing.models.svc.cluster.local:9000',
  );
  expect(environment(behind({ protocol: ServingProtocol.REST })).TF_SERVING_HOST).toBe('model.models.svc.cluster.local:8501');
  expect(environment(behind({}, { protocols: [ServingProtocol.REST] })).TF_SERVING_HOST).toBe('model.models.svc.cluster.local:8501');
});

test('it is told the address of all pods where the model has one, since a gRPC connection stays with one pod', () => {
  expect(environment(behind({}, { headless: true })).TF_SERVING_HOST).toBe('model-headless.models.svc.cluster.local:8500');
  expect(environment(behind({ protocol: ServingProtocol.REST }, { headless: true })).TF_SERVING_HOST).toBe(
    'model.models.svc.cluster.local:8501',
  );
});

test('only it may call the model, and it may call only the model', () => {
  const objects = behind();
  const gateway = {
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'models' } },
    podSelector: { matchLabels: { 'app.kubernetes.io/instance': 'gateway', 'app.kubernetes.io/name': 'model-gateway' } },
  };
  expect(only(of(objects, 'model'), 'NetworkPolicy').spec.ingress[0].from).toEqual([gateway]);
  const egress = only(of(objects, 'gateway'), 'NetworkPolicy').spec.egress;
  expect(egress).toHaveLength(2);
  expect(egress[1]).toEqual({
    ports: [{ port: 8500, protocol: 'TCP' }],
    to: [
      {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'models' } },
        podSelector: { matchLabels: { 'app.kubernetes.io/instance': 'model', 'app.kubernetes.io/name': 'tensorflow-serving' } },
      },
    ],
  });
});

test('it scales apart from the model', () => {
  const objects = behind({ replicas: 5 }, { replicas: 2 });
  expect(only(of(objects, 'gateway'), 'Deployment').spec.replicas).toBe(5);
  expect(only(of(objects, 'model'), 'Deployment').spec.replicas).toBe(2);
});

test('another model gets a variable of its own', () => {
  const objects = render((chart) => {
    const model = new TfServingModel(chart, 'model', MODEL);
    const gateway = new ModelGateway(chart, 'gateway', {
      image: ContainerImage.fromBuild('gateway:v2'),
      model,
      targetPort: 9696,
      resources: { limits: { cpu: '100m', memory: '128Mi' } },
    });
    gateway.addModel(new TfServingModel(chart, 'other', MODEL), 'OTHER_HOST');
    expect(() => gateway.addModel(model, 'OTHER_HOST')).toThrow(/'hostEnv' \("OTHER_HOST"\) is already set/);
  });
  expect(environment(objects).OTHER_HOST).toBe('other.models.svc.cluster.local:8500');
  expect(only(of(objects, 'gateway'), 'NetworkPolicy').spec.egress).toHaveLength(3);
});

test("a port that only probes ask is the container's, and no caller reaches it", () => {
  const objects = behind({ readinessProbe: Probe.httpGet('/ready', { port: 8081 }), livenessProbe: Probe.tcpSocket({ port: 8081 }) });
  const { ports, readinessProbe } = only(of(objects, 'gateway'), 'Deployment').spec.template.spec.containers[0];
  expect(ports.map(({ containerPort }: { containerPort: number }) => containerPort)).toEqual([9696, 8081]);
  expect(readinessProbe.httpGet.port).toBe(8081);
  expect(only(of(objects, 'gateway'), 'Service').spec.ports).toHaveLength(1);
});

test.each([
  [8081, 1],
  [9696, 0],
])('a probe of port %i gives %i warnings', (port, count) => {
  render((chart) => {
    const gateway = new ModelGateway(chart, 'gateway', {
      image: ContainerImage.fromBuild('gateway:v2'),
      model: new TfServingModel(chart, 'model', MODEL),
      targetPort: 9696,
      readinessProbe: Probe.tcpSocket({ port }),
      resources: { limits: { cpu: '100m', memory: '128Mi' } },
    });
    expect(noticesOf([gateway]).filter(({ text }) => /^probes ask port 8081, and callers reach port 9696/.test(text))).toHaveLength(count);
    expect(noticesOf([gateway])).toHaveLength(count);
  });
});

describe('routes', () => {
  test('an Ingress of today, whose controller alone is let through', () => {
    const objects = behind({
      routes: [
        Route.ingress({
          ingressClassName: 'traefik',
          path: '/clothing',
          host: 'models.example.com',
          controllerNamespace: 'traefik',
          tlsSecretName: 'models-tls',
        }),
      ],
    });
    const ingress = only(objects, 'Ingress');
    expect(ingress.apiVersion).toBe('networking.k8s.io/v1');
    expect(ingress.spec).toEqual({
      ingressClassName: 'traefik',
      tls: [{ hosts: ['models.example.com'], secretName: 'models-tls' }],
      rules: [
        {
          host: 'models.example.com',
          http: { paths: [{ path: '/clothing', pathType: 'Prefix', backend: { service: { name: 'gateway', port: { name: 'http' } } } }] },
        },
      ],
    });
    expect(only(of(objects, 'gateway'), 'NetworkPolicy').spec.ingress[0].from).toEqual([
      { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'traefik' } } },
    ]);
  });

  test('annotations that change after the route is made change nothing', () => {
    const annotations: { [key: string]: string } = { team: 'vision' };
    const route = Route.ingress({ ingressClassName: 'traefik', controllerNamespace: 'traefik', annotations });
    annotations.team = 'audio';
    expect(only(behind({ routes: [route] }), 'Ingress').metadata.annotations).toEqual({ team: 'vision' });
  });

  test('a route of the Gateway API', () => {
    const route = only(
      behind({ routes: [Route.gateway({ gatewayName: 'web', gatewayNamespace: 'infra', controllerNamespace: 'infra' })] }),
      'HTTPRoute',
    );
    expect(route.spec).toEqual({
      parentRefs: [{ group: 'gateway.networking.k8s.io', kind: 'Gateway', name: 'web', namespace: 'infra' }],
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: '/' } }],
          backendRefs: [{ group: '', kind: 'Service', name: 'gateway', port: 80, weight: 1 }],
        },
      ],
    });
  });

  test.each([
    [
      'a relative path',
      () => Route.ingress({ ingressClassName: 'x', path: 'clothing', controllerNamespace: 'x' }),
      /'path' \("clothing"\)/,
    ],
    [
      'a host with capitals',
      () => Route.ingress({ ingressClassName: 'x', host: 'Models', controllerNamespace: 'x' }),
      /'host' \("Models"\)/,
    ],
    [
      'TLS without a host',
      () => Route.ingress({ ingressClassName: 'x', tlsSecretName: 's', controllerNamespace: 'x' }),
      /'tlsSecretName' \("s"\) needs a 'host'/,
    ],
    ['nobody to let through', () => Route.gateway({ gatewayName: 'x', controllerNamespace: '' }), /'controllerNamespace' \(""\)/],
  ])('fails on %s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});

test.each<[string, () => unknown, RegExp]>([
  ['the variable of the address in env', () => behind({ env: { TF_SERVING_HOST: 'x' } }), /'env.TF_SERVING_HOST' \("x"\) is the variable/],
  [
    'a protocol that the model does not offer',
    () => behind({ protocol: ServingProtocol.REST }, { protocols: [ServingProtocol.GRPC] }),
    /'protocol' \("rest"\) is not offered/,
  ],
  ['a port of 0', () => behind({ targetPort: 0 }), /'targetPort' \(0\)/],
  ['a variable that is none', () => behind({ hostEnv: 'A-B' }), /'hostEnv' \("A-B"\)/],
])('fails on %s', (_, make, message) => {
  expect(make).toThrow(message);
});

test('fails on a model of another cluster', () => {
  const app = new App();
  const model = new TfServingModel(new ServingChart(app, 'far', { cluster: Cluster.kind() }), 'model', MODEL);
  const here = new ServingChart(app, 'here', { cluster: GKE });
  const make = () =>
    new ModelGateway(here, 'gateway', {
      image: ContainerImage.fromBuild('gateway:v2'),
      model,
      targetPort: 9696,
      resources: { limits: { cpu: '100m', memory: '128Mi' } },
    });
  expect(make).toThrow(/'model' \("far\/model"\) is on another cluster/);
});
