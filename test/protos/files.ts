import * as fc from 'fast-check';
import { ModelVersions } from '../../lib';
import { batchingFile, versionBatchingFile } from '../../lib/model/files/batching';
import { type ListedModel, modelListFile } from '../../lib/model/files/model-list';
import { METRICS_PATH, monitoringFile } from '../../lib/model/files/monitoring';
import { perModelBatchingFile } from '../../lib/model/files/per-model-batching';
import { JitLevel, sessionConfigFile } from '../../lib/model/files/session-config';
import { ServerRelease } from '../../lib/model/server/server-release';
import { batching, split } from '../support/arbitrary-models';
import { label, some, someOf, truth } from '../support/arbitrary-values';
import type { Fields } from './judge';

/** A file that the server reads, as a writer of the library has it. */
interface ProtoFile<Drawn> {
  /** Full name of its message. */
  readonly message: string;
  readonly arbitrary: fc.Arbitrary<Drawn>;
  readonly write: (drawn: Drawn) => string;
  /** What the text must mean. */
  readonly fields: (drawn: Drawn) => Fields;
}

/** A text, and what it must mean. */
export interface Written {
  readonly text: string;
  readonly fields: Fields;
}

const RELEASE = ServerRelease.parse('test', 'release', '2.20.0');

const batchingParameters: ProtoFile<any> = {
  message: 'tensorflow.serving.BatchingParameters',
  arbitrary: fc
    .record({ drawn: batching, splits: truth, cores: fc.integer({ min: 1, max: 128 }) })
    .map(({ drawn, splits, cores }) => ({ cores, given: split(drawn, splits, RELEASE) })),
  write: ({ given, cores }) => batchingFile('test', given, cores, RELEASE),
  fields: ({ given, cores }) => {
    const threads = given.numBatchThreads ?? cores;
    const perRequest = given.enableLargeBatchSplitting ? Math.ceil(given.maxBatchSize / given.maxExecutionBatchSize) : 1;
    return {
      max_batch_size: { value: given.maxBatchSize },
      batch_timeout_micros: { value: given.batchTimeoutMicros ?? 0 },
      max_enqueued_batches: { value: given.maxEnqueuedBatches ?? Math.max(threads, perRequest) },
      num_batch_threads: { value: threads },
      ...(given.threadPoolName === undefined ? {} : { thread_pool_name: { value: given.threadPoolName } }),
      allowed_batch_sizes: given.allowedBatchSizes ?? [],
      pad_variable_length_inputs: given.padVariableLengthInputs ?? false,
      ...(given.enableLargeBatchSplitting
        ? { enable_large_batch_splitting: { value: true }, max_execution_batch_size: { value: given.maxExecutionBatchSize } }
        : {}),
    };
  },
};

const versionBatching: ProtoFile<any> = {
  message: batchingParameters.message,
  arbitrary: fc
    .record({ drawn: batching, splits: truth })
    .map(({ drawn, splits }) => ({ ...split(drawn, splits, RELEASE), numBatchThreads: undefined, threadPoolName: undefined })),
  write: (given) => versionBatchingFile('test', given, RELEASE),
  fields: (given) => {
    const { num_batch_threads, ...rest } = batchingParameters.fields({ given, cores: 10 });
    return rest;
  },
};

const threadsOfAll: ProtoFile<any> = {
  message: batchingParameters.message,
  arbitrary: fc.record({ numBatchThreads: some(fc.integer({ min: 1, max: 999 })), threadPoolName: some(label) }),
  write: (given) => perModelBatchingFile('test', given, 7, RELEASE),
  fields: ({ numBatchThreads = 7, threadPoolName }) => ({
    num_batch_threads: { value: numBatchThreads },
    ...(threadPoolName === undefined ? {} : { thread_pool_name: { value: threadPoolName } }),
  }),
};

const monitoring: ProtoFile<null> = {
  message: 'tensorflow.serving.MonitoringConfig',
  arbitrary: fc.constant(null),
  write: monitoringFile,
  fields: () => ({ prometheus_config: { enable: true, path: METRICS_PATH } }),
};

const version = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const served = fc.oneof(
  fc.integer({ min: 1, max: 2 ** 31 - 1 }).map((count) => ({
    versions: ModelVersions.latest(count),
    fields: { latest: { num_versions: count } },
    labelled: version,
  })),
  fc.constant({ versions: ModelVersions.all(), fields: { all: {} }, labelled: version }),
  fc.uniqueArray(version, { minLength: 1, maxLength: 5 }).map((versions) => ({
    versions: ModelVersions.specific(...versions),
    fields: { specific: { versions: [...versions].sort((a, b) => a - b) } },
    labelled: fc.constantFrom(...versions),
  })),
);
const path = fc.oneof(
  fc.stringMatching(/^(\/[^/:\u0000-\u0020\u007f-\u009f\u2028\u2029]{1,9}){1,3}$/).filter((drawn) => !drawn.includes('/..')),
  fc
    .string({ unit: 'grapheme' })
    .map((drawn) => `/${drawn}/m`)
    .filter((drawn) => !/[:\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]|\.\./.test(drawn)),
  label.map((name) => `gs://bucket/${name}`),
);
const listed = served.chain(({ versions, fields, labelled }) =>
  fc
    .record({
      name: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,30}$/),
      basePath: path,
      labels: fc.dictionary(fc.stringMatching(/^[a-zA-Z0-9_]{1,12}$/), labelled, { maxKeys: 4, noNullPrototype: true }),
    })
    .map((rest) => ({ model: { ...rest, versions }, policy: fields })),
);
const modelList: ProtoFile<{ model: ListedModel; policy: Fields }[]> = {
  message: 'tensorflow.serving.ModelServerConfig',
  arbitrary: fc.uniqueArray(listed, { selector: ({ model }) => model.name, minLength: 1, maxLength: 4 }),
  write: (models) => modelListFile(models.map(({ model }) => model)),
  fields: (models) => ({
    model_config_list: {
      config: models.map(({ model: { name, basePath, labels }, policy }) => ({
        name,
        base_path: basePath,
        model_platform: 'tensorflow',
        model_version_policy: policy,
        version_labels: labels,
      })),
    },
  }),
};

const session: ProtoFile<any> = {
  message: 'tensorflow.ConfigProto',
  arbitrary: someOf({
    allowGrowth: truth,
    allowSoftPlacement: truth,
    disableThreadSpinning: truth,
    globalJitLevel: fc.constantFrom(JitLevel.OFF, JitLevel.ON),
    logDevicePlacement: truth,
  }),
  write: (config) => sessionConfigFile('test', config, RELEASE, { xlaCpuCompilationEnabled: true }),
  fields: ({ allowGrowth, disableThreadSpinning, globalJitLevel, ...config }) => ({
    ...(allowGrowth === undefined ? {} : { gpu_options: { allow_growth: allowGrowth } }),
    allow_soft_placement: config.allowSoftPlacement ?? false,
    log_device_placement: config.logDevicePlacement ?? false,
    ...(globalJitLevel && { graph_options: { optimizer_options: { global_jit_level: globalJitLevel } } }),
    ...(disableThreadSpinning === undefined ? {} : { experimental: { disable_thread_spinning: disableThreadSpinning } }),
  }),
};

/** Every file that the library writes: a new one is drawn and judged by standing here. */
export const FILES = [batchingParameters, versionBatching, threadsOfAll, monitoring, modelList, session].map(drawnFrom);

function drawnFrom<Drawn>({ message, arbitrary, write, fields }: ProtoFile<Drawn>) {
  return { message, written: arbitrary.map((drawn): Written => ({ text: write(drawn), fields: fields(drawn) })) };
}

/** Messages of the files that flags of the server name. */
export const MESSAGE_OF_FLAG: { readonly [flag: string]: string } = {
  batching_parameters_file: batchingParameters.message,
  model_config_file: modelList.message,
  monitoring_config_file: monitoring.message,
  platform_config_file: 'tensorflow.serving.PlatformConfigMap',
  ssl_config_file: 'tensorflow.serving.SSLConfig',
  tensorflow_session_config_file: session.message,
};
