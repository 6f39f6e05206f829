import type { Duration } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { Cluster } from '../../cluster';
import { invalid } from '../../private/errors';
import { namespaceOf, objectName } from '../../private/names';
import { bytes, formatMemory } from '../../private/quantity';
import { wholeSeconds } from '../../private/validate';
import { type ComputeResources, type ResolvedResources, resolveResources, withMemory } from '../../service/compute-resources';
import { DEFAULT_REQUEST_TIMEOUT } from '../../service/stopping';
import type { SourceBinding } from '../source/binding';
import { loadSeconds, type MemoryNeed, type ModelWeight, memoryNeed, type Worked } from './budget';
import { checkModelMemory, checkModelScaling } from './checks';
import type { ModelOptions } from './model-options';
import type { ModelPlacement } from './model-pool';
import { namedVariables } from './own-environment';
import { type VolumeSharing, volumeSharing } from './volume-sharing';

/** Longest time that a request or a load may take: more is a unit mixed up. */
const DAY_SECONDS = 24 * 3600;
const DEFAULT_LOAD_SECONDS = 300;
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
  readonly source: SourceBinding;
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

/** Decides where and with what a model runs. Throws where the options contradict each other or the cluster. */
export function groundOf(model: IConstruct, options: ModelOptions): Ground {
  const where = model.node.path;
  const namespace = namespaceOf(model);
  const name = objectName(model, options.name);
  const requestTimeout = options.requestTimeout ?? DEFAULT_REQUEST_TIMEOUT;
  wholeSeconds(where, 'requestTimeout', requestTimeout, 1, DAY_SECONDS);
  const weights = [weightOf(where, name, options)];
  const cluster = Cluster.of(model);
  const source = options.source._bind({ scope: model, where, cluster, namespace, serviceAccount: name });
  const placement = place(model, options);
  const gpu = placement?.gpu ?? false;
  const load = loadOf(where, options, weights, cluster._dialect.readRates[source.medium]);
  const asked = withMemory(where, options.resources, (milliCpu) => memoryNeed(weights, { cores: wholeCores(milliCpu), gpu })?.total.value);
  const resources = resolveResources(where, asked, { elsewhere: " The memory of a model also follows from its 'modelSize'." });
  const cores = wholeCores(resources.usableMilliCpu);
  const memory = memoryNeed(weights, { cores, gpu });
  checkModelMemory(where, options, resources.limitMemoryBytes, memory);
  const sharing = volumeSharing(model, options, source, placement);
  checkModelScaling(where, options);
  const cached = gpu && !namedVariables(options).includes(CACHE_OF_KERNELS);
  return {
    ...{ where, name, namespace, cluster, resources, asked, cores, source, sharing, placement, gpu, requestTimeout },
    loadSeconds: load.value,
    budget: { weights, memory, load },
    env: { ...source.env, ...(cached ? { [CACHE_OF_KERNELS]: '/tmp/cuda-cache' } : {}) },
  };
}

function weightOf(where: string, name: string, { modelSize, modelMemory, source }: ModelOptions): ModelWeight {
  return {
    name,
    sizeBytes: modelSize === undefined ? undefined : bytes(where, 'modelSize', modelSize),
    memoryBytes: modelMemory === undefined ? undefined : bytes(where, 'modelMemory', modelMemory),
    versionsAtStart: 1,
    versionsAtOnce: source.followsVersions ? 2 : 1,
  };
}

function loadOf(where: string, { loadTime, loadThroughput, modelSize }: ModelOptions, weights: ModelWeight[], readRate: number): Worked {
  const said = loadTime === undefined ? undefined : wholeSeconds(where, 'loadTime', loadTime, 1, DAY_SECONDS);
  const rate = loadThroughput === undefined ? readRate : bytes(where, 'loadThroughput', loadThroughput);
  if (loadThroughput !== undefined && (modelSize === undefined || loadTime !== undefined)) {
    throw invalid(
      where,
      'loadThroughput',
      loadThroughput,
      loadTime === undefined ? "says nothing without 'modelSize'" : "cannot stand beside 'loadTime', which says how long a load takes",
      loadTime === undefined ? "Write modelSize: '500Mi'." : 'Remove one of them.',
    );
  }
  if (said !== undefined) return { value: said, how: "said in 'loadTime'" };
  const load = loadSeconds(weights, rate) ?? { value: DEFAULT_LOAD_SECONDS, how: "without 'modelSize' and 'loadTime'" };
  if (load.value <= DAY_SECONDS) return load;
  throw invalid(
    where,
    'modelSize',
    modelSize,
    `would take ${load.how} = ${load.value} s to load, which is more than a day`,
    `Say how fast it is read, as loadThroughput: '${formatMemory(4 * rate)}'.`,
  );
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
