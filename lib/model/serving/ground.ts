import { Duration } from 'cdk8s';
import { Construct, type IConstruct } from 'constructs';
import { Cluster } from '../../cluster';
import { invalid } from '../../private/errors';
import { namespaceOf, objectName } from '../../private/names';
import { wholeSeconds } from '../../private/validate';
import { type ResolvedResources, resolveResources } from '../../service/compute-resources';
import { DEFAULT_REQUEST_TIMEOUT } from '../../service/stopping';
import type { BindingSite, SourceBinding } from '../source/binding';
import { mergedBinding, type PodSource } from '../source/merge';
import { VolumeNames } from '../source/volume-names';
import { checkModelMemory, checkModelScaling, checkPolling, checkReplicas } from './checks';
import type { ModelOptions } from './model-options';
import type { ModelPlacement } from './model-pool';
import { namedVariables } from './own-environment';
import { newestOf, type Served } from './served';

/** Longest time that a request or a load may take: more is a unit mixed up. */
const DAY_SECONDS = 24 * 3600;
const CACHE_OF_KERNELS = 'CUDA_CACHE_PATH';

/** What is decided of a model before its server is asked. */
export interface Ground {
  readonly where: string;
  /** Name of the objects. */
  readonly name: string;
  readonly namespace: string;
  readonly cluster: Cluster;
  readonly resources: ResolvedResources;
  /** Whole cores that a pod may use. */
  readonly cores: number;
  /** What the models' sources need of the pod. */
  readonly source: SourceBinding;
  /** Source of each model, in their order. */
  readonly bindings: SourceBinding[];
  readonly placement?: ModelPlacement;
  /** Whether the pods have GPUs. */
  readonly gpu: boolean;
  readonly requestTimeout: Duration;
  readonly loadSeconds: number;
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
  const loadSeconds = wholeSeconds(where, 'loadTime', options.loadTime ?? Duration.minutes(5), 1, DAY_SECONDS);
  const resources = resolveResources(where, options.resources);
  const cluster = Cluster.of(model);
  const sources = boundSources({ scope: model, where, cluster, namespace, serviceAccount: name, volumeNames: new VolumeNames() }, served);
  const source = mergedBinding(where, sources);
  const placement = place(model, options);
  const gpu = placement?.gpu ?? false;
  checkPolling(where, served, sources);
  checkModelMemory(where, served, resources.limitMemoryBytes);
  checkReplicas(where, options, source);
  checkModelScaling(where, options);
  const cached = gpu && !namedVariables(options).includes(CACHE_OF_KERNELS);
  return {
    ...{ where, name, namespace, cluster, resources, source, placement, gpu, requestTimeout, loadSeconds },
    bindings: sources.map(({ binding }) => binding),
    cores: wholeCores(resources.usableMilliCpu),
    env: { ...source.env, ...(cached ? { [CACHE_OF_KERNELS]: '/tmp/cuda-cache' } : {}) },
  };
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
