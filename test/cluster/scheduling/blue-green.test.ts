import { type Cluster, ModelSwitch, ModelVersions } from '../../../lib';
import type { KubeObject } from '../../../lib/check';
import { eventually } from '../support/api';
import { PoolScene } from '../support/pools';
import { model } from './workloads';

const scene = new PoolScene('blue-green');

/** Blue and green, of two pods each, of which one answers. */
const release = (cluster: Cluster, answering: 'blue' | 'green') =>
  scene.written(cluster, (chart) => {
    const shared = { modelName: 'ranker', replicas: 2, nodePool: scene.pool() };
    const models = {
      blue: model(chart, 'blue', { ...shared, versions: ModelVersions.specific(42) }),
      green: model(chart, 'green', { ...shared, versions: ModelVersions.specific(43) }),
    };
    const active = models[answering];
    new ModelSwitch(chart, 'ranker', { active, idle: Object.values(models).filter((other) => other !== active) });
  });

scene.story('a switch leads the Service to the ready pods of the other model, and touches no pod', async () => {
  const cluster = scene.cluster();
  await scene.addNodes(cluster, 3);
  const { file, summary } = release(cluster, 'blue');
  await scene.apply(file);
  const [, , name] = /rollout status (deployment)\/(\S+)/.exec(summary) ?? [];
  expect(name).toBe('green');
  scene.kubectl('rollout', 'status', `deployment/${name}`, '--timeout=60s');
  await scene.available(60);
  const before = await names();
  expect(await answering(before.blue)).toEqual(before.blue);

  const started = Date.now();
  await scene.apply(release(cluster, 'green').file);
  expect(await answering(before.green)).toEqual(before.green);
  scene.say(`switch from blue to green: all requests go to green ${((Date.now() - started) / 1000).toFixed(1)} s after the command`);
  expect(await names()).toEqual(before);

  await scene.apply(file);
  expect(await answering(before.blue)).toEqual(before.blue);
  expect(await names()).toEqual(before);
});

/** Names of the pods of both models. */
async function names(): Promise<{ blue: string[]; green: string[] }> {
  const [blue, green] = await Promise.all(['blue', 'green'].map((id) => scene.pods(id)));
  return { blue: blue.map(nameOf).sort(), green: green.map(nameOf).sort() };
}

/** Pods that the Service leads to, once they are the expected ones. */
function answering(expected: string[]): Promise<string[]> {
  return eventually(
    `the Service leads to ${expected}`,
    30,
    async () => {
      const slices = (await scene.list('endpointslices', 'kubernetes.io/service-name=ranker')) as unknown as Slice[];
      const ready = slices.flatMap(({ endpoints }) => endpoints ?? []).filter(({ conditions }) => conditions.ready);
      return ready.map(({ targetRef }) => targetRef.name).sort();
    },
    (seen) => JSON.stringify(seen) === JSON.stringify(expected),
  );
}

interface Slice {
  readonly endpoints?: { readonly conditions: { readonly ready: boolean }; readonly targetRef: { readonly name: string } }[];
}

function nameOf({ metadata }: KubeObject): string {
  return metadata.name;
}
