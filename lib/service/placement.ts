import type { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { Cluster, type NodeAmounts, NodePool, type NodeTaint } from '../cluster';
import { invalid } from '../private/errors';
import { dnsLabel } from '../private/validate';

/** Where pods go and what they need there, as pools decide it. */
export interface Placement {
  /**
   * Pool that the pods run on, for what fits.
   *
   * @default - any declared pool without GPUs
   */
  readonly nodePool?: NodePool;

  /**
   * Labels of the nodes.
   *
   * @default - none
   */
  readonly nodeSelector?: { [key: string]: string };

  /**
   * Taints of the nodes.
   *
   * @default - none
   */
  readonly tolerations?: k8s.Toleration[];

  /**
   * Extended resources of a pod, for example `nvidia.com/gpu`.
   *
   * @default - none
   */
  readonly extendedResources?: { [name: string]: number };

  /**
   * GPUs of a pod, for what fits.
   *
   * @default 0
   */
  readonly gpus?: number;

  /**
   * Requests of containers that others add to each pod, for what fits.
   *
   * @default - none
   */
  readonly injected?: NodeAmounts;

  /**
   * Runtime class of the pods.
   *
   * @default - that of the nodes
   */
  readonly runtimeClassName?: string;
}

/** Where pods go on a cluster: as their own pool, or the chart's, says. */
export function placementOn(
  cluster: Cluster,
  construct: Construct,
  props: { readonly placement?: Placement; readonly nodePool?: string },
): Placement {
  const { placement = {} } = props;
  if (placement.nodePool !== undefined && !(placement.nodePool instanceof NodePool)) {
    const rule = 'must be a NodePool, as cluster.nodePool(name) gives it';
    throw invalid(construct.node.path, 'placement.nodePool', placement.nodePool, rule, "To name a declared pool, write 'nodePool'.");
  }
  const pool = declaredPool(cluster, construct, placement, props.nodePool);
  if (pool === undefined) return placement;
  const tolerations = placement.tolerations ?? [];
  return {
    ...placement,
    nodePool: pool,
    nodeSelector: { ...placement.nodeSelector, ...cluster._dialect.nodePoolSelector(pool) },
    tolerations: [...tolerations, ...pool.taints.filter((taint) => !isTolerated(taint, tolerations)).map(tolerationOf)],
  };
}

/** The declared pool of some pods: its name is that of the cluster, so that they can be kept on its nodes. */
function declaredPool(cluster: Cluster, construct: Construct, placement: Placement, named?: string): NodePool | undefined {
  const decided = placement.nodePool !== undefined && cluster.nodePools.includes(placement.nodePool) ? placement.nodePool : undefined;
  const name = named ?? decided?.name ?? (placement.gpus ? undefined : Cluster._defaultNodePool(construct));
  if (name === undefined) return undefined;
  dnsLabel(construct.node.path, 'nodePool', name);
  return cluster._dialect.hasNodePools ? cluster._ask(construct, () => cluster.nodePool(name)) : undefined;
}

function isTolerated({ key, effect }: NodeTaint, tolerations: k8s.Toleration[]): boolean {
  return tolerations.some((toleration) => toleration.key === key && toleration.effect === effect && toleration.operator === 'Exists');
}

function tolerationOf({ key, value, effect }: NodeTaint): k8s.Toleration {
  return value === undefined ? { key, operator: 'Exists', effect } : { key, operator: 'Equal', value, effect };
}
