/** Age at which the server asks a gRPC client to connect anew. */
const CONNECTION_AGE_SECONDS = 20;

/** gRPC spreads the age by a tenth, so that clients do not all come back at once. */
const AGE_JITTER = 1.1;

/** Longest time for which a gRPC client keeps its connection. */
export const CONNECTION_SECONDS = AGE_JITTER * CONNECTION_AGE_SECONDS;

/** Retries of a failed load at start-up: few, so that a broken model shows as a restarting pod. */
export const LOAD_RETRIES = 1;
export const LOAD_RETRY_INTERVAL_MICROS = 5_000_000;

/** Arguments that make the gRPC server recycle its connections, so that load spreads and stopping pods run empty. */
export function connectionArguments(requestSeconds: number): string {
  return `grpc.max_connection_age_ms=${CONNECTION_AGE_SECONDS * 1000},grpc.max_connection_age_grace_ms=${requestSeconds * 1000}`;
}
