import { k8s } from 'cdk8s-plus-27';
import { invalid } from '../private/errors';
import { bytes, canonicalBytes, formatCpu, formatMemory, milliCpu, parseQuantity } from '../private/quantity';
import { checkShape, type Shape } from '../private/shape';

/** Amounts of one container, as Kubernetes quantities. */
export interface ResourceAmounts {
  /**
   * CPU, for example `500m` or `2`.
   *
   * @default - not set
   */
  readonly cpu?: string;

  /**
   * Memory, for example `512Mi` or `4Gi`.
   *
   * @default - not set
   */
  readonly memory?: string;

  /**
   * Disk space for logs, writable layers and emptyDir volumes.
   *
   * @default - not set
   */
  readonly ephemeralStorage?: string;
}

/**
 * What a container asks for and what it may use. CPU and memory must each stand in one of the two, but for the memory of a
 * model whose size is known. A memory request and
 * limit are equal unless both are given, since a pod that uses more than it asked for is the first to be killed; CPU
 * has no limit unless one is given, since throttling shows as latency.
 */
export interface ComputeResources {
  /**
   * What the scheduler sets aside.
   *
   * @default - equal to the limits
   */
  readonly requests?: ResourceAmounts;

  /**
   * What the container may use.
   *
   * @default - memory equal to its request, CPU without a limit
   */
  readonly limits?: ResourceAmounts;
}

/** The same, decided: every number that others compute with. */
export interface ResolvedResources {
  /** CPU request in thousandths of a core. */
  readonly requestMilliCpu: number;
  /** CPU that the container can count on: its limit where there is one, else its request. */
  readonly usableMilliCpu: number;
  readonly requestMemoryBytes: number;
  readonly limitMemoryBytes: number;
  /** @param keptBytes disk that others fill and leave to the container, on top of its own. */
  toKube(extended: { [name: string]: number }, keptBytes?: number): k8s.ResourceRequirements;
}

const AMOUNTS: Shape<ResourceAmounts> = { cpu: 'quantity', memory: 'quantity', ephemeralStorage: 'quantity' };

/** Refuses what is no map of amounts. */
export function checkResources(where: string, resources: ComputeResources, prop: string): void {
  checkShape(where, resources, { requests: 'map', limits: 'map' }, [], prop);
  if (resources.requests) checkShape(where, resources.requests, AMOUNTS, [], `${prop}.requests`);
  if (resources.limits) checkShape(where, resources.limits, AMOUNTS, [], `${prop}.limits`);
}

/**
 * The same with a memory request, where memory stands nowhere in them.
 *
 * @param memoryOf bytes for a container that can count on so much CPU, or nothing where that is not known either.
 */
export function withMemory(
  where: string,
  resources: ComputeResources,
  memoryOf: (usableMilliCpu: number) => number | undefined,
): ComputeResources {
  checkResources(where, resources, 'resources');
  const { requests = {}, limits = {} } = resources;
  const cpu = limits.cpu ?? requests.cpu;
  if (requests.memory !== undefined || limits.memory !== undefined || cpu === undefined) return resources;
  const memory = memoryOf(milliCpu(where, `resources.${limits.cpu === undefined ? 'requests' : 'limits'}.cpu`, cpu));
  return memory === undefined ? resources : { ...resources, requests: { ...requests, memory: formatMemory(memory) } };
}

/** What messages say of resources. */
interface Wording {
  /** Prop that holds them. */
  readonly prop?: string;
  /** What else may say the memory. */
  readonly elsewhere?: string;
}

export function resolveResources(
  where: string,
  resources: ComputeResources,
  { prop = 'resources', elsewhere = '' }: Wording = {},
): ResolvedResources {
  checkResources(where, resources, prop);
  const { requests = {}, limits = {} } = resources;
  const cpuRequest = requests.cpu ?? limits.cpu;
  const memoryRequest = requests.memory ?? limits.memory;
  const memoryLimit = limits.memory ?? requests.memory;
  if (cpuRequest === undefined || memoryRequest === undefined || memoryLimit === undefined) {
    throw invalid(
      where,
      prop,
      resources,
      'must name CPU and memory: without requests pods crowd on one node and no autoscaler can measure them',
      `For example { requests: { cpu: '1', memory: '2Gi' } }.${elsewhere}`,
    );
  }
  // limits first: where one stands for the request too, a mistake in it is named after the limit
  const limitMilliCpu = limits.cpu === undefined ? undefined : milliCpu(where, `${prop}.limits.cpu`, limits.cpu);
  if (limits.memory !== undefined) bytes(where, `${prop}.limits.memory`, limits.memory);
  const requestMilliCpu = milliCpu(where, `${prop}.requests.cpu`, cpuRequest);
  const requestMemoryBytes = bytes(where, `${prop}.requests.memory`, memoryRequest);
  const limitMemoryBytes = bytes(where, `${prop}.limits.memory`, memoryLimit);
  if (limitMilliCpu !== undefined && limitMilliCpu < requestMilliCpu)
    throw aboveLimit(where, `${prop}.requests.cpu`, cpuRequest, limits.cpu as string);
  if (limitMemoryBytes < requestMemoryBytes) throw aboveLimit(where, `${prop}.requests.memory`, memoryRequest, memoryLimit);
  const storageRequest = requests.ephemeralStorage ?? limits.ephemeralStorage;
  const storageLimit = limits.ephemeralStorage;
  if (storageRequest !== undefined) {
    const request = bytes(where, `${prop}.requests.ephemeralStorage`, storageRequest);
    if (storageLimit !== undefined && bytes(where, `${prop}.limits.ephemeralStorage`, storageLimit) < request) {
      throw aboveLimit(where, `${prop}.requests.ephemeralStorage`, storageRequest, storageLimit);
    }
  }

  return {
    requestMilliCpu,
    usableMilliCpu: limitMilliCpu ?? requestMilliCpu,
    requestMemoryBytes,
    limitMemoryBytes,
    toKube: (extended, keptBytes = 0) => ({
      requests: quantities({
        cpu: formatCpu(requestMilliCpu),
        memory: canonicalBytes(memoryRequest),
        'ephemeral-storage': storageRequest && withMore(storageRequest, keptBytes),
        ...extended,
      }),
      limits: quantities({
        cpu: limitMilliCpu === undefined ? undefined : formatCpu(limitMilliCpu),
        memory: canonicalBytes(memoryLimit),
        'ephemeral-storage': storageLimit && withMore(storageLimit, keptBytes),
        ...extended,
      }),
    }),
  };
}

function withMore(quantity: string, moreBytes: number): string {
  if (moreBytes === 0) return canonicalBytes(quantity);
  return canonicalBytes(`${Math.ceil(((parseQuantity(quantity) as number) + moreBytes) / 2 ** 20)}Mi`);
}

function aboveLimit(where: string, prop: string, request: string, limit: string): Error {
  return invalid(where, prop, request, `must not be above the limit (${limit})`, 'Raise the limit or lower the request.');
}

function quantities(amounts: { [name: string]: string | number | undefined }): { [name: string]: k8s.Quantity } {
  const entries = Object.entries(amounts).filter(([, amount]) => amount !== undefined);
  return Object.fromEntries(
    // text also for whole numbers: that is how the API server keeps them, so that a second apply changes nothing
    entries.map(([name, amount]) => [name, k8s.Quantity.fromString(String(amount))]),
  );
}
