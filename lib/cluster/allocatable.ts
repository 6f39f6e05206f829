import { invalid } from '../private/errors';
import { bytes, milliCpu } from '../private/quantity';
import { checkShape, type Shape } from '../private/shape';
import { dnsLabel, wholeNumber } from '../private/validate';
import { builtInGpus, type MachineType } from './machine-types';
import { type NodeAmounts, NodePool, type NodePoolProps } from './node-pool';
import { checkedTaints } from './taints';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** Hard eviction threshold that GKE and EKS keep free. */
const EVICTION_BYTES = 100 * MIB;

/** Share of an instance's memory that its system never sees: what Karpenter assumes. @see https://karpenter.sh/docs/reference/settings/ (vm-memory-overhead-percent) */
const EC2_UNSEEN_SHARE = 0.075;

/** Shares of a resource that are kept back, tier by tier: up to `upTo`, the share is `share`. */
type Tiers = readonly { readonly upTo: number; readonly share: number }[];

const CPU_TIERS: Tiers = [
  { upTo: 1000, share: 0.06 },
  { upTo: 2000, share: 0.01 },
  { upTo: 4000, share: 0.005 },
  { upTo: Number.POSITIVE_INFINITY, share: 0.0025 },
];

const GKE_MEMORY_TIERS: Tiers = [
  { upTo: 4 * GIB, share: 0.25 },
  { upTo: 8 * GIB, share: 0.2 },
  { upTo: 16 * GIB, share: 0.1 },
  { upTo: 128 * GIB, share: 0.06 },
  { upTo: Number.POSITIVE_INFINITY, share: 0.02 },
];

/** How a platform turns a node's size into what pods may request. */
export interface PlatformNodes {
  machine(type: string): MachineType | undefined;
  /** Machines that `machine` knows, for people. */
  readonly knownMachines: string;
  /** What pods never get of a data sheet's amounts: firmware, kernel, kubelet and eviction threshold. */
  reserved(capacity: NodeAmounts, machineType: string): NodeAmounts;
  readonly systemCpu: string;
  readonly systemMemory: string;
  /** Whether pods without GPUs may run on nodes with GPUs: false where the platform or its users taint those. */
  readonly openGpuNodes: boolean;
}

/** GKE keeps back tiers of CPU and memory. @see https://cloud.google.com/kubernetes-engine/docs/concepts/plan-node-sizes */
export function gkeReserved(capacity: NodeAmounts): NodeAmounts {
  const memory = capacity.memoryBytes < GIB ? 255 * MIB : tiered(GKE_MEMORY_TIERS, capacity.memoryBytes);
  return {
    milliCpu: Math.ceil(tiered(CPU_TIERS, capacity.milliCpu)),
    memoryBytes: Math.ceil(gceKernel(capacity.memoryBytes) + memory) + EVICTION_BYTES,
  };
}

/**
 * Memory that the kernel of a Compute Engine machine keeps, so that its node reports less than its data sheet: the
 * estimate by which the cluster autoscaler foresees nodes.
 *
 * @see https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/gce/gce_reserved.go
 */
function gceKernel(memoryBytes: number): number {
  const pageTables = memoryBytes / 64 + 16 * MIB;
  const bounceBuffers = memoryBytes > 3 * GIB ? 64 * MIB : 0;
  const smallMachine = memoryBytes <= 8 * GIB ? 8 * MIB : 0;
  const unexplained = Math.min(0.00175 * memoryBytes, 248 * MIB);
  return pageTables + bounceBuffers + smallMachine + unexplained;
}

/** EKS keeps back the same tiers of CPU, and memory by the pods a node may carry. @see https://github.com/awslabs/amazon-eks-ami */
export function eksReserved(capacity: NodeAmounts, maxPods: number): NodeAmounts {
  return {
    milliCpu: Math.ceil(tiered(CPU_TIERS, capacity.milliCpu)),
    memoryBytes: Math.ceil(capacity.memoryBytes * EC2_UNSEEN_SHARE) + (255 + 11 * maxPods) * MIB + EVICTION_BYTES,
  };
}

const POOL_SHAPE: Shape<NodePoolProps> = {
  name: 'text',
  machineType: 'text',
  cpu: 'text',
  memory: 'text',
  minNodes: 'number',
  maxNodes: 'number',
  gpusPerNode: 'number',
  taints: 'maps',
  systemCpu: 'text',
  systemMemory: 'text',
};

/** Resolves the declared pools of a cluster. Throws where two have one name, or one contradicts itself. */
export function resolveNodePools(where: string, pools: readonly NodePoolProps[], platform: PlatformNodes): NodePool[] {
  const names = new Set<string>();
  return pools.map((pool, index) => {
    checkShape(where, pool, POOL_SHAPE, ['name', 'maxNodes'], `nodePools[${index}]`);
    if (names.has(pool.name)) {
      throw invalid(where, 'nodePools.name', pool.name, 'is declared twice', 'Give each pool the name that it has in the cluster.');
    }
    names.add(pool.name);
    return resolveNodePool(where, pool, platform, `nodePools.${pool.name}.`);
  });
}

/**
 * Resolves one pool. Throws where its size is unknown, its numbers contradict each other, or its nodes have no room.
 *
 * @param prefix stands before the names of the props in messages.
 */
export function resolveNodePool(where: string, props: NodePoolProps, platform: PlatformNodes, prefix: string): NodePool {
  dnsLabel(where, prefix === '' ? 'name' : 'nodePools.name', props.name);
  wholeNumber(where, `${prefix}maxNodes`, props.maxNodes, 1, 15_000);
  const minNodes = wholeNumber(where, `${prefix}minNodes`, props.minNodes ?? 0, 0, props.maxNodes);
  const machine = props.machineType === undefined ? undefined : platform.machine(props.machineType);
  const gpus = nodeGpus(where, props, machine, prefix);
  const machineType = props.machineType ?? 'declared';
  const capacity = { ...nodeSize(where, props, machine, platform, prefix), gpus };
  const reserved = platform.reserved(capacity, machineType);
  const allocatable: NodeAmounts = {
    milliCpu: capacity.milliCpu - reserved.milliCpu,
    memoryBytes: Math.floor(capacity.memoryBytes - reserved.memoryBytes),
    gpus,
  };
  const systemPods: NodeAmounts = {
    milliCpu: milliCpu(where, `${prefix}systemCpu`, props.systemCpu ?? platform.systemCpu),
    memoryBytes: bytes(where, `${prefix}systemMemory`, props.systemMemory ?? platform.systemMemory),
  };
  const taints = checkedTaints(where, `${prefix}taints`, props.taints ?? []);
  const pool = NodePool._of({
    name: props.name,
    machineType,
    minNodes,
    maxNodes: props.maxNodes,
    capacity,
    allocatable,
    systemPods,
    taints,
    open: taints.length === 0 && (gpus === 0 || platform.openGpuNodes),
  });
  if (!pool._hasRoom) {
    const [prop, value] = props.memory === undefined ? ['machineType', props.machineType] : ['memory', props.memory];
    throw invalid(where, `${prefix}${prop}`, value, `leaves nothing for pods: ${pool.describe()}`, 'Declare a larger machine.');
  }
  return pool;
}

/** CPU and memory of one node: what is declared, else what its machine type has. */
function nodeSize(where: string, props: NodePoolProps, machine: MachineType | undefined, platform: PlatformNodes, prefix: string) {
  const cpu = props.cpu === undefined ? undefined : milliCpu(where, `${prefix}cpu`, props.cpu);
  const memory = props.memory === undefined ? undefined : bytes(where, `${prefix}memory`, props.memory);
  if (machine === undefined && (cpu === undefined || memory === undefined)) {
    throw invalid(
      where,
      `${prefix}machineType`,
      props.machineType,
      `is not a machine type whose size is known here (known: ${platform.knownMachines})`,
      "Correct it, or say what a node has in a pool of the cluster's 'nodePools': { cpu: '4', memory: '16Gi' }.",
    );
  }
  return { milliCpu: cpu ?? (machine as MachineType).vcpus * 1000, memoryBytes: memory ?? (machine as MachineType).memoryMib * MIB };
}

/** GPUs of one node: what is declared, else what its machine type has built in. */
function nodeGpus(where: string, { machineType, gpusPerNode }: NodePoolProps, machine: MachineType | undefined, prefix: string): number {
  const builtIn = machine === undefined ? undefined : builtInGpus(machine);
  const gpus = wholeNumber(where, `${prefix}gpusPerNode`, gpusPerNode ?? builtIn ?? 0, 0, 16);
  if (builtIn !== undefined && gpus !== builtIn) {
    throw invalid(where, `${prefix}gpusPerNode`, gpus, `is not what a ${machineType} has built in (${builtIn})`, 'Leave it out.');
  }
  if (machine !== undefined && gpus > 0 && !machine.gpus.some(({ counts }) => counts.includes(gpus))) {
    const counts = [...new Set(machine.gpus.flatMap((kind) => kind.counts))];
    throw invalid(
      where,
      `${prefix}gpusPerNode`,
      gpus,
      counts.length === 0
        ? `cannot be attached to a ${machineType}, which carries no GPUs`
        : `is not a number of GPUs that a ${machineType} can have`,
      counts.length === 0 ? 'Choose a machine type with GPUs.' : `Choose one of ${counts.join(', ')}.`,
    );
  }
  return gpus;
}

function tiered(tiers: Tiers, amount: number): number {
  let kept = 0;
  let from = 0;
  for (const { upTo, share } of tiers) {
    if (amount <= from) break;
    kept += (Math.min(amount, upTo) - from) * share;
    from = upTo;
  }
  return kept;
}
