import { invalid } from '../private/errors';

/** What a rollout may do to the number of pods: both as Kubernetes takes them, numbers or percentages. */
export interface RolloutPace {
  readonly maxSurge: number | string;
  readonly maxUnavailable: number | string;
}

/** What decides a rollout's pace. */
export interface RolloutRoom {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Pods that fit on the nodes, where that is known. */
  readonly total?: number;
  /** Nodes on which they fit, where that is known. */
  readonly nodes?: number;
  /** Whether a spare place is unlikely: GPUs, or one pod a node. */
  readonly scarce: boolean;
  /** What the user wants of it. */
  readonly wanted?: Partial<RolloutPace>;
}

const SURGE_PERCENT = 25;

/** Time for pulling an image and finding a node, on top of a container's own start-up. */
export const SCHEDULING_SECONDS = 300;

/**
 * Pace that never deadlocks: new pods come first wherever there is a place for one, and only where all places are taken
 * an old pod goes first. A surge that cannot be scheduled would otherwise wait for ever, since no old pod may go.
 */
export function rolloutPace(room: RolloutRoom): RolloutPace {
  const { maxSurge, maxUnavailable } = { ...paceByRoom(room), ...room.wanted };
  // both zero would replace no pod ever: the one that the user did not choose gives way
  if (!isNone(maxSurge) || !isNone(maxUnavailable)) return { maxSurge, maxUnavailable };
  return room.wanted?.maxSurge === undefined ? { maxSurge: 1, maxUnavailable } : { maxSurge, maxUnavailable: 1 };
}

/** Whether an amount lets no pod come or go. */
function isNone(value: number | string): boolean {
  return value === 0 || value === '0%';
}

function paceByRoom({ minReplicas, maxReplicas, total, scarce }: RolloutRoom): RolloutPace {
  if (total === undefined) return scarce ? { maxSurge: 0, maxUnavailable: 1 } : { maxSurge: `${SURGE_PERCENT}%`, maxUnavailable: 0 };
  const spare = total - maxReplicas;
  if (spare >= Math.ceil((maxReplicas * SURGE_PERCENT) / 100)) return { maxSurge: `${SURGE_PERCENT}%`, maxUnavailable: 0 };
  if (spare > 0) return { maxSurge: spare, maxUnavailable: 0 };
  if (minReplicas === maxReplicas) return { maxSurge: 0, maxUnavailable: Math.max(1, maxReplicas - total + 1) };
  return { maxSurge: 1, maxUnavailable: `${unavailablePercent(maxReplicas, total)}%` };
}

/**
 * Pods that may be missing so that every node can be drained in its turn: those that have no place anyway, and those of the
 * node where the other nodes have none for them; at least one. A budget counts pods that are Pending as missing, so that a
 * plain 1 would hold up the drain of a node in a full pool for ever. Kubernetes rounds a budget's share up, so the smallest
 * share that is enough at the largest count lets none more go at small ones.
 */
export function disruptionBudget(room: RolloutRoom): number | string {
  const { minReplicas, maxReplicas } = room;
  const missing = Math.max(1, maxReplicas - placesWithoutANode(room));
  if (missing === 1 || minReplicas === maxReplicas) return missing;
  return `${Math.min(100, Math.floor(((missing - 1) / maxReplicas) * 100) + 1)}%`;
}

/** The only node there is keeps its pods until another one comes: without it nobody would serve. */
function placesWithoutANode({ maxReplicas, total = maxReplicas, nodes = 1 }: RolloutRoom): number {
  return total - (nodes > 1 ? Math.ceil(total / nodes) : 1);
}

/**
 * Smallest share of pods that must be allowed to be missing so that an autoscaled workload may stop an old pod at every
 * count at which its nodes are full. The share grows with the count, so the largest count decides; Kubernetes rounds it
 * down, so small counts lose no pod.
 */
function unavailablePercent(maxReplicas: number, total: number): number {
  return Math.min(100, Math.ceil(((maxReplicas - total + 1) / maxReplicas) * 100));
}

/** What a user wants of a rollout. Throws where it is no amount of pods, or lets no pod ever be replaced. */
export function wantedPace(
  where: string,
  { maxSurge, maxUnavailable }: { readonly maxSurge?: string; readonly maxUnavailable?: string },
): Partial<RolloutPace> {
  const pace = {
    ...(maxSurge === undefined ? {} : { maxSurge: amount(where, 'maxSurge', maxSurge) }),
    ...(maxUnavailable === undefined ? {} : { maxUnavailable: amount(where, 'maxUnavailable', maxUnavailable) }),
  };
  if (pace.maxSurge !== undefined && pace.maxUnavailable !== undefined && isNone(pace.maxSurge) && isNone(pace.maxUnavailable)) {
    throw invalid(
      where,
      'maxUnavailable',
      maxUnavailable,
      "must not be zero together with 'maxSurge': no pod could ever be replaced",
      'Raise one of them.',
    );
  }
  return pace;
}

function amount(where: string, prop: string, value: string): number | string {
  if (/^\d{1,9}$/.test(value)) return Number(value);
  if (/^(100|\d{1,2})%$/.test(value)) return value;
  throw invalid(where, prop, value, 'must be a number of pods or a percentage up to 100%', "For example '1' or '25%'.");
}
