import type { KubeObject } from '../../../lib/check';
import { PoolScene } from '../support/pools';
import { model } from './workloads';

const scene = new PoolScene('configuration');

scene.story('a change of the configuration replaces all pods, and the same configuration none', async () => {
  const cluster = scene.cluster();
  await scene.addNodes(cluster, 3);
  const batchesOf = (maxBatchSize: number) =>
    scene.written(cluster, (chart) => void model(chart, 'batched', { replicas: 3, nodePool: scene.pool(), batching: { maxBatchSize } }))
      .file;
  const afterApplying = async (file: string) => {
    await scene.apply(file);
    await scene.available(60);
    const pods = await scene.pods('batched');
    const sets = (await scene.list('replicasets')).filter(({ spec }) => spec.replicas > 0);
    return { pods: pods.map(uid).sort(), sets: sets.map(uid), batches: await Promise.all(pods.map(batchSize)) };
  };

  const first = await afterApplying(batchesOf(8));
  const again = await afterApplying(batchesOf(8));
  expect(again).toEqual(first);
  expect(first.batches).toEqual(['8', '8', '8']);

  const changed = await afterApplying(batchesOf(16));
  const kept = changed.pods.filter((pod) => first.pods.includes(pod));
  scene.say(`same configuration: ${again.pods.length} of 3 pods kept; another batch size: ${kept.length} of 3 pods kept`);
  expect(kept).toEqual([]);
  expect(changed.batches).toEqual(['16', '16', '16']);

  // what went wrong is undone by applying what was there before
  const back = await afterApplying(batchesOf(8));
  expect(back.sets).toEqual(first.sets);
  expect(back.batches).toEqual(first.batches);
});

/** The batch size that the server of a pod reads. */
async function batchSize({ spec }: KubeObject): Promise<string | undefined> {
  const names = spec.volumes.flatMap(({ configMap }: { configMap?: { name: string } }) => configMap?.name ?? []);
  const files = await Promise.all(names.map(async (name: string) => Object.values((await scene.one('configmaps', name)).data).join('\n')));
  return /max_batch_size { value: (\d+) }/.exec(files.join('\n'))?.[1];
}

function uid({ metadata }: KubeObject): string {
  return (metadata as { uid?: string }).uid as string;
}
