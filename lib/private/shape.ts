import { Construct } from 'constructs';
import { invalid } from './errors';
import { nearest } from './nearest';
import { hasOwn } from './own';

/** A class whose instances a prop takes; the private constructors of value classes count too. */
interface ClassOf {
  readonly name: string;
  readonly prototype: object;
}

/** What a prop takes, where the compiler has not been asked: programs in JavaScript, or values read from a file. */
export type Kind = 'text' | 'quantity' | 'number' | 'truth' | 'duration' | 'map' | 'list' | 'texts' | 'maps' | ClassOf | [ClassOf];

/** Kinds of all props of a construct, by name: what a shape does not know is refused. */
export type Shape<Props> = { readonly [Prop in keyof Props]-?: Kind };

const WORDS: { [kind: string]: string } = {
  text: 'a text in quotes',
  quantity: "a Kubernetes quantity in quotes, as '500m' or '4Gi'",
  number: 'a number',
  truth: 'true or false',
  duration: 'a Duration of whole seconds, as in Duration.seconds(30)',
  map: 'a map of names to values',
  list: 'a list',
  texts: 'a list of texts',
  maps: 'a list of objects',
};

/** Longest list of known props that a message shows. */
const KNOWN_SHOWN = 12;
const MAX_INT32 = 2 ** 31 - 1;

/**
 * Refuses props of another kind than they must be of, and those that nobody reads, so that no later line trips over them
 * and no misspelt one is silently ignored. A prop that is left out is undefined; null is no value of any prop.
 *
 * @param name what a message calls the object, where it is itself a value of a prop.
 */
export function checkShape<Props extends object>(
  where: string,
  props: Props,
  shape: Shape<Props>,
  required: readonly (keyof Props & string)[],
  name?: string,
): void {
  if (!isMap(props)) throw invalid(where, name ?? 'props', props, 'must be an object', 'Write { … }.');
  const prefix = name === undefined ? '' : `${name}.`;
  const values = props as { [prop: string]: unknown };
  for (const [prop, value] of Object.entries(values)) {
    if (value === undefined || hasOwn(shape, prop)) continue;
    throw invalid(where, `${prefix}${prop}`, value, 'is not known here', correction(prop, Object.keys(shape)));
  }
  for (const [prop, kind] of Object.entries<Kind>(shape)) {
    const value = values[prop];
    const needed = (required as readonly string[]).includes(prop);
    if (value === undefined ? needed : !matches(value, kind)) {
      const wayOut = needed ? 'It has no default.' : 'Leave it out for the default.';
      throw invalid(where, `${prefix}${prop}`, isDuration(value) ? `${secondsOf(value)} s` : value, `must be ${words(kind)}`, wayOut);
    }
  }
}

/**
 * The same for the props of a construct.
 *
 * @param exact whether it is of this very class: a subclass may hand on props of its own, which are not judged.
 */
export function checkProps<Props extends object>(
  exact: boolean,
  where: string,
  props: Props,
  shape: Shape<Props>,
  required: readonly (keyof Props & string)[],
): void {
  checkShape(where, exact || !isMap(props) ? props : pickProps(props, shape), shape, required);
}

/** The props that a shape knows, without the others: what a construct passes on to one that it is made of. */
export function pickProps<Props extends object>(props: Props, shape: Shape<Props>): Props {
  const names = Object.keys(shape) as (keyof Props)[];
  return Object.fromEntries(names.map((name) => [name, props[name]])) as Props;
}

function correction(prop: string, known: string[]): string {
  const meant = nearest(prop, known);
  if (meant !== undefined) return `Did you mean '${meant}'?`;
  return known.length <= KNOWN_SHOWN ? `Known are: ${known.join(', ')}.` : 'Remove it, or correct its name.';
}

function matches(value: unknown, kind: Kind): boolean {
  if (Array.isArray(kind)) return isListOf(value, (item) => isInstance(item, kind[0]));
  switch (kind) {
    case 'text':
    case 'quantity':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number';
    case 'truth':
      return typeof value === 'boolean';
    case 'duration':
      return isDuration(value) && Number.isInteger(secondsOf(value)) && secondsOf(value) <= MAX_INT32;
    case 'map':
      return isMap(value);
    case 'list':
      return Array.isArray(value);
    case 'texts':
      return isListOf(value, (item) => typeof item === 'string');
    case 'maps':
      return isListOf(value, isMap);
    default:
      return isInstance(value, kind);
  }
}

function isListOf(value: unknown, test: (item: unknown) => boolean): boolean {
  // a copy, since every() skips the holes of a list
  return Array.isArray(value) && Array.from(value).every(test);
}

/** Lists, Maps and Dates are no maps of names to values. */
function isMap(value: unknown): boolean {
  return Object.prototype.toString.call(value) === '[object Object]';
}

interface DurationLike {
  toSeconds(options: { integral: boolean }): number;
}

function isDuration(value: unknown): value is DurationLike {
  return typeof (value as Partial<DurationLike> | null | undefined)?.toSeconds === 'function';
}

function secondsOf(duration: DurationLike): number {
  return duration.toSeconds({ integral: false });
}

function isInstance(value: unknown, type: ClassOf): boolean {
  return typeof value === 'object' && value !== null && Object.prototype.isPrototypeOf.call(type.prototype, value);
}

function words(kind: Kind): string {
  if (Array.isArray(kind)) return `a list of ${kind[0].name}s`;
  if (typeof kind === 'string') return WORDS[kind];
  return Object.prototype.isPrototypeOf.call(Construct.prototype, kind.prototype) || (kind as unknown) === Construct
    ? `a ${kind.name}, made with new`
    : `made by one of the methods of ${kind.name}`;
}
