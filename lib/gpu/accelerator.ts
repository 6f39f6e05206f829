import { invalid } from '../private/errors';
import { checkShape, type Shape } from '../private/shape';
import { nonEmpty, wholeNumber } from '../private/validate';

/** Names under which platforms know an accelerator. */
export interface AcceleratorProps {
  /** Name for people, for example `NVIDIA T4`. */
  readonly name: string;

  /**
   * Value of the node label `cloud.google.com/gke-accelerator`.
   *
   * @default - GKE does not have it
   */
  readonly gkeName?: string;

  /**
   * Value of Karpenter's `instance-gpu-name` labels.
   *
   * @default - EC2 does not have it
   */
  readonly karpenterName?: string;

  /**
   * Memory of one GPU in GiB, by its data sheet.
   *
   * @default - unknown: nothing is said about which models fit
   */
  readonly memoryGib?: number;

  /**
   * Compute capability by NVIDIA's table, for example `8.9`.
   *
   * @default - unknown: nothing is said about which images have programs for it
   * @see https://developer.nvidia.com/cuda-gpus
   */
  readonly computeCapability?: string;
}

const SHAPE: Shape<AcceleratorProps> = {
  name: 'text',
  gkeName: 'text',
  karpenterName: 'text',
  memoryGib: 'number',
  computeCapability: 'text',
};

/** A kind of GPU, with the names that platforms select it by. */
export class Accelerator {
  /** NVIDIA T4, 16 GB. */
  public static readonly NVIDIA_T4 = new Accelerator({
    name: 'NVIDIA T4',
    gkeName: 'nvidia-tesla-t4',
    karpenterName: 't4',
    memoryGib: 16,
    computeCapability: '7.5',
  });
  /** NVIDIA P100, 16 GB. */
  public static readonly NVIDIA_P100 = new Accelerator({
    name: 'NVIDIA P100',
    gkeName: 'nvidia-tesla-p100',
    memoryGib: 16,
    computeCapability: '6.0',
  });
  /** NVIDIA V100, 16 GB. */
  public static readonly NVIDIA_V100 = new Accelerator({
    name: 'NVIDIA V100',
    gkeName: 'nvidia-tesla-v100',
    karpenterName: 'v100',
    memoryGib: 16,
    computeCapability: '7.0',
  });
  /** NVIDIA L4, 24 GB. */
  public static readonly NVIDIA_L4 = new Accelerator({
    name: 'NVIDIA L4',
    gkeName: 'nvidia-l4',
    karpenterName: 'l4',
    memoryGib: 24,
    computeCapability: '8.9',
  });
  /** NVIDIA A10G, 24 GB. */
  public static readonly NVIDIA_A10G = new Accelerator({
    name: 'NVIDIA A10G',
    karpenterName: 'a10g',
    memoryGib: 24,
    computeCapability: '8.6',
  });
  /** NVIDIA A100, 40 GB. */
  public static readonly NVIDIA_A100_40GB = new Accelerator({
    name: 'NVIDIA A100 40GB',
    gkeName: 'nvidia-tesla-a100',
    karpenterName: 'a100',
    memoryGib: 40,
    computeCapability: '8.0',
  });
  /** NVIDIA A100, 80 GB. */
  public static readonly NVIDIA_A100_80GB = new Accelerator({
    name: 'NVIDIA A100 80GB',
    gkeName: 'nvidia-a100-80gb',
    karpenterName: 'a100',
    memoryGib: 80,
    computeCapability: '8.0',
  });
  /** NVIDIA H100, 80 GB. */
  public static readonly NVIDIA_H100_80GB = new Accelerator({
    name: 'NVIDIA H100 80GB',
    gkeName: 'nvidia-h100-80gb',
    karpenterName: 'h100',
    memoryGib: 80,
    computeCapability: '9.0',
  });
  /** NVIDIA H200, 141 GB. */
  public static readonly NVIDIA_H200_141GB = new Accelerator({
    name: 'NVIDIA H200 141GB',
    gkeName: 'nvidia-h200-141gb',
    karpenterName: 'h200',
    memoryGib: 141,
    computeCapability: '9.0',
  });
  /** NVIDIA B200, 180 GB. */
  public static readonly NVIDIA_B200 = new Accelerator({
    name: 'NVIDIA B200',
    gkeName: 'nvidia-b200',
    karpenterName: 'b200',
    memoryGib: 180,
    computeCapability: '10.0',
  });
  /** NVIDIA RTX PRO 6000 Server Edition, 96 GB. */
  public static readonly NVIDIA_RTX_PRO_6000 = new Accelerator({
    name: 'NVIDIA RTX PRO 6000',
    gkeName: 'nvidia-rtx-pro-6000',
    karpenterName: 'rtx-pro-server-6000',
    memoryGib: 96,
    computeCapability: '12.0',
  });

  /**
   * An accelerator that is not in this list.
   *
   * @throws where it has no name, or a value that no node has.
   */
  public static custom(props: AcceleratorProps): Accelerator {
    const where = 'Accelerator.custom';
    checkShape(where, props, SHAPE, ['name']);
    nonEmpty(where, 'name', props.name, 'NVIDIA T4');
    for (const prop of ['gkeName', 'karpenterName'] as const) {
      const value = props[prop];
      if (value !== undefined && !/^[a-z0-9][-a-z0-9]{0,61}[a-z0-9]$/.test(value)) {
        throw invalid(where, prop, value, 'must be the value of a node label', "For example 'nvidia-tesla-t4'.");
      }
    }
    if (props.memoryGib !== undefined) wholeNumber(where, 'memoryGib', props.memoryGib, 1, 1024);
    const { computeCapability } = props;
    if (computeCapability !== undefined && !/^\d{1,2}\.\d$/.test(computeCapability)) {
      throw invalid(where, 'computeCapability', computeCapability, 'must be a number with one decimal place', "For example '8.9'.");
    }
    return new Accelerator(props);
  }

  /** Name for people. */
  public readonly name: string;
  /** Value of the node label `cloud.google.com/gke-accelerator`, where GKE has it. */
  public readonly gkeName?: string;
  /** Value of Karpenter's `instance-gpu-name` labels, where EC2 has it. */
  public readonly karpenterName?: string;
  /** Memory of one GPU in GiB, where it is known. */
  public readonly memoryGib?: number;
  /** Compute capability, where it is known. */
  public readonly computeCapability?: string;

  private constructor(props: AcceleratorProps) {
    this.name = props.name;
    this.gkeName = props.gkeName;
    this.karpenterName = props.karpenterName;
    this.memoryGib = props.memoryGib;
    this.computeCapability = props.computeCapability;
  }
}
