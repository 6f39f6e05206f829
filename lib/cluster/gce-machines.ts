import { hasOwn } from '../private/own';
import { gpuMachines, type MachineGpus, type MachineType } from './machine-types';

/**
 * Families that are sized by a rule: GiB of each vCPU, and the vCPUs that exist.
 *
 * @see https://cloud.google.com/compute/docs/machine-resource
 */
const FAMILIES: { [family: string]: { readonly gibPerVcpu: number; readonly vcpus: readonly number[] } } = {
  'n1-standard': { gibPerVcpu: 3.75, vcpus: [1, 2, 4, 8, 16, 32, 64, 96] },
  'n1-highmem': { gibPerVcpu: 6.5, vcpus: [2, 4, 8, 16, 32, 64, 96] },
  'n1-highcpu': { gibPerVcpu: 0.9, vcpus: [2, 4, 8, 16, 32, 64, 96] },
  'n2-standard': { gibPerVcpu: 4, vcpus: [2, 4, 8, 16, 32, 48, 64, 80, 96, 128] },
  'n2-highmem': { gibPerVcpu: 8, vcpus: [2, 4, 8, 16, 32, 48, 64, 80, 96] },
  'n2-highcpu': { gibPerVcpu: 1, vcpus: [2, 4, 8, 16, 32, 48, 64, 80, 96] },
  'n2d-standard': { gibPerVcpu: 4, vcpus: [2, 4, 8, 16, 32, 48, 64, 80, 96, 128, 224] },
  'n2d-highmem': { gibPerVcpu: 8, vcpus: [2, 4, 8, 16, 32, 48, 64, 80, 96] },
  'n2d-highcpu': { gibPerVcpu: 1, vcpus: [2, 4, 8, 16, 32, 48, 64, 80, 96, 128, 224] },
  'e2-standard': { gibPerVcpu: 4, vcpus: [2, 4, 8, 16, 32] },
  'e2-highmem': { gibPerVcpu: 8, vcpus: [2, 4, 8, 16] },
  'e2-highcpu': { gibPerVcpu: 1, vcpus: [2, 4, 8, 16, 32] },
  'c2-standard': { gibPerVcpu: 4, vcpus: [4, 8, 16, 30, 60] },
  'c3-standard': { gibPerVcpu: 4, vcpus: [4, 8, 22, 44, 88, 176] },
  'c3-highmem': { gibPerVcpu: 8, vcpus: [4, 8, 22, 44, 88, 176] },
  'c3-highcpu': { gibPerVcpu: 2, vcpus: [4, 8, 22, 44, 88, 176] },
};

/**
 * Custom machine types: the vCPUs that exist, and the least and most GiB of each.
 *
 * @see https://cloud.google.com/compute/docs/instances/creating-instance-with-custom-machine-type
 */
const CUSTOM: { [family: string]: { readonly vcpus: readonly number[]; readonly gib: readonly [least: number, most: number] } } = {
  n1: { vcpus: [1, ...steps(2, 96, 2)], gib: [0.9, 6.5] },
  n2: { vcpus: [...steps(2, 32, 2), ...steps(36, 128, 4)], gib: [0.5, 8] },
  n2d: { vcpus: [2, 4, 8, 16, 32, 48, 64, 80, 96], gib: [0.5, 8] },
  e2: { vcpus: steps(2, 32, 2), gib: [0.5, 8] },
};

/** GPUs that can be attached to N1 machines, and to no others. @see https://cloud.google.com/compute/docs/gpus#n1-gpus */
const N1_GPUS: readonly MachineGpus[] = [
  { name: 'nvidia-tesla-t4', counts: [1, 2, 4] },
  { name: 'nvidia-tesla-p4', counts: [1, 2, 4] },
  { name: 'nvidia-tesla-p100', counts: [1, 2, 4] },
  { name: 'nvidia-tesla-v100', counts: [1, 2, 4, 8] },
  { name: 'nvidia-tesla-k80', counts: [1, 2, 4, 8] },
];

/** Machines that leave the rules. @see https://cloud.google.com/compute/docs/accelerator-optimized-machines */
const FIXED: { [type: string]: MachineType } = {
  'n2-highmem-128': { vcpus: 128, memoryMib: 864 * 1024, gpus: [] },
  ...gpuMachines({
    'g2-standard-4': [4, 16, 'nvidia-l4', 1],
    'g2-standard-8': [8, 32, 'nvidia-l4', 1],
    'g2-standard-12': [12, 48, 'nvidia-l4', 1],
    'g2-standard-16': [16, 64, 'nvidia-l4', 1],
    'g2-standard-24': [24, 96, 'nvidia-l4', 2],
    'g2-standard-32': [32, 128, 'nvidia-l4', 1],
    'g2-standard-48': [48, 192, 'nvidia-l4', 4],
    'g2-standard-96': [96, 384, 'nvidia-l4', 8],
    'a2-highgpu-1g': [12, 85, 'nvidia-tesla-a100', 1],
    'a2-highgpu-2g': [24, 170, 'nvidia-tesla-a100', 2],
    'a2-highgpu-4g': [48, 340, 'nvidia-tesla-a100', 4],
    'a2-highgpu-8g': [96, 680, 'nvidia-tesla-a100', 8],
    'a2-megagpu-16g': [96, 1360, 'nvidia-tesla-a100', 16],
    'a2-ultragpu-1g': [12, 170, 'nvidia-a100-80gb', 1],
    'a2-ultragpu-2g': [24, 340, 'nvidia-a100-80gb', 2],
    'a2-ultragpu-4g': [48, 680, 'nvidia-a100-80gb', 4],
    'a2-ultragpu-8g': [96, 1360, 'nvidia-a100-80gb', 8],
    'a3-highgpu-1g': [26, 234, 'nvidia-h100-80gb', 1],
    'a3-highgpu-2g': [52, 468, 'nvidia-h100-80gb', 2],
    'a3-highgpu-4g': [104, 936, 'nvidia-h100-80gb', 4],
    'a3-highgpu-8g': [208, 1872, 'nvidia-h100-80gb', 8],
    'a3-megagpu-8g': [208, 1872, 'nvidia-h100-mega-80gb', 8],
    'a3-ultragpu-8g': [224, 2952, 'nvidia-h200-141gb', 8],
  }),
};

/** What messages call the machines of this file. */
export const GCE_KNOWN = 'N1, N2, N2D and E2 with their custom types, C2, C3, G2, A2 and A3';

/** Data sheet of a Compute Engine machine type, predefined or custom (`n2-custom-4-8192`), or undefined where it is unknown. */
export function gceMachine(type: string): MachineType | undefined {
  if (hasOwn(FIXED, type)) return FIXED[type];
  const gpus = /^(?:n1|custom)-/.test(type) ? N1_GPUS : [];
  const [custom, family = 'n1', vcpus, mebibytes, extended] = /^(?:(n1|n2|n2d|e2)-)?custom-(\d+)-(\d+)(-ext)?$/.exec(type) ?? [];
  if (custom !== undefined) {
    const size = { vcpus: Number(vcpus), memoryMib: Number(mebibytes), gpus };
    return isCustomSize(family, size, extended !== undefined) ? size : undefined;
  }
  const [predefined, series, count] = /^([a-z0-9]+-[a-z]+)-([1-9]\d*)$/.exec(type) ?? [];
  if (predefined === undefined || !hasOwn(FAMILIES, series)) return undefined;
  const { gibPerVcpu, vcpus: known } = FAMILIES[series];
  return known.includes(Number(count)) ? { vcpus: Number(count), memoryMib: Number(count) * gibPerVcpu * 1024, gpus } : undefined;
}

/** Whether a custom type of this size exists; extended memory has no upper bound here. */
function isCustomSize(family: string, { vcpus, memoryMib }: MachineType, extended: boolean): boolean {
  const { vcpus: known, gib } = CUSTOM[family];
  const [least, most] = gib.map((limit) => limit * vcpus * 1024);
  return known.includes(vcpus) && memoryMib % 256 === 0 && memoryMib >= least && (extended || memoryMib <= most);
}

function steps(from: number, to: number, by: number): number[] {
  return Array.from({ length: (to - from) / by + 1 }, (_, index) => from + index * by);
}
