/** Flags of the server that a user may set; each has the server's own name in camelCase. */
export interface ServerFlags {
  /**
   * Threads within an operation, at least 1.
   *
   * @default - the whole cores of the CPU limit, or of the request
   */
  readonly tensorflowIntraOpParallelism?: number;

  /**
   * Operations that run at once, at least 1.
   *
   * @default - the whole cores of the CPU limit, or of the request
   */
  readonly tensorflowInterOpParallelism?: number;

  /**
   * Threads of the REST server, at least 2, since its event loop keeps one.
   *
   * @default - 4 times the whole cores, more where batching needs it
   */
  readonly restApiNumThreads?: number;

  /**
   * Threads of the gRPC server, at least 2, since one waits for calls; calls beyond them fail with RESOURCE_EXHAUSTED.
   *
   * @default - 4 times the whole cores, more where batching needs it
   */
  readonly grpcMaxThreads?: number;

  /**
   * Retries of a failed load at start-up, at most 100. Few, so that a broken model shows as a restarting pod.
   *
   * @default 1
   */
  readonly maxNumLoadRetries?: number;

  /**
   * Microseconds between two loads.
   *
   * @default 5000000
   */
  readonly loadRetryIntervalMicros?: number;

  /**
   * Threads that load further versions.
   *
   * @default - the server's own
   */
  readonly numLoadThreads?: number;

  /**
   * Share of a GPU's memory, above 0 and up to 1, for a model on a pool with GPUs. Left out where the cluster runs the CPU
   * variant instead.
   *
   * @default - the server's own: all of it
   */
  readonly perProcessGpuMemoryFraction?: number;

  /**
   * Arguments of the gRPC channel as a comma-separated list of `key=value`, added to those that recycle connections, which
   * cannot change since the grace period is counted from them.
   *
   * @default - none
   */
  readonly grpcChannelArguments?: string;

  /**
   * Whether warm-up records beside the model are replayed.
   *
   * @default - the server's own: true
   */
  readonly enableModelWarmup?: boolean;

  /**
   * How often each warm-up record is replayed, at least once. The load takes so much longer.
   *
   * @default - the server's own: once
   */
  readonly numRequestIterationsForWarmup?: number;

  /**
   * Tags of the SavedModel's graph.
   *
   * @default - the server's own: serve
   */
  readonly savedModelTags?: string;

  /**
   * Whether XLA may compile for the CPU.
   *
   * @default - the server's own: false
   */
  readonly xlaCpuCompilationEnabled?: boolean;

  /**
   * Whether XLA may compile for the GPU.
   *
   * @default - the server's own: false
   */
  readonly xlaGpuCompilationEnabled?: boolean;

  /**
   * Whether the profiler answers on the gRPC port. It asks nobody who they are and writes where the caller wants.
   *
   * @default false
   */
  readonly enableProfiler?: boolean;
}
