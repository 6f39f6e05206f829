import type { Shape } from '../private/shape';
import type { Batching } from './files/batching';
import type { PerModelBatching } from './files/per-model-batching';
import type { SessionConfig } from './files/session-config';
import type { ServerFlags } from './flags/server-flags';
import { ServerImage } from './server/server-image';
import type { ServerTls } from './server/server-tls';
import { MODEL_OPTIONS_SHAPE, type ModelOptions } from './serving/model-options';
import type { ServingProtocol } from './serving-protocol';
import { ModelVersions } from './versions/model-versions';
import type { ServedModel } from './versions/served-model';

/** Properties of a `TfServingModel`. */
export interface TfServingModelProps extends ModelOptions {
  /**
   * Name by which clients ask for the model: letters, digits, `_`, `.` and `-`.
   *
   * @default - the construct's id
   */
  readonly modelName?: string;

  /**
   * Versions of the model that are served. Name one, and every pod has it whenever it starts: a new version is a rollout,
   * as any other change. Otherwise a pod has the newest one that it finds when it starts.
   *
   * @default ModelVersions.latest()
   */
  readonly versions?: ModelVersions;

  /**
   * Versions by names that clients may ask for instead of their numbers, for example `{ stable: 42, canary: 43 }`. They
   * are among those that `ModelVersions.specific()` names. A label that moves is a rollout: pods of both releases answer
   * to it, each with the version that it has loaded. Needs release 1.15, for clients of REST 2.3.
   *
   * @default - none
   */
  readonly versionLabels?: { [label: string]: number };

  /**
   * Further models in the same server. They share its pods, and their fate: where the directory of one is missing, the
   * server loads none of them, and no new version of any.
   *
   * @default - none
   */
  readonly otherModels?: ServedModel[];

  /** The server that runs it. */
  readonly server: ServerImage;

  /**
   * Directory on the machine that synthesizes, from where it runs, which holds what `source` will hold: the version
   * directories. They and their warm-up records are read and checked, and `modelSize` is measured from the largest one.
   *
   * @default - none: nothing is checked
   */
  readonly localCopy?: string;

  /**
   * Protocols that callers may use. The REST port is open in the pod in any case, for probes and metrics. A stopping server
   * asks gRPC clients to leave, and lets them; it cannot ask those that keep a REST connection, which lose at most the request
   * under way on it when the pod ends: they should try again, or connect anew for each request.
   *
   * @default - both; with `tls` gRPC alone
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
   * Has gRPC speak TLS alone. REST has none: it is plain for probes and metrics, and for callers where `protocols` names it.
   * The image needs bash and coreutils, as the project's own have them.
   *
   * @default - none: gRPC is plain
   */
  readonly tls?: ServerTls;

  /**
   * How requests are put together.
   *
   * @default - they are not
   */
  readonly batching?: Batching;

  /**
   * Has each version of the model bring its own batching, in a file beside it.
   *
   * @default - none does
   */
  readonly batchingPerModel?: PerModelBatching;

  /**
   * How TensorFlow runs the model, as far as no flag says it. Needs release 2.8.
   *
   * @default - as the server does by itself
   */
  readonly sessionConfig?: SessionConfig;

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
  ...MODEL_OPTIONS_SHAPE,
  modelName: 'text',
  versions: ModelVersions,
  versionLabels: 'map',
  otherModels: 'maps',
  server: ServerImage,
  localCopy: 'text',
  protocols: 'texts',
  grpcPort: 'number',
  restPort: 'number',
  tls: 'map',
  batching: 'map',
  batchingPerModel: 'map',
  sessionConfig: 'map',
  flags: 'map',
  extraFlags: 'texts',
  configMapName: 'text',
  configDirectory: 'text',
  envConfigMapName: 'text',
};
