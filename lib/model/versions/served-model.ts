import type { ModelSource } from '../source/model-source';
import type { ModelVersions } from './model-versions';

/** A model that a server has beside its first one. */
export interface ServedModel {
  /** Name by which clients ask for the model: letters, digits, `_`, `.` and `-`. */
  readonly modelName: string;

  /** Where the server finds the model. */
  readonly source: ModelSource;

  /**
   * Versions that are served.
   *
   * @default ModelVersions.latest()
   */
  readonly versions?: ModelVersions;

  /**
   * Versions by names that clients may ask for instead of their numbers, for example `{ stable: 42, canary: 43 }`.
   *
   * @default - none
   */
  readonly versionLabels?: { [label: string]: number };

  /**
   * Size on disk of one version, as a quantity.
   *
   * @default - unknown
   */
  readonly modelSize?: string;

  /**
   * Memory that one loaded version takes, as a quantity, where it has been measured.
   *
   * @default - estimated from `modelSize`
   */
  readonly modelMemory?: string;
}
