import { formatMemory } from '../../private/quantity';
import { SCHEDULING_SECONDS } from '../../service/rollout';

/**
 * What a model needs, worked out from its size: memory, and how long its start and its end take. Each number carries the sum
 * that it comes from, which errors show and `describe()` prints.
 */

/** A number, and how it comes about. */
export interface Worked {
  readonly value: number;
  readonly how: string;
}

/** One model of a server. */
export interface ModelWeight {
  readonly name: string;
  /** Bytes on disk of one version. */
  readonly sizeBytes?: number;
  /** Bytes of memory that one loaded version takes, where that has been measured. */
  readonly memoryBytes?: number;
  /** Versions that are loaded before the server opens its ports. */
  readonly versionsAtStart: number;
  /** Most versions that are ever in memory: one more than are served where the server swaps them by itself. */
  readonly versionsAtOnce: number;
  /** Whether there may be more versions than that, so that what follows is the least that they need. */
  readonly uncounted?: boolean;
}

/** Memory in bytes. */
export interface MemoryNeed {
  /** All versions that are in memory at once: with less the server is killed for certain. */
  readonly versions: Worked;
  /** What loading takes besides, while it lasts. */
  readonly loading: Worked;
  /** The server without models and requests. */
  readonly server: Worked;
  /** Requests under way. */
  readonly requests: Worked;
  /** All of it, which becomes request and limit where nothing else is said. */
  readonly total: Worked;
}

/**
 * Memory of a loaded version, by its size on disk: the server's own estimate.
 *
 * @see https://github.com/tensorflow/serving/blob/master/tensorflow_serving/servables/tensorflow/bundle_factory_util.cc
 */
const LOADED_PER_SIZE = 1.2;

/** What a load holds for a while, by the size on disk: pieces of files and graphs before they are rewritten. An assumption. */
const LOADING_PER_SIZE = 0.5;

const MIB = 2 ** 20;
const SERVER_BYTES = 256 * MIB;
/** With GPUs the server keeps CUDA's libraries and their pinned buffers in the memory of the node. */
const GPU_SERVER_BYTES = 2048 * MIB;
/** Inputs, outputs and what is between them, of the requests that one core works on. An assumption. */
const REQUEST_BYTES_PER_CORE = 128 * MIB;
const MEMORY_STEP = 64 * MIB;

/** Memory of all versions that are loaded at once, or nothing where one of the models has no known size. */
export function versionsMemory(models: ModelWeight[]): Worked | undefined {
  const loaded = models.map((model) => loadedVersion(model));
  if (!loaded.every((each) => each !== undefined)) return undefined;
  return sum(
    models.map((model, index) => ({
      value: model.versionsAtOnce * loaded[index].value,
      how: of(models, model, `${times(model.versionsAtOnce)}${loaded[index].how}`),
    })),
  );
}

/** Memory that the models of a server need, or nothing where one of them has no known size. */
export function memoryNeed(
  models: ModelWeight[],
  { cores, gpu }: { readonly cores: number; readonly gpu: boolean },
): MemoryNeed | undefined {
  const versions = versionsMemory(models);
  if (versions === undefined || models.some(({ uncounted }) => uncounted)) return undefined;
  const sized = models.filter(({ sizeBytes }) => sizeBytes !== undefined);
  const loading =
    sized.length === 0
      ? { value: 0, how: "counted in 'modelMemory'" }
      : sum(
          sized.map((model) => ({
            value: wholeMebibytes(LOADING_PER_SIZE * (model.sizeBytes as number)),
            how: of(models, model, `${LOADING_PER_SIZE} x ${formatMemory(model.sizeBytes as number)}`),
          })),
        );
  const server = { value: gpu ? GPU_SERVER_BYTES : SERVER_BYTES, how: gpu ? 'with the libraries of the GPU' : 'without models' };
  const requests = {
    value: cores * REQUEST_BYTES_PER_CORE,
    how: `${cores} ${cores === 1 ? 'core' : 'cores'} x ${formatMemory(REQUEST_BYTES_PER_CORE)}`,
  };
  const parts = [versions, loading, server, requests].map(({ value }) => value).filter((value) => value > 0);
  const total = {
    value: roundUp(
      parts.reduce((all, part) => all + part, 0),
      MEMORY_STEP,
    ),
    how: `${parts.map(formatMemory).join(' + ')}, in steps of ${formatMemory(MEMORY_STEP)}`,
  };
  return { versions, loading, server, requests, total };
}

function loadedVersion({ sizeBytes, memoryBytes }: ModelWeight): Worked | undefined {
  if (memoryBytes !== undefined) return { value: memoryBytes, how: formatMemory(memoryBytes) };
  if (sizeBytes === undefined) return undefined;
  return { value: wholeMebibytes(LOADED_PER_SIZE * sizeBytes), how: `${LOADED_PER_SIZE} x ${formatMemory(sizeBytes)}` };
}

/** Time that a load takes besides reading: the graph, the first run on a GPU, and warm-up. An assumption. */
const PREPARING_SECONDS = 60;

/** Seconds that the first load takes, or nothing where one of the models has no known size. */
export function loadSeconds(models: ModelWeight[], bytesPerSecond: number): Worked | undefined {
  const sizes = models.map(({ sizeBytes }) => sizeBytes);
  if (!sizes.every((size) => size !== undefined) || models.some(({ uncounted }) => uncounted)) return undefined;
  const read = models.map((model, index) => ({
    value: model.versionsAtStart * sizes[index],
    how: of(models, model, `${times(model.versionsAtStart)}${formatMemory(sizes[index])}`),
  }));
  const { value, how } = sum(read);
  return {
    value: Math.ceil(PREPARING_SECONDS + value / bytesPerSecond),
    how: `${PREPARING_SECONDS} s + ${models.length === 1 ? how : `(${how})`} / ${formatMemory(bytesPerSecond)} a second`,
  };
}

/** Period of the start-up question; its budget is a multiple of it. */
export const STARTUP_PERIOD_SECONDS = 5;

/** A load may take this many times what its user says before it counts as failed: a cold disk, a busy node. */
const SLOWER_LOAD = 3;

/** Start-up budget: every load that the server tries and the waits between them, or one that is much slower than it should be. */
export function startupSeconds(load: number, retries: number, retryIntervalMicros: number): Worked {
  const waits = (retries * retryIntervalMicros) / 1e6;
  const tries = load * (retries + 1) + waits;
  const slow = SLOWER_LOAD * load;
  // one period more, since the last question must still find the server
  const budget = Math.max(tries, slow) + STARTUP_PERIOD_SECONDS;
  const triesHow = `${retries + 1} x ${load} s + ${seconds(waits)} between them`;
  const longer = slow >= tries ? `${SLOWER_LOAD} x ${load} s, more than ${triesHow}` : `${triesHow}, more than ${SLOWER_LOAD} x ${load} s`;
  return {
    value: roundUp(budget, STARTUP_PERIOD_SECONDS),
    how: `${longer}; + ${STARTUP_PERIOD_SECONDS} s, in steps of ${STARTUP_PERIOD_SECONDS} s`,
  };
}

/** Time after which a rollout whose pods do not start is reported. */
export function progressDeadline(startupBudgetSeconds: number, downloadSeconds: number): Worked {
  const download = downloadSeconds === 0 ? '' : `${downloadSeconds} s + `;
  return {
    value: downloadSeconds + startupBudgetSeconds + SCHEDULING_SECONDS,
    how: `${download}${startupBudgetSeconds} s + ${SCHEDULING_SECONDS} s to find a node and pull the image`,
  };
}

/** What a stopping pod waits for, in seconds. */
export interface LastCall {
  /** Until its address is gone everywhere. */
  readonly drainSeconds: number;
  /** For which a client keeps its connection at most. */
  readonly connectionSeconds: number;
  /** Of the longest request. */
  readonly requestSeconds: number;
}

/** Grace period in which everybody has left a server that serves until it is killed. */
export function graceSeconds({ drainSeconds, connectionSeconds, requestSeconds }: LastCall): Worked {
  return {
    value: Math.ceil(drainSeconds + connectionSeconds + requestSeconds),
    how: `${drainSeconds} s until its address is gone + ${seconds(connectionSeconds)} of a connection + ${requestSeconds} s of a request`,
  };
}

function sum(parts: Worked[]): Worked {
  return { value: parts.reduce((all, { value }) => all + value, 0), how: parts.map(({ how }) => how).join(' + ') };
}

/** Names the model where a server has several. */
function of(models: ModelWeight[], { name }: ModelWeight, how: string): string {
  return models.length === 1 ? how : `${how} (${name})`;
}

function times(count: number): string {
  return count === 1 ? '' : `${count} x `;
}

/** An amount of memory with its sum, for messages. */
export function inWords({ value, how }: Worked): string {
  return how === formatMemory(value) ? how : `${how} = ${formatMemory(value)}`;
}

function seconds(value: number): string {
  return `${Math.round(value * 1000) / 1000} s`;
}

function roundUp(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

function wholeMebibytes(value: number): number {
  return roundUp(value, MIB);
}
