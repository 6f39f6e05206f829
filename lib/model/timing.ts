/** Age at which the server asks a gRPC client to connect anew. */
const CONNECTION_AGE_SECONDS = 20;

/** gRPC spreads the age by a tenth, so that clients do not all come back at once. */
const AGE_JITTER = 1.1;

/** Period of the start-up question; its budget is a multiple of it. */
export const STARTUP_PERIOD_SECONDS = 5;

/** Longest time for which a gRPC client keeps its connection. */
export const CONNECTION_SECONDS = AGE_JITTER * CONNECTION_AGE_SECONDS;

/** Retries of a failed load at start-up: few, so that a broken model shows as a restarting pod. */
export const LOAD_RETRIES = 1;
export const LOAD_RETRY_INTERVAL_MICROS = 5_000_000;

/** Arguments that make the gRPC server recycle its connections, so that load spreads and stopping pods run empty. */
export function connectionArguments(requestSeconds: number): string {
  return `grpc.max_connection_age_ms=${CONNECTION_AGE_SECONDS * 1000},grpc.max_connection_age_grace_ms=${requestSeconds * 1000}`;
}

/** A load may take this many times what its user says before it counts as failed: a cold disk, a busy node. */
const SLOWER_LOAD = 3;

/** Start-up budget: every load that the server tries and the waits between them, or one that is much slower than it should be. */
export function startupSeconds(loadSeconds: number, retries: number, retryIntervalMicros: number): number {
  const tries = loadSeconds * (retries + 1) + (retries * retryIntervalMicros) / 1e6;
  // one period more, since the last question must still find the server
  const budget = Math.max(tries, SLOWER_LOAD * loadSeconds) + STARTUP_PERIOD_SECONDS;
  return Math.ceil(budget / STARTUP_PERIOD_SECONDS) * STARTUP_PERIOD_SECONDS;
}
