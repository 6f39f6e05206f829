import { ApiObject, Duration, Yaml } from 'cdk8s';
import {
  Accelerator,
  AutoscaledService,
  type AutoscaledServiceProps,
  Autoscaling,
  Cluster,
  ContainerImage,
  Exposure,
  GpuModelPool,
  ModelGateway,
  ModelSource,
  Peer,
  Route,
  ServerImage,
  type ServingChart,
  ServingProtocol,
  TfServingModel,
  type TfServingModelProps,
} from '../lib';
import { check, type KubeObject } from '../lib/check';
import { noticesOf } from '../lib/private/notices';
import { container, flag, GKE, only, podSpec, render, toYaml } from './support/render';

/**
 * The mistakes that published serving set-ups make, one test a row: each cannot be said with this library, or is reported.
 */
const MODEL: TfServingModelProps = {
  source: ModelSource.inImage('/models/resnet'),
  server: ServerImage.official('2.19.1'),
  resources: { requests: { cpu: '1', memory: '2Gi' } },
};
const SERVICE: AutoscaledServiceProps = {
  image: ContainerImage.fromRegistry('example.com/ping:1'),
  ports: [{ port: 80, targetPort: 9696 }],
  resources: { requests: { cpu: '1', memory: '2Gi' } },
};
const { ports: _, ...GATEWAY } = SERVICE;
const everybody = Exposure.external({ allowedCidrs: ['0.0.0.0/0'] });

const model = (props: Partial<TfServingModelProps> = {}, cluster = GKE) =>
  render((chart) => void new TfServingModel(chart, 'resnet', { ...MODEL, ...props }), cluster);
const service = (props: Partial<AutoscaledServiceProps> = {}, cluster = GKE) =>
  render((chart) => void new AutoscaledService(chart, 'ping', { ...SERVICE, ...props }), cluster);
const everything = () =>
  render((chart) => {
    const resnet = new TfServingModel(chart, 'resnet', {
      ...MODEL,
      batching: { maxBatchSize: 8 },
      autoscaling: Autoscaling.cpu({ maxReplicas: 3 }),
      exposure: everybody,
    });
    new ModelGateway(chart, 'gateway', {
      ...GATEWAY,
      model: resnet,
      targetPort: 9696,
      routes: [Route.ingress({ ingressClassName: 'traefik', controllerNamespace: 'traefik' })],
    });
  });
const rules = (objects: KubeObject[]) => check(objects).map(({ rule }) => rule);

/** What a user writes by hand beside our constructs. */
const byHand = (yaml: object) => render((chart) => void new ApiObject(chart, 'by-hand', yaml as { apiVersion: string; kind: string }));
const handDeployment = (container: object, spec: object = {}, pod: object = {}) =>
  byHand({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'x' },
    spec: {
      selector: { matchLabels: { app: 'x' } },
      template: { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'x', ...container }], ...pod } },
      ...spec,
    },
  });

test('row 1, 2: removed API versions', () => {
  for (const { apiVersion, kind } of everything()) {
    expect(`${apiVersion} ${kind}`).toMatch(/^(v1|apps\/v1|autoscaling\/v2|policy\/v1|networking\.k8s\.io\/v1) /);
  }
  expect(rules(byHand({ apiVersion: 'extensions/v1beta1', kind: 'Deployment', metadata: { name: 'x' } }))).toContain('removed-api-version');
  expect(rules(byHand({ apiVersion: 'autoscaling/v2beta2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'x' } }))).toContain(
    'removed-api-version',
  );
});

test('row 3: no selector, or labels that drift from it', () => {
  const { selector, template } = only(model({ podLabels: { version: 'v1' } }), 'Deployment').spec;
  expect(template.metadata.labels).toMatchObject(selector.matchLabels);
  expect(rules(handDeployment({}, { selector: { matchLabels: { app: 'y' } } }))).toContain('selector-mismatch');
});

test('row 4: values left blank', () => {
  expect(() => model({ name: '' })).toThrow(/'name' \(""\)/);
  expect(() => ContainerImage.fromRegistry('')).toThrow(/'reference' \(""\)/);
  expect(rules(everything())).not.toContain('null-value');
  expect(Yaml.stringify(...everything())).not.toMatch(/: null$|: ""$/m);
});

test('row 5: swapped ports', () => {
  expect(only(model(), 'Service').spec.ports).toMatchObject([
    { name: 'grpc', port: 8500 },
    { name: 'http', port: 8501 },
  ]);
  expect(flag(model(), 'port')).toBe('8500');
  expect(flag(model(), 'rest_api_port')).toBe('8501');
});

test('row 6: no probes', () => {
  expect(Object.keys(container(model()))).toEqual(expect.arrayContaining(['startupProbe', 'readinessProbe', 'livenessProbe']));
  expect(Object.keys(container(service()))).toEqual(expect.arrayContaining(['startupProbe', 'readinessProbe']));
  expect(rules(handDeployment({ image: 'x:1', ports: [{ containerPort: 80 }] }))).toContain('no-readiness-probe');
});

test('row 7: a liveness probe that restarts a loading model', () => {
  const { startupProbe } = container(model({ loadTime: Duration.minutes(30) }));
  expect(startupProbe.periodSeconds * startupProbe.failureThreshold).toBeGreaterThanOrEqual(2 * 30 * 60);
});

test('row 8: a wrong model directory looks ready', () => {
  expect(container(model()).readinessProbe.httpGet.path).toBe('/v1/models/resnet/metadata');
  expect(() => ModelSource.inImage('models/resnet')).toThrow(/absolute/);
  expect(() => ModelSource.inImage('/models/resnet/1')).toThrow(/version directory/);
});

test('row 9: images that move', () => {
  expect(() => ContainerImage.fromBuild('resnet')).toThrow(/has neither tag nor digest/);
  expect(() => ContainerImage.fromBuild('resnet:latest')).toThrow(/must not have the tag 'latest'/);
  expect(container(service({ image: ContainerImage.fromBuild('ping:v1') }, Cluster.kind())).imagePullPolicy).toBe('IfNotPresent');
  expect(rules(handDeployment({ image: 'tensorflow/serving' }))).toContain('unpinned-image');
});

test('row 10: an autoscaler without a CPU request', () => {
  expect(() => service({ resources: {}, autoscaling: Autoscaling.cpu({ maxReplicas: 2 }) })).toThrow(
    /'resources' \({}\) must name CPU and memory/,
  );
});

test('row 11: replicas beside an autoscaler', () => {
  expect(() => service({ replicas: 1, autoscaling: Autoscaling.cpu({ maxReplicas: 2 }) })).toThrow(/two owners undo each other/);
});

test('row 12: more replicas than nodes can take', () => {
  const cluster = Cluster.gke({
    projectId: 'my-project',
    nodePools: [{ name: 'default-pool', machineType: 'n1-standard-4', maxNodes: 3 }],
  });
  render((chart) => {
    const lab = new TfServingModel(chart, 'resnet', {
      ...MODEL,
      resources: { requests: { cpu: '3', memory: '4Gi' } },
      autoscaling: Autoscaling.cpu({ maxReplicas: 4 }),
    });
    expect(noticesOf([lab.service])[0].text).toMatch(
      /^maxReplicas is 4, but only 3 fit: one n1-standard-4 node .* so 1 pod\(s\) of 3 CPU and 4Gi fit one node .*; replica 4 stays Pending$/,
    );
  }, cluster);
});

test('row 13: requests that fit nowhere, or none at all', () => {
  const cluster = Cluster.gke({ projectId: 'my-project', nodePools: [{ name: 'small', machineType: 'n1-standard-4', maxNodes: 3 }] });
  expect(() => model({ resources: { requests: { cpu: '4', memory: '1Gi' } } }, cluster)).toThrow(/fit on no declared node/);
  expect(rules(handDeployment({ image: 'x:1' }))).toContain('missing-requests');
});

test('row 14: references by text that miss', () => {
  const objects = everything();
  const config = objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith('resnet-config-'));
  const deployment = objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'resnet');
  expect(deployment?.spec.template.spec.volumes).toContainEqual({ name: 'config', configMap: { name: config?.metadata.name } });
  expect(rules(handDeployment({ image: 'x:1' }, {}, { volumes: [{ name: 'c', configMap: { name: 'gone' } }] }))).toContain(
    'config-map-missing',
  );
});

test('row 15: host names written by hand', () => {
  render((chart) => {
    const resnet = new TfServingModel(chart, 'resnet', { ...MODEL, serviceName: 'vision' });
    expect(resnet.grpcAddress).toBe('vision.models.svc.cluster.local:8500');
  });
});

test('row 16: a public load balancer that asks nobody', () => {
  expect(only(model(), 'Service').spec.type).toBe('ClusterIP');
  expect(() => Exposure.external({ allowedCidrs: [] })).toThrow(/must name the networks/);
  render((chart) => {
    const open = new AutoscaledService(chart, 'ping', { ...SERVICE, exposure: everybody });
    expect(noticesOf([open])[0].text).toMatch(/everybody may call it/);
  });
  const balancer = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' }, spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } };
  expect(rules(byHand(balancer))).toContain('open-load-balancer');
});

test('row 17: configuration that changes without a rollout', () => {
  const template = (maxBatchSize: number) => JSON.stringify(only(model({ batching: { maxBatchSize } }), 'Deployment').spec.template);
  expect(template(8)).not.toBe(template(9));
  expect(container(model()).volumeMounts.some(({ subPath }: { subPath?: string }) => subPath)).toBe(false);
});

test('row 18: batching parameters without batching, or with values the server refuses', () => {
  expect(flag(model({ batching: { maxBatchSize: 8 } }), 'enable_batching')).toBe('true');
  expect(flag(model(), 'batching_parameters_file')).toBeUndefined();
  expect(() => model({ extraFlags: ['--batching_parameters_file=/x'] })).toThrow(/'extraFlags\[0\]'.*'batching'/);
  expect(() => model({ batching: { maxBatchSize: 8, maxEnqueuedBatches: 0 } })).toThrow(/'batching.maxEnqueuedBatches' \(0\)/);
});

test('row 19: a model on S3', () => {
  expect(() => ModelSource.gcs('s3://bucket/resnet')).toThrow(/no s3:\/\/ since release 2.7/);
});

test('row 20: a GPU by hand', () => {
  const objects = render((chart) => {
    const pool = new GpuModelPool(chart, 'gpus', { accelerator: Accelerator.NVIDIA_T4, maxNodes: 2 });
    new TfServingModel(chart, 'resnet', { ...MODEL, pool });
  });
  expect(container(objects).resources.limits['nvidia.com/gpu']).toBe('1');
  expect(container(objects).image).toMatch(/-gpu$/);
  expect(podSpec(objects).tolerations).toHaveLength(1);
  expect(() => model({ gpus: 0.5 })).toThrow(/'gpus'/);
});

test('row 21: two versions that do not fit into memory', () => {
  const source = ModelSource.gcs('gs://bucket/resnet', { pollInterval: Duration.minutes(1) });
  expect(() => model({ source, modelMemory: '1500Mi' })).toThrow(/two versions of 1500Mi/);
  render((chart) => {
    const live = new TfServingModel(chart, 'resnet', { ...MODEL, source });
    expect(noticesOf([live]).map(({ text }) => text)).toContainEqual(expect.stringMatching(/it holds two of them/));
  });
});

test('row 22: a rollout that waits for a spare GPU', () => {
  const objects = render((chart) => {
    const pool = new GpuModelPool(chart, 'gpus', { accelerator: Accelerator.NVIDIA_T4, maxNodes: 2 });
    new TfServingModel(chart, 'resnet', { ...MODEL, pool, replicas: 2 });
  });
  expect(only(objects, 'Deployment').spec.strategy.rollingUpdate).toEqual({ maxSurge: 0, maxUnavailable: 1 });
});

test('row 23, 24: the entry point of the image, and a shell around the server', () => {
  expect(container(model()).command).toEqual(['/usr/bin/tensorflow_model_server']);
  expect(rules(handDeployment({ image: 'x:1', command: ['/bin/sh', '-c', 'tensorflow_model_server'] }))).toContain('shell-entry-point');
});

test('row 25, 27: one definition for every cluster, not files edited by hand', () => {
  const build = (chart: ServingChart) =>
    void new TfServingModel(chart, 'resnet', {
      ...MODEL,
      server: ServerImage.custom({ image: ContainerImage.fromBuild('x:1'), release: '2.19.1' }),
    });
  expect([Cluster.kind(), Cluster.minikube({ registry: true }), GKE].map((cluster) => container(render(build, cluster)).image)).toEqual([
    'x:1',
    'localhost:5000/x:1',
    'gcr.io/my-project/x:1',
  ]);
});

test('row 26: fields of a dump', () => {
  expect(toYaml(everything())).not.toMatch(/status:|creationTimestamp|resources: \{\}|strategy: \{\}/);
});

test('row 28: a volume for one node with many pods', () => {
  const source = ModelSource.persistentVolumeClaim('models', { accessMode: 'ReadWriteOnce' });
  expect(() => model({ source, replicas: 3 })).toThrow(/a ReadWriteOnce volume is for one node/);
});

test('row 29: root', () => {
  expect(podSpec(model()).securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 10001 });
  expect(rules(everything())).not.toContain('runs-as-root');
  expect(rules(handDeployment({ image: 'x:1' }))).toContain('runs-as-root');
});

test('row 30: no drain and no disruption budget', () => {
  expect(podSpec(model()).terminationGracePeriodSeconds).toBeGreaterThan(30);
  expect(container(service()).lifecycle.preStop).toBeDefined();
  expect(only(model(), 'PodDisruptionBudget').spec.maxUnavailable).toBe(1);
});

test('row 31: registries and products that are gone', () => {
  expect(toYaml(everything())).not.toMatch(/gcr\.io\/(kubeflow|vishnuk)|k80/);
});

test('row 32: small limits are a choice that shows', () => {
  const small = { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '100m', memory: '128Mi' } };
  expect(container(service({ resources: small })).resources).toEqual(small);
  expect(() => service({ resources: undefined as unknown as AutoscaledServiceProps['resources'] })).toThrow(
    /'resources' \(undefined\) must be/,
  );
});

test('a model that only its gateway may reach has no other way in', () => {
  const objects = render((chart) => {
    const resnet = new TfServingModel(chart, 'resnet', { ...MODEL, protocols: [ServingProtocol.GRPC], callers: [Peer.namespace('batch')] });
    new ModelGateway(chart, 'gateway', { ...GATEWAY, model: resnet, targetPort: 9696 });
  });
  const policy = objects.find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'resnet');
  expect(policy?.spec.ingress).toHaveLength(1);
  expect(policy?.spec.ingress[0].from).toHaveLength(2);
  expect(policy?.spec.ingress[0].ports).toEqual([{ port: 8500, protocol: 'TCP' }]);
});
