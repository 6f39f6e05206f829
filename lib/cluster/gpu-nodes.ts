import { invalid } from '../private/errors';
import { type PlatformNodes, resolveNodePool } from './allocatable';
import type { GpuNeed } from './dialect';
import { builtInGpus } from './machine-types';
import type { NodePool, NodePoolProps } from './node-pool';

/**
 * Nodes of a pool with GPUs, or undefined where nothing says how large they are: the pool of this name that the cluster
 * declares, else one of the machine type. Throws where these contradict each other, or the machine cannot carry the GPU.
 *
 * @param gpuName name under which the platform selects the GPU, where it has one.
 */
export function gpuNodePool(
  where: string,
  props: NodePoolProps,
  need: GpuNeed,
  gpuName: string | undefined,
  declaredPools: readonly NodePool[],
  platform: PlatformNodes,
): NodePool | undefined {
  const declared = declaredPools.find(({ name }) => name === props.name);
  const machineType = declared?.machineType ?? props.machineType;
  if (machineType === undefined) return undefined;
  checkCarrier(where, machineType, need, gpuName, platform);
  if (declared === undefined) {
    const machine = platform.machine(machineType);
    const gpusPerNode = props.gpusPerNode ?? (machine && builtInGpus(machine)) ?? 1;
    return resolveNodePool(where, { ...props, gpusPerNode }, platform, '');
  }
  checkAgreement(where, props, declared);
  return declared;
}

/** Refuses a GPU on a machine that cannot have it. */
function checkCarrier(where: string, type: string, need: GpuNeed, gpuName: string | undefined, platform: PlatformNodes): void {
  const machine = platform.machine(type);
  if (machine === undefined || gpuName === undefined) return;
  const { memoryGib } = need;
  const carries = machine.gpus.some(
    (gpu) => gpu.name === gpuName && (gpu.memoryGib === undefined || memoryGib === undefined || gpu.memoryGib === memoryGib),
  );
  if (carries) return;
  const names = machine.gpus.map((gpu) => (gpu.memoryGib === undefined ? gpu.name : `${gpu.name} with ${gpu.memoryGib} GiB`));
  throw invalid(
    where,
    'machineType',
    type,
    `does not carry ${need.accelerator}: it has ${names.length === 0 ? 'no GPUs' : names.join(', ')}`,
    'Choose a machine type of that GPU, or the accelerator of this machine type.',
  );
}

/** Refuses numbers that differ from those of the pool that the cluster declares under the same name. */
function checkAgreement(where: string, props: NodePoolProps, declared: NodePool): void {
  const gpus = declared.allocatable.gpus ?? 0;
  if (gpus === 0) {
    throw invalid(where, 'poolName', declared.name, "is declared without GPUs in the cluster's 'nodePools'", "Give 'gpusPerNode' there.");
  }
  const said = { maxNodes: props.maxNodes, minNodes: props.minNodes, machineType: props.machineType, gpusPerNode: props.gpusPerNode };
  const known = { maxNodes: declared.maxNodes, minNodes: declared.minNodes, machineType: declared.machineType, gpusPerNode: gpus };
  for (const prop of Object.keys(said) as (keyof typeof said)[]) {
    if (said[prop] === undefined || said[prop] === known[prop]) continue;
    throw invalid(
      where,
      prop,
      said[prop],
      `contradicts pool '${declared.name}' of the cluster's 'nodePools' (${known[prop]})`,
      'Give both the same value.',
    );
  }
}
