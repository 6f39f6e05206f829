import { invalid } from '../private/errors';
import { wholeNumber } from '../private/validate';
import { textProto, wrapped } from './text-proto';

/** How the server puts requests together. Every field has the name of the server's BatchingParameters in camelCase. */
export interface Batching {
  /** Most rows of a batch. A larger request is refused. */
  readonly maxBatchSize: number;

  /**
   * Microseconds that a batch waits for more rows.
   *
   * @default 0
   */
  readonly batchTimeoutMicros?: number;

  /**
   * Batches that may wait; requests beyond them fail with UNAVAILABLE.
   *
   * @default - equal to `numBatchThreads`
   */
  readonly maxEnqueuedBatches?: number;

  /**
   * Batches that run at once.
   *
   * @default - the whole cores of the CPU limit, or of the request
   */
  readonly numBatchThreads?: number;

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

/** The server's batching_parameters_file. Throws where the server would refuse to start or to batch. */
export function batchingFile(where: string, batching: Batching, cores: number): string {
  const maxBatchSize = wholeNumber(where, 'batching.maxBatchSize', batching.maxBatchSize, 1);
  const numBatchThreads = wholeNumber(where, 'batching.numBatchThreads', batching.numBatchThreads ?? cores, 1);
  const sizes = batching.allowedBatchSizes;
  if (sizes) {
    sizes.forEach((size, index) => wholeNumber(where, `batching.allowedBatchSizes[${index}]`, size, 1));
    if (sizes.some((size, index) => index > 0 && size <= sizes[index - 1]) || sizes.at(-1) !== maxBatchSize) {
      throw invalid(
        where,
        'batching.allowedBatchSizes',
        sizes,
        `must rise and end with 'maxBatchSize' (${maxBatchSize})`,
        `For example [1, ${maxBatchSize}].`,
      );
    }
  }
  return textProto({
    max_batch_size: wrapped(maxBatchSize),
    batch_timeout_micros: wrapped(wholeNumber(where, 'batching.batchTimeoutMicros', batching.batchTimeoutMicros ?? 0, 0)),
    max_enqueued_batches: wrapped(wholeNumber(where, 'batching.maxEnqueuedBatches', batching.maxEnqueuedBatches ?? numBatchThreads, 1)),
    num_batch_threads: wrapped(numBatchThreads),
    allowed_batch_sizes: sizes,
    pad_variable_length_inputs: batching.padVariableLengthInputs,
  });
}

/** The server's monitoring_config_file. */
export function monitoringFile(): string {
  return textProto({ prometheus_config: { enable: true, path: METRICS_PATH } });
}

/** Path of the metrics on the REST port. */
export const METRICS_PATH = '/monitoring/prometheus/metrics';
