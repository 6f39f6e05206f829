import type { ModelSource } from '../source/model-source';
import type { ModelOptions } from './model-options';

/** One of the models that a server is to have. */
export interface Served {
  /** What stands before its props in messages: nothing for the model itself. */
  readonly prefix: string;
  /** Name by which clients ask for it. */
  readonly name: string;
  readonly source: ModelSource;
  readonly modelSize?: string;
  readonly modelMemory?: string;
  /** Whether it names its versions, so that it takes no other one. */
  readonly pinned: boolean;
  /** Versions that are loaded before the server opens its ports; undefined where nobody knows. */
  readonly versionsAtStart: number | undefined;
  /** Most versions that are loaded at the same time; undefined where nobody knows. */
  readonly versionsAtOnce: number | undefined;
}

/** The model of a server that has one, and always its newest version. */
export function newestOf(name: string, { source, modelSize, modelMemory }: ModelOptions): Served {
  const versionsAtOnce = source.followsVersions ? 2 : 1;
  return { prefix: '', name, source, modelSize, modelMemory, pinned: false, versionsAtStart: 1, versionsAtOnce };
}
