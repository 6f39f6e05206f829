/** Handler threads beyond which more of them cost more than fuller batches bring. */
const MOST_HANDLERS = 4096;

/**
 * Thread counts by the cores a container may use. A batch of single-row requests needs about two handler threads a row,
 * since each blocks while it waits.
 *
 * @see https://github.com/tensorflow/serving/issues/394
 */
export function threadFlags(cores: number, rowsAtOnce: number): { [flag: string]: number } {
  return {
    tensorflow_intra_op_parallelism: cores,
    tensorflow_inter_op_parallelism: cores,
    rest_api_num_threads: Math.max(2, 4 * cores, rowsAtOnce > 0 ? Math.min(MOST_HANDLERS, 2 * rowsAtOnce + 1) : 0),
    grpc_max_threads: Math.max(4 * cores, Math.min(MOST_HANDLERS, 2 * rowsAtOnce)),
  };
}
