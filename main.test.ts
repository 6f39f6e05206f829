import * as fs from 'node:fs';
import * as path from 'node:path';
import { type ApiObject, Testing } from 'cdk8s';
import { ServingApp, type ServingChart } from './lib';
import type { KubeObject } from './lib/check';
import { noticesOf } from './lib/private/notices';
import { referenceApp } from './main';
import { schemaErrors } from './test/support/schema';

const app = referenceApp(new ServingApp({ summary: false }));
const charts = new Map(app.charts.map((chart) => [chart.node.path, chart as ServingChart]));
const objects = new Map<string, KubeObject[]>([...charts].map(([name, chart]) => [name, Testing.synth(chart)]));
const CLUSTERS = ['minikube', 'kind', 'gke'];

const of = (chart: string, kind: string, name?: string) => {
  const found = (objects.get(chart) ?? []).filter(
    (object) => object.kind === kind && (name === undefined || object.metadata.name === name),
  );
  expect(found).toHaveLength(1);
  return found[0];
};
const server = (chart: string, name?: string) => of(chart, 'Deployment', name).spec.template.spec.containers[0];

test('what is written for each cluster', () => {
  const inventory = Object.fromEntries(
    [...objects].map(([chart, made]) => [chart, made.map(({ kind, metadata }) => `${kind} ${metadata.name}`)]),
  );
  expect(inventory).toMatchSnapshot();
});

test('every object is one that an API server reads', () => {
  expect([...objects.values()].flat().flatMap((object) => schemaErrors(object))).toEqual([]);
});

test('each set-up takes at most 30 lines', () => {
  const source = fs.readFileSync(path.join(__dirname, 'main.ts'), 'utf8');
  const lines = Object.fromEntries(
    [...source.matchAll(/^export function (\w+)\(site: Construct[^\n]*\n([\s\S]*?)^}$/gm)].map(([, name, body]) => [
      name,
      body.trimEnd().split('\n').length + 1,
    ]),
  );
  expect(Object.keys(lines)).toHaveLength(5);
  for (const count of Object.values(lines)) expect(count).toBeLessThanOrEqual(30);
});

describe('A: ResNet tutorial', () => {
  test.each(CLUSTERS)('gRPC 9000 only, the model in the image, no entry point, on %s', (cluster) => {
    const { command, args } = server(`${cluster}/a-resnet`);
    expect(command).toEqual(['/usr/bin/tensorflow_model_server']);
    expect(args).toEqual(expect.arrayContaining(['--port=9000', '--model_name=resnet', '--model_base_path=/resnet_servable/']));
    expect(of(`${cluster}/a-resnet`, 'Deployment').metadata.name).toBe('resnet-deployment');
    expect(of(`${cluster}/a-resnet`, 'Service').metadata.name).toBe('resnet-service');
    expect(of(`${cluster}/a-resnet`, 'Service').spec.ports.map(({ port }: { port: number }) => port)).toEqual([9000]);
  });

  test('one replica and localhost:5000 on minikube, five and a registry on GKE', () => {
    expect(server('minikube/a-resnet').image).toBe('localhost:5000/resnet-server-cpu:v1');
    expect(of('minikube/a-resnet', 'Deployment').spec.replicas).toBe(1);
    expect(server('gke/a-resnet').image).toBe('us-central1-docker.pkg.dev/my-project/models/resnet-server-cpu:v1');
    expect(of('gke/a-resnet', 'Deployment').spec.replicas).toBe(5);
  });

  test('the GPU variant has GPUs where there are some', () => {
    expect(server('gke/a-resnet-gpu').image).toMatch(/resnet-server-gpu/);
    expect(server('gke/a-resnet-gpu').resources.limits['nvidia.com/gpu']).toBe('1');
    expect(server('kind/a-resnet-gpu').image).toMatch(/resnet-server-cpu/);
  });

  test('the bucket variant refreshes itself', () => {
    expect(server('gke/a-resnet-live').args).toEqual(
      expect.arrayContaining(['--model_base_path=gs://my-project-bucket/resnet', '--file_system_poll_wait_seconds=60']),
    );
  });
});

describe('B: autoscaling lab', () => {
  test.each(CLUSTERS)('names through the environment, 3 CPU and 4Gi, HPA 60 % 1..4, on %s', (cluster) => {
    const { args, resources, ports } = server(`${cluster}/b-autoscaling`);
    expect(args).toEqual(expect.arrayContaining(['--model_name=$(MODEL_NAME)', '--model_base_path=$(MODEL_PATH)']));
    expect(resources.requests).toEqual({ cpu: '3', memory: '4Gi' });
    expect(ports.map(({ containerPort }: { containerPort: number }) => containerPort)).toEqual([8500, 8501]);
    const { spec } = of(`${cluster}/b-autoscaling`, 'HorizontalPodAutoscaler', 'image-classifier');
    expect([spec.minReplicas, spec.maxReplicas, spec.metrics[0].containerResource.target.averageUtilization]).toEqual([1, 4, 60]);
    expect(of(`${cluster}/b-autoscaling`, 'Deployment').spec).not.toHaveProperty('replicas');
  });

  test('on GKE it is said that one pod fits a node and the fourth stays Pending', () => {
    const chart = charts.get('gke/b-autoscaling') as ServingChart;
    const warnings = noticesOf(chart.node.findAll()).filter(({ kind }) => kind === 'warning');
    expect(warnings.map(({ text }) => text).join('\n')).toMatch(
      /only 3 fit: one n1-standard-4 node has 4 CPU and 15Gi.*so 1 pod\(s\) of 3 CPU and 4Gi fit one node and 3 fit the 3 node\(s\) of pool 'default-pool'; replica 4 stays Pending/,
    );
  });
});

describe('C: Inception', () => {
  test('port 9000, one replica growing to three, a node port or a load balancer by cluster', () => {
    const shape = (cluster: string) => [
      of(`${cluster}/c-inception`, 'Service', 'inception-service').spec.type,
      of(`${cluster}/c-inception`, 'Deployment', 'inception-deployment').spec.replicas,
    ];
    expect(CLUSTERS.map(shape)).toEqual([
      ['NodePort', 1],
      ['NodePort', 1],
      ['LoadBalancer', 3],
    ]);
    expect(of('kind/c-inception', 'Service', 'inception-service').spec.ports[0].port).toBe(9000);
  });

  test.each(CLUSTERS)('the page is reached through Traefik at /inception on %s', (cluster) => {
    const { apiVersion, spec } = of(`${cluster}/c-inception`, 'Ingress');
    expect(apiVersion).toBe('networking.k8s.io/v1');
    expect(spec.ingressClassName).toBe('traefik');
    expect(spec.rules[0].http.paths[0]).toEqual({
      path: '/inception',
      pathType: 'Prefix',
      backend: { service: { name: 'inception-ui', port: { name: 'http' } } },
    });
  });
});

describe('D: experiment grid', () => {
  const variants = [...objects.keys()].filter((name) => name.startsWith('gke/d-'));

  test('fifteen variants with their own flags, as many pods as nodes', () => {
    expect(variants).toHaveLength(15);
    for (const variant of variants) {
      const [, n, c, , interop] = /d-(\d+)n-(\d+)c-(\d+)r-interop(\d+)/.exec(variant) as RegExpExecArray;
      const deployment = of(variant, 'Deployment', 'tfs-server');
      expect(deployment.spec.replicas).toBe(Number(n));
      expect(deployment.spec.template.spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution).toHaveLength(1);
      expect(server(variant).args).toEqual(
        expect.arrayContaining([`--tensorflow_intra_op_parallelism=${c}`, `--tensorflow_inter_op_parallelism=${interop}`]),
      );
      const batching = ['--enable_batching=true', '--batching_parameters_file=/etc/tfs-config/batching_config.txt'];
      expect(batching.filter((flag) => server(variant).args.includes(flag))).toEqual(variant.endsWith('-batch') ? batching : []);
    }
  });

  test('the batching file of the original', () => {
    expect(of('gke/d-2n-8c-64r-interop4-batch', 'ConfigMap').data['batching_config.txt']).toBe(
      'max_batch_size { value: 128 }\nbatch_timeout_micros { value: 0 }\nmax_enqueued_batches { value: 2 }\nnum_batch_threads { value: 2 }\n',
    );
  });

  test('another release is another pod template', () => {
    const known = new Map<string, [string, KubeObject][]>();
    const deployments = (release: string) => {
      const before = known.get(release);
      if (before !== undefined) return before;
      let made: [string, KubeObject][] = [];
      process.env.MODEL_RELEASE = release;
      jest.isolateModules(() => {
        const again = require('./main').referenceApp(new (require('./lib').ServingApp)({ summary: false }));
        made = again.charts.flatMap((chart: ServingChart) =>
          chart.node
            .findAll()
            .filter((construct): construct is ApiObject => 'kind' in construct && construct.kind === 'Deployment')
            .map((object) => [chart.node.path, object.toJson()]),
        );
      });
      delete process.env.MODEL_RELEASE;
      known.set(release, made);
      return made;
    };
    const template = (release: string) =>
      JSON.stringify(deployments(release).find(([chart]) => chart === 'gke/d-8n-2c-4r-interop2')?.[1].spec.template);
    expect(template('v2')).not.toBe(template('v1.0.0'));
    const digest = `sha256:${'a'.repeat(64)}`;
    expect(template(digest)).toContain(`/tfserving-resnet@${digest}"`);
    const images = deployments(digest)
      .map(([, object]) => object.spec.template.spec.containers[0].image)
      .filter((image) => image.endsWith(digest));
    expect(new Set(images.map((image) => image.split('/').at(-1)))).toEqual(new Set([`tfserving-resnet@${digest}`]));
    expect(template('')).toBe(template('v1.0.0'));
    expect(template('v1.0.0')).toBe(JSON.stringify(of('gke/d-8n-2c-4r-interop2', 'Deployment').spec.template));
  });
});

describe('E: clothing classifier', () => {
  const clusters = [...CLUSTERS, 'eks'];

  test.each(clusters)('ping 80 -> 9696, five gateways, two models, on %s', (cluster) => {
    const chart = `${cluster}/e-clothing`;
    expect(of(chart, 'Service', 'ping-service').spec.ports[0].port).toBe(80);
    expect(server(chart, 'ping-deployment').ports[0].containerPort).toBe(9696);
    expect(of(chart, 'Deployment', 'gateway').spec.replicas).toBe(5);
    expect(of(chart, 'Deployment', 'tf-serving-model').spec.replicas).toBe(2);
    expect(server(chart, 'gateway').env).toContainEqual({
      name: 'TF_SERVING_HOST',
      value: 'tf-serving-model.e-clothing.svc.cluster.local:8500',
    });
    expect(of(chart, 'Service', 'tf-serving-model').spec.type).toBe('ClusterIP');
  });

  test('images are loaded on kind, pushed under ECR names on EKS', () => {
    const chart = charts.get('kind/e-clothing') as ServingChart;
    const loads = noticesOf(chart.node.findAll())
      .filter(({ kind }) => kind === 'image')
      .map(({ text }) => text);
    expect(loads).toEqual([
      'kind load docker-image ping:v1 --name kind',
      'kind load docker-image zoomcamp-10-model:v1 --name kind',
      'kind load docker-image zoomcamp-10-gateway:v2 --name kind',
    ]);
    expect(server('eks/e-clothing', 'gateway').image).toBe(
      '123456789012.dkr.ecr.eu-west-1.amazonaws.com/mlzoomcamp-images:zoomcamp-10-gateway-v2',
    );
  });
});

test.each([...objects.keys()])('%s makes its namespace, which enforces Pod Security restricted', (chart) => {
  const namespace = of(chart, 'Namespace');
  expect(namespace.metadata.name).toBe(chart.split('/')[1]);
  expect(namespace.metadata.labels?.['pod-security.kubernetes.io/enforce']).toBe('restricted');
  expect(namespace.metadata).not.toHaveProperty('namespace');
});
