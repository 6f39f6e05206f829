import { type Accelerator, Cluster, type NodePoolProps } from '../../../lib';
import type { KubeObject } from '../../../lib/check';
import { addNodes, deleteNodes, type FakeNode, nodeOfPool, nodesOf } from './fake-nodes';
import { namespacesGone } from './namespaces';
import { Scene } from './scene';

/** Zones of the nodes, in turn. */
const ZONES = ['us-central1-a', 'us-central1-b', 'us-central1-c'];

/** What GKE writes on nodes with GPUs. */
export const gpuNodes = ({ gkeName = '' }: Accelerator): Pick<FakeNode, 'labels' | 'taints'> => ({
  labels: { 'cloud.google.com/gke-accelerator': gkeName },
  taints: [{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }],
});

/** Facts of a pool, of which the scene makes the name and keeps the pods of others off. */
export type Pool = Omit<NodePoolProps, 'name' | 'taints'>;

/**
 * A namespace and fake nodes that nobody else uses: pools of GKE with names of this story and a taint that only its own
 * pods tolerate, as they do for any pool that they are declared to run on.
 */
export class PoolScene extends Scene {
  constructor(name: string) {
    super(name);
    afterEach(async () => {
      // pods without their node would be in the way of the next story for a minute
      await namespacesGone([this.namespace]);
      deleteNodes(this.namespace);
    });
  }

  /** Name of a pool in the cluster. */
  public pool(name = 'general'): string {
    return `${this.namespace}-${name}`;
  }

  /** A cluster with these pools. */
  public cluster(pools: Record<string, Pool> = { general: { machineType: 'e2-standard-4', maxNodes: 3 } }): Cluster {
    const taints = [{ key: 'story', value: this.namespace, effect: 'NoSchedule' }];
    const nodePools = Object.entries(pools).map(([name, facts]) => ({ ...facts, name: this.pool(name), taints }));
    return Cluster.gke({ projectId: 'my-project', imageRegistry: 'gcr.io/my-project', nodePools });
  }

  /** Nodes of this story. */
  public nodes(): Promise<KubeObject[]> {
    return nodesOf(this.namespace);
  }

  /** Adds as many nodes to each pool as it has at most, and returns their names pool by pool. */
  public addAllNodes(
    cluster: Cluster,
    pools: Record<string, Pool>,
    extraOf: (name: string) => Pick<FakeNode, 'labels' | 'taints'>,
  ): Promise<string[][]> {
    return Promise.all(Object.entries(pools).map(([name, { maxNodes }]) => this.addNodes(cluster, maxNodes, name, extraOf(name))));
  }

  /** Adds nodes of a pool, each in the next zone, and returns their names. `extra` is what the platform writes on them besides. */
  public async addNodes(
    cluster: Cluster,
    count: number,
    name = 'general',
    extra: Pick<FakeNode, 'labels' | 'taints'> = {},
  ): Promise<string[]> {
    const pool = cluster.nodePool(this.pool(name));
    const nodes = Array.from({ length: count }, (_, index) => {
      const node = nodeOfPool(`${pool.name}-${index}`, pool, ZONES[index % ZONES.length]);
      return { ...node, labels: { ...node.labels, ...extra.labels }, taints: [...(node.taints ?? []), ...(extra.taints ?? [])] };
    });
    await addNodes(this.namespace, nodes);
    return nodes.map(({ name: node }) => node);
  }
}
