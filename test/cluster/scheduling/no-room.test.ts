import { Accelerator } from '../../../lib';
import { condition, eventually, isReady } from '../support/api';
import { gpuNodes, PoolScene } from '../support/pools';
import { gpuPool, model, service } from './workloads';

const { NVIDIA_T4 } = Accelerator;
const scene = new PoolScene('no-room');

/** Why pods of each workload have no place, in the scheduler's words. */
const REASONS: Record<string, RegExp> = {
  'too-many': /Insufficient cpu/,
  'too-many-gpus': /Insufficient nvidia\.com\/gpu/,
  grid: /didn't match pod anti-affinity rules/,
  'no-nodes-yet': /didn't match Pod's node affinity\/selector/,
};

scene.story('as many pods are Ready and Pending as the synthesis said, and the scheduler says why', async () => {
  const cluster = scene.cluster({
    general: { machineType: 'e2-standard-4', maxNodes: 2 },
    gpus: { machineType: 'n1-standard-8', gpusPerNode: 2, maxNodes: 1 },
    grid: { machineType: 'e2-standard-2', maxNodes: 2 },
    empty: { machineType: 'e2-standard-4', maxNodes: 1 },
  });
  await scene.addNodes(cluster, 2);
  await scene.addNodes(cluster, 1, 'gpus', gpuNodes(NVIDIA_T4));
  await scene.addNodes(cluster, 2, 'grid');
  const { file, summary } = scene.written(cluster, (chart) => {
    service(chart, 'too-many', 'v1', { replicas: 6, nodePool: scene.pool() });
    model(chart, 'too-many-gpus', { replicas: 3, pool: gpuPool(chart, NVIDIA_T4, scene.pool('gpus'), 1) });
    const small = { requests: { cpu: '500m', memory: '256Mi' } };
    service(chart, 'grid', 'v1', { replicas: 3, nodePool: scene.pool('grid'), onePerNode: true, resources: small });
    service(chart, 'no-nodes-yet', 'v1', { replicas: 2, nodePool: scene.pool('empty') });
  });
  await scene.apply(file);

  for (const [id, expected] of Object.entries({ 'too-many': [4, 2], 'too-many-gpus': [2, 1], grid: [2, 1], 'no-nodes-yet': [0, 2] })) {
    const [ready, pending] = expected;
    const { reasons } = await eventually(
      `${ready} pods of ${id} are Ready, ${pending} are Pending`,
      30,
      async () => {
        const pods = await scene.pods(id);
        const waiting = pods.map((pod) => condition(pod, 'PodScheduled')).filter((scheduled) => scheduled?.status === 'False');
        return { ready: pods.filter(isReady).length, reasons: waiting.map((scheduled) => scheduled?.message) };
      },
      (seen) => seen.ready === ready && seen.reasons.length === pending,
    );
    scene.say(`no room for all of ${id}: ${ready} Ready, ${pending} Pending: ${reasons[0]?.split('. ')[0]}`);
    for (const reason of reasons) expect(reason).toMatch(REASONS[id]);
    // a pool that has no node yet may get one: nothing is wrong with what is written
    const said = new RegExp(`/${id}: replicas is (\\d+), but only (\\d+) fit`).exec(summary)?.slice(1).map(Number);
    expect({ id, said }).toEqual({ id, said: ready === 0 ? undefined : [ready + pending, ready] });
  }
});
