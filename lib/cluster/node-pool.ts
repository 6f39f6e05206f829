import { formatCpu, formatMemory } from '../private/quantity';

/** What a whole node leaves free beside the platform's own pods: room for one small DaemonSet of yours, such as an exporter. */
const SPARE = { milliCpu: 100, memoryBytes: 128 * 2 ** 20 };

const CPU_STEP = 10;
const MEMORY_STEP = 16 * 2 ** 20;

/** A taint that keeps other pods away from the nodes of a pool. */
export interface NodeTaint {
  /** Key. */
  readonly key: string;

  /**
   * Value.
   *
   * @default - none
   */
  readonly value?: string;

  /** `NoSchedule`, `PreferNoSchedule` or `NoExecute`. */
  readonly effect: string;
}

/** A set of equal nodes that you declare, so that synthesis can tell what fits on them. Nodes are never emitted. */
export interface NodePoolProps {
  /** Name of the pool in the cluster. */
  readonly name: string;

  /**
   * Machine type, for example `n1-standard-4` or `m5.xlarge`.
   *
   * @default - none: then `cpu` and `memory` say what a node has
   */
  readonly machineType?: string;

  /**
   * CPU capacity of one node, as a quantity of cores.
   *
   * @default - what the machine type has
   */
  readonly cpu?: string;

  /**
   * Memory of one node by its data sheet, as a quantity. What its firmware and kernel keep of it is taken off.
   *
   * @default - what the machine type has
   */
  readonly memory?: string;

  /**
   * Fewest nodes of the pool.
   *
   * @default 0
   */
  readonly minNodes?: number;

  /**
   * Most nodes of the pool. A fixed pool has `minNodes` equal to it.
   */
  readonly maxNodes: number;

  /**
   * GPUs of one node.
   *
   * @default - what the machine type has built in, else 0
   */
  readonly gpusPerNode?: number;

  /**
   * Taints that you put on the nodes. Pods that name the pool tolerate them, and no others are expected there.
   *
   * @default - none
   */
  readonly taints?: NodeTaint[];

  /**
   * CPU that the platform's own pods (network, logging, metrics) request on each node.
   *
   * @default - an estimate of the platform; `kubectl describe node` shows the truth under "Allocated resources"
   */
  readonly systemCpu?: string;

  /**
   * Memory that the platform's own pods request on each node.
   *
   * @default - an estimate of the platform; `kubectl describe node` shows the truth under "Allocated resources"
   */
  readonly systemMemory?: string;
}

/** Amounts of one node or one pod, in the units that the arithmetic uses. */
export interface NodeAmounts {
  /** CPU in thousandths of a core. */
  readonly milliCpu: number;
  /** Memory in bytes. */
  readonly memoryBytes: number;
  /**
   * GPUs.
   *
   * @default 0
   */
  readonly gpus?: number;
}

/** How many pods with these requests such amounts take. */
export function podsThatFit(free: NodeAmounts, request: NodeAmounts): number {
  const byCpu = Math.floor(free.milliCpu / request.milliCpu);
  const byMemory = Math.floor(free.memoryBytes / request.memoryBytes);
  const byGpu = request.gpus ? Math.floor((free.gpus ?? 0) / request.gpus) : Number.POSITIVE_INFINITY;
  return Math.max(0, Math.min(byCpu, byMemory, byGpu));
}

/** CPU and memory as quantities, as a pod may request them. */
export interface NodeShare {
  /** CPU quantity. */
  readonly cpu: string;
  /** Memory quantity. */
  readonly memory: string;
}

/** Everything that makes up a resolved pool. */
interface NodePoolFacts {
  readonly name: string;
  readonly machineType: string;
  readonly minNodes: number;
  readonly maxNodes: number;
  readonly capacity: NodeAmounts;
  readonly allocatable: NodeAmounts;
  readonly systemPods: NodeAmounts;
  readonly taints: NodeTaint[];
  readonly open: boolean;
}

/**
 * What is known of a declared node pool: how much one node has, what the kubelet and the platform's own pods
 * keep of it, and therefore how many pods of a size fit.
 */
export class NodePool {
  /**
   * @internal
   */
  public static _of(facts: NodePoolFacts): NodePool {
    return new NodePool(facts);
  }

  /** Name of the pool. */
  public readonly name: string;
  /** Machine type, or `declared` where only its size is known. */
  public readonly machineType: string;
  /** Fewest nodes. */
  public readonly minNodes: number;
  /** Most nodes. */
  public readonly maxNodes: number;
  /** What one node has by its data sheet. */
  public readonly capacity: NodeAmounts;
  /** What the kernel and the kubelet leave to pods. */
  public readonly allocatable: NodeAmounts;
  /** What the platform's own pods take of that. */
  public readonly systemPods: NodeAmounts;
  /** Taints of the nodes. */
  public readonly taints: NodeTaint[];
  /** Whether pods that name no pool may land here: no taint keeps them away. */
  public readonly open: boolean;

  private constructor(facts: NodePoolFacts) {
    this.name = facts.name;
    this.machineType = facts.machineType;
    this.minNodes = facts.minNodes;
    this.maxNodes = facts.maxNodes;
    this.capacity = facts.capacity;
    this.allocatable = facts.allocatable;
    this.systemPods = facts.systemPods;
    this.taints = facts.taints;
    this.open = facts.open;
  }

  /**
   * What a single pod can request so that it has a node for itself, next to the platform's own pods. 100m and 128 MiB stay
   * free for a small DaemonSet of yours; CPU is rounded down to 10m, memory to 16 MiB.
   */
  public wholeNode(): NodeShare {
    const { milliCpu, memoryBytes } = this.whole;
    return { cpu: formatCpu(milliCpu), memory: formatMemory(memoryBytes) };
  }

  /**
   * Whether a node has room for any pod.
   *
   * @internal
   */
  public get _hasRoom(): boolean {
    return this.whole.milliCpu > 0 && this.whole.memoryBytes > 0;
  }

  /** How many pods with these requests one node takes. */
  public podsPerNode(request: NodeAmounts): number {
    return podsThatFit(this.free, request);
  }

  /** The arithmetic behind `podsPerNode`, for people. */
  public describe(): string {
    const { capacity, allocatable, systemPods } = this;
    const gpus = allocatable.gpus ? `, ${allocatable.gpus} GPU` : '';
    return (
      `one ${this.machineType} node has ${formatCpu(capacity.milliCpu)} CPU and ${formatMemory(capacity.memoryBytes)}; ` +
      `the kubelet leaves ${formatCpu(allocatable.milliCpu)} and ${formatMemory(allocatable.memoryBytes)}${gpus}, ` +
      `system pods take about ${formatCpu(systemPods.milliCpu)} and ${formatMemory(systemPods.memoryBytes)}`
    );
  }

  private get whole(): NodeAmounts {
    return {
      milliCpu: Math.floor((this.free.milliCpu - SPARE.milliCpu) / CPU_STEP) * CPU_STEP,
      memoryBytes: Math.floor((this.free.memoryBytes - SPARE.memoryBytes) / MEMORY_STEP) * MEMORY_STEP,
    };
  }

  /** What one node has for pods of yours. */
  public get free(): NodeAmounts {
    return {
      milliCpu: this.allocatable.milliCpu - this.systemPods.milliCpu,
      memoryBytes: this.allocatable.memoryBytes - this.systemPods.memoryBytes,
      gpus: this.allocatable.gpus,
    };
  }
}
