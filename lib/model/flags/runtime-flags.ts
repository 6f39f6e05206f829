/** Flags of how TensorFlow runs a model. */
export interface RuntimeFlags {
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
   * Share of a GPU's memory, above 0 and up to 1, for a model on a pool with GPUs. CUDA itself takes a few hundred MiB
   * besides. Left out where the cluster runs the CPU variant instead.
   *
   * @default - the server's own: all of it
   */
  readonly perProcessGpuMemoryFraction?: number;

  /**
   * Path of a PlatformConfigMap that the image or a volume holds. It replaces the flags of batching, sessions, tags and
   * warm-up, and with them the threads that follow from the CPUs.
   *
   * @default - none
   */
  readonly platformConfigFile?: string;

  /**
   * Whether XLA may compile for the CPU.
   *
   * @default - the server's own: false
   */
  readonly xlaCpuCompilationEnabled?: boolean;

  /**
   * Whether XLA may compile for the CPU and the GPU.
   *
   * @default - the server's own: false
   */
  readonly xlaGpuCompilationEnabled?: boolean;

  /**
   * Number format to which a graph is converted: `bfloat16`, the only one that the server heeds.
   *
   * @default - none
   */
  readonly mixedPrecision?: string;

  /**
   * Path of a ThreadPoolFactoryConfig, for a server of your own build that has a factory.
   *
   * @default - none
   */
  readonly threadPoolFactoryConfigFile?: string;

  /**
   * Whether TPUs are left alone, for a server of your own build that knows them.
   *
   * @default - the server's own: false
   */
  readonly skipInitializeTpu?: boolean;
}
