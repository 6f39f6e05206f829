import type { KubeObject } from '../../../lib/check';
import { PoolScene } from '../support/pools';
import { model } from './workloads';

const scene = new PoolScene('configuration');

scene.story('a change of the configuration replaces all pods, and the same configuration none', async () => {
  const cluster = scene.cluster();
  await scene.addNodes(cluster, 3);
  const withTimeout = (batchTimeoutMicros: number) =>
    scene.written(
      cluster,
      (chart) => void model(chart, 'batched', { replicas: 3, nodePool: scene.pool(), batching: { maxBatchSize: 8, batchTimeoutMicros } }),
    ).file;
  const afterApplying = async (file: string) => {
    await scene.apply(file);
    await scene.available(60);
    const pods = await scene.pods('batched');
    const sets = (await scene.list('replicasets')).filter(({ spec }) => spec.replicas > 0);
    return { pods: pods.map(uid).sort(), sets: sets.map(uid), timeouts: await Promise.all(pods.map(batchTimeout)) };
  };

  const first = await afterApplying(withTimeout(500));
  const again = await afterApplying(withTimeout(500));
  expect(again).toEqual(first);
  expect(first.timeouts).toEqual(['500', '500', '500']);

  const changed = await afterApplying(withTimeout(900));
  const kept = changed.pods.filter((pod) => first.pods.includes(pod));
  scene.say(`same configuration: ${again.pods.length} of 3 pods kept; another batch timeout: ${kept.length} of 3 pods kept`);
  expect(kept).toEqual([]);
  expect(changed.timeouts).toEqual(['900', '900', '900']);

  // what went wrong is undone by applying what was there before
  const back = await afterApplying(withTimeout(500));
  expect(back.sets).toEqual(first.sets);
  expect(back.timeouts).toEqual(first.timeouts);
});

/** What the server of a pod reads; no argument of it says so. */
async function batchTimeout({ spec }: KubeObject): Promise<string | undefined> {
  const names = spec.volumes.flatMap(({ configMap }: { configMap?: { name: string } }) => configMap?.name ?? []);
  const files = await Promise.all(names.map(async (name: string) => Object.values((await scene.one('configmaps', name)).data).join('\n')));
  return /batch_timeout_micros { value: (\d+) }/.exec(files.join('\n'))?.[1];
}

function uid({ metadata }: KubeObject): string {
  return (metadata as { uid?: string }).uid as string;
}
