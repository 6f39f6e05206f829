import { invalid } from './errors';

/** A class whose instances a prop takes; the private constructors of value classes count too. */
interface ClassOf {
  readonly name: string;
  readonly prototype: object;
}

/** What a prop takes, where the compiler has not been asked: programs in JavaScript, or values read from a file. */
export type Kind = 'text' | 'number' | 'truth' | 'duration' | 'map' | 'list' | 'texts' | 'maps' | ClassOf | [ClassOf];

/** Kinds of the props of a construct, by name. */
export interface Shape {
  readonly [prop: string]: Kind;
}

const WORDS: { [kind: string]: string } = {
  text: 'a text',
  number: 'a number',
  truth: 'true or false',
  duration: 'a Duration of cdk8s, as in Duration.seconds(30)',
  map: 'a map of names to values',
  list: 'a list',
  texts: 'a list of texts',
  maps: 'a list of objects',
};

/**
 * Refuses props of another kind than they must be of, so that no later line trips over them. A prop that is left out is
 * undefined; null is no value of any prop.
 */
export function checkShape(where: string, props: object, shape: Shape, required: readonly string[]): void {
  if (typeof props !== 'object' || props === null) throw invalid(where, 'props', props, 'must be an object', 'Write { … }.');
  for (const [prop, kind] of Object.entries(shape)) {
    const value = (props as { [prop: string]: unknown })[prop];
    if (value === undefined) {
      if (required.includes(prop)) throw invalid(where, prop, value, `must be ${words(kind)}`, 'It has no default.');
    } else if (!matches(value, kind)) {
      throw invalid(
        where,
        prop,
        value,
        `must be ${words(kind)}`,
        required.includes(prop) ? 'It has no default.' : 'Leave it out for the default.',
      );
    }
  }
}

function matches(value: unknown, kind: Kind): boolean {
  if (Array.isArray(kind)) return Array.isArray(value) && value.every((item) => isInstance(item, kind[0]));
  switch (kind) {
    case 'text':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number';
    case 'truth':
      return typeof value === 'boolean';
    case 'duration':
      return typeof (value as { toSeconds?: unknown } | null)?.toSeconds === 'function';
    case 'map':
      return isMap(value);
    case 'list':
      return Array.isArray(value);
    case 'texts':
      return Array.isArray(value) && value.every((item) => typeof item === 'string');
    case 'maps':
      return Array.isArray(value) && value.every(isMap);
    default:
      return isInstance(value, kind);
  }
}

function isMap(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isInstance(value: unknown, type: ClassOf): boolean {
  return typeof value === 'object' && value !== null && Object.prototype.isPrototypeOf.call(type.prototype, value);
}

function words(kind: Kind): string {
  if (Array.isArray(kind)) return `a list of ${kind[0].name}s`;
  return typeof kind === 'string' ? WORDS[kind] : `made by one of the methods of ${kind.name}`;
}
