import type { Construct, IConstruct } from 'constructs';
import { invalid } from '../private/errors';
import type { Dialect } from './dialect';
import { type EksClusterProps, EksDialect } from './eks';
import { type GkeClusterProps, GkeDialect } from './gke';
import { kindDialect, type LocalClusterProps, minikubeDialect } from './local';
import type { NodePool } from './node-pool';
import { UpstreamDialect } from './upstream';

const CONTEXT_KEY = 'cdk8s-model-serving/cluster';
const NODE_POOL_KEY = 'cdk8s-model-serving/node-pool';
const DEFAULT_KUBERNETES = '1.34';
const OLDEST_MINOR = 27;

/** Above it a minor is taken for a slip of the pen: 1.37 is the newest at the time of writing, and three come a year. */
const NEWEST_MINOR = 40;

/**
 * A cluster that manifests are written for. Constructs state needs ("reachable from outside", "one T4", "read this
 * bucket"); the cluster says how that is written there, or refuses with the reason.
 */
export class Cluster {
  private static readonly UPSTREAM = new Cluster('kubernetes', new UpstreamDialect());

  /**
   * A kind cluster: images are loaded into its nodes, exposed services are NodePorts.
   *
   * @throws where a prop is out of its range.
   */
  public static kind(props: LocalClusterProps = {}): Cluster {
    const dialect = kindDialect(props);
    return new Cluster(props.name ?? 'kind', dialect, props.kubernetesVersion);
  }

  /**
   * A minikube cluster: images are loaded or come from its registry addon, exposed services are NodePorts.
   *
   * @throws where a prop is out of its range.
   */
  public static minikube(props: LocalClusterProps = {}): Cluster {
    const dialect = minikubeDialect(props);
    return new Cluster(props.name ?? 'minikube', dialect, props.kubernetesVersion);
  }

  /**
   * A GKE cluster, Standard or Autopilot.
   *
   * @throws where a prop is out of its range, or node pools are declared on Autopilot.
   */
  public static gke(props: GkeClusterProps): Cluster {
    const dialect = new GkeDialect(props);
    return new Cluster(props.name ?? 'gke', dialect, props.kubernetesVersion);
  }

  /**
   * An EKS cluster with managed node groups, Karpenter or Auto Mode, and the AWS Load Balancer Controller.
   *
   * @throws where a prop is out of its range.
   */
  public static eks(props: EksClusterProps = {}): Cluster {
    const dialect = new EksDialect(props);
    return new Cluster(props.name ?? 'eks', dialect, props.kubernetesVersion);
  }

  /**
   * The cluster that a construct is written for: the nearest one attached above it, or a Kubernetes of no known
   * platform, which refuses what platforms write differently.
   */
  public static of(scope: IConstruct): Cluster {
    return (scope.node.tryGetContext(CONTEXT_KEY) as Cluster | undefined) ?? Cluster.UPSTREAM;
  }

  /** Whether a cluster is attached above this construct. */
  public static isNamed(scope: IConstruct): boolean {
    return scope.node.tryGetContext(CONTEXT_KEY) !== undefined;
  }

  private constructor(
    /** Name of the cluster, and of its folder under `dist/`. */
    public readonly name: string,
    private readonly dialect: Dialect,
    kubernetesVersion: string = DEFAULT_KUBERNETES,
  ) {
    const match = /^1\.(\d{2})(?:\.\d+)?$/.exec(kubernetesVersion);
    const minor = Number(match?.[1]);
    if (!(minor >= OLDEST_MINOR && minor <= NEWEST_MINOR)) {
      throw invalid(
        `Cluster '${name}'`,
        'kubernetesVersion',
        kubernetesVersion,
        `must be a Kubernetes minor from 1.${OLDEST_MINOR} to 1.${NEWEST_MINOR}`,
        "For example '1.34'.",
      );
    }
    this.kubernetesMinor = minor;
  }

  /** Kubernetes minor that manifests must work on: 34 for 1.34. */
  public readonly kubernetesMinor: number;

  /** Whether the cluster runs on one machine: kind or minikube. */
  public get local(): boolean {
    return this.dialect.local;
  }

  /** Declared node pools. */
  public get nodePools(): NodePool[] {
    return [...this.dialect.nodePools];
  }

  /**
   * A declared node pool.
   *
   * @throws where no pool of this name is declared.
   */
  public nodePool(name: string): NodePool {
    const pool = this.dialect.nodePools.find((candidate) => candidate.name === name);
    if (pool === undefined) {
      const wayOut = this.local
        ? 'The nodes of a cluster on one machine are alike: ask for a pool only where cluster.local is false.'
        : "Add it to the cluster's 'nodePools'.";
      const known = this.dialect.nodePools.map((candidate) => candidate.name).join(', ') || 'none';
      throw invalid(`Cluster '${this.name}'`, 'nodePool', name, `is not a declared node pool (declared: ${known})`, wayOut);
    }
    return pool;
  }

  /**
   * Makes this the cluster of everything below a scope, for apps that do not use `ServingChart`.
   *
   * @throws where the scope already has children, which may have been written for another cluster.
   */
  public attachTo(scope: Construct): void {
    if (scope.node.children.length > 0) {
      throw invalid(
        scope.node.path || 'App',
        'cluster',
        this.name,
        'cannot be attached to a scope that already has children',
        'Attach it first, then add constructs.',
      );
    }
    scope.node.setContext(CONTEXT_KEY, this);
  }

  /**
   * Makes a pool the one of all pods below a scope that name none.
   *
   * @internal
   */
  public _setDefaultNodePool(scope: Construct, nodePool: string): void {
    if (!this.local) this._ask(scope, () => this.nodePool(nodePool));
    scope.node.setContext(NODE_POOL_KEY, nodePool);
  }

  /**
   * @internal
   */
  public static _defaultNodePool(scope: IConstruct): string | undefined {
    return scope.node.tryGetContext(NODE_POOL_KEY) as string | undefined;
  }

  /**
   * Asks how something is written on this cluster; a refusal names the construct that asked.
   *
   * @internal
   */
  public _ask<T>(asker: IConstruct, question: (dialect: Dialect) => T): T {
    try {
      return question(this.dialect);
    } catch (refusal) {
      throw new Error(`${asker.node.path}: ${(refusal as Error).message}`);
    }
  }

  /**
   * @internal
   */
  public get _dialect(): Dialect {
    return this.dialect;
  }
}
