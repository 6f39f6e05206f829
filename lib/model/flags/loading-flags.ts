/** Flags of finding, loading and warming up models. */
export interface LoadingFlags {
  /**
   * Threads that load further versions; 0 loads one after the other.
   *
   * @default - the server's own: 0
   */
  readonly numLoadThreads?: number;

  /**
   * Threads that unload versions; 0 unloads one after the other.
   *
   * @default - the server's own: 0
   */
  readonly numUnloadThreads?: number;

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
   * Whether the caches of file systems are emptied once a model has been loaded.
   *
   * @default - the server's own: true
   */
  readonly flushFilesystemCaches?: boolean;

  /**
   * Tags of the SavedModel's graph, separated by commas.
   *
   * @default - the server's own: serve
   */
  readonly savedModelTags?: string;

  /**
   * Whether warm-up records beside the model are replayed.
   *
   * @default - the server's own: true
   */
  readonly enableModelWarmup?: boolean;

  /**
   * How many times each warm-up record is replayed, at least 1.
   *
   * @default - the server's own: 1
   */
  readonly numRequestIterationsForWarmup?: number;

  /**
   * Whether Classify and Regress insist on the method that a signature names. Models of TensorFlow 2 name none.
   *
   * @default - the server's own: false
   */
  readonly enableSignatureMethodNameCheck?: boolean;

  /**
   * Whether a `model.tflite` in the version's directory is served instead of the SavedModel. Experimental.
   *
   * @default - the server's own: false
   */
  readonly preferTfliteModel?: boolean;

  /**
   * Pools of TFLite interpreters, at least 1, where TFLite is preferred.
   *
   * @default - the whole cores of the CPU limit, or of the request
   */
  readonly numTflitePools?: number;

  /**
   * Interpreters of each pool, at least 1, where TFLite is preferred.
   *
   * @default - the server's own: 1
   */
  readonly numTfliteInterpretersPerPool?: number;

  /**
   * Whether only the signatures of a model's description are kept in memory.
   *
   * @default - the server's own: true
   */
  readonly removeUnusedFieldsFromBundleMetagraph?: boolean;
}
