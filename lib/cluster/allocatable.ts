import { invalid } from '../private/errors';
import { bytes, milliCpu } from '../private/quantity';
import { checkShape } from '../private/shape';
import { dnsLabel, labels, wholeNumber } from '../private/validate';
import type { MachineSize } from './machine-types';
import { type NodeAmounts, NodePool, type NodePoolProps, type NodeTaint } from './node-pool';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** Hard eviction threshold that GKE and EKS keep free. */
const EVICTION_BYTES = 100 * MIB;

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
  machineSize(type: string): MachineSize | undefined;
  reserved(capacity: NodeAmounts, machineType: string): NodeAmounts;
  readonly systemCpu: string;
  readonly systemMemory: string;
  /** Whether pods without GPUs may run on nodes with GPUs: false where the platform or its users taint those. */
  readonly openGpuNodes: boolean;
}

/** GKE keeps back tiers of CPU and memory. @see https://cloud.google.com/kubernetes-engine/docs/concepts/plan-node-sizes */
export function gkeReserved(capacity: NodeAmounts): NodeAmounts {
  const memory = capacity.memoryBytes < GIB ? 255 * MIB : tiered(GKE_MEMORY_TIERS, capacity.memoryBytes);
  return { milliCpu: Math.ceil(tiered(CPU_TIERS, capacity.milliCpu)), memoryBytes: Math.ceil(memory) + EVICTION_BYTES };
}

/** EKS keeps back the same tiers of CPU, and memory by the pods a node may carry. @see https://github.com/awslabs/amazon-eks-ami */
export function eksReserved(capacity: NodeAmounts, maxPods: number): NodeAmounts {
  return {
    milliCpu: Math.ceil(tiered(CPU_TIERS, capacity.milliCpu)),
    memoryBytes: (255 + 11 * maxPods) * MIB + EVICTION_BYTES,
  };
}

/** Resolves a declared pool. Throws where its size is unknown or its numbers contradict each other. */
export function resolveNodePool(where: string, props: NodePoolProps, platform: PlatformNodes): NodePool {
  dnsLabel(where, 'nodePools.name', props.name);
  wholeNumber(where, `nodePools.${props.name}.maxNodes`, props.maxNodes, 1, 15_000);
  const minNodes = wholeNumber(where, `nodePools.${props.name}.minNodes`, props.minNodes ?? 0, 0, props.maxNodes);
  const gpus = wholeNumber(where, `nodePools.${props.name}.gpusPerNode`, props.gpusPerNode ?? 0, 0, 16);
  const size = props.machineType === undefined ? undefined : platform.machineSize(props.machineType);
  if (size === undefined && (props.cpu === undefined || props.memory === undefined)) {
    throw invalid(
      where,
      `nodePools.${props.name}.machineType`,
      props.machineType,
      'is not a machine type whose size is known here',
      "Say what a node has: { cpu: '4', memory: '16Gi' }.",
    );
  }
  const capacity: NodeAmounts = {
    milliCpu: props.cpu === undefined ? (size as MachineSize).vcpus * 1000 : milliCpu(where, `nodePools.${props.name}.cpu`, props.cpu),
    memoryBytes:
      props.memory === undefined ? (size as MachineSize).memoryMib * MIB : bytes(where, `nodePools.${props.name}.memory`, props.memory),
    gpus,
  };
  const machineType = props.machineType ?? 'declared';
  const reserved = platform.reserved(capacity, machineType);
  const allocatable: NodeAmounts = {
    milliCpu: capacity.milliCpu - reserved.milliCpu,
    memoryBytes: Math.floor(capacity.memoryBytes - reserved.memoryBytes),
    gpus,
  };
  const systemPods: NodeAmounts = {
    milliCpu: milliCpu(where, `nodePools.${props.name}.systemCpu`, props.systemCpu ?? platform.systemCpu),
    memoryBytes: bytes(where, `nodePools.${props.name}.systemMemory`, props.systemMemory ?? platform.systemMemory),
  };
  const taints = (props.taints ?? []).map((taint, index) => checkedTaint(where, `nodePools.${props.name}.taints[${index}]`, taint));
  return NodePool._of({
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
}

function checkedTaint(where: string, prop: string, taint: NodeTaint): NodeTaint {
  checkShape(`${where}: ${prop}`, taint, { key: 'text', value: 'text', effect: 'text' }, ['key', 'effect']);
  labels(where, prop, { [taint.key]: taint.value ?? '' });
  if (!['NoSchedule', 'PreferNoSchedule', 'NoExecute'].includes(taint.effect)) {
    throw invalid(
      where,
      `${prop}.effect`,
      taint.effect,
      'must be NoSchedule, PreferNoSchedule or NoExecute',
      "Write the taint's own effect.",
    );
  }
  return { ...taint };
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
