import type { IConstruct } from 'constructs';
import { Cluster } from '../../cluster';
import { invalid } from '../../private/errors';
import { placementOn } from '../../service/placement';
import type { PodNeeds } from '../source/binding';
import type { ModelOptions } from './model-options';
import type { ModelPlacement } from './model-pool';

/** How pods that share a volume stand to each other. */
export interface VolumeSharing {
  /** Pace of rollouts, where the volume decides it. */
  readonly maxSurge?: string;
  readonly maxUnavailable?: string;
  /** Whether all pods must be on one node. */
  readonly together: boolean;
}

/** The old pod goes before the new one comes. */
const ONE_BY_ONE: VolumeSharing = { maxSurge: '0', maxUnavailable: '1', together: false };

/** What the source's volume makes of the pods. Throws where there may be more of them than can use it. */
export function volumeSharing(
  model: IConstruct,
  props: ModelOptions,
  { singleNode, singlePod }: PodNeeds,
  placement: ModelPlacement | undefined,
): VolumeSharing {
  const where = model.node.path;
  const { autoscaling, replicas, maxSurge } = props;
  const most = autoscaling?.maxReplicas ?? replicas ?? 1;
  const tooMany = (rule: string) =>
    invalid(
      where,
      autoscaling ? 'maxReplicas' : 'replicas',
      most,
      `cannot be above 1: ${rule}`,
      'Use a claim with ReadOnlyMany or ReadWriteMany.',
    );
  if (singlePod) {
    if (most > 1) throw tooMany('a ReadWriteOncePod volume is for one pod');
    if (maxSurge !== undefined && !/^0%?$/.test(maxSurge)) {
      throw invalid(
        where,
        'maxSurge',
        maxSurge,
        'must be 0: a second pod would wait for ever for a ReadWriteOncePod volume that the first one has',
        'Leave it out.',
      );
    }
    return ONE_BY_ONE;
  }
  if (!singleNode) return { together: false };
  if (mostNodes(model, props, placement) === 1 && !props.onePerNode) return { together: true };
  if (most > 1) throw tooMany('a ReadWriteOnce volume is for one node');
  return ONE_BY_ONE;
}

/** Nodes that the pods may be on, where that is known. */
function mostNodes(model: IConstruct, { nodePool }: ModelOptions, placement: ModelPlacement | undefined): number | undefined {
  const cluster = Cluster.of(model);
  return cluster._dialect.nodeCount ?? placementOn(cluster, model, { placement, nodePool }).nodePool?.maxNodes;
}
