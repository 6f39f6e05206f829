import { hasOwn } from '../private/own';

/** Nominal size of a virtual machine. */
export interface MachineSize {
  /** Virtual CPUs. */
  readonly vcpus: number;
  /** Memory in MiB. */
  readonly memoryMib: number;
}

const GIB = 1024;

/** GiB per vCPU of the Compute Engine families that are sized by a rule. @see https://cloud.google.com/compute/docs/machine-resource */
const GCE_GIB_PER_VCPU: { [family: string]: number } = {
  'n1-standard': 3.75,
  'n1-highmem': 6.5,
  'n1-highcpu': 0.9,
  'n2-standard': 4,
  'n2-highmem': 8,
  'n2-highcpu': 1,
  'n2d-standard': 4,
  'n2d-highmem': 8,
  'n2d-highcpu': 1,
  'e2-standard': 4,
  'e2-highmem': 8,
  'e2-highcpu': 1,
  'c2-standard': 4,
  'c3-standard': 4,
  'c3-highmem': 8,
  'c3-highcpu': 2,
  'g2-standard': 4,
};

/** Machine types with GPUs built in, sized one by one. @see https://cloud.google.com/compute/docs/accelerator-optimized-machines */
const GCE_FIXED: { [type: string]: MachineSize } = {
  'a2-highgpu-1g': { vcpus: 12, memoryMib: 85 * GIB },
  'a2-highgpu-2g': { vcpus: 24, memoryMib: 170 * GIB },
  'a2-highgpu-4g': { vcpus: 48, memoryMib: 340 * GIB },
  'a2-highgpu-8g': { vcpus: 96, memoryMib: 680 * GIB },
  'a2-ultragpu-1g': { vcpus: 12, memoryMib: 170 * GIB },
  'a2-ultragpu-2g': { vcpus: 24, memoryMib: 340 * GIB },
  'a2-ultragpu-4g': { vcpus: 48, memoryMib: 680 * GIB },
  'a2-ultragpu-8g': { vcpus: 96, memoryMib: 1360 * GIB },
};

/** GiB per vCPU of the EC2 families, with the vCPUs of each size. @see https://aws.amazon.com/ec2/instance-types/ */
const EC2_GIB_PER_VCPU: { [family: string]: number } = {
  m5: 4,
  m6i: 4,
  m7i: 4,
  c5: 2,
  c6i: 2,
  c7i: 2,
  r5: 8,
  r6i: 8,
  r7i: 8,
  g4dn: 4,
  g5: 4,
  g6: 4,
};

const EC2_VCPUS: { [size: string]: number } = {
  large: 2,
  xlarge: 4,
  '2xlarge': 8,
  '4xlarge': 16,
  '8xlarge': 32,
  '12xlarge': 48,
  '16xlarge': 64,
  '24xlarge': 96,
};

/** c5 sizes that leave the power-of-two ladder, and families whose memory leaves the rule. */
const EC2_FIXED: { [type: string]: MachineSize } = {
  'c5.9xlarge': { vcpus: 36, memoryMib: 72 * GIB },
  'c5.18xlarge': { vcpus: 72, memoryMib: 144 * GIB },
  'p3.2xlarge': { vcpus: 8, memoryMib: 61 * GIB },
  'p3.8xlarge': { vcpus: 32, memoryMib: 244 * GIB },
  'p3.16xlarge': { vcpus: 64, memoryMib: 488 * GIB },
};

/** Size of a Compute Engine machine type, predefined or custom (`n2-custom-4-8192`), or undefined where it is unknown. */
export function gceMachineSize(type: string): MachineSize | undefined {
  if (hasOwn(GCE_FIXED, type)) return GCE_FIXED[type];
  const custom = /^(?:(?:n1|n2|n2d|e2)-)?custom-(\d+)-(\d+)(?:-ext)?$/.exec(type);
  if (custom) return { vcpus: Number(custom[1]), memoryMib: Number(custom[2]) };
  const predefined = /^([a-z0-9]+-[a-z]+)-(\d+)$/.exec(type);
  if (!predefined || !hasOwn(GCE_GIB_PER_VCPU, predefined[1])) return undefined;
  const vcpus = Number(predefined[2]);
  return { vcpus, memoryMib: vcpus * GCE_GIB_PER_VCPU[predefined[1]] * GIB };
}

/** Size of an EC2 instance type, or undefined where it is unknown. */
export function ec2MachineSize(type: string): MachineSize | undefined {
  if (hasOwn(EC2_FIXED, type)) return EC2_FIXED[type];
  const [family, size] = type.split('.');
  if (!hasOwn(EC2_GIB_PER_VCPU, family) || !hasOwn(EC2_VCPUS, size ?? '')) return undefined;
  const vcpus = EC2_VCPUS[size];
  return { vcpus, memoryMib: vcpus * EC2_GIB_PER_VCPU[family] * GIB };
}

const EC2_MAX_PODS: { [size: string]: number } = { large: 29, xlarge: 58, '2xlarge': 58 };

/**
 * Pods that the VPC CNI's addresses allow on an instance of this size, as the general families have them; the larger
 * sizes all stand at 234.
 *
 * @see https://github.com/awslabs/amazon-eks-ami (eni-max-pods)
 */
export function ec2MaxPods(type: string): number {
  const size = type.split('.')[1] ?? '';
  return hasOwn(EC2_MAX_PODS, size) ? EC2_MAX_PODS[size] : 234;
}
