/** Value that a flag of the server takes; `int` has 32 bits and `long` has 64. */
export type FlagType = 'int' | 'long' | 'bool' | 'float' | 'string';

/** What is known of a flag: its type, and the first release that has it. An older server ignores it silently. */
export interface FlagFacts {
  readonly type: FlagType;
  readonly since: string;
  /** Prop that writes the flag together with what belongs to it, so that it is no extra flag. */
  readonly prop?: string;
  /** Least and most that the server works with, where that is not any whole number, and why. */
  readonly range?: { readonly least: number; readonly most?: number; readonly because: string };
  /** The only value that the server heeds, where it takes others without a word. */
  readonly only?: string;
  /** Why the project's own builds cannot do anything with it. */
  readonly otherBuilds?: string;
  /** Why no model may have it, and the way out. */
  readonly refused?: { readonly rule: string; readonly wayOut: string };
}

const NODE_CORES = { least: 1, because: '0 means the cores of the node, of which the container may have a part only' };

const GOOGLE_ONLY = {
  rule: 'would encrypt gRPC for callers inside of Google Cloud alone, and nobody else could call the model',
  wayOut: "Use 'tls'.",
};

const MODEL_CONFIG = {
  rule: "makes the server take names and paths from a file instead, but probes and addresses rest on the model's own",
  wayOut: "Set 'modelName', 'source' and 'versions', and further models in 'otherModels', from which the file is written.",
};

const MODEL_CONFIG_POLL = {
  rule: 'makes the server read a file again that never changes: it stands in a ConfigMap that is named by its content',
  wayOut: 'Leave it out: a change of models, versions or labels is a rollout, and new pods have loaded what it says before old ones go.',
};

/**
 * Flags of tensorflow_model_server by name.
 *
 * @see https://github.com/tensorflow/serving/blob/master/tensorflow_serving/model_servers/main.cc
 */
export const FLAGS: { readonly [name: string]: FlagFacts } = {
  port: { type: 'int', since: '0.5.0', prop: 'grpcPort' },
  grpc_socket_path: { type: 'string', since: '1.13.0' },
  rest_api_port: { type: 'int', since: '1.8.0', prop: 'restPort' },
  rest_api_num_threads: {
    type: 'int',
    since: '1.8.0',
    range: { least: 2, because: 'the event loop keeps one thread, so one alone never answers' },
  },
  rest_api_timeout_in_ms: { type: 'int', since: '1.8.0', prop: 'requestTimeout' },
  rest_api_enable_cors_support: { type: 'bool', since: '2.5.1' },
  grpc_channel_arguments: { type: 'string', since: '1.6.0' },
  grpc_max_threads: {
    type: 'int',
    since: '2.5.1',
    range: { least: 2, because: 'one thread waits for calls, so one alone refuses them all' },
  },
  use_alts_credentials: { type: 'bool', since: '2.6.0', refused: GOOGLE_ONLY },
  ssl_config_file: { type: 'string', since: '1.10.0', prop: 'tls' },
  enable_grpc_healthcheck_service: { type: 'bool', since: '2.15.1' },
  enable_profiler: { type: 'bool', since: '2.5.1' },
  enable_serialization_as_tensor_content: { type: 'bool', since: '2.19.0' },
  model_name: { type: 'string', since: '0.5.0', prop: 'modelName' },
  model_base_path: { type: 'string', since: '0.5.0', prop: 'source' },
  model_config_file: { type: 'string', since: '0.6.0', refused: MODEL_CONFIG },
  model_config_file_poll_wait_seconds: { type: 'int', since: '1.15.0', refused: MODEL_CONFIG_POLL },
  file_system_poll_wait_seconds: { type: 'int', since: '0.5.0', prop: 'source' },
  allow_version_labels_for_unavailable_models: { type: 'bool', since: '1.15.0', prop: 'versionLabels' },
  num_load_threads: { type: 'int', since: '2.5.1' },
  num_unload_threads: { type: 'int', since: '2.5.1' },
  max_num_load_retries: {
    type: 'int',
    since: '1.12.0',
    range: { least: 0, most: 100, because: 'a model that cannot be loaded must show as a restarting pod' },
  },
  load_retry_interval_micros: { type: 'long', since: '1.12.0' },
  flush_filesystem_caches: { type: 'bool', since: '1.5.0' },
  saved_model_tags: { type: 'string', since: '1.6.0' },
  enable_model_warmup: { type: 'bool', since: '1.9.0' },
  num_request_iterations_for_warmup: {
    type: 'int',
    since: '2.8.0',
    range: { least: 1, because: 'the server takes less for 1' },
  },
  enable_signature_method_name_check: { type: 'bool', since: '2.4.0' },
  prefer_tflite_model: { type: 'bool', since: '2.3.0' },
  num_tflite_pools: { type: 'int', since: '2.5.1', range: { least: 1, because: 'no request would find an interpreter' } },
  num_tflite_interpreters_per_pool: { type: 'int', since: '2.5.1', range: { least: 1, because: 'no request would find an interpreter' } },
  remove_unused_fields_from_bundle_metagraph: { type: 'bool', since: '1.15.0' },
  enable_batching: { type: 'bool', since: '0.5.0', prop: 'batching' },
  batching_parameters_file: { type: 'string', since: '0.6.0', prop: 'batching' },
  enable_per_model_batching_parameters: { type: 'bool', since: '2.11.0', prop: 'batchingPerModel' },
  tensorflow_session_parallelism: { type: 'long', since: '0.5.0', prop: 'flags.tensorflowIntraOpParallelism' },
  tensorflow_intra_op_parallelism: { type: 'long', since: '1.13.0', range: NODE_CORES },
  tensorflow_inter_op_parallelism: { type: 'long', since: '1.13.0', range: NODE_CORES },
  tensorflow_session_config_file: { type: 'string', since: '2.8.0', prop: 'sessionConfig' },
  per_process_gpu_memory_fraction: { type: 'float', since: '1.5.0' },
  platform_config_file: { type: 'string', since: '0.5.0' },
  xla_cpu_compilation_enabled: { type: 'bool', since: '2.5.1' },
  xla_gpu_compilation_enabled: { type: 'bool', since: '2.18.0' },
  mixed_precision: { type: 'string', since: '2.15.1', only: 'bfloat16' },
  thread_pool_factory_config_file: { type: 'string', since: '2.6.0', otherBuilds: 'no factory of thread pools is built in' },
  skip_initialize_tpu: { type: 'bool', since: '2.15.1', otherBuilds: 'they know no TPU' },
  monitoring_config_file: { type: 'string', since: '1.11.0', prop: 'configDirectory' },
  version: { type: 'bool', since: '0.5.0', refused: { rule: 'prints the release and ends the server', wayOut: 'Leave it out.' } },
};
