import { spawn } from 'node:child_process';
import * as net from 'node:net';
import { Duration } from 'cdk8s';
import {
  Autoscaling,
  Cluster,
  Exposure,
  ModelSource,
  Peer,
  Probe,
  ServerImage,
  ServingProtocol,
  TfServingModel,
  type TfServingModelProps,
} from '../lib';
import { tokenGate } from '../lib/model/source/token-gate';
import { container, GKE, only, podSpec, render, warningsOf } from './support/render';

const MODEL: TfServingModelProps = {
  source: ModelSource.inImage('/models/resnet'),
  server: ServerImage.official('2.19.1'),
  resources: { requests: { cpu: '1', memory: '2Gi' } },
};
const model = (props: Partial<TfServingModelProps> = {}, cluster = GKE) =>
  render((chart) => void new TfServingModel(chart, 'resnet', { ...MODEL, ...props }), cluster);
const bucket = ModelSource.gcs('gs://bucket/resnet', { keyFileSecretName: 'gcs-key' });

describe('a model in a bucket waits for its token', () => {
  /** Runs the script against a server that answers each connection with the next line, the last one for ever. */
  async function run(answers: string[], waitSeconds: number) {
    const requests: string[] = [];
    const server = net.createServer((socket) => {
      socket.on('error', () => {});
      let request = '';
      socket.on('data', (data) => {
        request += data;
        if (!request.endsWith('\r\n\r\n')) return;
        requests.push(request);
        socket.end(answers[Math.min(requests.length, answers.length) - 1]);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;
    try {
      return { ...(await runOn(port, waitSeconds)), requests };
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  }

  function runOn(port: number, waitSeconds: number): Promise<{ code: number | null; stderr: string }> {
    const { command } = tokenGate({ host: '127.0.0.1', port, path: '/token' }, waitSeconds);
    const child = spawn(command[0], command.slice(1), { env: {}, stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.on('data', (data) => {
      stderr += data;
    });
    return new Promise((resolve) => child.on('close', (code) => resolve({ code, stderr })));
  }

  test.each(['HTTP/1.0 200 OK', 'HTTP/1.1 404 Not Found'])('%s ends the wait at once', async (status) => {
    const { code, requests } = await run([`${status}\r\n\r\n{}`], 30);
    expect(code).toBe(0);
    expect(requests).toEqual(['GET /token HTTP/1.0\r\nHost: 127.0.0.1\r\nMetadata-Flavor: Google\r\n\r\n']);
  });

  // those that mostly wait, wait together
  test.concurrent('an error and a hang-up are asked again', async () => {
    const { code, requests } = await run(['HTTP/1.1 503 Busy\r\n\r\n', '', 'HTTP/1.1 200 OK\r\n\r\n'], 30);
    expect(code).toBe(0);
    expect(requests).toHaveLength(3);
  });

  test.concurrent.each([
    ['errors only', ['HTTP/1.1 500 Error\r\n\r\n']],
    ['something that is no HTTP', ['200 OK\r\n']],
  ])('%s end in a failure that says why', async (_, answers) => {
    const { code, stderr } = await run(answers, 1);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^No answer from http:\/\/127\.0\.0\.1:\d+\/token: is Workload Identity on/);
  });

  test.concurrent('one that never answers does not keep the question for ever', async () => {
    const silent = net.createServer((socket) => void socket.on('error', () => {}));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as net.AddressInfo;
    expect(await runOn(port, 1)).toMatchObject({ code: 1, stderr: expect.stringContaining('No answer') });
    silent.close();
  });

  test.concurrent('nobody there ends in the same failure', async () => {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as net.AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    expect(await runOn(port, 1)).toMatchObject({ code: 1, stderr: expect.stringContaining('No answer') });
  });

  test('on GKE only, before the server starts, with the rights and the requests of the server', () => {
    const objects = model({ source: bucket });
    const [gate] = podSpec(objects).initContainers;
    const server = container(objects);
    expect(gate.command[2]).toContain('/dev/tcp/169.254.169.254/80');
    expect(gate).toMatchObject({
      name: 'wait-for-token',
      image: server.image,
      securityContext: server.securityContext,
      resources: server.resources,
    });
    expect(podSpec(model({ source: bucket }, Cluster.kind())).initContainers).toBeUndefined();
    expect(podSpec(model()).initContainers).toBeUndefined();
  });
});

describe('metrics', () => {
  const ingress = (props: Partial<TfServingModelProps>) => only(model(props), 'NetworkPolicy').spec.ingress;

  test('scrapers reach the REST port of a model that offers gRPC only, and nobody else does', () => {
    const objects = model({
      protocols: [ServingProtocol.GRPC],
      callers: [Peer.namespace('web')],
      scrapers: [Peer.namespace('monitoring')],
    });
    const from = (name: string) => [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } }];
    expect(only(objects, 'NetworkPolicy').spec.ingress).toEqual([
      { from: from('web'), ports: [{ protocol: 'TCP', port: 8500 }] },
      { from: from('monitoring'), ports: [{ protocol: 'TCP', port: 8501 }] },
    ]);
    expect(only(objects, 'Service').spec.ports.map(({ port }: { port: number }) => port)).toEqual([8500]);
    expect(only(objects, 'Deployment').spec.template.metadata.annotations).toMatchObject({
      'prometheus.io/scrape': 'true',
      'prometheus.io/port': '8501',
      'prometheus.io/path': '/monitoring/prometheus/metrics',
    });
  });

  test('without scrapers nothing is let through and nothing annotated', () => {
    expect(ingress({})).toBeUndefined();
    expect(only(model(), 'Deployment').spec.template.metadata.annotations).not.toHaveProperty('prometheus.io/scrape');
  });

  test('a release without metrics has none to read', () => {
    expect(() => model({ server: ServerImage.official('1.10.1'), scrapers: [Peer.namespace('monitoring')] })).toThrow(
      /'scrapers' .* TensorFlow Serving 1\.10\.1 has no metrics/,
    );
  });
});

describe('stopping behind a load balancer', () => {
  const exposure = Exposure.external({ allowedCidrs: ['203.0.113.0/24'] });
  const eks = Cluster.eks();

  test.each([
    ['inside the cluster', {}, GKE, 10],
    ['a NodePort of kind', { exposure }, Cluster.kind(), 10],
    ['the balancer of GKE', { exposure }, GKE, 30],
    ['the balancer of EKS', { exposure }, eks, 40],
  ])(
    '%s: the server goes on until its address is gone, its connections are old, and the longest request is done',
    (_, props, cluster, drain) => {
      expect(podSpec(model({ requestTimeout: Duration.seconds(30), ...props }, cluster)).terminationGracePeriodSeconds).toBe(
        drain + 22 + 30,
      );
    },
  );

  test('a grace period of your own is taken, with a warning where it cuts requests off', () => {
    const warnings = (seconds: number) => {
      let texts: string[] = [];
      const objects = render((chart) => {
        new TfServingModel(chart, 'resnet', {
          ...MODEL,
          callers: [Peer.namespace('web')],
          terminationGracePeriod: Duration.seconds(seconds),
        });
        texts = warningsOf(chart.node.findAll());
      });
      expect(podSpec(objects).terminationGracePeriodSeconds).toBe(seconds);
      return texts;
    };
    expect(warnings(62)).toEqual([]);
    expect(warnings(61)).toEqual([expect.stringMatching(/^terminationGracePeriod is 61 s, but the last request may end 62 s after/)]);
    expect(warnings(5)).toEqual([expect.stringMatching(/^terminationGracePeriod is 5 s, but the last request may end 30 s after/)]);
  });
});

describe('probes of your own', () => {
  const warnings = (props: Partial<TfServingModelProps>) => {
    let texts: string[] = [];
    render((chart) => {
      texts = warningsOf([new TfServingModel(chart, 'resnet', { ...MODEL, ...props })]);
    });
    return texts;
  };

  test('one that gives up while the model loads is reported', () => {
    const startupProbe = (failureThreshold: number) => Probe.tcpSocket({ periodSeconds: Duration.seconds(5), failureThreshold });
    expect(warnings({ startupProbe: startupProbe(3) })).toEqual([
      expect.stringMatching(/^startupProbe: it gives up after 15 s, but loading may take 905 s/),
    ]);
    expect(warnings({ startupProbe: startupProbe(181) })).toEqual([]);
    expect(warnings({ startupProbe: startupProbe(19), loadTime: Duration.seconds(30) })).toEqual([]);
  });

  test('liveness that needs a thread of the REST server is reported', () => {
    const path = '/v1/models/resnet';
    expect(warnings({ livenessProbe: Probe.httpGet(path, { port: 8501 }) })).toEqual([
      expect.stringMatching(/^livenessProbe: it takes a thread/),
    ]);
    expect(warnings({ livenessProbe: Probe.tcpSocket() })).toEqual([]);
  });

  test('a page that tells nothing of readiness, or is none, is reported', () => {
    const asking = (path: string, port?: number) => warnings({ readinessProbe: Probe.httpGet(path, { port }) });
    expect(asking('/v1/models/resnet', 8501)).toEqual([
      expect.stringMatching(/^readinessProbe: the status of a model, .* answers 200 even/),
    ]);
    expect(asking('/healthz', 8501)).toEqual([expect.stringMatching(/^readinessProbe: the server has no page \/healthz/)]);
    expect(asking('/v1/models', 8501)).toEqual([expect.stringMatching(/^readinessProbe: the server has no page/)]);
    expect(asking('/v1/models/resnet/metadata')).toEqual([expect.stringMatching(/on port 8500, where the server speaks gRPC only/)]);
    expect(asking('/v1/models/resnet/metadata', 8501)).toEqual([]);
    expect(asking('/v1/models/resnet/versions/3/metadata', 8501)).toEqual([]);
  });

  test('the health service of gRPC is refused where the release has none', () => {
    const server = (version: string) => ({ server: ServerImage.official(version), livenessProbe: Probe.grpc() });
    expect(() => warnings(server('2.8.0'))).toThrow(
      /'livenessProbe' \("Probe\.grpc"\) asks a service that TensorFlow Serving 2\.8\.0 does not have/,
    );
    expect(warnings(server('2.15.1'))).toEqual([]);
  });
});

test('scaling on memory is refused, which a server never gives back', () => {
  const scaled = (name: string) => () =>
    model({
      autoscaling: Autoscaling.metrics({
        maxReplicas: 3,
        metrics: [{ type: 'Resource', resource: { name, target: { type: 'Utilization', averageUtilization: 70 } } }],
      }),
    });
  expect(scaled('memory')).toThrow(/'autoscaling' \("memory"\) says nothing about the load of a model/);
  expect(scaled('cpu')).not.toThrow();
});
