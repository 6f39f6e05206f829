import type { NodeAmounts, NodePool } from '../cluster';
import { podsThatFit } from '../cluster/node-pool';

/** Pods of one size that want places. */
export interface Pods {
  readonly pools: NodePool[];
  readonly request: NodeAmounts;
  readonly replicas: number;
  readonly onePerNode: boolean;
}

/** Where they ended up. */
export interface Packed {
  /** Pods that got a place. */
  readonly placed: number;
  /** Further pods of the same size for which there is a place when all others have theirs. */
  readonly spare: number;
}

/** Nodes of one pool that have the same amounts left. */
interface Bucket {
  readonly pool: string;
  readonly milliCpu: number;
  readonly memoryBytes: number;
  readonly gpus: number;
  count: number;
}

/**
 * Puts pods on nodes as the scheduler does: each on the emptiest node that has room. The largest come first; that is the
 * order in which most of them find a place, so that what stays out here stays out in any order of about that size.
 */
export function packed<P extends Pods>(all: P[]): Map<P, Packed> {
  const nodes = new Nodes(all.flatMap(({ pools }) => pools));
  const largestFirst = [...all].sort((a, b) => b.request.milliCpu - a.request.milliCpu || b.request.memoryBytes - a.request.memoryBytes);
  const placed = new Map(largestFirst.map((pods) => [pods, nodes.place(pods)]));
  return new Map(
    all.map((pods) => [
      pods,
      { placed: (placed.get(pods) as Placed).pods, spare: nodes.spare(pods, (placed.get(pods) as Placed).nodesOfPool) },
    ]),
  );
}

interface Placed {
  readonly pods: number;
  readonly nodesOfPool: Map<string, number>;
}

class Nodes {
  private readonly buckets = new Map<string, Bucket>();

  constructor(pools: NodePool[]) {
    for (const pool of new Map(pools.map((candidate) => [candidate.name, candidate])).values()) {
      const { milliCpu, memoryBytes, gpus = 0 } = pool.free;
      this.put({ pool: pool.name, milliCpu, memoryBytes, gpus }, pool.maxNodes);
    }
  }

  /** Takes the places; with `onePerNode` a node that got a pod is out of the race until all have theirs. */
  public place({ pools, request, replicas, onePerNode }: Pods): Placed {
    const names = new Set(pools.map(({ name }) => name));
    const setAside: Bucket[] = [];
    const nodesOfPool = new Map<string, number>();
    let pods = 0;
    while (pods < replicas) {
      const bucket = this.emptiest(names, request);
      if (bucket === undefined) break;
      // nodes that are alike get one pod each before any of them gets a second
      const count = Math.min(bucket.count, replicas - pods);
      pods += count;
      this.take(bucket, count);
      const { pool, milliCpu, memoryBytes, gpus } = bucket;
      const left = {
        pool,
        milliCpu: milliCpu - request.milliCpu,
        memoryBytes: memoryBytes - request.memoryBytes,
        gpus: gpus - (request.gpus ?? 0),
      };
      nodesOfPool.set(pool, (nodesOfPool.get(pool) ?? 0) + count);
      if (onePerNode) setAside.push({ ...left, count });
      else this.put(left, count);
    }
    for (const { count, ...left } of setAside) this.put(left, count);
    return { pods, nodesOfPool };
  }

  /** Places left for more pods of the size; with `onePerNode` a node that has one of them takes no other. */
  public spare({ pools, request, onePerNode }: Pods, nodesOfPool: Map<string, number>): number {
    const names = new Set(pools.map(({ name }) => name));
    let places = 0;
    for (const bucket of this.buckets.values()) {
      if (!names.has(bucket.pool)) continue;
      const perNode = podsThatFit(bucket, request);
      places += bucket.count * (onePerNode ? Math.min(1, perNode) : perNode);
    }
    if (!onePerNode) return places;
    const free = pools.reduce((sum, { name, maxNodes }) => sum + maxNodes - (nodesOfPool.get(name) ?? 0), 0);
    return Math.min(places, free);
  }

  private emptiest(pools: Set<string>, request: NodeAmounts): Bucket | undefined {
    let best: Bucket | undefined;
    for (const bucket of this.buckets.values()) {
      if (!pools.has(bucket.pool) || podsThatFit(bucket, request) === 0) continue;
      if (best === undefined || bucket.milliCpu > best.milliCpu) best = bucket;
    }
    return best;
  }

  private put(node: Omit<Bucket, 'count'>, count: number): void {
    const key = keyOf(node);
    const bucket = this.buckets.get(key);
    if (bucket) bucket.count += count;
    else this.buckets.set(key, { ...node, count });
  }

  private take(bucket: Bucket, count: number): void {
    bucket.count -= count;
    if (bucket.count === 0) this.buckets.delete(keyOf(bucket));
  }
}

function keyOf({ pool, milliCpu, memoryBytes, gpus }: Omit<Bucket, 'count'>): string {
  return `${pool}|${milliCpu}|${memoryBytes}|${gpus}`;
}
