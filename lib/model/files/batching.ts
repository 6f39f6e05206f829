import { invalid } from '../../private/errors';
import { checkShape, type Shape } from '../../private/shape';
import { nonEmpty, wholeNumber } from '../../private/validate';
import type { ServerRelease } from '../server/server-release';
import { textProto, wrapped } from './text-proto';

/**
 * How the server puts requests together. Every field has the name of the server's BatchingParameters in camelCase.
 *
 * On GPUs a batch costs about as much as its first row: begin with the CPU cores of the pod as `numBatchThreads`, raise
 * `maxBatchSize` with a long timeout until latency suffers, then lower `batchTimeoutMicros` to a few thousand. On CPUs there is
 * rarely a gain: begin with the cores as `numBatchThreads` and a timeout of 0, then try 1000 to 10000; where as many batches
 * run as there are requests, none fills. For callers who wait, `maxEnqueuedBatches` is about `numBatchThreads`.
 *
 * @see https://github.com/tensorflow/serving/blob/master/tensorflow_serving/batching/README.md
 */
export interface Batching {
  /** Most rows of a request and, unless batches are split, of a batch. A larger request is refused. */
  readonly maxBatchSize: number;

  /**
   * Whether a request may be spread over several batches, each of at most `maxExecutionBatchSize` rows. Needs release 2.4.
   *
   * @default false
   */
  readonly enableLargeBatchSplitting?: boolean;

  /**
   * Most rows of a batch where batches are split; at most `maxBatchSize`.
   *
   * @default - equal to `maxBatchSize`
   */
  readonly maxExecutionBatchSize?: number;

  /**
   * Microseconds that a batch waits for more rows.
   *
   * @default 0
   */
  readonly batchTimeoutMicros?: number;

  /**
   * Batches that may wait; requests beyond them fail with UNAVAILABLE.
   *
   * @default - equal to `numBatchThreads`, more where a split request needs it
   */
  readonly maxEnqueuedBatches?: number;

  /**
   * Batches that run at once.
   *
   * @default - the whole cores of the CPU limit, or of the request
   */
  readonly numBatchThreads?: number;

  /**
   * Name of the threads that run batches, as metrics show it.
   *
   * @default - the server's own: batch_threads
   */
  readonly threadPoolName?: string;

  /**
   * Sizes to which batches are filled up, rising, the last one equal to `maxBatchSize`.
   *
   * @default - none: batches keep their size
   */
  readonly allowedBatchSizes?: number[];

  /**
   * Whether inputs of different lengths are filled up to the longest.
   *
   * @default false
   */
  readonly padVariableLengthInputs?: boolean;
}

const SHAPE: Shape<Batching> = {
  maxBatchSize: 'number',
  enableLargeBatchSplitting: 'truth',
  maxExecutionBatchSize: 'number',
  batchTimeoutMicros: 'number',
  maxEnqueuedBatches: 'number',
  numBatchThreads: 'number',
  threadPoolName: 'text',
  allowedBatchSizes: 'list',
  padVariableLengthInputs: 'truth',
};

/** First release that can split batches; an older one does not start with the fields that say so. */
const SPLITTING_SINCE = '2.4.0';

/** Most rows that the server works on at once. */
export function rowsAtOnce(batching: Batching): number {
  return batching.maxExecutionBatchSize ?? batching.maxBatchSize;
}

/** Batches that wait where a file does not say it. */
const ENQUEUED_BY_ITSELF = 10;

/** The server's batching_parameters_file. Throws where the server would refuse to start, to batch or to queue. */
export function batchingFile(where: string, batching: Batching, cores: number, release: ServerRelease): string {
  return batchingText(where, batching, release, cores);
}

/** The file of one version's own batching, which has no say in the threads. Throws as the one of all models does. */
export function versionBatchingFile(where: string, batching: Batching, release: ServerRelease): string {
  const text = batchingText(where, batching, release, undefined);
  for (const prop of ['numBatchThreads', 'threadPoolName'] as const) {
    if (batching[prop] === undefined) continue;
    const rule = 'is not read from the file of a version: all models share the threads';
    throw invalid(where, `batching.${prop}`, batching[prop], rule, `Say it in the prop 'batchingPerModel'.`);
  }
  return text;
}

/** The fields, with the threads of all models unless they are said elsewhere. */
function batchingText(where: string, batching: Batching, release: ServerRelease, cores: number | undefined): string {
  checkShape(where, batching, SHAPE, ['maxBatchSize'], 'batching');
  const maxBatchSize = wholeNumber(where, 'batching.maxBatchSize', batching.maxBatchSize, 1);
  const { numBatchThreads = cores, threadPoolName } = batching;
  if (numBatchThreads !== undefined) wholeNumber(where, 'batching.numBatchThreads', numBatchThreads, 1);
  if (threadPoolName !== undefined) nonEmpty(where, 'batching.threadPoolName', threadPoolName, 'ranker');
  const batchesPerRequest = checkSplitting(where, batching, release);
  checkAllowedSizes(where, batching);
  const maxEnqueuedBatches = batching.maxEnqueuedBatches ?? Math.max(numBatchThreads ?? ENQUEUED_BY_ITSELF, batchesPerRequest);
  wholeNumber(where, 'batching.maxEnqueuedBatches', maxEnqueuedBatches, 1);
  if (maxEnqueuedBatches < batchesPerRequest) {
    throw invalid(
      where,
      'batching.maxEnqueuedBatches',
      maxEnqueuedBatches,
      `must be at least ${batchesPerRequest}, the batches that a request of ${maxBatchSize} rows is split into: it would never find room`,
      `Write ${batchesPerRequest} or more, or lower 'maxBatchSize'.`,
    );
  }
  return textProto({
    max_batch_size: wrapped(maxBatchSize),
    batch_timeout_micros: wrapped(wholeNumber(where, 'batching.batchTimeoutMicros', batching.batchTimeoutMicros ?? 0, 0)),
    max_enqueued_batches: wrapped(maxEnqueuedBatches),
    num_batch_threads: wrapped(numBatchThreads),
    thread_pool_name: wrapped(threadPoolName),
    allowed_batch_sizes: batching.allowedBatchSizes,
    pad_variable_length_inputs: batching.padVariableLengthInputs,
    enable_large_batch_splitting: wrapped(batching.enableLargeBatchSplitting || undefined),
    max_execution_batch_size: wrapped(batching.maxExecutionBatchSize),
  });
}

/** Checks the fields of splitting, and says into how many batches a request may be split. */
function checkSplitting(where: string, batching: Batching, release: ServerRelease): number {
  const { enableLargeBatchSplitting, maxExecutionBatchSize, maxBatchSize } = batching;
  if (enableLargeBatchSplitting && !release.atLeast(SPLITTING_SINCE)) {
    throw invalid(
      where,
      'batching.enableLargeBatchSplitting',
      true,
      `needs TensorFlow Serving ${SPLITTING_SINCE}: ${release} would not start`,
      'Use a newer image, or leave it out.',
    );
  }
  if (maxExecutionBatchSize === undefined) return 1;
  if (!enableLargeBatchSplitting) {
    throw invalid(
      where,
      'batching.maxExecutionBatchSize',
      maxExecutionBatchSize,
      "needs 'enableLargeBatchSplitting', without which the server ignores it",
      'Set both, or neither.',
    );
  }
  wholeNumber(where, 'batching.maxExecutionBatchSize', maxExecutionBatchSize, 1);
  if (maxExecutionBatchSize > maxBatchSize) {
    throw invalid(
      where,
      'batching.maxExecutionBatchSize',
      maxExecutionBatchSize,
      `must be at most 'maxBatchSize' (${maxBatchSize})`,
      "Lower it, or raise 'maxBatchSize'.",
    );
  }
  return Math.ceil(maxBatchSize / maxExecutionBatchSize);
}

function checkAllowedSizes(where: string, { allowedBatchSizes: sizes, maxBatchSize, maxExecutionBatchSize }: Batching): void {
  if (!sizes) return;
  Array.from(sizes).forEach((size, index) => wholeNumber(where, `batching.allowedBatchSizes[${index}]`, size, 1));
  if (sizes.some((size, index) => index > 0 && size <= sizes[index - 1]) || sizes[sizes.length - 1] !== maxBatchSize) {
    throw invalid(
      where,
      'batching.allowedBatchSizes',
      sizes,
      `must rise and end with 'maxBatchSize' (${maxBatchSize})`,
      `For example [1, ${maxBatchSize}].`,
    );
  }
  if (maxExecutionBatchSize !== undefined && !sizes.includes(maxExecutionBatchSize)) {
    throw invalid(
      where,
      'batching.allowedBatchSizes',
      sizes,
      `must hold 'maxExecutionBatchSize' (${maxExecutionBatchSize}): every full batch would be filled up beyond it`,
      `For example [${[maxExecutionBatchSize, maxBatchSize].join(', ')}].`,
    );
  }
}
