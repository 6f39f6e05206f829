import './support/require-cluster';
import { Duration } from 'cdk8s';
import { ModelGateway, ModelSource, type ServingChart, TfServingModel, type TfServingModelProps } from '../../lib';
import { eventually, getIn, kubectl } from './support/kubectl';
import { claimNamespaces, markNamespaces, releaseNamespaces } from './support/namespaces';
import {
  endLoad,
  type Load,
  onRealNode,
  realNode,
  type Seen,
  standInImage,
  standInServer,
  startLoad,
  synthesized,
} from './support/stand-in';
import { explained } from './support/trouble';

/** Stories in which pods really run: a stand-in of the server, which behaves as the real one is known to, under clients. */
const NAMESPACE = 'story-serving';
const REST = { path: '/v1/models/demo:predict' };
const GRPC = { path: '/tensorflow.serving.PredictionService/Predict' };
const CLIENTS = 4;

const node = realNode();
const stories = node === undefined ? describe.skip : describe;
const said: string[] = [];
afterAll(() => {
  if (node === undefined) said.push('no node runs pods here: how servers start, serve and stop was not shown');
  process.stdout.write(said.map((line) => `${line}\n`).join(''));
});

stories('on a node that runs pods', () => {
  const here = node as string;

  beforeEach(async () => {
    await claimNamespaces([NAMESPACE]);
  });
  afterEach(releaseNamespaces);

  const demo = (chart: ServingChart, props: Partial<TfServingModelProps> = {}) =>
    new TfServingModel(chart, 'demo', {
      source: ModelSource.inImage('/models/demo'),
      server: standInServer(),
      replicas: 3,
      requestTimeout: Duration.seconds(5),
      ...onRealNode(here),
      ...props,
      env: { LATENCY_MS: '10', ...props.env },
    });

  const withGateway = (chart: ServingChart, props: Partial<TfServingModelProps> = {}) =>
    new ModelGateway(chart, 'gateway', {
      image: standInImage(),
      command: ['/usr/bin/gateway'],
      env: { PORT: '9696' },
      targetPort: 9696,
      model: demo(chart, props),
      replicas: 2,
      ...onRealNode(here),
    });

  function apply(build: (chart: ServingChart) => void): void {
    kubectl(['apply', '--validate=strict', '--filename', synthesized(NAMESPACE, build)]);
    markNamespaces();
  }

  async function available(): Promise<void> {
    await eventually(
      'all Deployments have their pods',
      120,
      () => getIn([NAMESPACE], 'deployments').map(({ status, spec }) => [spec.replicas, status.readyReplicas, status.updatedReplicas]),
      (seen) => seen.every(([wanted, ready, updated]) => wanted === ready && wanted === updated),
    );
  }

  const clients = (seconds: number): Load[] => [
    { name: 'new', mode: 'new', target: `demo.${NAMESPACE}.svc.cluster.local:8501`, ...REST, seconds },
    { name: 'keepalive', mode: 'keepalive', target: `demo.${NAMESPACE}.svc.cluster.local:8501`, ...REST, seconds },
    { name: 'grpc', mode: 'grpc', target: `demo.${NAMESPACE}.svc.cluster.local:8500`, ...GRPC, seconds },
    { name: 'gateway-clients', mode: 'keepalive', target: `gateway.${NAMESPACE}.svc.cluster.local:80`, seconds },
  ];

  /** Lets something happen under load, and returns what the clients saw. */
  async function underLoad(what: string, seconds: number, happen: () => Promise<void> | void): Promise<Record<string, Seen>> {
    const loads = clients(seconds);
    await startLoad(NAMESPACE, here, loads);
    await happen();
    const seen = await endLoad(NAMESPACE, loads);
    for (const [name, { sent, failed, failures }] of Object.entries(seen)) {
      said.push(`${what}: ${name}: ${failed} of ${sent} requests failed ${failed > 0 ? JSON.stringify(failures) : ''}`);
    }
    return seen;
  }

  /** Servers ask gRPC clients to leave; clients of REST that keep a connection lose at most what is under way when it ends. */
  function expectServed(seen: Record<string, Seen>, podsGone: number): void {
    expect({ new: seen.new.failed, grpc: seen.grpc.failed, gateway: seen['gateway-clients'].failed }).toEqual({
      new: 0,
      grpc: 0,
      gateway: 0,
    });
    expect(seen.keepalive.failed).toBeLessThanOrEqual(CLIENTS * podsGone);
  }

  test('a rollout loses no request, and never has fewer pods than promised', () =>
    explained([NAMESPACE], async () => {
      apply((chart) => void withGateway(chart));
      await available();
      let fewest = Number.POSITIVE_INFINITY;
      const seen = await underLoad('rollout', 100, async () => {
        apply((chart) => void withGateway(chart, { env: { ROUND: '2' } }));
        await eventually(
          'the old pods are gone',
          100,
          () => {
            const [{ status }] = getIn([NAMESPACE], 'deployments').filter(({ metadata }) => metadata.name === 'demo');
            fewest = Math.min(fewest, status.availableReplicas ?? 0);
            const pods = getIn([NAMESPACE], 'pods').filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/instance'] === 'demo');
            return { updated: status.updatedReplicas, unavailable: status.unavailableReplicas ?? 0, pods: pods.length };
          },
          ({ updated, unavailable, pods }) => updated === 3 && unavailable === 0 && pods === 3,
        );
      });
      said.push(`rollout: never fewer than ${fewest} of 3 pods`);
      expect(fewest).toBe(3);
      expect(Object.values(seen).reduce((sum, { sent }) => sum + sent, 0)).toBeGreaterThanOrEqual(20_000);
      expectServed(seen, 3);
    }));

  test('a pod that is deleted, and one that is killed at once, are not missed', () =>
    explained([NAMESPACE], async () => {
      apply((chart) => void withGateway(chart));
      await available();
      const [first, second] = getIn([NAMESPACE], 'pods')
        .map(({ metadata }) => metadata.name)
        .filter((name) => name.startsWith('demo-'));
      const deleted = await underLoad('delete', 55, () => void kubectl(['delete', 'pod', '--namespace', NAMESPACE, first, '--wait=false']));
      expectServed(deleted, 1);
      await available();
      const killed = await underLoad('kill', 20, () => {
        kubectl(['delete', 'pod', '--namespace', NAMESPACE, second, '--grace-period=0', '--force']);
      });
      expect(killed['gateway-clients'].failed).toBe(0);
    }));
});
