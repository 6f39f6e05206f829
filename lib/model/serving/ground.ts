import type { Duration } from 'cdk8s';
import { Construct, type IConstruct } from 'constructs';
import { Cluster } from '../../cluster';
import { invalid } from '../../private/errors';
import { namespaceOf, objectName } from '../../private/names';
import { DAY_SECONDS, wholeSeconds } from '../../private/validate';
import { type ComputeResources, type ResolvedResources, resolveResources, withMemory } from '../../service/compute-resources';
import { DEFAULT_REQUEST_TIMEOUT } from '../../service/stopping';
import type { BindingSite, PodNeeds } from '../source/binding';
import { mergedNeeds, type PodSource } from '../source/merge';
import { VolumeNames } from '../source/volume-names';
import { type MemoryNeed, type ModelWeight, memoryNeed, type Worked } from './budget';
import { checkModelMemory, checkModelScaling, checkPolling, checkRoom } from './checks';
import type { ModelOptions } from './model-options';
import type { ModelPlacement } from './model-pool';
import { namedVariables } from './own-environment';
import { newestOf, type Served } from './served';
import { type VolumeSharing, volumeSharing } from './volume-sharing';
import { loadOf, weightOf } from './weights';

const CACHE_OF_KERNELS = 'CUDA_CACHE_PATH';

/** What is worked out from the model's size. */
export interface Budget {
  /** All models of the server. */
  readonly weights: ModelWeight[];
  /** What the versions need, where their size is known. */
  readonly memory?: MemoryNeed;
  readonly load: Worked;
}

/** What is decided of a model before its server is asked. */
export interface Ground {
  readonly where: string;
  /** Name of the objects. */
  readonly name: string;
  readonly namespace: string;
  readonly cluster: Cluster;
  readonly resources: ResolvedResources;
  /** What the workload is given, with the memory that follows from the model's size. */
  readonly asked: ComputeResources;
  /** Whole cores that a pod may use. */
  readonly cores: number;
  /** What the models' sources need of the pod. */
  readonly source: PodNeeds;
  /** Source of each model, in their order. */
  readonly sources: PodSource[];
  /** How pods stand to each other that share the source's volume. */
  readonly sharing: VolumeSharing;
  readonly placement?: ModelPlacement;
  /** Whether the pods have GPUs. */
  readonly gpu: boolean;
  readonly requestTimeout: Duration;
  /** Longest time that a load takes. */
  readonly loadSeconds: number;
  readonly budget: Budget;
  /** Variables that the source and the nodes ask for. */
  readonly env: { readonly [name: string]: string };
}

/**
 * Decides where and with what a model runs. Throws where the options contradict each other or the cluster.
 *
 * @param served all models of the server; one with its newest version where they are left out.
 */
export function groundOf(model: Construct, options: ModelOptions, served = [newestOf(model.node.id, options)]): Ground {
  const where = model.node.path;
  const namespace = namespaceOf(model);
  const name = objectName(model, options.name);
  const requestTimeout = options.requestTimeout ?? DEFAULT_REQUEST_TIMEOUT;
  wholeSeconds(where, 'requestTimeout', requestTimeout, 1, DAY_SECONDS);
  const weights = served.map((one) => weightOf(where, one));
  const cluster = Cluster.of(model);
  const sources = boundSources({ scope: model, where, cluster, namespace, serviceAccount: name, volumeNames: new VolumeNames() }, served);
  const source = mergedNeeds(where, sources);
  const placement = place(model, options);
  const gpu = placement?.gpu ?? false;
  const load = loadOf(where, options, weights, cluster._dialect.readRates[source.medium]);
  const asked = withMemory(where, options.resources, (milliCpu) => memoryNeed(weights, { cores: wholeCores(milliCpu), gpu })?.total.value);
  const resources = resolveResources(where, asked, { elsewhere: sizeMissing(served) });
  const cores = wholeCores(resources.usableMilliCpu);
  const memory = memoryNeed(weights, { cores, gpu });
  checkPolling(where, served, sources);
  checkRoom(where, sources, weights);
  checkModelMemory(where, resources.limitMemoryBytes, {
    weights,
    total: memory?.total,
    swaps: served.some((one) => one.source.followsVersions),
  });
  const sharing = volumeSharing(model, options, source, placement);
  checkModelScaling(where, options);
  const cached = gpu && !namedVariables(options).includes(CACHE_OF_KERNELS);
  return {
    ...{ where, name, namespace, cluster, resources, asked, cores, source, sources, sharing, placement, gpu, requestTimeout },
    loadSeconds: load.value,
    budget: { weights, memory, load },
    env: { ...source.env, ...(cached ? { [CACHE_OF_KERNELS]: '/tmp/cuda-cache' } : {}) },
  };
}

/** What of the models is not said, so that their memory does not follow from it. */
function sizeMissing(served: Served[]): string {
  const [unsized] = served.filter(({ modelSize, modelMemory }) => modelSize === undefined && modelMemory === undefined);
  return unsized === undefined ? '' : ` The memory also follows from the size of every model: say '${unsized.prefix}modelSize'.`;
}

/** Each source by itself; what sources of further models make stands below a construct of their own. */
function boundSources(site: BindingSite, served: Served[]): PodSource[] {
  return served.map(({ source, prefix, name }, index) => {
    const scope = index === 0 ? site.scope : new Construct(site.scope, `model-${index + 1}`);
    return { prop: `${prefix}source`, model: name, binding: source._bind({ ...site, scope }) };
  });
}

/** Cores that a server may count on: it sees the node's, not the container's, so it must be told. */
function wholeCores(milliCpu: number): number {
  return Math.max(1, Math.floor(milliCpu / 1000));
}

function place(model: IConstruct, { pool, gpus, nodePool, autoscaling, replicas }: ModelOptions): ModelPlacement | undefined {
  const where = model.node.path;
  if (pool === undefined) {
    if (gpus !== undefined) throw invalid(where, 'gpus', gpus, "needs a 'pool' that has GPUs", 'Write pool: new GpuModelPool(...).');
    return undefined;
  }
  if (nodePool !== undefined) {
    throw invalid(where, 'nodePool', nodePool, "cannot stand beside 'pool', which decides the nodes", 'Remove one of them.');
  }
  // the kind of the prop says no more than that it is a construct
  if (typeof pool.placeModel !== 'function') {
    throw invalid(where, 'pool', String(pool), 'is no pool that models can be placed on', 'Write pool: new GpuModelPool(...).');
  }
  const placement = pool.placeModel(model, { gpus: gpus ?? 1, replicas: autoscaling?.maxReplicas ?? replicas ?? 1 });
  if (placement.gpu && autoscaling?.averageUtilization !== undefined) {
    throw invalid(
      where,
      'autoscaling',
      'Autoscaling.cpu',
      'measures CPU, which says nothing about a model on a GPU',
      'Use Autoscaling.metrics() with a metric of the GPU or of the requests.',
    );
  }
  return placement;
}
