import { invalid } from '../../private/errors';
import { checkShape, type Shape } from '../../private/shape';
import { nonEmpty, wholeNumber } from '../../private/validate';
import { FLAGS } from '../flags/flag-table';
import type { ServerRelease } from '../server/server-release';
import { textProto, wrapped } from './text-proto';

/**
 * The threads of models that bring their own batching: each version in a file `batching_params.pbtxt` beside its
 * `saved_model.pb`, of which `TfServingModel.batchingParameters` writes the text. Versions without one are not batched. Needs
 * release 2.11.
 */
export interface PerModelBatching {
  /**
   * Batches that run at once, of all models together.
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
   * Most rows of a batch of any version, from which the threads that wait for batches follow.
   *
   * @default - unknown: they follow from the cores alone
   */
  readonly largestBatch?: number;
}

const SHAPE: Shape<PerModelBatching> = { numBatchThreads: 'number', threadPoolName: 'text', largestBatch: 'number' };

/** The server's batching_parameters_file where models bring their own. Throws where the release lets none do so. */
export function perModelBatchingFile(where: string, batching: PerModelBatching, cores: number, release: ServerRelease): string {
  const prop = 'batchingPerModel';
  checkShape(where, batching, SHAPE, [], prop);
  const { numBatchThreads = cores, threadPoolName, largestBatch } = batching;
  wholeNumber(where, `${prop}.numBatchThreads`, numBatchThreads, 1);
  if (threadPoolName !== undefined) nonEmpty(where, `${prop}.threadPoolName`, threadPoolName, 'all-models');
  if (largestBatch !== undefined) wholeNumber(where, `${prop}.largestBatch`, largestBatch, 1);
  const { since } = FLAGS.enable_per_model_batching_parameters;
  if (!release.atLeast(since)) {
    const rule = `needs TensorFlow Serving ${since}, but the image has ${release}, which would batch all models alike`;
    throw invalid(where, prop, batching, rule, "Use a newer image, or 'batching'.");
  }
  return textProto({ num_batch_threads: wrapped(numBatchThreads), thread_pool_name: wrapped(threadPoolName) });
}
