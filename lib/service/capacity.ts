import type { IConstruct } from 'constructs';
import { Cluster, type NodeAmounts, type NodePool } from '../cluster';
import { pathOf } from '../private/names';
import { lateNotices, type Notice } from '../private/notices';
import { formatMemory } from '../private/quantity';
import { type Packed, packed } from './packing';

/** What a workload asks of the nodes. */
export interface Demand {
  readonly construct: IConstruct;
  /** Pools that may run its pods. */
  readonly pools: NodePool[];
  /** Requests of one pod. */
  request: NodeAmounts;
  /** Most pods that are ever wanted at once. */
  readonly replicas: number;
  /** Prop that says so. */
  readonly prop: string;
  readonly onePerNode: boolean;
}

/** Names shown of the workloads that have no place together. */
const NAMES_SHOWN = 4;

const LEDGERS = new WeakMap<IConstruct, Map<Cluster, CapacityLedger>>();

/**
 * What all workloads of an app ask of the declared nodes of one cluster. Only when all of them are known can anything be
 * said about room, so every answer is given at synthesis.
 */
export class CapacityLedger {
  /** The ledger of the app and the cluster that a construct belongs to. */
  public static of(construct: IConstruct): CapacityLedger {
    const byCluster = LEDGERS.get(construct.node.root) ?? new Map<Cluster, CapacityLedger>();
    LEDGERS.set(construct.node.root, byCluster);
    const cluster = Cluster.of(construct);
    const ledger = byCluster.get(cluster) ?? new CapacityLedger();
    byCluster.set(cluster, ledger);
    return ledger;
  }

  private readonly demands: Demand[] = [];
  private plan?: Map<Demand, Packed>;

  private constructor() {}

  /**
   * Enters a workload.
   *
   * @throws where no node of any of its pools can take one pod, even without the platform's own pods.
   */
  public enter(demand: Demand): void {
    checkFits(demand);
    const { construct } = demand;
    if (this.demands.length === 0) lateNotices(clusterScope(construct), () => this.sharedShortages());
    lateNotices(construct, () => ownShortage(demand));
    this.demands.push(demand);
    this.plan = undefined;
  }

  /**
   * Changes what a pod of a workload asks for.
   *
   * @throws where no node of any of its pools can take one pod, even without the platform's own pods.
   */
  public change(demand: Demand, request: NodeAmounts): void {
    demand.request = request;
    checkFits(demand);
    this.plan = undefined;
  }

  /**
   * Pods of a workload that have a place while every other workload of the cluster has all of its own. Where the others
   * leave too little, none is to spare: what is applied without them still rolls out then.
   */
  public roomFor(demand: Demand): number {
    const { placed, spare } = this.planned().get(demand) as Packed;
    return placed < demand.replicas ? Math.min(aloneRoom(demand), demand.replicas) : placed + spare;
  }

  private missing(demand: Demand): number {
    return demand.replicas - (this.planned().get(demand) as Packed).placed;
  }

  private planned(): Map<Demand, Packed> {
    this.plan ??= packed(this.demands);
    return this.plan;
  }

  /** Workloads that would fit alone, but not beside the others: one warning for each set of pools. */
  private sharedShortages(): Notice[] {
    const byPools = new Map<string, Demand[]>();
    for (const demand of this.demands) {
      const key = poolNames(demand);
      byPools.set(key, [...(byPools.get(key) ?? []), demand]);
    }
    return [...byPools].flatMap(([names, demands]) => {
      const short = demands.filter((demand) => this.missing(demand) > 0 && aloneRoom(demand) >= demand.replicas);
      return short.length === 0 ? [] : [this.sharedShortage(names, demands, short)];
    });
  }

  private sharedShortage(names: string, demands: Demand[], short: Demand[]): Notice {
    const missing = short.reduce((sum, demand) => sum + this.missing(demand), 0);
    const pods = demands.reduce((sum, { replicas }) => sum + replicas, 0);
    const shown = short.slice(0, NAMES_SHOWN).map(({ construct }) => pathOf(construct));
    const more = short.length > NAMES_SHOWN ? ` and ${short.length - NAMES_SHOWN} more` : '';
    const room = demands[0].pools.map((pool) => `${pool.maxNodes} node(s) of pool '${pool.name}' have ${describe(all(pool))} free`);
    return {
      kind: 'warning',
      text:
        `all workloads on pool ${names} together ask for ${describe(sum(demands))} in ${pods} pod(s), ` +
        `but ${room.join(', and ')}: ${missing} pod(s) stay Pending, of ${shown.join(', ')}${more}`,
      detail: "Apply the files of fewer charts at a time, raise the pool's maxNodes, or lower the requests.",
    };
  }
}

function checkFits({ construct, pools, request }: Demand): void {
  const everFits = pools.some(
    ({ allocatable }) =>
      allocatable.milliCpu >= request.milliCpu &&
      allocatable.memoryBytes >= request.memoryBytes &&
      (allocatable.gpus ?? 0) >= (request.gpus ?? 0),
  );
  if (everFits) return;
  const arithmetic = pools.map((pool) => `${pool.name}: ${pool.describe()}`).join('; ');
  throw new Error(
    `${construct.node.path}: 'resources' (${describe(request)}) fit on no declared node (${arithmetic}). Lower the request, or declare a larger machine type.`,
  );
}

/** Says which of a workload's own pods will stay Pending whatever else runs, with the arithmetic. */
function ownShortage(demand: Demand): Notice[] {
  const { pools, request, replicas, prop, onePerNode } = demand;
  const total = aloneRoom(demand);
  if (replicas <= total) return [];
  const parts = pools.map((pool) => {
    const perNode = podsPerNode(pool, demand);
    const rule = onePerNode ? ' (one a node is wanted)' : '';
    return `${pool.describe()}, so ${perNode} pod(s) of ${describe(request)} fit one node${rule} and ${perNode * pool.maxNodes} fit the ${pool.maxNodes} node(s) of pool '${pool.name}'`;
  });
  const pending = replicas - total === 1 ? `replica ${replicas} stays` : `replicas ${total + 1} to ${replicas} stay`;
  return [
    {
      kind: 'warning',
      text: `${prop} is ${replicas}, but only ${total} fit: ${parts.join('; ')}; ${pending} Pending`,
      detail: `Raise the pool's maxNodes, lower the requests, or set ${prop} to ${Math.max(total, 1)}.`,
    },
  ];
}

function aloneRoom(demand: Demand): number {
  return demand.pools.reduce((sum, pool) => sum + pool.maxNodes * podsPerNode(pool, demand), 0);
}

function podsPerNode(pool: NodePool, { request, onePerNode }: Demand): number {
  const perNode = pool.podsPerNode(request);
  return onePerNode ? Math.min(1, perNode) : perNode;
}

/** The highest scope that is written for the construct's cluster. */
function clusterScope(construct: IConstruct): IConstruct {
  const cluster = Cluster.of(construct);
  return construct.node.scopes.find((scope) => Cluster.of(scope) === cluster) as IConstruct;
}

function poolNames({ pools }: Demand): string {
  return pools.map(({ name }) => `'${name}'`).join(' or ');
}

function sum(demands: Demand[]): NodeAmounts {
  return add(demands.map(({ request, replicas }) => times(request, replicas)));
}

function all(pool: NodePool): NodeAmounts {
  return times(pool.free, pool.maxNodes);
}

function times(amounts: NodeAmounts, count: number): NodeAmounts {
  return { milliCpu: amounts.milliCpu * count, memoryBytes: amounts.memoryBytes * count, gpus: (amounts.gpus ?? 0) * count };
}

function add(amounts: NodeAmounts[]): NodeAmounts {
  const total = (part: (amount: NodeAmounts) => number) => amounts.reduce((sum, amount) => sum + part(amount), 0);
  return {
    milliCpu: total(({ milliCpu }) => milliCpu),
    memoryBytes: total(({ memoryBytes }) => memoryBytes),
    gpus: total(({ gpus }) => gpus ?? 0),
  };
}

function describe(request: NodeAmounts): string {
  const gpus = request.gpus ? ` and ${request.gpus} GPU` : '';
  return `${request.milliCpu / 1000} CPU and ${formatMemory(request.memoryBytes)}${gpus}`;
}
