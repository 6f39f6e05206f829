/** Age at which the server asks a gRPC client to connect anew. */
const CONNECTION_AGE_SECONDS = 20;

/** gRPC spreads the age by a tenth, so that clients do not all come back at once. */
const AGE_JITTER = 1.1;

/** Period of the start-up question; its budget is a multiple of it. */
export const STARTUP_PERIOD_SECONDS = 5;

/**
 * Grace period of a server that ignores SIGTERM, as tensorflow_model_server does as process 1: it serves on until it is
 * killed, so everything must have left by then. The last connection may come in while its address is being taken away,
 * lives for the connection age, and its last call may take as long as the longest request.
 *
 * A hook before the signal would only take its time out of the same period, so there is none.
 *
 * @see https://github.com/tensorflow/serving/issues/1853
 */
export function graceSeconds(drainSeconds: number, requestSeconds: number): number {
  return Math.ceil(drainSeconds + AGE_JITTER * CONNECTION_AGE_SECONDS + requestSeconds);
}

/** Retries of a failed load at start-up: few, so that a broken model shows as a restarting pod. */
export const LOAD_RETRIES = 1;
export const LOAD_RETRY_INTERVAL_MICROS = 5_000_000;

/** Arguments that make the gRPC server recycle its connections, so that load spreads and stopping pods run empty. */
export function connectionArguments(requestSeconds: number): string {
  return `grpc.max_connection_age_ms=${CONNECTION_AGE_SECONDS * 1000},grpc.max_connection_age_grace_ms=${requestSeconds * 1000}`;
}

/** Start-up budget: every load that the server tries, and the waits between them. */
export function startupSeconds(loadSeconds: number, retries: number, retryIntervalMicros: number): number {
  const budget = loadSeconds * (retries + 1) + (retries * retryIntervalMicros) / 1e6;
  return Math.ceil(budget / STARTUP_PERIOD_SECONDS) * STARTUP_PERIOD_SECONDS;
}
