import { Duration } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { invalid } from '../private/errors';
import { warn } from '../private/notices';
import type { ProgramOptions } from './workload-options';

/** Longest request, where nobody says how long it is. */
export const DEFAULT_REQUEST_TIMEOUT = Duration.seconds(30);
/** Time that a server gets for its own clean-up after the last request. */
const CLEAN_UP_SECONDS = 5;
/** From this minor on a pod can sleep before it stops without a program in its image. */
const SLEEP_HOOK_MINOR = 30;

/** How a pod stops. */
export interface Stopping {
  /** Time between the pod leaving the Service and the signal to its program. */
  readonly preStopSeconds: number;
  /** Time after which it is killed. */
  readonly graceSeconds: number;
}

/**
 * How the pods of a service stop: they serve on while their address may still be used, and then as long as the longest
 * request takes. Throws where the program would be killed without a signal, warns where a request would be cut off.
 */
export function stopping(construct: IConstruct, props: ProgramOptions, drainSeconds: number): Stopping {
  const { terminationGracePeriod, requestTimeout = DEFAULT_REQUEST_TIMEOUT } = props;
  const preStopSeconds = props.preStopSleep?.toSeconds() ?? drainSeconds;
  const lastRequest = preStopSeconds + requestTimeout.toSeconds();
  const enough = lastRequest + CLEAN_UP_SECONDS;
  const graceSeconds = terminationGracePeriod?.toSeconds() ?? enough;
  if (graceSeconds <= preStopSeconds) {
    throw invalid(
      construct.node.path,
      'terminationGracePeriod',
      `${graceSeconds} s`,
      `must be longer than the ${preStopSeconds} s for which a stopping pod waits: its program would be killed without a signal`,
      `Raise it to ${enough} s, or lower 'preStopSleep'.`,
    );
  }
  if (graceSeconds < lastRequest) {
    warn(
      construct,
      `terminationGracePeriod is ${graceSeconds} s, but the last request may end ${lastRequest} s after the stop began (${preStopSeconds} s until the signal, then 'requestTimeout'): it is cut off`,
      `Raise it to ${enough} s, or lower 'requestTimeout'.`,
    );
  }
  return { preStopSeconds, graceSeconds };
}

/** Adds the wait before the signal to a rendered Deployment: no type of the oldest minor has its field. */
// biome-ignore lint/suspicious/noExplicitAny: it adds a field that no type has
export function addSleepHook(spec: any, seconds: number, kubernetesMinor: number): void {
  if (seconds === 0) return;
  const preStop = kubernetesMinor >= SLEEP_HOOK_MINOR ? { sleep: { seconds } } : { exec: { command: ['sleep', String(seconds)] } };
  spec.template.spec.containers[0].lifecycle = { preStop };
}
