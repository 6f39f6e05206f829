import type { Duration } from 'cdk8s';
import { Construct } from 'constructs';
import type { Shape } from '../private/shape';
import { Peer, type WorkloadOptions } from '../service';
import { WORKLOAD_SHAPE } from '../service/workload-shape';
import type { Batching } from './files/batching';
import type { ServerFlags } from './flags/server-flags';
import type { IModelPool } from './model-pool';
import { ServerImage } from './server/server-image';
import { ModelSource } from './source/model-source';

/** A protocol that callers may use. */
export enum ServingProtocol {
  /** PredictionService on the gRPC port. */
  GRPC = 'grpc',
  /** `/v1/models/NAME:predict` on the REST port. */
  REST = 'rest',
}

/** Properties of a `TfServingModel`. */
export interface TfServingModelProps extends WorkloadOptions {
  /**
   * Name by which clients ask for the model: letters, digits, `_`, `.` and `-`.
   *
   * @default - the construct's id
   */
  readonly modelName?: string;

  /** Where the server finds the model. */
  readonly source: ModelSource;

  /** The server that runs it. */
  readonly server: ServerImage;

  /**
   * Protocols that callers may use. The REST port is open in the pod in any case, for probes and metrics. A stopping server
   * asks gRPC clients to leave, and lets them; it cannot ask those that keep a REST connection, which lose at most the request
   * under way on it when the pod ends: they should try again, or connect anew for each request.
   *
   * @default - both
   */
  readonly protocols?: ServingProtocol[];

  /**
   * Port of gRPC, in the pod and on the Service.
   *
   * @default 8500
   */
  readonly grpcPort?: number;

  /**
   * Port of REST, in the pod and on the Service.
   *
   * @default 8501
   */
  readonly restPort?: number;

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
   * Longest time that loading and warming up the model takes, in whole seconds and up to a day. Nothing restarts a pod
   * while it loads.
   *
   * @default Duration.minutes(5)
   */
  readonly loadTime?: Duration;

  /**
   * Memory that one loaded version takes, as a quantity. With it, synthesis refuses a memory limit that a version swap
   * would break.
   *
   * @default - unknown: nothing is checked
   */
  readonly modelMemory?: string;

  /**
   * How requests are put together.
   *
   * @default - they are not
   */
  readonly batching?: Batching;

  /**
   * Flags of the server.
   *
   * @default - those that follow from the other props
   */
  readonly flags?: ServerFlags;

  /**
   * Flags that this library does not type, as `--name=value`. Those unknown to it are reported, since the server ignores
   * what it does not know.
   *
   * @default - none
   */
  readonly extraFlags?: string[];

  /**
   * Who may read the metrics on the REST port, whatever `protocols` says, for example
   * `[Peer.namespace('monitoring')]`. The pods then carry the `prometheus.io/` annotations too.
   *
   * @default - only those who may call REST
   */
  readonly scrapers?: Peer[];

  /**
   * Name, without its hash, of the ConfigMap with the server's configuration files.
   *
   * @default - the workload's name with `-config`
   */
  readonly configMapName?: string;

  /**
   * Directory in which the server sees its configuration files. They hide what the image holds there.
   *
   * @default '/etc/tfs-config'
   */
  readonly configDirectory?: string;

  /**
   * Name, without its hash, of a ConfigMap that carries the model's name and path as `MODEL_NAME` and `MODEL_PATH`; the
   * server then gets them through its environment.
   *
   * @default - none: they stand in the server's arguments
   */
  readonly envConfigMapName?: string;
}

/** Kinds of the props of a model. */
export const MODEL_SHAPE: Shape<TfServingModelProps> = {
  ...WORKLOAD_SHAPE,
  modelName: 'text',
  source: ModelSource,
  server: ServerImage,
  protocols: 'texts',
  grpcPort: 'number',
  restPort: 'number',
  pool: Construct,
  gpus: 'number',
  loadTime: 'duration',
  modelMemory: 'text',
  batching: 'map',
  flags: 'map',
  extraFlags: 'texts',
  scrapers: [Peer],
  configMapName: 'text',
  configDirectory: 'text',
  envConfigMapName: 'text',
};
