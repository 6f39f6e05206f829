import { AutoscaledService, ContainerImage, type ServingChart } from '../../../lib';
import type { KubeObject } from '../../../lib/check';
import { condition, eventually, isReady } from '../support/api';
import { kubectl } from '../support/kubectl';
import { objectsIn } from '../support/manifests';
import { PoolScene } from '../support/pools';

const scene = new PoolScene('quota');

const REPLICAS = 3;
const REQUEST = { milliCpu: 500, mebibytes: 256 };

const ping = (tag: string, limits?: { cpu: string }) => (chart: ServingChart) =>
  new AutoscaledService(chart, 'ping', {
    image: ContainerImage.fromRegistry(`ping:${tag}`),
    ports: [{ port: 80, targetPort: 8080 }],
    resources: { requests: { cpu: `${REQUEST.milliCpu}m`, memory: `${REQUEST.mebibytes}Mi` }, limits },
    replicas: REPLICAS,
    nodePool: scene.pool(),
  });

scene.story(
  'a quota for the replicas and the surge of a rollout is enough; with one pod less old pods serve on, and the reason is seen',
  async () => {
    const cluster = scene.cluster();
    await scene.addNodes(cluster, 2);
    const first = scene.written(cluster, ping('v1')).file;
    const pods = REPLICAS + surgeIn(first);
    await scene.apply(first);
    quota(pods);
    await scene.available();
    await scene.apply(scene.written(cluster, ping('v2')).file);
    await scene.available(60);
    scene.say(`quota: ${pods} pods with ${hard(pods)['requests.cpu']} CPU is enough for ${REPLICAS} replicas and a rollout`);

    quota(pods - 1);
    await scene.apply(scene.written(cluster, ping('v3')).file);
    const said = await eventually('the Deployment says why the rollout does not begin', 30, refusal, (reason) => reason !== undefined);
    const serving = (await scene.pods('ping')).filter(isReady).map(image);
    scene.say(`quota: for one pod less ${serving.length} old pods serve on, and the Deployment says: ${said}`);
    expect(said).toMatch(/exceeded quota: room/);
    expect(serving).toEqual(Array(REPLICAS).fill('ping:v2'));

    quota(pods);
    await scene.available(60);
  },
);

scene.story('a namespace that wants CPU limits refuses pods until limits are written, which one prop does', async () => {
  const cluster = scene.cluster();
  await scene.addNodes(cluster, 2);
  await scene.apply(scene.written(cluster, ping('v1', { cpu: '1' })).file);
  kubectl(['apply', '--filename', '-'], quotaObject('room', { 'limits.cpu': '4' }));
  kubectl(['apply', '--filename', '-'], limitRange({ max: { cpu: '1', memory: '256Mi' }, min: { cpu: '500m', memory: '256Mi' } }));
  await scene.apply(scene.written(cluster, ping('v2', { cpu: '1' })).file);
  await scene.available(60);

  scene.kubectl('delete', 'limitrange', 'sizes');
  await scene.apply(scene.written(cluster, ping('v3')).file);
  const unlimited = await eventually('a pod without a CPU limit is refused', 30, refusal, (reason) => reason !== undefined);
  scene.say(`quota: on limits.cpu, without a CPU limit: ${unlimited}`);
  expect(unlimited).toMatch(/failed quota: room: must specify limits.cpu for: ping/);

  kubectl(['apply', '--filename', '-'], limitRange({ default: { cpu: '100m' } }));
  scene.kubectl('delete', 'resourcequota', 'room');
  await scene.apply(scene.written(cluster, ping('v4')).file);
  const isTooLow = (reason?: string) => reason?.includes('must be less than or equal to cpu limit') ?? false;
  const defaulted = await eventually('a default limit under the request is refused', 30, refusal, isTooLow);
  scene.say(`quota: where a LimitRange gives a CPU limit of 100m: ${defaulted}`);

  await scene.apply(scene.written(cluster, ping('v4', { cpu: '500m' })).file);
  await scene.available(60);
});

/** Pods that a rollout adds, as Kubernetes counts them. */
function surgeIn(file: string): number {
  const { maxSurge } = objectsIn(file).find(({ kind }) => kind === 'Deployment')?.spec.strategy.rollingUpdate ?? {};
  return typeof maxSurge === 'number' ? maxSurge : Math.ceil((REPLICAS * Number.parseInt(maxSurge, 10)) / 100);
}

/** What so many pods need. */
function hard(pods: number): Record<string, string> {
  const memory = `${pods * REQUEST.mebibytes}Mi`;
  return {
    pods: String(pods),
    'count/deployments.apps': '1',
    'count/services': '1',
    'requests.cpu': `${pods * REQUEST.milliCpu}m`,
    'requests.memory': memory,
    'limits.memory': memory,
  };
}

function quota(pods: number): void {
  kubectl(['apply', '--filename', '-'], quotaObject('room', hard(pods)));
}

function quotaObject(name: string, amounts: Record<string, string>): object {
  return { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name, namespace: scene.namespace }, spec: { hard: amounts } };
}

function limitRange(limits: object): object {
  const spec = { limits: [{ type: 'Container', ...limits }] };
  return { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'sizes', namespace: scene.namespace }, spec };
}

/** Why the newest release cannot make a pod: the Deployment may still repeat what was said of an older one. */
async function refusal(): Promise<string | undefined> {
  const age = ({ metadata }: KubeObject) => Number((metadata.annotations as Record<string, string>)['deployment.kubernetes.io/revision']);
  const [newest] = (await scene.list('replicasets')).sort((one, other) => age(other) - age(one));
  return newest && condition(newest, 'ReplicaFailure')?.message;
}

const image = (pod: KubeObject) => pod.spec.containers[0].image;
