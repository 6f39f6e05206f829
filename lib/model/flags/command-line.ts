import { invalid } from '../../private/errors';
import { hasOwn } from '../../private/own';
import { printable, wholeNumber } from '../../private/validate';
import type { ServerRelease } from '../server/server-release';
import { FLAGS, type FlagFacts, type FlagType } from './flag-table';
import type { ServerFlags } from './server-flags';

/** A flag's value before it is written. */
export type FlagValue = string | number | boolean;

/** Whether a model has GPUs: it may also stand on a pool whose cluster runs the CPU variant instead. */
export type GpuSupport = 'none' | 'stand-in' | 'present';

/** What a command line is made of. */
export interface CommandLineParts {
  readonly release: ServerRelease;
  readonly defaults: { [name: string]: FlagValue | undefined };
  readonly chosen: ServerFlags;
  readonly extra: string[];
  readonly gpus: GpuSupport;
  readonly batching: boolean;
  /** Names of the container's variables, or undefined where sets of them come from elsewhere. */
  readonly variables?: string[];
}

/** A flag that the user wrote, in one of the two props. */
interface UserFlag {
  readonly prop: string;
  readonly name: string;
  /** What the message shows. */
  readonly shown: unknown;
  readonly value: FlagValue;
}

const PLATFORM_CONFIG = 'platform_config_file';
const GPU_SHARE = 'per_process_gpu_memory_fraction';

/** Flags that the server does not look at where it has a platform configuration. */
const REPLACED_BY_PLATFORM_CONFIG = [
  'enable_model_warmup',
  'enable_per_model_batching_parameters',
  'num_request_iterations_for_warmup',
  'saved_model_tags',
  'tensorflow_inter_op_parallelism',
  'tensorflow_intra_op_parallelism',
  'tensorflow_session_config_file',
  GPU_SHARE,
];

/** Channel arguments from which the grace period of a stopping pod is counted. */
const ARGUMENTS_OF_THE_STOP = ['grpc.max_connection_age_ms', 'grpc.max_connection_age_grace_ms'];

/**
 * The command line of the server: defaults, then what the user set, in the order of the server's own table, then the
 * extra flags. A default that the release does not know is left out, a flag that the user set and the release does not
 * know is refused.
 */
export function commandLine(where: string, parts: CommandLineParts): string[] {
  const { release, defaults, chosen, extra } = parts;
  const values = new Map<string, FlagValue>();
  for (const [name, value] of Object.entries(defaults)) {
    if (value !== undefined && release.atLeast(FLAGS[name].since)) values.set(name, value);
  }
  const typed = Object.entries(chosen)
    .filter(([, value]) => value !== undefined)
    .map(([prop, value]) => typedFlag(where, prop, value, release));
  for (const { name, value } of typed) {
    values.set(name, name === 'grpc_channel_arguments' ? joined(where, values.get(name), value) : value);
  }
  const further = extra.map((flag, index) => extraFlag(where, `extraFlags[${index}]`, flag, release));
  further.forEach(({ prop, name, shown }, index) => {
    if (values.has(name)) {
      throw invalid(where, prop, shown, `is already written as --${name}=${values.get(name)}`, 'Use the prop that sets it.');
    }
    if (further.slice(0, index).some((earlier) => earlier.name === name)) {
      throw invalid(where, prop, shown, `sets --${name} for the second time`, 'Write it once.');
    }
  });
  for (const flag of [...typed, ...further]) checkReferences(where, flag, parts.variables);
  checkTogether(where, [...typed, ...further], parts);
  if (parts.gpus === 'stand-in') values.delete(GPU_SHARE);
  const order = Object.keys(FLAGS);
  return [
    ...[...values].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)).map(([name, value]) => `--${name}=${value}`),
    ...further.filter(({ name }) => name !== GPU_SHARE || parts.gpus !== 'stand-in').map(({ shown }) => String(shown)),
  ];
}

/** Flags of `extra` that this library does not know. */
export function unknownFlags(extra: string[]): string[] {
  return extra.filter((flag) => !hasOwn(FLAGS, FLAG.exec(flag)?.[1] ?? ''));
}

/** Whether the server takes its sessions, and so its threads, from a file. */
export function hasPlatformConfig(extra: string[]): boolean {
  return extra.some((flag) => flag.startsWith(`--${PLATFORM_CONFIG}=`));
}

const FLAG = /^--([a-z][a-z0-9_]*)=(.*)$/s;
const NUMBERS = { int: /^\d{1,19}$/, float: /^(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/ };
const WHOLE_REFERENCE = /^\$\([^)]+\)$/;

function typedFlag(where: string, key: string, value: FlagValue, release: ServerRelease): UserFlag {
  const prop = `flags.${key}`;
  const name = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  const facts = factsOf(name);
  if (!facts) throw invalid(where, prop, value, 'is no flag that this library knows', "Write it as text in 'extraFlags'.");
  checkAllowed(where, { prop, name, shown: value }, facts, release);
  const expected = { int: 'number', float: 'number', bool: 'boolean', string: 'string' }[facts.type];
  if (typeof value !== expected) throw invalid(where, prop, value, `must be a ${expected}`, 'The server would not start otherwise.');
  return checkedValue(where, { prop, name, shown: value, value }, facts);
}

function extraFlag(where: string, prop: string, flag: string, release: ServerRelease): UserFlag {
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
  checkAllowed(where, { prop, name, shown: flag }, facts, release);
  // the variable's value is not known here
  if (WHOLE_REFERENCE.test(text)) return { prop, name, shown: flag, value: text };
  return checkedValue(where, { prop, name, shown: flag, value: parsed(where, prop, flag, name, text, facts.type) }, facts);
}

function parsed(where: string, prop: string, flag: string, name: string, text: string, type: FlagType): FlagValue {
  if (type === 'string') return text;
  if (type === 'bool') {
    if (text === 'true' || text === 'false') return text === 'true';
    throw invalid(where, prop, flag, 'is a truth value: the server takes =true and =false only', `Write '--${name}=true'.`);
  }
  if (!NUMBERS[type].test(text)) {
    throw invalid(where, prop, flag, `must hold a ${type === 'int' ? 'whole ' : ''}number`, `Write for example '--${name}=1'.`);
  }
  return Number(text);
}

function factsOf(name: string): FlagFacts | undefined {
  return hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
}

function checkAllowed(where: string, flag: Omit<UserFlag, 'value'>, facts: FlagFacts, release: ServerRelease): void {
  const { prop, name, shown } = flag;
  if (facts.refused) throw invalid(where, prop, shown, facts.refused.rule, facts.refused.wayOut);
  if (facts.prop) {
    throw invalid(
      where,
      prop,
      shown,
      `belongs to the prop '${facts.prop}', which keeps it in step with other flags and objects`,
      'Use that prop.',
    );
  }
  if (!release.atLeast(facts.since)) {
    throw invalid(
      where,
      prop,
      shown,
      `needs TensorFlow Serving ${facts.since}, but the image has ${release}, which would ignore --${name} silently`,
      'Use a newer image, or leave the flag out.',
    );
  }
}

function checkedValue(where: string, flag: UserFlag, facts: FlagFacts): UserFlag {
  const { prop, name, shown, value } = flag;
  if (typeof value === 'string') printable(where, prop, value);
  if (facts.type === 'int') wholeNumber(where, prop, value as number, 0);
  const { range } = facts;
  if (range && ((value as number) < range.least || (value as number) > (range.most ?? Number.POSITIVE_INFINITY))) {
    const bounds = range.most === undefined ? `at least ${range.least}` : `from ${range.least} to ${range.most}`;
    throw invalid(where, prop, shown, `must be ${bounds}: ${range.because}`, 'Leave it out for what follows from the other props.');
  }
  if (name === GPU_SHARE && !((value as number) > 0 && (value as number) <= 1)) {
    throw invalid(where, prop, shown, 'must be above 0 and at most 1', 'For example 0.5 for two servers on one GPU.');
  }
  return flag;
}

function checkReferences(where: string, flag: UserFlag, variables: string[] | undefined): void {
  if (variables === undefined || typeof flag.value !== 'string') return;
  for (const [, , name] of flag.value.matchAll(/\$(\$|\(([^)]+)\))/g)) {
    if (name === undefined || variables.includes(name)) continue;
    throw invalid(
      where,
      flag.prop,
      flag.shown,
      `refers to the variable '${name}', which the container does not have, so that the text itself would reach the server`,
      "Set it in 'env' or 'envVars'.",
    );
  }
}

function checkTogether(where: string, flags: UserFlag[], { gpus, batching }: CommandLineParts): void {
  const share = flags.find(({ name }) => name === GPU_SHARE);
  if (share && gpus === 'none') {
    throw invalid(where, share.prop, share.shown, "says how a GPU is shared, but the model has no 'pool' with GPUs", 'Leave it out.');
  }
  const platform = flags.find(({ name }) => name === PLATFORM_CONFIG);
  if (!platform) return;
  const replaced = flags.find(({ name }) => REPLACED_BY_PLATFORM_CONFIG.includes(name))?.prop ?? (batching ? 'batching' : undefined);
  if (replaced !== undefined) {
    throw invalid(
      where,
      platform.prop,
      platform.shown,
      `makes the server ignore '${replaced}'`,
      `Say it in the platform configuration, and leave out '${replaced}'.`,
    );
  }
}

function joined(where: string, own: FlagValue | undefined, more: FlagValue): string {
  const prop = 'flags.grpcChannelArguments';
  const parts = String(more).split(',');
  const keys = parts.map((part) => part.split('=')[0]);
  parts.forEach((part, index) => {
    if (!/^[A-Za-z0-9_.]+=[^,=]+$/.test(part)) {
      throw invalid(
        where,
        prop,
        part,
        "must have the form 'key=value': the server crashes on anything else",
        "For example 'grpc.keepalive_time_ms=60000'.",
      );
    }
    if (ARGUMENTS_OF_THE_STOP.includes(keys[index])) {
      throw invalid(
        where,
        prop,
        part,
        'is not for you to set: the grace period of a stopping pod is counted from its value',
        "Leave it out; how long calls may take is said by 'requestTimeout'.",
      );
    }
    if (keys.indexOf(keys[index]) !== index) throw invalid(where, prop, part, 'stands twice', 'Write each key once.');
  });
  return [...(own === undefined ? [] : [String(own)]), ...parts].join(',');
}
