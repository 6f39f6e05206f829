import { Accelerator, ServerImage } from '../../../lib';
import { eventually, isReady } from '../support/api';
import { gpuNodes, PoolScene } from '../support/pools';
import { fewestReady } from '../support/ready-pods';
import { gpuPool, model, promised, service, unmeasured } from './workloads';

const { NVIDIA_T4 } = Accelerator;
const scene = new PoolScene('pace');
const cpu = { machineType: 'e2-standard-4', maxNodes: 2 };
const gpu = { machineType: 'n1-standard-8', gpusPerNode: 1, maxNodes: 3 };

/** What each workload is promised: pods that are ready before and after the rollout, and those that are at any time. */
const PROMISES = {
  'gpus-full': { pods: 3, ready: 3, never: 2 },
  'gpus-with-one-to-spare': { pods: 2, ready: 2, never: 2 },
  'gpus-one': { pods: 1, ready: 1, never: 0 },
  'gpus-too-few': { pods: 4, ready: 3, never: 2 },
  'with-room': { pods: 3, ready: 3, never: 3 },
  full: { pods: 4, ready: 4, never: 3 },
  'too-many': { pods: 6, ready: 4, never: 3 },
  autoscaled: { pods: 4, ready: 4, never: 3 },
  'one-a-node': { pods: 2, ready: 2, never: 1 },
};

scene.story('a new image reaches all pods that have a place, and never fewer are ready than promised', async () => {
  const pools = {
    ...{ 'gpus-full': gpu, 'gpus-with-one-to-spare': gpu, 'gpus-one': { ...gpu, maxNodes: 1 }, 'gpus-too-few': gpu },
    ...{ 'with-room': { ...cpu, maxNodes: 3 }, full: cpu, 'too-many': cpu, autoscaled: cpu, 'one-a-node': cpu },
  };
  const cluster = scene.cluster(pools);
  await scene.addAllNodes(cluster, pools, (name) => (name.startsWith('gpus') ? gpuNodes(NVIDIA_T4) : {}));
  const release = (image: string) =>
    scene.written(cluster, (chart) => {
      for (const [id, { pods: replicas }] of Object.entries(PROMISES)) {
        const nodePool = scene.pool(id);
        if (id.startsWith('gpus')) {
          const { maxNodes } = cluster.nodePool(nodePool);
          model(chart, id, { pool: gpuPool(chart, NVIDIA_T4, nodePool, maxNodes), replicas, server: ServerImage.official(image) });
        } else if (id === 'autoscaled') service(chart, id, image, { nodePool, autoscaling: unmeasured(4) });
        else service(chart, id, image, { nodePool, replicas, onePerNode: id === 'one-a-node' });
      }
    }).file;

  await scene.apply(release('2.18.0'));
  scene.kubectl('scale', 'deployment', 'autoscaled', '--replicas=4');
  await Promise.all(Object.keys(PROMISES).map((id) => reached(id, '2.18.0')));
  const fewest = await fewestReady(scene.namespace, async () => {
    await scene.apply(release('2.19.1'));
    await Promise.all(Object.keys(PROMISES).map((id) => reached(id, '2.19.1')));
  });
  for (const deployment of await scene.list('deployments')) {
    const id = deployment.metadata.name as keyof typeof PROMISES;
    const { ready, never } = PROMISES[id];
    const { maxSurge, maxUnavailable } = deployment.spec.strategy.rollingUpdate;
    scene.say(
      `rollout of ${id}: never fewer than ${fewest[id]} of ${ready} ready pods (maxSurge ${maxSurge}, maxUnavailable ${maxUnavailable})`,
    );
    expect({ id, promised: promised(deployment) }).toEqual({ id, promised: never });
    expect(fewest[id]).toBeGreaterThanOrEqual(never);
  }
});

/** Waits until all pods of a workload are of a release, and as many ready as have a place. */
async function reached(id: string, release: string): Promise<void> {
  const { pods, ready } = PROMISES[id as keyof typeof PROMISES];
  await eventually(
    `all pods of ${id} are of release ${release}`,
    60,
    async () => {
      const seen = await scene.list('pods', `app.kubernetes.io/instance=${id}`);
      return { images: seen.map(({ spec }) => spec.containers[0].image as string), ready: seen.filter(isReady).length };
    },
    (seen) => seen.images.length === pods && seen.ready === ready && seen.images.every((image) => image.includes(release)),
  );
}
