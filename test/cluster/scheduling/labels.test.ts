import { ModelVersions } from '../../../lib';
import type { KubeObject } from '../../../lib/check';
import { PoolScene } from '../support/pools';
import { model } from './workloads';

const scene = new PoolScene('labels');

scene.story('a label moves by a rollout: each pod keeps the list of models that it started with', async () => {
  const cluster = scene.cluster();
  await scene.addNodes(cluster, 3);
  const versions = ModelVersions.specific(42, 43);
  const release = (versionLabels: { [label: string]: number }) =>
    scene.written(cluster, (chart) => void model(chart, 'ranker', { replicas: 3, nodePool: scene.pool(), versions, versionLabels })).file;

  await scene.apply(release({ stable: 42, canary: 43 }));
  await scene.available(60);
  const before = await scene.pods('ranker');
  expect(await Promise.all(before.map(stableOf))).toEqual([42, 42, 42]);

  await scene.apply(release({ stable: 43, canary: 43 }));
  // what the pods of the old release have mounted is still there, unchanged
  expect(await Promise.all(before.map(stableOf))).toEqual([42, 42, 42]);
  await scene.available(60);
  const after = await scene.pods('ranker');
  expect(after.filter(({ metadata }) => before.some((pod) => pod.metadata.name === metadata.name))).toEqual([]);
  expect(await Promise.all(after.map(stableOf))).toEqual([43, 43, 43]);
  scene.say(`label stable from 42 to 43: ${after.length} new pods, ${before.length} old ones kept their own file`);
});

/** Version that the label `stable` names for a pod. */
async function stableOf({ spec }: KubeObject): Promise<number> {
  const [name] = spec.volumes.flatMap(({ configMap }: { configMap?: { name: string } }) => configMap?.name ?? []);
  const { data } = (await scene.one('configmaps', name)) as unknown as { data: { [file: string]: string } };
  return Number(/key: "stable"\s+value: (\d+)/.exec(data['models_config.txt'])?.[1]);
}
