import { hasOwn } from '../private/own';
import { gpuMachines, type MachineType } from './machine-types';

const LADDER = { large: 2, xlarge: 4, '2xlarge': 8, '4xlarge': 16, '8xlarge': 32, '12xlarge': 48, '16xlarge': 64, '24xlarge': 96 };

/** vCPUs of the sizes of one generation. */
interface Sizes {
  readonly [size: string]: number;
}

const FIFTH: Sizes = { ...LADDER, metal: 96 };
const FIFTH_C: Sizes = {
  large: 2,
  xlarge: 4,
  '2xlarge': 8,
  '4xlarge': 16,
  '9xlarge': 36,
  '12xlarge': 48,
  '18xlarge': 72,
  '24xlarge': 96,
  metal: 96,
};
const SIXTH: Sizes = { ...LADDER, '32xlarge': 128, metal: 128 };
const SEVENTH: Sizes = { ...LADDER, '48xlarge': 192, 'metal-24xl': 96, 'metal-48xl': 192 };

/** General families, which are sized by a rule. @see https://aws.amazon.com/ec2/instance-types/ */
const FAMILIES: { [family: string]: { readonly gibPerVcpu: number; readonly sizes: Sizes } } = {
  m5: { gibPerVcpu: 4, sizes: FIFTH },
  m6i: { gibPerVcpu: 4, sizes: SIXTH },
  m7i: { gibPerVcpu: 4, sizes: SEVENTH },
  c5: { gibPerVcpu: 2, sizes: FIFTH_C },
  c6i: { gibPerVcpu: 2, sizes: SIXTH },
  c7i: { gibPerVcpu: 2, sizes: SEVENTH },
  r5: { gibPerVcpu: 8, sizes: FIFTH },
  r6i: { gibPerVcpu: 8, sizes: SIXTH },
  r7i: { gibPerVcpu: 8, sizes: SEVENTH },
};

/** Instances with GPUs built in. @see https://docs.aws.amazon.com/ec2/latest/instancetypes/ac.html */
const FIXED: { [type: string]: MachineType } = gpuMachines({
  'g4dn.xlarge': [4, 16, 't4', 1],
  'g4dn.2xlarge': [8, 32, 't4', 1],
  'g4dn.4xlarge': [16, 64, 't4', 1],
  'g4dn.8xlarge': [32, 128, 't4', 1],
  'g4dn.12xlarge': [48, 192, 't4', 4],
  'g4dn.16xlarge': [64, 256, 't4', 1],
  'g4dn.metal': [96, 384, 't4', 8],
  'g5.xlarge': [4, 16, 'a10g', 1],
  'g5.2xlarge': [8, 32, 'a10g', 1],
  'g5.4xlarge': [16, 64, 'a10g', 1],
  'g5.8xlarge': [32, 128, 'a10g', 1],
  'g5.12xlarge': [48, 192, 'a10g', 4],
  'g5.16xlarge': [64, 256, 'a10g', 1],
  'g5.24xlarge': [96, 384, 'a10g', 4],
  'g5.48xlarge': [192, 768, 'a10g', 8],
  'g6.xlarge': [4, 16, 'l4', 1],
  'g6.2xlarge': [8, 32, 'l4', 1],
  'g6.4xlarge': [16, 64, 'l4', 1],
  'g6.8xlarge': [32, 128, 'l4', 1],
  'g6.12xlarge': [48, 192, 'l4', 4],
  'g6.16xlarge': [64, 256, 'l4', 1],
  'g6.24xlarge': [96, 384, 'l4', 4],
  'g6.48xlarge': [192, 768, 'l4', 8],
  'p3.2xlarge': [8, 61, 'v100', 1, 16],
  'p3.8xlarge': [32, 244, 'v100', 4, 16],
  'p3.16xlarge': [64, 488, 'v100', 8, 16],
  'p4d.24xlarge': [96, 1152, 'a100', 8, 40],
  'p4de.24xlarge': [96, 1152, 'a100', 8, 80],
  'p5.4xlarge': [16, 256, 'h100', 1, 80],
  'p5.48xlarge': [192, 2048, 'h100', 8, 80],
  'p5e.48xlarge': [192, 2048, 'h200', 8, 141],
  'p5en.48xlarge': [192, 2048, 'h200', 8, 141],
});

/** What messages call the instances of this file. */
export const EC2_KNOWN = 'm5, m6i, m7i, c5, c6i, c7i, r5, r6i, r7i, g4dn, g5, g6, p3, p4d, p4de, p5, p5e and p5en';

/** Data sheet of an EC2 instance type, or undefined where it is unknown. */
export function ec2Machine(type: string): MachineType | undefined {
  if (hasOwn(FIXED, type)) return FIXED[type];
  const [, family, size] = /^([a-z0-9]+)\.([-a-z0-9]+)$/.exec(type) ?? [];
  if (family === undefined || !hasOwn(FAMILIES, family)) return undefined;
  const { gibPerVcpu, sizes } = FAMILIES[family];
  return hasOwn(sizes, size) ? { vcpus: sizes[size], memoryMib: sizes[size] * gibPerVcpu * 1024, gpus: [] } : undefined;
}

/** Instances that carry another number of pods than the general families do with as many vCPUs. */
const OTHER_MAX_PODS: { [type: string]: number } = {
  'g4dn.xlarge': 29,
  'g4dn.2xlarge': 29,
  'g4dn.4xlarge': 29,
  'g4dn.8xlarge': 58,
  'g4dn.16xlarge': 58,
  'g5.12xlarge': 737,
  'g5.16xlarge': 234,
  'g5.48xlarge': 345,
  'p3.16xlarge': 234,
  'p5.4xlarge': 118,
  'p5.48xlarge': 100,
  'p5e.48xlarge': 100,
  'p5en.48xlarge': 198,
};

/**
 * Pods that the VPC CNI's addresses allow on an instance. Memory is kept back for that many, also where the kubelet is
 * told to take fewer.
 *
 * @see https://github.com/awslabs/amazon-eks-ami/blob/main/templates/shared/runtime/eni-max-pods.txt
 */
export function ec2MaxPods(type: string, vcpus: number): number {
  if (hasOwn(OTHER_MAX_PODS, type)) return OTHER_MAX_PODS[type];
  if (vcpus <= 2) return 29;
  if (vcpus <= 8) return 58;
  return vcpus <= 48 ? 234 : 737;
}
