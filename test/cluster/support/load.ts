import type { KubeObject } from '../../../lib/check';
import type { Scene } from './scene';

/** Annotation from which kwok tells the CPU use of a pod on a fake node. */
export const CPU_USE = 'kwok.x-k8s.io/usage-cpu';

/** Lets pods on fake nodes use so much CPU, as far as they do not yet. The autoscaler sees it with the next metrics. */
export function setLoad(scene: Scene, pods: KubeObject[], cpu: string): void {
  const others = pods.filter(({ metadata }) => metadata.annotations?.[CPU_USE] !== cpu);
  if (others.length > 0)
    scene.kubectl('annotate', '--overwrite', 'pod', ...others.map(({ metadata }) => metadata.name), `${CPU_USE}=${cpu}`);
}
