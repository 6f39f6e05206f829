import { invalid } from '../../private/errors';
import { nearest } from '../../private/nearest';
import { hasOwn } from '../../private/own';
import { printable, wholeNumber } from '../../private/validate';
import type { ServerImage } from '../server/server-image';
import { FLAGS, type FlagFacts, type FlagType } from './flag-table';

/** A flag's value before it is written. */
export type FlagValue = string | number | boolean;

/** A flag that the user wrote, in one of the two props. */
export interface UserFlag {
  readonly prop: string;
  readonly name: string;
  /** What the message shows. */
  readonly shown: unknown;
  readonly value: FlagValue;
}

/** Share of a GPU's memory. */
export const GPU_SHARE = 'per_process_gpu_memory_fraction';

const FLAG = /^--([a-z][a-z0-9_]*)=(.*)$/s;
const WHOLE = /^\d{1,19}$/;
const NUMBERS = { int: WHOLE, long: WHOLE, float: /^(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/ };
const KINDS = { int: 'number', long: 'number', float: 'number', bool: 'boolean', string: 'string' };
const WHOLE_REFERENCE = /^\$\([^)]+\)$/;

/** Name of a typed flag, as the server has it. */
export function serverName(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A typed flag. Throws where the server does not know it, or would not take or heed its value. */
export function typedFlag(where: string, key: string, value: FlagValue, server: ServerImage): UserFlag {
  const prop = `flags.${key}`;
  const name = serverName(key);
  const facts = factsOf(name);
  if (!facts) throw invalid(where, prop, value, 'is no flag that this library knows', correction(key));
  checkAllowed(where, { prop, name, shown: value }, facts, server);
  const expected = KINDS[facts.type];
  if (typeof value !== expected) throw invalid(where, prop, value, `must be a ${expected}`, 'The server would not start otherwise.');
  return checkedValue(where, { prop, name, shown: value, value }, facts);
}

/** A flag that is written as text. Throws where the server would not take or heed it, as far as its name is known. */
export function extraFlag(where: string, prop: string, flag: string, server: ServerImage): UserFlag {
  printable(where, prop, flag);
  const match = FLAG.exec(flag);
  if (!match) {
    throw invalid(
      where,
      prop,
      flag,
      "must have the form '--name=value': the server understands no other",
      "For example '--num_load_threads=2'.",
    );
  }
  const [, name, text] = match;
  const facts = factsOf(name);
  if (!facts) return { prop, name, shown: flag, value: text };
  checkAllowed(where, { prop, name, shown: flag }, facts, server);
  // the variable's value is not known here
  if (WHOLE_REFERENCE.test(text)) return { prop, name, shown: flag, value: text };
  return checkedValue(where, { prop, name, shown: flag, value: parsed(where, prop, flag, name, text, facts.type) }, facts);
}

/** Flags of `extra` that this library does not know. */
export function unknownFlags(extra: string[]): string[] {
  return extra.filter((flag) => !hasOwn(FLAGS, FLAG.exec(flag)?.[1] ?? ''));
}

function correction(key: string): string {
  const meant = nearest(serverName(key), Object.keys(FLAGS));
  const typed = meant?.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return typed === undefined ? "Write it as text in 'extraFlags'." : `Did you mean '${typed}'? Another one is written in 'extraFlags'.`;
}

function parsed(where: string, prop: string, flag: string, name: string, text: string, type: FlagType): FlagValue {
  if (type === 'string') return text;
  if (type === 'bool') {
    if (text === 'true' || text === 'false') return text === 'true';
    throw invalid(where, prop, flag, 'is a truth value: the server takes =true and =false only', `Write '--${name}=true'.`);
  }
  if (!NUMBERS[type].test(text)) {
    throw invalid(where, prop, flag, `must hold a ${type === 'float' ? '' : 'whole '}number`, `Write for example '--${name}=1'.`);
  }
  return Number(text);
}

function factsOf(name: string): FlagFacts | undefined {
  return hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
}

function checkAllowed(where: string, flag: Omit<UserFlag, 'value'>, facts: FlagFacts, server: ServerImage): void {
  const { prop, name, shown } = flag;
  const { since, otherBuilds, refused, prop: owner } = facts;
  if (refused) throw invalid(where, prop, shown, refused.rule, refused.wayOut);
  if (owner) {
    const rule = `belongs to the prop '${owner}', which keeps it in step with other flags and objects`;
    throw invalid(where, prop, shown, rule, 'Use that prop.');
  }
  if (!server._release.atLeast(since)) {
    const rule = `needs TensorFlow Serving ${since}, but the image has ${server.release}, which would ignore --${name} silently`;
    throw invalid(where, prop, shown, rule, 'Use a newer image, or leave the flag out.');
  }
  if (otherBuilds && server._project) {
    const rule = `means nothing to the project's own builds: ${otherBuilds}`;
    throw invalid(where, prop, shown, rule, 'Leave it out, or use your own build with ServerImage.custom().');
  }
}

function checkedValue(where: string, flag: UserFlag, { type, range, only }: FlagFacts): UserFlag {
  const { prop, name, shown, value } = flag;
  if (typeof value === 'string') printable(where, prop, value);
  if (type === 'int') wholeNumber(where, prop, value as number, 0);
  if (type === 'long') wholeNumber(where, prop, value as number, 0, Number.MAX_SAFE_INTEGER);
  if (range && ((value as number) < range.least || (value as number) > (range.most ?? Number.POSITIVE_INFINITY))) {
    const bounds = range.most === undefined ? `at least ${range.least}` : `from ${range.least} to ${range.most}`;
    throw invalid(where, prop, shown, `must be ${bounds}: ${range.because}`, 'Leave it out for what follows from the other props.');
  }
  if (only !== undefined && value !== only) {
    throw invalid(where, prop, shown, `must be ${only}: the server ignores every other value`, `Write '${only}', or leave it out.`);
  }
  if (name === GPU_SHARE && !((value as number) > 0 && (value as number) <= 1)) {
    throw invalid(where, prop, shown, 'must be above 0 and at most 1', 'For example 0.5 for two servers on one GPU.');
  }
  if (name === 'saved_model_tags') checkTags(where, prop, String(value));
  return flag;
}

function checkTags(where: string, prop: string, text: string): void {
  const tags = text.split(',');
  const wrong = tags.find((tag, index) => tag === '' || /\s/.test(tag) || tags.indexOf(tag) !== index);
  if (wrong === undefined) return;
  const rule = 'must name each tag once, separated by commas and without spaces: no graph would have them all';
  throw invalid(where, prop, text, rule, "For example 'serve' or 'serve,gpu'.");
}
