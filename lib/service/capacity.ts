import type { IConstruct } from 'constructs';
import type { NodeAmounts, NodePool } from '../cluster';
import { warn } from '../private/notices';
import { formatCpu, formatMemory } from '../private/quantity';

/** What is known of the room for a workload's pods. */
export interface Capacity {
  /** Pods that fit, over all nodes that may run them at their most. */
  readonly total: number;
  /** Pools that may run them. */
  readonly pools: NodePool[];
}

/**
 * Room for pods of one size on declared pools, or undefined where none is declared.
 *
 * @throws where no node of any pool can take one pod, even without the platform's own pods.
 */
export function capacityFor(where: string, pools: NodePool[], request: NodeAmounts, onePerNode: boolean): Capacity | undefined {
  if (pools.length === 0) return undefined;
  const everFits = pools.some(
    ({ allocatable }) =>
      allocatable.milliCpu >= request.milliCpu &&
      allocatable.memoryBytes >= request.memoryBytes &&
      (allocatable.gpus ?? 0) >= (request.gpus ?? 0),
  );
  if (!everFits) {
    const arithmetic = pools.map((pool) => `${pool.name}: ${pool.describe()}`).join('; ');
    throw new Error(
      `${where}: 'resources' (${describeRequest(request)}) fit on no declared node (${arithmetic}). Lower the request, or declare a larger machine type.`,
    );
  }
  const total = pools.reduce((sum, pool) => {
    const perNode = pool.podsPerNode(request);
    return sum + pool.maxNodes * (onePerNode ? Math.min(1, perNode) : perNode);
  }, 0);
  return { total, pools };
}

/** Says what will stay Pending, with the arithmetic. */
export function reportCapacity(construct: IConstruct, capacity: Capacity, request: NodeAmounts, wanted: number, prop: string): void {
  if (wanted <= capacity.total) return;
  const { total, pools } = capacity;
  const parts = pools.map((pool) => {
    const perNode = pool.podsPerNode(request);
    return `${pool.describe()}, so ${perNode} pod(s) of ${describeRequest(request)} fit one node and ${perNode * pool.maxNodes} fit the ${pool.maxNodes} node(s) of pool '${pool.name}'`;
  });
  const pending = wanted - total === 1 ? `replica ${wanted} stays` : `replicas ${total + 1} to ${wanted} stay`;
  warn(
    construct,
    `${prop} is ${wanted}, but only ${total} fit: ${parts.join('; ')}; ${pending} Pending`,
    `Raise the pool's maxNodes, lower the requests, or set ${prop} to ${Math.max(total, 1)}.`,
  );
}

function describeRequest(request: NodeAmounts): string {
  const gpus = request.gpus ? ` and ${request.gpus} GPU` : '';
  return `${formatCpu(request.milliCpu)} CPU and ${formatMemory(request.memoryBytes)}${gpus}`;
}
