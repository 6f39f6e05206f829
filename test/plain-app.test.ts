import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { ApiObject, App, Chart, JsonPatch } from 'cdk8s';
import { AutoscaledService, Autoscaling, Cluster, ContainerImage, ServingApp, ServingChart } from '../lib';

const outdir = fs.mkdtempSync(path.join(os.tmpdir(), 'plain-'));
afterAll(() => fs.rmSync(outdir, { recursive: true }));

const chartIn = (app: App, id: string, namespace: string | undefined = id) => new Chart(app, id, { namespace });
const ping = (chart: Chart, id = 'ping') =>
  new AutoscaledService(chart, id, {
    image: ContainerImage.fromRegistry('example.com/ping:1.0'),
    ports: [{ port: 80 }],
    resources: { requests: { cpu: '1', memory: '1Gi' } },
    autoscaling: Autoscaling.cpu({ maxReplicas: 3 }),
  });
const ingress = (chart: Chart, service: string) =>
  new ApiObject(chart, 'ingress', {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'ingress' },
    spec: { rules: [{ http: { paths: [{ backend: { service: { name: service } } }] } }] },
  });
const synth = (build: (app: App) => void) => {
  const app = new App({ outdir });
  build(app);
  return () => app.synth();
};

test('a mistake in a chart with our workload fails the synthesis of a plain app, once', () => {
  const wrong = synth((app) => {
    const chart = chartIn(app, 'a');
    ping(chart);
    ping(chart, 'second').deployment.addJsonPatch(JsonPatch.add('/spec/replicas', 3));
  });
  expect(wrong).toThrow(
    /\[a\/second\/Deployment\] Deployment a\/second, spec.replicas: replicas is 3, but HorizontalPodAutoscaler a\/second owns it \(replicas-beside-autoscaler\)\. Leave spec.replicas out\.$/,
  );
  let message = '';
  try {
    wrong();
  } catch (error) {
    message = (error as Error).message;
  }
  expect(message.match(/replicas-beside-autoscaler/g)).toHaveLength(1);
});

test('charts without our workloads are their own affair', () => {
  expect(
    synth((app) => {
      ping(chartIn(app, 'a'));
      ingress(chartIn(app, 'b'), 'nowhere');
    }),
  ).not.toThrow();
});

test('what a chart lacks may stand in another one', () => {
  const across = (service: string) =>
    synth((app) => {
      ping(chartIn(app, 'workloads', 'shared'));
      const chart = chartIn(app, 'ways-in', 'shared');
      ping(chart, 'other');
      ingress(chart, service);
    });
  expect(across('ping')).not.toThrow();
  expect(across('pong')).toThrow(/Service pong is not among these objects \(route-to-nowhere\)/);
});

test('charts with the same names may go to different places', () => {
  expect(
    synth((app) => {
      ping(chartIn(app, 'dev', 'models'));
      ping(chartIn(app, 'prod', 'models'));
    }),
  ).not.toThrow();
});

test('charts of different clusters do not help each other', () => {
  expect(
    synth((app) => {
      const [one, two] = ['one', 'two'].map((id) => chartIn(app, id, 'shared'));
      Cluster.kind().attachTo(one);
      Cluster.minikube().attachTo(two);
      ping(one);
      ping(two, 'other');
      ingress(two, 'ping');
    }),
  ).toThrow(/route-to-nowhere/);
});

test('a ServingApp judges by itself, and says it once', () => {
  const app = new ServingApp({ outdir, summary: false });
  const chart = new ServingChart(app, 'a', { cluster: Cluster.kind() });
  ping(chart);
  ingress(chart, 'nowhere');
  expect(app.node.findAll().flatMap((construct) => construct.node.validate())).toEqual([]);
  expect(() => app.synth()).toThrow(/^Nothing was written, since a mistake was found:\n {2}\[a\/ingress\] .*\(route-to-nowhere\).*$/);
});
