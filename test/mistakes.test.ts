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
  ServingApp,
  ServingChart,
  ServingProtocol,
  TfServingModel,
  type TfServingModelProps,
} from '../lib';
import { check, type KubeObject } from '../lib/check';
import { noticesOf } from '../lib/private/notices';
import { container, flag, GKE, only, podSpec, render, toYaml, warningsOf } from './support/render';

/**
 * The mistakes that published serving set-ups make, one test a row: each cannot be said with this library, or is reported.
 */
const MODEL: TfServingModelProps = {
  source: ModelSource.inImage('/models/resnet'),
  server: ServerImage.official('2.19.1'),
  resources: { requests: { cpu: '1', memory: '2Gi' } },
  callers: [Peer.namespace('web')],
};
const SERVICE: AutoscaledServiceProps = {
  image: ContainerImage.fromRegistry('example.com/ping:1'),
  ports: [{ port: 80, targetPort: 9696 }],
  resources: { requests: { cpu: '1', memory: '2Gi' } },
  callers: [Peer.namespace('web')],
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
/** A model server as people write it by hand. */
const handServer = (...args: string[]) => handDeployment({ image: 'tensorflow/serving:2.19.1', args });
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
  const byHandWith = (...ports: { name: string; port: number }[]) =>
    rules(byHand({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' }, spec: { ports } }));
  expect(byHandWith({ name: 'http', port: 8500 })).toEqual(['swapped-serving-ports']);
  expect(byHandWith({ name: 'tf-serving-grpc', port: 8501 })).toEqual(['swapped-serving-ports']);
  expect(byHandWith({ name: 'grpc', port: 8500 }, { name: 'http', port: 8501 })).toEqual([]);
});

test('row 6: no probes', () => {
  expect(Object.keys(container(model()))).toEqual(expect.arrayContaining(['startupProbe', 'readinessProbe', 'livenessProbe']));
  expect(Object.keys(container(service()))).toEqual(expect.arrayContaining(['startupProbe', 'readinessProbe']));
  expect(rules(handDeployment({ image: 'x:1', ports: [{ containerPort: 80 }] }))).toContain('no-readiness-probe');
});

test('row 7: a liveness probe that restarts a loading model', () => {
  const { startupProbe } = container(model({ loadTime: Duration.minutes(30) }));
  expect(startupProbe.periodSeconds * startupProbe.failureThreshold).toBeGreaterThanOrEqual(2 * 30 * 60);
  expect(rules(model())).not.toContain('liveness-without-startup');
  const kubeflow = {
    image: 'tensorflow/serving:1.11.1',
    livenessProbe: { tcpSocket: { port: 9000 }, initialDelaySeconds: 30, periodSeconds: 30 },
  };
  expect(rules(handDeployment(kubeflow))).toContain('liveness-without-startup');
  expect(rules(handDeployment({ ...kubeflow, startupProbe: { tcpSocket: { port: 9000 }, failureThreshold: 120 } }))).not.toContain(
    'liveness-without-startup',
  );
});

test('row 8: a wrong model directory looks ready', () => {
  expect(container(model()).readinessProbe.httpGet.path).toBe('/v1/models/resnet/metadata');
  expect(() => ModelSource.inImage('models/resnet')).toThrow(/absolute/);
  const versions = [
    () => ModelSource.inImage('/models/resnet/1'),
    () => ModelSource.gcs('gs://bucket/resnet/0001/'),
    () => ModelSource.persistentVolumeClaim('models', { path: 'resnet/1' }),
  ];
  for (const version of versions) expect(version).toThrow(/version directory/);
  expect(() => model({ extraFlags: ['--model_base_path=/models/resnet/1'] })).toThrow(/'extraFlags\[0\]'/);
  expect(rules(handServer('--model_base_path=/models/resnet/1'))).toContain('model-path-is-version');
  expect(rules(handServer('--model_base_path=models/resnet'))).toContain('model-path-relative');
  expect(rules(handServer('--model_base_path=/models/resnet')).filter((rule) => rule.startsWith('model-path'))).toEqual([]);
});

test('row 9: images that move', () => {
  expect(() => ContainerImage.fromBuild('resnet')).toThrow(/has neither tag nor digest/);
  expect(() => ContainerImage.fromBuild('resnet:latest')).toThrow(/must not have the tag 'latest'/);
  expect(container(service({ image: ContainerImage.fromBuild('ping:v1') }, Cluster.kind())).imagePullPolicy).toBe('IfNotPresent');
  const moving = ['latest', 'Latest', 'latest-gpu', 'latest-devel-gpu', 'nightly', 'devel', 'stable', 'main', 'master', 'edge'];
  for (const tag of moving) {
    expect(() => ContainerImage.fromRegistry(`tensorflow/serving:${tag}`)).toThrow(
      new RegExp(`must not have the tag '${tag}': such a tag moves`),
    );
    expect(rules(handDeployment({ image: `tensorflow/serving:${tag}` }))).toContain('unpinned-image');
  }
  const still = ['2.19.1', '2.19.1-devel-gpu', 'v1', 'main-3f2a1b9', 'nightly-20240101', 'mainline', 'release'];
  for (const tag of still) {
    expect(ContainerImage.fromRegistry(`tensorflow/serving:${tag}`).tag).toBe(tag);
    expect(rules(handDeployment({ image: `tensorflow/serving:${tag}` }))).not.toContain('unpinned-image');
  }
  expect(ContainerImage.fromRegistry(`tensorflow/serving:latest@sha256:${'a'.repeat(64)}`).digest).toHaveLength(71);
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

describe('row 12: more replicas than nodes can take', () => {
  const cluster = Cluster.gke({
    projectId: 'my-project',
    nodePools: [{ name: 'default-pool', machineType: 'n1-standard-4', maxNodes: 3 }],
  });
  const resources = { requests: { cpu: '3', memory: '4Gi' } };
  const pending = (props: Partial<TfServingModelProps>) => {
    let texts: string[] = [];
    render((chart) => {
      const lab = new TfServingModel(chart, 'resnet', { ...MODEL, resources, ...props });
      texts = warningsOf([lab.service]);
    }, cluster);
    return texts;
  };

  test('is reported with the arithmetic', () => {
    expect(pending({ autoscaling: Autoscaling.cpu({ maxReplicas: 4 }) })).toContainEqual(
      expect.stringMatching(
        /^maxReplicas is 4, but only 3 fit: one n1-standard-4 node .* so 1 pod\(s\) of 3 CPU and 4Gi fit one node .*; replica 4 stays Pending$/,
      ),
    );
  });

  test.each<[string, Partial<TfServingModelProps>]>([
    ['a fixed number', { replicas: 4 }],
    ['a pool by name', { replicas: 4, nodePool: 'default-pool' }],
    ['one pod a node', { replicas: 4, onePerNode: true, resources: { requests: { cpu: '500m', memory: '1Gi' } } }],
  ])('is reported for %s', (_, props) => {
    expect(pending(props)).toContainEqual(expect.stringMatching(/^replicas is 4, but only 3 fit/));
    expect(pending({ ...props, replicas: 3 })).toEqual([]);
  });
});

test('row 13: requests that fit nowhere, or none at all', () => {
  const cluster = Cluster.gke({ projectId: 'my-project', nodePools: [{ name: 'small', machineType: 'n1-standard-4', maxNodes: 3 }] });
  expect(() => model({ resources: { requests: { cpu: '4', memory: '1Gi' } } }, cluster)).toThrow(/fit on no declared node/);
  render((chart) => {
    const lab = new TfServingModel(chart, 'resnet', { ...MODEL, resources: { requests: { cpu: '3800m', memory: '1Gi' } } });
    // the node itself could take it, but not beside the platform's own pods
    expect(warningsOf([lab.service])[0]).toMatch(/^replicas is 1, but only 0 fit/);
  }, cluster);
  expect(() => model({ resources: {} })).toThrow(/'resources' \({}\) must name CPU and memory/);
  expect(rules(handDeployment({ image: 'x:1' }))).toContain('missing-requests');
  expect(rules(handDeployment({ image: 'x:1', resources: { requests: { cpu: '1' } } }))).toContain('missing-requests');
  expect(rules(handDeployment({ image: 'x:1', resources: { limits: { cpu: '1', memory: '1Gi' } } }))).not.toContain('missing-requests');
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
    const gateway = new ModelGateway(chart, 'gateway', { ...GATEWAY, model: resnet, targetPort: 9696 });
    const second = new TfServingModel(chart, 'second', { ...MODEL, modelName: 'detector' });
    gateway.addModel(second, 'DETECTOR_HOST');
    expect(() => gateway.addModel(resnet, 'DETECTOR')).toThrow(
      /'hostEnv' \("DETECTOR"\) needs DETECTOR_MODEL_NAME for the model's name \(resnet\), which is already set to detector/,
    );
    const environment = chart.toJson().find(({ metadata, kind }) => kind === 'Deployment' && metadata.name === 'gateway')?.spec.template
      .spec.containers[0].env;
    expect(Object.fromEntries(environment.map(({ name, value }: { name: string; value: string }) => [name, value]))).toEqual({
      TF_SERVING_HOST: 'vision.models.svc.cluster.local:8500',
      TF_SERVING_MODEL_NAME: 'resnet',
      DETECTOR_HOST: 'second.models.svc.cluster.local:8500',
      DETECTOR_MODEL_NAME: 'detector',
    });
  });
  const calling = (value: string) =>
    rules(
      render((chart) => {
        new TfServingModel(chart, 'resnet', MODEL);
        new AutoscaledService(chart, 'ping', { ...SERVICE, env: { MODEL: value } });
      }),
    );
  expect(calling('resnet.default.svc.cluster.local:8500')).toEqual(['address-to-nowhere']);
  expect(calling('resnet.models.svc.cluster.local:9000')).toEqual(['address-to-nowhere']);
  expect(calling('resnet.models.svc.cluster.local:8500')).toEqual([]);
});

describe('row 16: a public load balancer that asks nobody', () => {
  const notices = (props: Partial<AutoscaledServiceProps>, cluster = GKE) => {
    let texts: string[] = [];
    render((chart) => {
      const open = new AutoscaledService(chart, 'ping', { ...SERVICE, ...props });
      texts = noticesOf([open])
        .filter(({ kind }) => kind === 'warning')
        .map(({ text }) => text);
    }, cluster);
    return texts;
  };
  const balancer = (spec: object = {}, annotations: object = {}) =>
    rules(
      byHand({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { name: 'x', annotations },
        spec: { type: 'LoadBalancer', ports: [{ port: 80 }], ...spec },
      }),
    );

  test('nothing is public unless it says who may come', () => {
    expect(only(model(), 'Service').spec.type).toBe('ClusterIP');
    expect(() => Exposure.external({ allowedCidrs: [] })).toThrow(/must name the networks/);
    expect(balancer()).toEqual(['open-load-balancer']);
  });

  test.each([
    [['0.0.0.0/0']],
    [['::/0']],
    [['0.0.0.0/1', '128.0.0.0/1']],
    [['0.0.0.0/2', '64.0.0.0/2', '128.0.0.0/2', '192.0.0.0/2']],
    [['4.0.0.0/7']],
    [['4.0.0.0/8', '5.0.0.0/9', '5.128.0.0/32']],
    [['2000::/3']],
    [['203.0.113.0/24', '8000::/1', '2000::/15']],
  ])('%p is everybody', (allowedCidrs) => {
    const exposure = Exposure.external({ allowedCidrs });
    expect(notices({ exposure }, Cluster.kind())).toContainEqual(expect.stringMatching(/^everybody may call it/));
    expect(rules(service({ exposure }))).toContain('open-load-balancer');
    expect(balancer({ loadBalancerSourceRanges: allowedCidrs })).toEqual(['open-load-balancer']);
  });

  test.each([
    [['203.0.113.0/24']],
    [['4.0.0.0/8', '4.0.0.0/9', '4.1.2.3/32']],
    [['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '203.0.113.7/32']],
    [['fc00::/7', '2001:db8::/32', '::1/128']],
  ])('%p is somebody', (allowedCidrs) => {
    expect(notices({ exposure: Exposure.external({ allowedCidrs }) })).toEqual([]);
    expect(balancer({ loadBalancerSourceRanges: allowedCidrs })).toEqual([]);
  });

  test('a node port is closed to those whom no policy names', () => {
    const nodePort = render((chart) => {
      new TfServingModel(chart, 'resnet', { ...MODEL, exposure: Exposure.external({ allowedCidrs: ['203.0.113.0/24'] }) });
    }, Cluster.kind());
    expect(only(nodePort, 'Service').spec.type).toBe('NodePort');
    expect(rules(nodePort)).not.toContain('open-node-port');
    expect(rules(nodePort.filter(({ kind }) => kind !== 'NetworkPolicy'))).toContain('open-node-port');
  });

  test('annotations that contradict the exposure are reported', () => {
    const exposure = Exposure.internal({ allowedCidrs: ['10.0.0.0/8'] });
    const type = 'networking.gke.io/load-balancer-type';
    expect(notices({ exposure, serviceAnnotations: { [type]: 'External' } })).toEqual([
      `serviceAnnotations: ${type} is 'External', where 'exposure' says 'Internal'`,
    ]);
    expect(notices({ exposure, serviceAnnotations: { [type]: 'Internal', 'example.com/team': 'vision' } })).toEqual([]);
    expect(balancer({}, { [type]: 'Internal' })).toEqual([]);
    expect(balancer({}, { [type]: 'External', 'cloud.google.com/load-balancer-type': 'Internal' })).toEqual(['open-load-balancer']);
  });
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
  expect(() => model({ batching: { maxBatchSize: 8 }, extraFlags: ['--enable_batching=false'] })).toThrow(/'extraFlags\[0\]'/);
  expect(() => model({ batching: { maxBatchSize: 8, allowedBatchSizes: [4, 16] } })).toThrow(/must rise and end with 'maxBatchSize'/);
  expect(rules(handServer('--batching_parameters_file=/x'))).toContain('batching-not-enabled');
  expect(rules(handServer('--enable_batching', '--batching_parameters_file=/x'))).not.toContain('batching-not-enabled');
});

test('row 19: a model on S3', () => {
  expect(() => ModelSource.gcs('s3://bucket/resnet')).toThrow(/no s3:\/\/ since release 2.7/);
  expect(rules(handServer('--model_base_path=s3://bucket/resnet'))).toContain('model-on-s3');
  expect(rules(handServer('--model_base_path=gs://bucket/resnet'))).not.toContain('model-on-s3');
  const old = handDeployment({ image: 'tensorflow/serving:2.6.5', args: ['--model_base_path=s3://bucket/resnet'] });
  expect(rules(old)).not.toContain('model-on-s3');
});

test('row 20: a GPU by hand', () => {
  const objects = render((chart) => {
    const pool = new GpuModelPool(chart, 'gpus', { accelerator: Accelerator.NVIDIA_T4, maxNodes: 2 });
    new TfServingModel(chart, 'resnet', { ...MODEL, pool });
  });
  expect(container(objects).resources.limits['nvidia.com/gpu']).toBe('1');
  expect(container(objects).image).toMatch(/-gpu$/);
  expect(podSpec(objects).tolerations).toHaveLength(1);
  expect(rules(objects).filter((rule) => rule.startsWith('gpu-') || rule === 'device-amount')).toEqual([]);
  expect(() => model({ gpus: 0.5 })).toThrow(/'gpus'/);
  const byHandOn = (resources: object, image = 'tensorflow/serving:2.19.1-gpu') => rules(handDeployment({ image, resources }));
  expect(byHandOn({ requests: { 'nvidia.com/gpu': 1 } })).toContain('device-amount');
  expect(byHandOn({ limits: { 'nvidia.com/gpu': '0.5' } })).toContain('device-amount');
  expect(byHandOn({ limits: { 'nvidia.com/gpu': 1 } })).toContain('gpu-without-toleration');
  expect(byHandOn({ limits: { 'nvidia.com/gpu': 1 } }, 'tensorflow/serving:2.19.1')).toContain('gpu-image');
  expect(byHandOn({})).toContain('gpu-image');
});

test('row 21: two versions that do not fit into memory', () => {
  const source = ModelSource.gcs('gs://bucket/resnet', { pollInterval: Duration.minutes(1) });
  expect(() => model({ source, modelMemory: '1500Mi' })).toThrow(/less than the 2 x 1500Mi = 3000Mi that both versions take/);
  render((chart) => {
    const live = new TfServingModel(chart, 'resnet', { ...MODEL, source });
    expect(noticesOf([live]).map(({ text }) => text)).toContainEqual(expect.stringMatching(/it holds two of them/));
    const pool = new GpuModelPool(chart, 'gpus', { accelerator: Accelerator.NVIDIA_T4, maxNodes: 2 });
    const onGpu = (id: string, versions: ModelSource) =>
      noticesOf([new TfServingModel(chart, id, { ...MODEL, pool, source: versions })]).map(({ text }) => text);
    expect(onGpu('swapping', source)).toContainEqual(expect.stringMatching(/the memory of the GPU holds two of them/));
    expect(onGpu('still', ModelSource.inImage('/models/resnet'))).not.toContainEqual(expect.stringMatching(/memory of the GPU/));
  });
});

test('row 22: a rollout that waits for a spare GPU', () => {
  const objects = render((chart) => {
    const pool = new GpuModelPool(chart, 'gpus', { accelerator: Accelerator.NVIDIA_T4, maxNodes: 2 });
    new TfServingModel(chart, 'resnet', { ...MODEL, pool, replicas: 2 });
  });
  expect(only(objects, 'Deployment').spec.strategy.rollingUpdate).toEqual({ maxSurge: 0, maxUnavailable: 1 });
  const byHandWith = (strategy: object | undefined, replicas: number) =>
    rules(handDeployment({ image: 'x:1', resources: { limits: { 'nvidia.com/gpu': 1 } } }, { strategy, replicas }));
  expect(byHandWith(undefined, 3)).toContain('gpu-rollout');
  expect(byHandWith({ rollingUpdate: { maxSurge: 1, maxUnavailable: '10%' } }, 8)).toContain('gpu-rollout');
  expect(byHandWith(undefined, 4)).not.toContain('gpu-rollout');
  expect(byHandWith({ type: 'Recreate' }, 3)).not.toContain('gpu-rollout');
});

test('row 23, 24: the entry point of the image, and a shell around the server', () => {
  expect(container(model()).command).toEqual(['/usr/bin/tensorflow_model_server']);
  const entryPoints = [
    '/bin/sh -c',
    'bash -ec',
    'sh -lc',
    '/usr/bin/bash -c',
    '/usr/bin/env bash -c',
    'bash -o pipefail -c',
    'busybox sh -c',
  ];
  for (const shell of entryPoints) {
    const command = [...shell.split(' '), 'tensorflow_model_server --port=8500'];
    expect(rules(handDeployment({ image: 'x:1', command }))).toContain('shell-entry-point');
    expect(rules(service({ command }))).toEqual(['shell-entry-point']);
  }
  expect(rules(service({ command: ['/bin/sh', '-c', 'exec tensorflow_model_server'] }))).toEqual([]);
  expect(rules(service({ command: ['/bin/sh', 'start.sh'] }))).toEqual([]);
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
  const mounting = (accessMode: string, props: Partial<AutoscaledServiceProps>) => {
    // an app that judges at its own synthesis shows what its rules would find
    const chart = new ServingChart(new ServingApp({ summary: false }), 'models', { cluster: GKE });
    const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'models' } };
    new ApiObject(chart, 'claim', { ...claim, spec: { accessModes: [accessMode] } });
    const volumes = [{ name: 'models', persistentVolumeClaim: { claimName: 'models' } }];
    new AutoscaledService(chart, 'ping', { ...SERVICE, volumes, volumeMounts: [{ name: 'models', mountPath: '/m' }], ...props });
    return rules(chart.toJson());
  };
  expect(mounting('ReadWriteOnce', { replicas: 3 })).toContain('single-node-volume');
  expect(mounting('ReadWriteOnce', { autoscaling: Autoscaling.cpu({ maxReplicas: 3 }) })).toContain('single-node-volume');
  expect(mounting('ReadWriteOnce', {})).toEqual(['single-node-volume-rollout']);
  expect(mounting('ReadWriteOnce', { maxSurge: '0', maxUnavailable: '1' })).toEqual([]);
  expect(mounting('ReadWriteMany', { replicas: 3 })).toEqual([]);
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
  const behindService = (spec: object, pod: object = {}) =>
    rules([
      ...handDeployment({ image: 'x:1', ports: [{ containerPort: 80 }] }, spec, pod),
      ...byHand({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' }, spec: { selector: { app: 'x' }, ports: [{ port: 80 }] } }),
    ]);
  const budgeted = (spec: object) =>
    rules([
      ...handDeployment({ image: 'x:1' }, { replicas: 3 }),
      ...byHand({
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: { name: 'x' },
        spec: { selector: { matchLabels: { app: 'x' } }, ...spec },
      }),
    ]).filter((rule) => rule.startsWith('budget-'));
  expect(budgeted({ minAvailable: 0 })).toEqual(['budget-without-effect']);
  expect(budgeted({ minAvailable: '67%' })).toEqual(['budget-blocks-drain']);
  expect(budgeted({ minAvailable: '66%' })).toEqual([]);
  expect(budgeted({ maxUnavailable: '10%' })).toEqual([]);
  expect(budgeted({ maxUnavailable: '0%' })).toEqual(['budget-blocks-drain']);
  expect(behindService({ replicas: 2 })).toEqual(expect.arrayContaining(['no-disruption-budget', 'stops-at-once']));
  expect(behindService({ replicas: 1 }, { terminationGracePeriodSeconds: 60 })).not.toContain('no-disruption-budget');
  expect(behindService({ replicas: 1 }, { terminationGracePeriodSeconds: 60 })).not.toContain('stops-at-once');
});

test('row 31: registries and products that are gone', () => {
  const retired = (objects: KubeObject[]) => rules(objects).filter((rule) => rule.startsWith('retired-'));
  const onGpu = (accelerator: string) => ({ nodeSelector: { 'cloud.google.com/gke-accelerator': accelerator } });
  expect(retired(handDeployment({ image: 'gcr.io/kubeflow/model-server:1.0' }))).toEqual(['retired-registry']);
  expect(retired(handDeployment({ image: 'tensorflow/serving:2.19.1' }))).toEqual([]);
  expect(retired(handDeployment({ image: 'x:1' }, {}, onGpu('nvidia-tesla-k80')))).toEqual(['retired-accelerator']);
  expect(retired(handDeployment({ image: 'x:1' }, {}, onGpu('nvidia-tesla-t4')))).toEqual([]);
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
