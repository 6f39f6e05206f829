import type { KubeObject } from './kube-object';

/** What Kubernetes assumes of a rolling update that does not say. */
const DEFAULT_SHARE = '25%';

/** Most pods of a Deployment while a rollout is under way. */
export function mostAtOnce(deployment: KubeObject, pods: number): number {
  const surge: number | string = deployment.spec?.strategy?.rollingUpdate?.maxSurge ?? DEFAULT_SHARE;
  return isRolling(deployment) ? pods + (countOf(surge, pods, Math.ceil) ?? 0) : pods;
}

/**
 * Whether a rollout cannot go on before a new pod has found a place, without anybody having said so: the share of old pods
 * that may go first is rounded down to none. A plain zero is somebody's decision.
 */
export function needsSparePlaceUnsaid(deployment: KubeObject, pods: number): boolean {
  const unavailable: number | string = deployment.spec?.strategy?.rollingUpdate?.maxUnavailable ?? DEFAULT_SHARE;
  const decided = unavailable === 0 || unavailable === '0%';
  return isRolling(deployment) && !decided && (countOf(unavailable, pods, Math.floor) ?? 0) === 0 && pods > 0;
}

function isRolling(deployment: KubeObject): boolean {
  return (deployment.spec?.strategy?.type ?? 'RollingUpdate') === 'RollingUpdate';
}

/**
 * Pods of a number or percentage, nothing where it is neither. Kubernetes rounds a surge up and what a rollout may miss down;
 * shares of a PodDisruptionBudget it always rounds up.
 */
export function countOf(value: number | string, pods: number, round: (share: number) => number): number | undefined {
  if (typeof value === 'number') return value;
  const [, digits, percent] = /^(\d+)(%?)$/.exec(value) ?? [];
  if (digits === undefined) return undefined;
  return percent === '' ? Number(digits) : round((Number(digits) * pods) / 100);
}
