import type { KubeObject } from './kube-object';

/** What Kubernetes assumes of a rolling update that does not say. */
const DEFAULT_SHARE = '25%';

/** Most pods of a Deployment while a rollout is under way. */
export function mostAtOnce(deployment: KubeObject, pods: number): number {
  return isRolling(deployment) ? pods + amount(deployment.spec?.strategy?.rollingUpdate?.maxSurge, pods, Math.ceil) : pods;
}

/**
 * Whether a rollout cannot go on before a new pod has found a place, without anybody having said so: the share of old pods
 * that may go first is rounded down to none. A plain zero is somebody's decision.
 */
export function needsSparePlaceUnsaid(deployment: KubeObject, pods: number): boolean {
  const unavailable: number | string = deployment.spec?.strategy?.rollingUpdate?.maxUnavailable ?? DEFAULT_SHARE;
  const decided = unavailable === 0 || unavailable === '0%';
  return isRolling(deployment) && !decided && amount(unavailable, pods, Math.floor) === 0 && pods > 0;
}

function isRolling(deployment: KubeObject): boolean {
  return (deployment.spec?.strategy?.type ?? 'RollingUpdate') === 'RollingUpdate';
}

/** Pods of a number or percentage; Kubernetes rounds a surge up and what may be missing down. */
function amount(value: number | string = DEFAULT_SHARE, pods: number, round: (share: number) => number): number {
  if (typeof value === 'number') return value;
  const percent = /^(\d+)%$/.exec(value)?.[1];
  return percent === undefined ? 0 : round((Number(percent) * pods) / 100);
}
