import { invalid } from '../../private/errors';
import type { ServerImage } from '../server/server-image';
import { joined } from './channel-arguments';
import { FLAGS } from './flag-table';
import type { ServerFlags } from './server-flags';
import { checkTogether, PLATFORM_CONFIG, type Surroundings } from './together';
import { extraFlag, type FlagValue, GPU_SHARE, typedFlag, type UserFlag } from './user-flag';

/** What a command line is made of. */
export interface CommandLineParts extends Surroundings {
  readonly server: ServerImage;
  readonly defaults: { [name: string]: FlagValue | undefined };
  readonly chosen: ServerFlags;
  readonly extra: string[];
}

/**
 * The command line of the server: defaults, then what the user set, in the order of the server's own table, then the
 * extra flags. A default that the release does not know is left out, a flag that the user set and the release does not
 * know is refused.
 */
export function commandLine(where: string, parts: CommandLineParts): string[] {
  const { server, defaults, chosen, extra } = parts;
  const values = new Map<string, FlagValue>();
  for (const [name, value] of Object.entries(defaults)) {
    if (value !== undefined && server._release.atLeast(FLAGS[name].since)) values.set(name, value);
  }
  const typed = Object.entries(chosen)
    .filter(([, value]) => value !== undefined)
    .map(([prop, value]) => typedFlag(where, prop, value, server));
  for (const { name, value } of typed) {
    values.set(name, name === 'grpc_channel_arguments' ? joined(where, values.get(name), value) : value);
  }
  const further = extra.map((flag, index) => extraFlag(where, `extraFlags[${index}]`, flag, server));
  checkOnce(where, further, values);
  checkTogether(where, [...typed, ...further], parts);
  if (parts.gpus === 'stand-in') values.delete(GPU_SHARE);
  const order = Object.keys(FLAGS);
  return [
    ...[...values].sort(([a], [b]) => order.indexOf(a) - order.indexOf(b)).map(([name, value]) => `--${name}=${value}`),
    ...further.filter(({ name }) => name !== GPU_SHARE || parts.gpus !== 'stand-in').map(({ shown }) => String(shown)),
  ];
}

/** Whether the server takes its sessions, and so its threads, from a file. */
export function hasPlatformConfig({ platformConfigFile }: ServerFlags, extra: string[]): boolean {
  return platformConfigFile !== undefined || extra.some((flag) => flag.startsWith(`--${PLATFORM_CONFIG}=`));
}

/** Whether a truth value is set in one of the two props. */
export function isSet(name: string, typed: boolean | undefined, extra: string[]): boolean {
  return typed === true || extra.includes(`--${name}=true`);
}

function checkOnce(where: string, further: UserFlag[], values: Map<string, FlagValue>): void {
  further.forEach(({ prop, name, shown }, index) => {
    if (values.has(name)) {
      throw invalid(where, prop, shown, `is already written as --${name}=${values.get(name)}`, 'Use the prop that sets it.');
    }
    if (further.slice(0, index).some((earlier) => earlier.name === name)) {
      throw invalid(where, prop, shown, `sets --${name} for the second time`, 'Write it once.');
    }
  });
}
