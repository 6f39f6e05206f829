import type { Duration } from 'cdk8s';
import { invalid } from '../private/errors';

/** Longest time that a request or a load may take: more is a unit mixed up. */
export const DAY_SECONDS = 24 * 3600;

/** Seconds of a duration. Refuses parts of seconds, which neither Kubernetes nor the server has a field for. */
export function wholeSeconds(where: string, prop: string, duration: Duration, max: number): number {
  const seconds = duration.toSeconds({ integral: false });
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > max) {
    throw invalid(where, prop, `${seconds} s`, `must be a whole number of seconds from 1 to ${max}`, 'For example Duration.minutes(1).');
  }
  return seconds;
}
