import { createHash } from 'node:crypto';
import { invalid } from '../private/errors';
import { CONFIG_MAP_NAME_LENGTH } from '../service/hashed-config-map';
import { type Endpoints, portMappings } from './endpoints';
import { METRICS_PATH } from './files/monitoring';
import { commandLine, isSet } from './flags/command-line';
import { FLAGS } from './flags/flag-table';
import { threadFlags } from './flags/threads';
import type { FlagValue } from './flags/user-flag';
import { checkModelProbes, checkTlsHidesNone, imageFor } from './model-checks';
import { answersHealth, livenessProbe, readinessProbe, startupProbe } from './model-probes';
import type { TfServingModelProps } from './model-props';
import { type TlsParts, tlsParts } from './server/server-tls';
import { BATCHING_FILE, configurationTexts, largestBatch, MODELS_FILE, MONITORING_FILE, SESSION_FILE } from './server-files';
import { startupSeconds, type Worked } from './serving/budget';
import type { Ground } from './serving/ground';
import type { ConfigurationFiles, ModelServer, OwnVariables } from './serving/model-server';
import { namedVariables } from './serving/own-environment';
import { mountPaths } from './source/binding';
import { configurationDirectory, plainPath } from './source/paths';
import { CONNECTION_SECONDS, connectionArguments, LOAD_RETRIES, LOAD_RETRY_INTERVAL_MICROS } from './timing';
import { checkBrought, type TensorFlowModel } from './versions/models';
import { LABELS_FLAG } from './versions/version-labels';

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
  checkBrought(where, models, ground.sources);
  const image = imageFor(where, props, ground);
  const tls = props.tls && tlsParts(where, props.tls, server._release);
  if (tls) checkTlsHidesNone(where, tls, ground.sources);
  const files = filesOf(facts, monitored, tls);
  return {
    component: 'tensorflow-serving',
    image,
    architecture: server.architecture,
    command: [server.binary],
    args: args(facts, files, tls),
    variables: variablesOf(facts),
    files,
    programs: tls && [tls.program],
    volumes: tls?.volumes,
    volumeMounts: tls?.volumeMounts,
    ports: portMappings(endpoints),
    probes: {
      startup: startupProbe(endpoints.grpcPort, startupBudget(facts).value),
      readiness: readinessProbe(server._release, endpoints, models),
      liveness: livenessProbe(endpoints.grpcPort, answersHealth(props)),
    },
    // https://github.com/tensorflow/serving/issues/1853
    stop: { endsBySignal: false, connectionSeconds: CONNECTION_SECONDS },
    metrics: monitored ? { port: endpoints.restPort, path: METRICS_PATH } : undefined,
  };
}

function filesOf({ props, ground, models }: TensorFlowFacts, monitored: boolean, tls: TlsParts | undefined): ConfigurationFiles {
  const { where, source, sources } = ground;
  const basePaths = sources.map(({ binding }) => binding.basePath);
  const mounts = [...(tls?.volumeMounts ?? []), ...(props.volumeMounts ?? [])];
  const directory = configurationDirectory(where, props.configDirectory ?? '/etc/tfs-config', {
    binary: props.server.binary,
    basePaths,
    mountPaths: [...mountPaths(source), ...mounts.map(({ mountPath }) => mountPath)].filter((path) => typeof path === 'string'),
  });
  const texts = configurationTexts(where, props, { cores: ground.cores, monitored, models, basePaths });
  return { configMapName: props.configMapName ?? configMapName(ground.name), directory, texts };
}

function args(facts: TensorFlowFacts, { directory, texts }: ConfigurationFiles, tls: TlsParts | undefined): string[] {
  const { props, ground, endpoints, models } = facts;
  const { flags = {}, extraFlags = [] } = props;
  const { source, requestTimeout, placement, gpu } = ground;
  const fromEnv = props.envConfigMapName !== undefined;
  const pathOf = (file: string) => (file in texts ? `${directory}/${file}` : undefined);
  const prefersTflite = isSet('prefer_tflite_model', flags.preferTfliteModel, extraFlags);
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
    ...threadFlags(ground.cores, largestBatch(props), prefersTflite),
    grpc_channel_arguments: connectionArguments(requestTimeout.toSeconds()),
    ssl_config_file: tls?.configPath,
    enable_grpc_healthcheck_service: true,
    enable_profiler: false,
    enable_batching: pathOf(BATCHING_FILE) && true,
    batching_parameters_file: pathOf(BATCHING_FILE),
    enable_per_model_batching_parameters: props.batchingPerModel && true,
    tensorflow_session_config_file: pathOf(SESSION_FILE),
    monitoring_config_file: pathOf(MONITORING_FILE),
  };
  return commandLine(ground.where, {
    server: props.server,
    defaults,
    chosen: flags,
    extra: extraFlags,
    gpus: placement === undefined ? 'none' : gpu ? 'present' : 'stand-in',
    replaceable: REPLACED_BY_PLATFORM_CONFIG.filter((prop) => props[prop] !== undefined),
    writable: writableDirectories(props),
    variables: props.envFrom?.length
      ? undefined
      : [...Object.keys(ground.env), ...namedVariables(props), ...(fromEnv ? ['MODEL_NAME', 'MODEL_PATH'] : [])],
  });
}

/** Props whose files the server does not read where it has a platform configuration. */
const REPLACED_BY_PLATFORM_CONFIG = ['batching', 'batchingPerModel', 'sessionConfig'] as const;

/** Where the server can make files, unless it can anywhere. */
function writableDirectories({ readOnlyRootFilesystem, volumeMounts = [] }: TfServingModelProps): string[] | undefined {
  if (readOnlyRootFilesystem === false) return undefined;
  const mounted = volumeMounts.filter(({ readOnly, mountPath }) => !readOnly && typeof mountPath === 'string');
  return ['/tmp', ...mounted.map(({ mountPath }) => plainPath(mountPath))];
}

/** The model's name and path as variables, where the server is to get them so. */
function variablesOf({ props: { envConfigMapName }, ground, models }: TensorFlowFacts): OwnVariables | undefined {
  if (envConfigMapName === undefined) return undefined;
  const values = { MODEL_NAME: models[0].name, MODEL_PATH: ground.source.basePath };
  return { configMapName: envConfigMapName, owner: 'envConfigMapName', values };
}

/** Time that loading may take with all its retries. */
export function startupBudget({ props: { flags = {} }, ground }: TensorFlowFacts): Worked {
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
