import type { IConstruct } from 'constructs';
import type { Placement } from '../../service';

/** What a model asks of a pool. */
export interface ModelPoolRequest {
  /** GPUs of one pod. */
  readonly gpus: number;
  /** Most pods that are ever wanted at once. */
  readonly replicas: number;
}

/** A pool's answer. */
export interface ModelPlacement extends Placement {
  /** Whether the pods have GPUs; false where the cluster runs the CPU variant instead. */
  readonly gpu: boolean;

  /**
   * Memory of one GPU in bytes.
   *
   * @default - unknown: nothing is said about whether the model fits
   */
  readonly gpuMemoryBytes?: number;

  /**
   * Name of the kind of GPU, for people.
   *
   * @default - unknown
   */
  readonly gpuName?: string;

  /**
   * Compute capability of the GPUs, for example `8.9`.
   *
   * @default - unknown: nothing is said about whether an image has programs for them
   */
  readonly gpuComputeCapability?: string;
}

/** Something that models can be placed on. */
export interface IModelPool extends IConstruct {
  /**
   * Takes a model in.
   *
   * @throws where the pool can never run it.
   */
  placeModel(model: IConstruct, request: ModelPoolRequest): ModelPlacement;
}
