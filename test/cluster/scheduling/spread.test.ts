import type { KubeObject } from '../../../lib/check';
import { eventually, isReady } from '../support/api';
import { PoolScene } from '../support/pools';
import { service } from './workloads';

const scene = new PoolScene('spread');
const NODES = 6;
const ZONE = 'topology.kubernetes.io/zone';

scene.story('replicas spread over nodes and zones, also after a rollout and beside others; one a node is a promise', async () => {
  const cluster = scene.cluster({ general: { machineType: 'e2-standard-4', maxNodes: NODES } });
  const nodes = await scene.addNodes(cluster, NODES);
  const zoneOf = new Map((await scene.nodes()).map(({ metadata }) => [metadata.name, metadata.labels?.[ZONE] as string]));
  const zones = [...new Set(zoneOf.values())];
  const tiny = { requests: { cpu: '100m', memory: '64Mi' } };
  const release = (name: string) =>
    scene.written(cluster, (chart) => {
      service(chart, 'beside', name, { replicas: 2, nodePool: scene.pool() });
      service(chart, 'six', name, { replicas: NODES, resources: tiny, nodePool: scene.pool() });
      service(chart, 'four', name, { replicas: 4, resources: tiny, nodePool: scene.pool() });
      service(chart, 'alone', name, { replicas: NODES, resources: tiny, nodePool: scene.pool(), onePerNode: true });
    }).file;

  for (const name of ['v1', 'v2']) {
    await scene.apply(release(name));
    await scene.available(60);
    for (const id of ['six', 'four', 'alone']) {
      const pods = await scene.pods(id);
      const perNode = nodes.map((node) => pods.filter(({ spec }) => spec.nodeName === node).length);
      const perZone = zones.map((zone) => pods.filter(({ spec }) => zoneOf.get(spec.nodeName) === zone).length);
      scene.say(`spread of ${id}, ${name}: ${perNode.join(' ')} per node, ${perZone.join(' ')} per zone`);
      const least = (places: number) => (pods.length % places === 0 ? 0 : 1);
      expect({ id, skew: skew(perNode), zoneSkew: skew(perZone) }).toEqual({ id, skew: least(NODES), zoneSkew: least(zones.length) });
    }
  }

  scene.kubectl('scale', 'deployment', 'alone', `--replicas=${NODES + 1}`);
  const waiting = await eventually(
    'one pod more finds no node of its own',
    30,
    async () => (await scene.pods('alone')).filter((pod) => !isReady(pod)).map(reason),
    ([why]) => why !== undefined,
  );
  scene.say(`one more than there are nodes: ${waiting.join()}`);
  expect(waiting).toEqual([expect.stringContaining("didn't match pod anti-affinity rules")]);
});

function skew(counts: number[]): number {
  return Math.max(...counts) - Math.min(...counts);
}

function reason({ status }: KubeObject): string | undefined {
  return status.conditions?.find(({ type }: { type: string }) => type === 'PodScheduled')?.message;
}
