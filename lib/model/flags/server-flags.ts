import type { LoadingFlags } from './loading-flags';
import type { NetworkFlags } from './network-flags';
import type { RuntimeFlags } from './runtime-flags';

/**
 * Flags of the server that a user may set; each has the server's own name in camelCase. Those that belong to a prop are not
 * here: `grpcPort`, `restPort`, `requestTimeout`, `tls`, `modelName`, `source`, `batching`, `batchingPerModel`,
 * `sessionConfig` and `configDirectory` write them with what goes with them.
 *
 * @see https://github.com/tensorflow/serving/blob/master/tensorflow_serving/model_servers/main.cc
 */
export interface ServerFlags extends NetworkFlags, LoadingFlags, RuntimeFlags {}
