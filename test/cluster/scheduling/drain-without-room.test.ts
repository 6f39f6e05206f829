import { Accelerator } from '../../../lib';
import { eventually, isReady } from '../support/api';
import { kubectl, started } from '../support/kubectl';
import { gpuNodes, PoolScene } from '../support/pools';
import { fewestReady } from '../support/ready-pods';
import { gpuPool, model, service, unmeasured } from './workloads';

const { NVIDIA_T4 } = Accelerator;
const scene = new PoolScene('drain-full');
const gpu = { machineType: 'n1-standard-8', gpusPerNode: 1, maxNodes: 2 };
const cpu = { machineType: 'e2-standard-4', maxNodes: 2 };

/** Pods of each workload on a pool of its own that has no spare place, and those that are ready at any time while a node is away. */
const PROMISES = {
  'gpus-one': { pods: 1, ready: 1, never: 0 },
  'gpus-full': { pods: 2, ready: 2, never: 1 },
  'gpus-two-a-node': { pods: 4, ready: 4, never: 2 },
  'gpus-too-few': { pods: 3, ready: 2, never: 1 },
  full: { pods: 4, ready: 4, never: 2 },
  'too-many': { pods: 5, ready: 4, never: 2 },
  autoscaled: { pods: 5, ready: 4, never: 2 },
};

scene.story('nodes of full pools are drained one after the other, and no more pods go than those of the node', async () => {
  const pools = {
    ...{ 'gpus-one': { ...gpu, maxNodes: 1 }, 'gpus-full': gpu, 'gpus-two-a-node': { ...gpu, gpusPerNode: 2 }, 'gpus-too-few': gpu },
    ...{ full: cpu, 'too-many': cpu, autoscaled: cpu },
  };
  const cluster = scene.cluster(pools);
  const nodes = await scene.addAllNodes(cluster, pools, (name) => (name.startsWith('gpus') ? gpuNodes(NVIDIA_T4) : {}));
  const { file } = scene.written(cluster, (chart) => {
    for (const [id, { pods: replicas }] of Object.entries(PROMISES)) {
      const nodePool = scene.pool(id);
      if (id.startsWith('gpus'))
        model(chart, id, { replicas, pool: gpuPool(chart, NVIDIA_T4, nodePool, cluster.nodePool(nodePool).maxNodes) });
      else service(chart, id, 'v1', { nodePool, ...(id === 'autoscaled' ? { autoscaling: unmeasured(replicas) } : { replicas }) });
    }
  });
  await scene.apply(file);
  scene.kubectl('scale', 'deployment', 'autoscaled', `--replicas=${PROMISES.autoscaled.pods}`);
  await allReady();

  for (const round of [0, 1]) {
    const away = nodes.flatMap((ofPool) => ofPool[round] ?? []);
    const fewest = await fewestReady(scene.namespace, async () => {
      await Promise.all(away.map((node) => started(['drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout', '30s'])));
      const left = (await scene.list('pods')).filter(({ spec }) => away.includes(spec.nodeName));
      expect(left).toEqual([]);
      kubectl(['uncordon', ...away]);
      await allReady();
    });
    for (const [id, { ready, never }] of Object.entries(PROMISES)) {
      if (pools[id as keyof typeof pools].maxNodes <= round) continue;
      scene.say(`drain of node ${round + 1} of the full pool of ${id}: never fewer than ${fewest[id]} of ${ready} ready pods`);
      expect({ id, enough: fewest[id] >= never }).toEqual({ id, enough: true });
    }
  }
});

/** Waits until as many pods of each workload are ready as have a place. */
async function allReady(): Promise<void> {
  const wanted = Object.entries(PROMISES).map(([id, { ready }]) => ({ id, ready }));
  await eventually(
    'as many pods are ready as have a place',
    60,
    () => Promise.all(wanted.map(async ({ id }) => ({ id, ready: (await scene.pods(id)).filter(isReady).length }))),
    (seen) => seen.every(({ ready }, index) => ready === wanted[index].ready),
  );
}
