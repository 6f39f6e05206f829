/** How bad a finding is. */
export enum Severity {
  /** It will not work, or loses requests or data. */
  ERROR = 'error',
  /** It works, but not as people expect. */
  WARNING = 'warning',
}

/** Which object a finding is about. What the object does not say is an empty text. */
export interface ObjectReference {
  /** API version, for example `apps/v1`. */
  readonly apiVersion: string;
  /** Kind, for example `Deployment`. */
  readonly kind: string;
  /** Name. */
  readonly name: string;

  /**
   * Namespace that it goes to.
   *
   * @default - none: it stands in no namespace
   */
  readonly namespace?: string;
}

/** What a rule found. */
export interface Finding {
  /** Id of the rule. */
  readonly rule: string;
  /** How bad it is. */
  readonly severity: Severity;
  /** The object that is wrong. */
  readonly object: ObjectReference;
  /** Position, from 0, of the object among those that were given; of the `List` that holds it, where it came in one. */
  readonly index: number;
  /** Where in the given object, as a JSON path; `$` is the whole. */
  readonly path: string;
  /** What is wrong, with the value. */
  readonly message: string;
  /** What to do. */
  readonly fix: string;
}

/** An object as people call it. */
export function title({ kind, namespace, name }: ObjectReference): string {
  return `${kind || 'object'} ${namespace === undefined ? '' : `${namespace}/`}${name || '(without a name)'}`;
}

/** A finding in one line. */
export function describe({ rule, object, path, message, fix }: Finding): string {
  return `${title(object)}, ${path}: ${message} (${rule}). ${fix}`;
}
