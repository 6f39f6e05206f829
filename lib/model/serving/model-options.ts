import type { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import type { Shape } from '../../private/shape';
import { Peer, type WorkloadOptions } from '../../service';
import { WORKLOAD_SHAPE } from '../../service/workload-shape';
import { ModelSource } from '../source/model-source';
import type { IModelPool } from './model-pool';

/** Properties of a model, whichever server runs it. */
export interface ModelOptions extends WorkloadOptions {
  /** Where the server finds the model. */
  readonly source: ModelSource;

  /**
   * Pool with GPUs. The image with GPU support, the GPUs, the nodes and the pace of rollouts follow from it.
   *
   * @default - none: the model runs on CPUs
   */
  readonly pool?: IModelPool;

  /**
   * GPUs of a pod, where there is a pool.
   *
   * @default 1
   */
  readonly gpus?: number;

  /**
   * Size on disk of one version, as a quantity. The memory of the pods, where `resources` leaves it out, and the load time
   * follow from it.
   *
   * @default - unknown
   */
  readonly modelSize?: string;

  /**
   * Memory that one loaded version takes, as a quantity, where it has been measured. With it or with `modelSize`, synthesis
   * refuses a memory limit that a version swap would break.
   *
   * @default - estimated from `modelSize`
   */
  readonly modelMemory?: string;

  /**
   * Bytes that a load reads in a second, as a quantity. Only with `modelSize`.
   *
   * @default - what the cluster gives at the least for an image, a volume or a bucket
   */
  readonly loadThroughput?: string;

  /**
   * Longest time that loading and warming up the model takes, in whole seconds and up to a day; where there are several, or
   * several versions, all of them. Nothing restarts a pod while it loads.
   *
   * @default - a minute and the time of reading `modelSize`, or five minutes where that is unknown
   */
  readonly loadTime?: Duration;

  /**
   * Who may read the metrics, whatever else they may call, for example `[Peer.namespace('monitoring')]`. The pods then
   * carry the `prometheus.io/` annotations too.
   *
   * @default - only those who may call the port that has them
   */
  readonly scrapers?: Peer[];
}

/** Kinds of the props that every model takes. */
export const MODEL_OPTIONS_SHAPE: Shape<ModelOptions> = {
  ...WORKLOAD_SHAPE,
  source: ModelSource,
  pool: Construct,
  gpus: 'number',
  modelSize: 'quantity',
  modelMemory: 'quantity',
  loadThroughput: 'quantity',
  loadTime: 'duration',
  scrapers: [Peer],
};
