import { createHash } from 'node:crypto';
import { invalid } from '../private/errors';
import { CONFIG_MAP_NAME_LENGTH } from '../service/hashed-config-map';
import { type Endpoints, portMappings } from './endpoints';
import { batchingFile, rowsAtOnce } from './files/batching';
import { modelListFile } from './files/model-list';
import { METRICS_PATH, monitoringFile } from './files/monitoring';
import { commandLine, type FlagValue } from './flags/command-line';
import { FLAGS } from './flags/flag-table';
import { threadFlags } from './flags/threads';
import { checkModelProbes, imageFor } from './model-checks';
import { livenessProbe, readinessProbe, startupProbe } from './model-probes';
import type { TfServingModelProps } from './model-props';
import type { Ground } from './serving/ground';
import type { ConfigurationFiles, ModelServer, OwnVariables } from './serving/model-server';
import { namedVariables } from './serving/own-environment';
import { configurationDirectory } from './source/paths';
import { CONNECTION_SECONDS, connectionArguments, LOAD_RETRIES, LOAD_RETRY_INTERVAL_MICROS, startupSeconds } from './timing';
import { needsList, type TensorFlowModel } from './versions/served-model';
import { LABELS_FLAG } from './versions/version-labels';

const BATCHING_FILE = 'batching_config.txt';
const MONITORING_FILE = 'monitoring_config.txt';
const MODELS_FILE = 'models_config.txt';

/** What makes up a TensorFlow Serving, decided. */
export interface TensorFlowFacts {
  readonly props: TfServingModelProps;
  readonly ground: Ground;
  /** All models, its own one first. */
  readonly models: TensorFlowModel[];
  readonly endpoints: Endpoints;
}

/** What tensorflow_model_server states of itself with the props that were chosen. */
export function tensorflowServer(facts: TensorFlowFacts): ModelServer {
  const { props, ground, endpoints, models } = facts;
  const { where } = ground;
  const { server } = props;
  const monitored = server._release.atLeast(FLAGS.monitoring_config_file.since);
  if (props.scrapers !== undefined && !monitored) {
    throw invalid(
      where,
      'scrapers',
      `${props.scrapers.length} peer(s)`,
      `cannot be served: TensorFlow Serving ${server._release} has no metrics`,
      'Use release 1.11 or newer.',
    );
  }
  checkModelProbes(where, props);
  const image = imageFor(where, props, ground.bindings, ground.gpu);
  const files = filesOf(facts, monitored);
  return {
    component: 'tensorflow-serving',
    image,
    architecture: server.architecture,
    command: [server.binary],
    args: args(facts, files),
    variables: variablesOf(facts),
    files,
    ports: portMappings(endpoints),
    probes: {
      startup: startupProbe(endpoints.grpcPort, startupBudget(facts)),
      readiness: readinessProbe(server._release, endpoints, models),
      liveness: livenessProbe(server._release, endpoints.grpcPort),
    },
    // https://github.com/tensorflow/serving/issues/1853
    stop: { endsBySignal: false, connectionSeconds: CONNECTION_SECONDS },
    metrics: monitored ? { port: endpoints.restPort, path: METRICS_PATH } : undefined,
  };
}

function filesOf({ props, ground, models }: TensorFlowFacts, monitored: boolean): ConfigurationFiles {
  const { where, source, bindings } = ground;
  const basePaths = bindings.map(({ basePath }) => basePath);
  const directory = configurationDirectory(where, props.configDirectory ?? '/etc/tfs-config', {
    binary: props.server.binary,
    basePaths,
    mountPaths: [...source.volumeMounts, ...(props.volumeMounts ?? [])]
      .map(({ mountPath }) => mountPath)
      .filter((path) => typeof path === 'string'),
  });
  const texts: { [file: string]: string } = {};
  if (needsList(models)) {
    checkNoEnvironment(where, props, models);
    texts[MODELS_FILE] = modelListFile(models.map((model, index) => ({ ...model, basePath: basePaths[index] })));
  }
  if (props.batching) texts[BATCHING_FILE] = batchingFile(where, props.batching, ground.cores, props.server._release);
  if (monitored) texts[MONITORING_FILE] = monitoringFile();
  return { configMapName: props.configMapName ?? configMapName(ground.name), directory, texts };
}

function args({ props, ground, endpoints, models }: TensorFlowFacts, { directory, texts }: ConfigurationFiles): string[] {
  const { source, requestTimeout, placement, gpu } = ground;
  const fromEnv = props.envConfigMapName !== undefined;
  const pathOf = (file: string) => (file in texts ? `${directory}/${file}` : undefined);
  const defaults: { [flag: string]: FlagValue | undefined } = {
    port: endpoints.grpcPort,
    rest_api_port: endpoints.restPort,
    ...(MODELS_FILE in texts
      ? { model_config_file: pathOf(MODELS_FILE), [LABELS_FLAG]: models.some(({ labels }) => Object.keys(labels).length > 0) || undefined }
      : { model_name: fromEnv ? '$(MODEL_NAME)' : models[0].name, model_base_path: fromEnv ? '$(MODEL_PATH)' : source.basePath }),
    file_system_poll_wait_seconds: source.pollSeconds,
    max_num_load_retries: LOAD_RETRIES,
    load_retry_interval_micros: LOAD_RETRY_INTERVAL_MICROS,
    rest_api_timeout_in_ms: requestTimeout.toMilliseconds(),
    ...threadFlags(ground.cores, props.batching ? rowsAtOnce(props.batching) : 0),
    grpc_channel_arguments: connectionArguments(requestTimeout.toSeconds()),
    enable_grpc_healthcheck_service: true,
    enable_profiler: false,
    enable_batching: props.batching ? true : undefined,
    batching_parameters_file: pathOf(BATCHING_FILE),
    monitoring_config_file: pathOf(MONITORING_FILE),
  };
  return commandLine(ground.where, {
    release: props.server._release,
    defaults,
    chosen: props.flags ?? {},
    extra: props.extraFlags ?? [],
    gpus: placement === undefined ? 'none' : gpu ? 'present' : 'stand-in',
    batching: props.batching !== undefined,
    variables: props.envFrom?.length
      ? undefined
      : [...Object.keys(ground.env), ...namedVariables(props), ...(fromEnv ? ['MODEL_NAME', 'MODEL_PATH'] : [])],
  });
}

/** Refuses variables for the model's name and path, which a server with a list of models does not read. */
function checkNoEnvironment(where: string, { envConfigMapName }: TfServingModelProps, [own, ...others]: TensorFlowModel[]): void {
  if (envConfigMapName === undefined) return;
  const because = others.length > 0 ? 'otherModels' : Object.keys(own.labels).length > 0 ? 'versionLabels' : 'versions';
  throw invalid(
    where,
    'envConfigMapName',
    envConfigMapName,
    `cannot stand beside '${because}', which take a file with the names and paths of the models: the server would not read the variables`,
    'Remove one of them.',
  );
}

/** The model's name and path as variables, where the server is to get them so. */
function variablesOf({ props: { envConfigMapName }, ground, models }: TensorFlowFacts): OwnVariables | undefined {
  if (envConfigMapName === undefined) return undefined;
  const values = { MODEL_NAME: models[0].name, MODEL_PATH: ground.source.basePath };
  return { configMapName: envConfigMapName, owner: 'envConfigMapName', values };
}

/** Time that loading may take with all its retries. */
export function startupBudget({ props: { flags = {} }, ground }: TensorFlowFacts): number {
  return startupSeconds(
    ground.loadSeconds,
    flags.maxNumLoadRetries ?? LOAD_RETRIES,
    flags.loadRetryIntervalMicros ?? LOAD_RETRY_INTERVAL_MICROS,
  );
}

/** The workload's name with `-config`; where that leaves no room, a hash keeps what is cut off apart. */
function configMapName(name: string): string {
  const full = `${name}-config`;
  if (full.length <= CONFIG_MAP_NAME_LENGTH) return full;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 5);
  return `${name.slice(0, CONFIG_MAP_NAME_LENGTH - full.length + name.length - hash.length - 1)}-${hash}-config`;
}
