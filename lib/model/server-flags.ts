import { invalid } from '../private/errors';
import { hasOwn } from '../private/own';
import { printable, wholeNumber } from '../private/validate';
import { FLAGS, type FlagType } from './flag-table';
import type { ServerRelease } from './server-release';

/** Flags of the server that a user may set; each has the server's own name in camelCase. */
export interface ServerFlags {
  /**
   * Threads within an operation.
   *
   * @default - the whole cores of the CPU limit, or of the request
   */
  readonly tensorflowIntraOpParallelism?: number;

  /**
   * Operations that run at once.
   *
   * @default - the whole cores of the CPU limit, or of the request
   */
  readonly tensorflowInterOpParallelism?: number;

  /**
   * Threads of the REST server, at least 2, since its event loop keeps one.
   *
   * @default - 4 times the whole cores, more where batching needs it
   */
  readonly restApiNumThreads?: number;

  /**
   * Threads of the gRPC server; calls beyond them fail with RESOURCE_EXHAUSTED.
   *
   * @default - 4 times the whole cores, more where batching needs it
   */
  readonly grpcMaxThreads?: number;

  /**
   * Retries of a failed load at start-up. Few, so that a broken model shows as a restarting pod.
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
   * Threads that load further versions.
   *
   * @default - the server's own
   */
  readonly numLoadThreads?: number;

  /**
   * Share of a GPU's memory, 0 to 1.
   *
   * @default - the server's own: all of it
   */
  readonly perProcessGpuMemoryFraction?: number;

  /**
   * Arguments of the gRPC channel as a comma-separated list of `key=value`, added to those that recycle connections.
   *
   * @default - none
   */
  readonly grpcChannelArguments?: string;

  /**
   * Whether warm-up records beside the model are replayed.
   *
   * @default - the server's own: true
   */
  readonly enableModelWarmup?: boolean;

  /**
   * Tags of the SavedModel's graph.
   *
   * @default - the server's own: serve
   */
  readonly savedModelTags?: string;

  /**
   * Whether XLA may compile for the CPU.
   *
   * @default - the server's own: false
   */
  readonly xlaCpuCompilationEnabled?: boolean;

  /**
   * Whether XLA may compile for the GPU.
   *
   * @default - the server's own: false
   */
  readonly xlaGpuCompilationEnabled?: boolean;

  /**
   * Whether the profiler answers on the gRPC port. It asks nobody who they are and writes where the caller wants.
   *
   * @default false
   */
  readonly enableProfiler?: boolean;
}

/** A flag's value before it is written. */
export type FlagValue = string | number | boolean;

/**
 * The command line of the server: defaults, then what the user set, in the order of the server's own table. A default
 * that the release does not know is left out, a flag that the user set and the release does not know is refused.
 */
export function commandLine(
  where: string,
  release: ServerRelease,
  defaults: { [name: string]: FlagValue | undefined },
  chosen: ServerFlags,
  extra: string[],
): string[] {
  const values = new Map<string, FlagValue>();
  for (const [name, value] of Object.entries(defaults)) {
    if (value !== undefined && release.atLeast(FLAGS[name].since)) values.set(name, value);
  }
  for (const [prop, value] of Object.entries(chosen)) {
    if (value === undefined) continue;
    const name = prop.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const facts = hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
    if (!facts) throw invalid(where, `flags.${prop}`, value, 'is no flag that this library knows', "Write it as text in 'extraFlags'.");
    if (facts.prop) throw ownedByProp(where, `flags.${prop}`, value, facts.prop);
    if (!release.atLeast(facts.since)) throw tooNew(where, `flags.${prop}`, value, name, facts.since, release);
    checkType(where, `flags.${prop}`, value, facts.type);
    values.set(name, name === 'grpc_channel_arguments' ? joined(where, values.get(name), value) : value);
  }
  checkRanges(where, values);
  const order = Object.keys(FLAGS);
  const written = [...values].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)).map(([name, value]) => `--${name}=${value}`);
  return [...written, ...extra.map((flag, index) => extraFlag(where, index, flag, release, values))];
}

/** Flags of `extra` that this library does not know. */
export function unknownFlags(extra: string[]): string[] {
  return extra.filter((flag) => !hasOwn(FLAGS, flagName(flag) ?? ''));
}

function extraFlag(where: string, index: number, flag: string, release: ServerRelease, values: Map<string, FlagValue>): string {
  const prop = `extraFlags[${index}]`;
  printable(where, prop, flag);
  const name = flagName(flag);
  if (name === undefined) {
    throw invalid(
      where,
      prop,
      flag,
      "must have the form '--name=value': the server understands no other",
      "For example '--num_load_threads=2'.",
    );
  }
  const facts = hasOwn(FLAGS, name) ? FLAGS[name] : undefined;
  if (facts?.prop) throw ownedByProp(where, prop, flag, facts.prop);
  if (values.has(name))
    throw invalid(where, prop, flag, `is already written as --${name}=${values.get(name)}`, 'Use the prop that sets it.');
  if (facts && !release.atLeast(facts.since)) throw tooNew(where, prop, flag, name, facts.since, release);
  if (facts?.type === 'bool' && !/=(true|false)$/.test(flag)) {
    throw invalid(where, prop, flag, 'is a truth value: the server takes =true and =false only', `Write '--${name}=true'.`);
  }
  return flag;
}

function flagName(flag: string): string | undefined {
  return /^--([a-z][a-z0-9_]*)=/.exec(flag)?.[1];
}

function checkType(where: string, prop: string, value: FlagValue, type: FlagType): void {
  const expected = { int: 'number', float: 'number', bool: 'boolean', string: 'string' }[type];
  if (typeof value !== expected) throw invalid(where, prop, value, `must be a ${expected}`, 'The server would not start otherwise.');
  if (type === 'int') wholeNumber(where, prop, value as number, 0);
  if (type === 'string') printable(where, prop, value as string);
}

function checkRanges(where: string, values: Map<string, FlagValue>): void {
  const rest = values.get('rest_api_num_threads');
  if (typeof rest === 'number' && rest < 2) {
    throw invalid(
      where,
      'flags.restApiNumThreads',
      rest,
      'must be at least 2: the event loop keeps one thread, so one alone never answers',
      'Write 2 or more.',
    );
  }
  const fraction = values.get('per_process_gpu_memory_fraction');
  if (typeof fraction === 'number' && !(fraction > 0 && fraction <= 1)) {
    throw invalid(
      where,
      'flags.perProcessGpuMemoryFraction',
      fraction,
      'must be above 0 and at most 1',
      'For example 0.5 for two servers on one GPU.',
    );
  }
}

function joined(where: string, own: FlagValue | undefined, more: FlagValue): string {
  const parts = String(more).split(',');
  for (const part of parts) {
    if (!/^[A-Za-z0-9_.]+=[^,=]+$/.test(part)) {
      throw invalid(
        where,
        'flags.grpcChannelArguments',
        part,
        "must have the form 'key=value': the server crashes on anything else",
        "For example 'grpc.keepalive_time_ms=60000'.",
      );
    }
  }
  const keys = new Set(parts.map((part) => part.split('=')[0]));
  const kept =
    own === undefined
      ? []
      : String(own)
          .split(',')
          .filter((part) => !keys.has(part.split('=')[0]));
  return [...kept, ...parts].join(',');
}

function ownedByProp(where: string, prop: string, value: unknown, owner: string): Error {
  return invalid(
    where,
    prop,
    value,
    `belongs to the prop '${owner}', which keeps it in step with other flags and objects`,
    'Use that prop.',
  );
}

function tooNew(where: string, prop: string, value: unknown, name: string, since: string, release: ServerRelease): Error {
  return invalid(
    where,
    prop,
    value,
    `needs TensorFlow Serving ${since}, but the image has ${release}, which would ignore --${name} silently`,
    'Use a newer image, or leave the flag out.',
  );
}
