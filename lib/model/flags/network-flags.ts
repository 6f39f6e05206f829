/** Flags of the server's two ports. */
export interface NetworkFlags {
  /**
   * Path of a UNIX socket on which gRPC listens too, in `/tmp` or a volume that is mounted writable.
   *
   * @default - none
   */
  readonly grpcSocketPath?: string;

  /**
   * Threads of the REST server, at least 2, since its event loop keeps one.
   *
   * @default - 4 times the whole cores, more where batching needs it
   */
  readonly restApiNumThreads?: number;

  /**
   * Whether pages of any other origin may call REST from a browser.
   *
   * @default - the server's own: false
   */
  readonly restApiEnableCorsSupport?: boolean;

  /**
   * Arguments of the gRPC channel as a comma-separated list of `key=value`, added to those that recycle connections, which
   * cannot change since the grace period is counted from them.
   *
   * @default - none
   */
  readonly grpcChannelArguments?: string;

  /**
   * Threads of the gRPC server, at least 2, since one waits for calls; calls beyond them fail with RESOURCE_EXHAUSTED.
   *
   * @default - 4 times the whole cores, more where batching needs it
   */
  readonly grpcMaxThreads?: number;

  /**
   * Whether the health service of gRPC answers. Without it the liveness probe asks for a connection only.
   *
   * @default true, where the release has it
   */
  readonly enableGrpcHealthcheckService?: boolean;

  /**
   * Whether the profiler answers on the gRPC port. It asks nobody who they are and writes where the caller wants.
   *
   * @default false
   */
  readonly enableProfiler?: boolean;

  /**
   * Whether tensors of gRPC answers are bytes instead of typed lists.
   *
   * @default - the server's own: false
   */
  readonly enableSerializationAsTensorContent?: boolean;
}
