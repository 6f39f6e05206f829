import type { Severity } from './finding';
import type { KubeObject, PlacedContainer } from './kube-object';
import { containersOf } from './kube-object';
import type { ObjectSet } from './object-set';

/** A place where a rule is broken. */
export interface Violation {
  readonly object: KubeObject;
  /** Where in the object; empty for the whole. */
  readonly path: string;
  readonly message: string;
  readonly fix: string;
  /** How bad it is here, where that differs from what the rule says. */
  readonly severity?: Severity;
}

/** A rule over all objects that go to one cluster. */
export interface Rule {
  readonly id: string;
  readonly severity: Severity;
  /** What goes wrong where the rule is broken. */
  readonly why: string;
  find(objects: ObjectSet): Violation[];
}

/** A rule's `find` that judges containers one by one: `problem` gives what is wrong, or nothing. */
export function perContainer(
  // biome-ignore lint/suspicious/noExplicitAny: containers are judged as they come
  problem: (container: any, placed: PlacedContainer) => string | undefined,
  field: string,
  words: (problem: string) => Pick<Violation, 'message' | 'fix' | 'severity'>,
): Rule['find'] {
  return (objects) =>
    objects.workloads().flatMap((object) =>
      containersOf(object).flatMap((placed) => {
        const found = problem(placed.container, placed);
        return found === undefined ? [] : [{ object, path: `${placed.path}.${field}`, ...words(found) }];
      }),
    );
}
