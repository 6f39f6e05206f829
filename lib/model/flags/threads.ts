/** Handler threads beyond which more of them cost more than fuller batches bring. */
const MOST_HANDLERS = 4096;

/** Handler threads that fill a batch: each blocks while its request waits. @see https://github.com/tensorflow/serving/issues/394 */
export function handlersFor(rowsAtOnce: number): number {
  return Math.min(MOST_HANDLERS, 2 * rowsAtOnce);
}

/** Thread counts by the cores a container may use, and the rows of a batch. */
export function threadFlags(cores: number, rowsAtOnce: number, prefersTflite: boolean): { [flag: string]: number } {
  return {
    tensorflow_intra_op_parallelism: cores,
    tensorflow_inter_op_parallelism: cores,
    rest_api_num_threads: Math.max(2, 4 * cores, rowsAtOnce > 0 ? Math.min(MOST_HANDLERS, 2 * rowsAtOnce + 1) : 0),
    grpc_max_threads: Math.max(4 * cores, handlersFor(rowsAtOnce)),
    ...(prefersTflite ? { num_tflite_pools: cores } : {}),
  };
}
