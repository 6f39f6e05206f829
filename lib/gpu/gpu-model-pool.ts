import { Construct, type IConstruct } from 'constructs';
import { Cluster, type NodePool } from '../cluster';
import type { GpuAnswer } from '../cluster/dialect';
import type { IModelPool, ModelPlacement, ModelPoolRequest } from '../model';
import { invalid } from '../private/errors';
import { warn } from '../private/notices';
import { checkProps, type Shape } from '../private/shape';
import { dnsLabel, wholeNumber } from '../private/validate';
import { Accelerator } from './accelerator';

/** Properties of a `GpuModelPool`. */
export interface GpuModelPoolProps {
  /** Kind of GPU. */
  readonly accelerator: Accelerator;

  /**
   * Name of the node pool or node group. Where the cluster's `nodePools` declare it, the numbers here must agree with them,
   * and models go to its nodes alone and tolerate its taints.
   *
   * @default - the construct's id
   */
  readonly poolName?: string;

  /**
   * GPUs of one node.
   *
   * @default - what the machine type has built in, else 1
   */
  readonly gpusPerNode?: number;

  /** Most nodes of the pool. */
  readonly maxNodes: number;

  /**
   * Fewest nodes of the pool.
   *
   * @default - that of the declared pool, else 0
   */
  readonly minNodes?: number;

  /**
   * Machine type of the nodes, for what fits.
   *
   * @default - that of the declared pool, else unknown: only the GPUs are counted
   */
  readonly machineType?: string;

  /**
   * Whether the nodes may be taken away at short notice for a lower price.
   *
   * @default false
   */
  readonly spot?: boolean;

  /**
   * Runtime class of the pods, where the nodes' default one shows no GPU.
   *
   * @default - that of the nodes
   */
  readonly runtimeClassName?: string;
}

const SHAPE: Shape<GpuModelPoolProps> = {
  accelerator: Accelerator,
  poolName: 'text',
  gpusPerNode: 'number',
  maxNodes: 'number',
  minNodes: 'number',
  machineType: 'text',
  spot: 'truth',
  runtimeClassName: 'text',
};

/**
 * Nodes with GPUs that models share. A model that is given this pool gets the image with GPU support, its GPUs, the
 * node selector and tolerations of the cluster, and rollouts that do not wait for a spare GPU. The pool itself emits
 * nothing: nodes are not Kubernetes objects that one applies.
 */
export class GpuModelPool extends Construct implements IModelPool {
  /** Kind of GPU. */
  public readonly accelerator: Accelerator;
  /** GPUs of all nodes at their most. */
  public readonly totalGpus: number;

  private readonly cluster: Cluster;
  private readonly answer: GpuAnswer;
  private readonly nodes?: NodePool;
  private readonly gpusPerNode: number;
  private readonly runtimeClassName?: string;
  private promisedGpus = 0;

  /**
   * @throws where a prop is out of its range, the machine type cannot carry the GPUs, the cluster declares the pool
   * otherwise, or has no such GPUs.
   */
  constructor(scope: Construct, id: string, props: GpuModelPoolProps) {
    super(scope, id);
    const where = this.node.path;
    checkProps(new.target === GpuModelPool, where, props, SHAPE, ['accelerator', 'maxNodes']);
    this.cluster = Cluster.of(this);
    const poolName = dnsLabel(where, 'poolName', props.poolName ?? id);
    this.accelerator = props.accelerator;
    wholeNumber(where, 'gpusPerNode', props.gpusPerNode ?? 1, 1, 16);
    const maxNodes = wholeNumber(where, 'maxNodes', props.maxNodes, 1, 15_000);
    wholeNumber(where, 'minNodes', props.minNodes ?? 0, 0, maxNodes);
    this.runtimeClassName = props.runtimeClassName === undefined ? undefined : dnsLabel(where, 'runtimeClassName', props.runtimeClassName);
    const { name: accelerator, gkeName, karpenterName, memoryGib } = props.accelerator;
    const need = { accelerator, gkeName, karpenterName, memoryGib, spot: props.spot ?? false, poolName };
    this.answer = this.cluster._ask(this, (dialect) => dialect.gpu(need));
    const { machineType, minNodes, gpusPerNode } = props;
    this.nodes = this.cluster._ask(this, (dialect) =>
      dialect.gpuNodes({ name: poolName, machineType, minNodes, maxNodes, gpusPerNode }, need),
    );
    this.gpusPerNode = gpusPerNode ?? (this.nodes?.allocatable.gpus || 1);
    this.totalGpus = this.gpusPerNode * maxNodes;
    if (this.answer.remark) warn(this, this.answer.remark, 'Apply the same code to a cluster that has the GPUs to see them used.');
  }

  public placeModel(model: IConstruct, request: ModelPoolRequest): ModelPlacement {
    const gpus = wholeNumber(model.node.path, 'gpus', request.gpus, 1, 16);
    const clusterOfModel = Cluster.of(model);
    if (clusterOfModel !== this.cluster) {
      throw invalid(
        model.node.path,
        'pool',
        this.node.path,
        `is a pool of cluster '${this.cluster.name}', but the model is written for cluster '${clusterOfModel.name}'`,
        'Make a pool in a chart of the same cluster.',
      );
    }
    if (!this.answer.gpu) return { gpu: false };
    if (gpus > this.gpusPerNode) {
      throw invalid(
        model.node.path,
        'gpus',
        gpus,
        `is more than a node of pool '${this.node.path}' has (${this.gpusPerNode})`,
        'Lower it, or choose a larger machine type.',
      );
    }
    if (this.answer.podGpus !== undefined && !this.answer.podGpus.includes(gpus)) {
      throw invalid(
        model.node.path,
        'gpus',
        gpus,
        `is not a number of ${this.accelerator.name} that this cluster gives to a pod`,
        `Choose one of ${this.answer.podGpus.join(', ')}.`,
      );
    }
    if (this.nodes === undefined) this.promise(model, gpus * request.replicas);
    return {
      gpu: true,
      gpus,
      gpuMemoryBytes: this.accelerator.memoryGib === undefined ? undefined : this.accelerator.memoryGib * 2 ** 30,
      gpuName: this.accelerator.name,
      gpuComputeCapability: this.accelerator.computeCapability,
      nodePool: this.nodes,
      nodeSelector: this.answer.nodeSelector,
      tolerations: this.answer.tolerations,
      extendedResources: { [this.answer.resourceName]: gpus },
      runtimeClassName: this.runtimeClassName,
    };
  }

  private promise(model: IConstruct, gpus: number): void {
    const before = this.promisedGpus;
    this.promisedGpus += gpus;
    if (this.promisedGpus <= this.totalGpus) return;
    warn(
      model,
      `GPUs: the models of pool '${this.node.path}' may ask for ${this.promisedGpus} in all (${before} before this one, ${gpus} here), but its nodes have ${this.totalGpus}; the rest stays Pending`,
      "Raise the pool's maxNodes, or lower the replicas.",
    );
  }
}
