import type { k8s } from 'cdk8s-plus-27';
import type { NodePool } from '../cluster';

/** Where pods go and what they need there, as pools decide it. */
export interface Placement {
  /**
   * Pool that the pods run on, for what fits.
   *
   * @default - any declared pool without GPUs
   */
  readonly nodePool?: NodePool;

  /**
   * Labels of the nodes.
   *
   * @default - none
   */
  readonly nodeSelector?: { [key: string]: string };

  /**
   * Taints of the nodes.
   *
   * @default - none
   */
  readonly tolerations?: k8s.Toleration[];

  /**
   * Extended resources of a pod, for example `nvidia.com/gpu`.
   *
   * @default - none
   */
  readonly extendedResources?: { [name: string]: number };

  /**
   * GPUs of a pod, for what fits.
   *
   * @default 0
   */
  readonly gpus?: number;

  /**
   * Runtime class of the pods.
   *
   * @default - that of the nodes
   */
  readonly runtimeClassName?: string;
}
