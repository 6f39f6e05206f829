import './support/require-cluster';
import { Duration } from 'cdk8s';
import { ModelGateway, ModelSource, type ServingChart, TfServingModel, type TfServingModelProps } from '../../lib';
import { condition, eventually, getIn, kubectl } from './support/kubectl';
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

  /** The pods of the model. */
  const pods = () => getIn([NAMESPACE], 'pods').filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/instance'] === 'demo');
  const restarts = () => pods().map(({ status }) => status.containerStatuses?.[0]?.restartCount ?? 0);
  const ready = () => pods().map((pod) => condition(pod, 'Ready')?.status === 'True');
  const single = (props: Partial<TfServingModelProps>) => (chart: ServingChart) => void demo(chart, { replicas: 1, ...props });

  test('a load that takes three times as long as was said is waited for', () =>
    explained([NAMESPACE], async () => {
      apply(single({ loadTime: Duration.seconds(10), env: { LOAD_SECONDS: '30' } }));
      const seen = await eventually(
        'the pod is ready',
        90,
        () => ({ ready: ready(), restarts: restarts() }),
        (now) => now.ready[0] === true,
      );
      expect(seen.restarts).toEqual([0]);
      const [{ status }] = pods();
      const started = Date.parse(status.containerStatuses[0].state.running.startedAt);
      const readyAt = Date.parse(condition(pods()[0], 'Ready')?.lastTransitionTime as string);
      expect(readyAt - started).toBeGreaterThanOrEqual(29_000);
    }));

  test('a load that fails is a pod that restarts, and its log says why', () =>
    explained([NAMESPACE], async () => {
      apply(single({ loadTime: Duration.seconds(5), source: ModelSource.inImage('/models/broken') }));
      const never = await eventually(
        'the container restarts',
        60,
        () => ({ ready: ready(), restarts: restarts() }),
        (now) => now.restarts[0] > 0,
      );
      expect(never.ready).toEqual([false]);
      const log = kubectl(['logs', '--namespace', NAMESPACE, pods()[0].metadata.name, '--previous']);
      expect(log).toContain('failed, try 2 of 2');
    }));

  test('a wrong path is never ready, and the events say that it does not start', () =>
    explained([NAMESPACE], async () => {
      apply(single({ loadTime: Duration.seconds(5), source: ModelSource.inImage('/models/elsewhere') }));
      await eventually('the container is given up and restarted', 90, restarts, ([count]) => count > 0);
      expect(ready()).toEqual([false]);
      const events = getIn([NAMESPACE], 'events').map(({ message }) => message);
      expect(events).toContainEqual(expect.stringMatching(/^Startup probe failed: dial tcp .*: connect: connection refused$/));
      expect(events).toContainEqual(expect.stringMatching(/^Container demo failed startup probe, will be restarted$/));
      expect(kubectl(['logs', '--namespace', NAMESPACE, pods()[0].metadata.name, '--previous'])).toContain(
        'No versions of servable demo found',
      );
    }));

  test('a server that hangs leaves its Service, and is restarted', () =>
    explained([NAMESPACE], async () => {
      apply(single({ env: { HANG_AFTER_SECONDS: '15' } }));
      await eventually('the pod is ready', 60, ready, ([is]) => is === true);
      await eventually('the pod is out of its Service', 90, ready, ([is]) => is === false);
      await eventually('the container is restarted', 120, restarts, ([count]) => count > 0);
      await eventually(
        'an event says why',
        30,
        () => getIn([NAMESPACE], 'events').map(({ message }) => message),
        (events) => events.includes('Container demo failed liveness probe, will be restarted'),
      );
    }));

  test('after a scale-out gRPC clients spread over all pods, as those connect anew that stayed with one', () =>
    explained([NAMESPACE], async () => {
      apply((chart) => void demo(chart, { replicas: 1 }));
      await available();
      const load: Load = {
        name: 'grpc',
        mode: 'grpc',
        target: `demo.${NAMESPACE}.svc.cluster.local:8500`,
        ...GRPC,
        seconds: 130,
        // many clients, since each connection goes to one pod by chance
        clients: 200,
        pauseMillis: 200,
        // connections that are older than the scale-out leave their pod within 22 s of it
        countAfterSeconds: 45,
      };
      await startLoad(NAMESPACE, here, [load]);
      kubectl(['scale', 'deployment/demo', '--namespace', NAMESPACE, '--replicas', '3']);
      const { grpc } = await endLoad(NAMESPACE, [load]);
      const shares = pods().map(({ metadata }) => (grpc.servedBy[metadata.name] ?? 0) / grpc.sent);
      said.push(`scale-out from 1 to 3: shares of ${grpc.sent} gRPC requests ${shares.map((share) => share.toFixed(3)).join(', ')}`);
      expect(grpc.failed).toBe(0);
      for (const share of shares) expect(Math.abs(share - 1 / 3)).toBeLessThan(0.15 / 3);
    }));
});
