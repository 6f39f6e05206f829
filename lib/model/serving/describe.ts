import type { Construct } from 'constructs';
import { formatMemory } from '../../private/quantity';
import { budgetSeconds } from '../../service/pod-program';
import { progressDeadline, versionsMemory, type Worked } from './budget';
import type { Ground } from './ground';
import type { ModelOptions } from './model-options';
import type { ModelServer } from './model-server';
import { graceOf } from './serve';

/** What, its value, and how it comes about. */
type Row = readonly [what: string, value: string, how: string];

/** A model, and what its server says of itself. */
export interface Described {
  readonly options: ModelOptions;
  readonly ground: Ground;
  readonly server: ModelServer;
  /** Where its size is known from. */
  readonly sizeFrom: string;
  /** Time that its start may take with all retries. */
  readonly startup: Worked;
}

/** The arithmetic of a model as a table: what is written, and where it comes from. */
export function describe(model: Construct, described: Described): string {
  const { name, namespace, cluster } = described.ground;
  const rows = [...memoryRows(described), ...timeRows(model, described)];
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column].length)));
  const lines = rows.map(([what, value, how]) => `  ${what.padEnd(widths[0])}  ${value.padEnd(widths[1])}  ${how}`);
  return `${[`${name} in ${namespace} on ${cluster.name}`, ...lines].join('\n')}\n`;
}

function memoryRows({ options, ground, sizeFrom }: Described): Row[] {
  const { weights, memory } = ground.budget;
  const { requestMemoryBytes: request, limitMemoryBytes: limit } = ground.resources;
  const rows: Row[] = weights.map(({ name, sizeBytes }) => [
    weights.length === 1 ? 'size on disk' : `size of ${name}`,
    sizeBytes === undefined ? 'unknown' : formatMemory(sizeBytes),
    sizeBytes === undefined ? "say it in 'modelSize'" : `one version, ${sizeFrom}`,
  ]);
  const versions = weights.reduce((sum, { versionsAtOnce }) => sum + versionsAtOnce, 0);
  if (memory !== undefined) {
    rows.push(
      [`memory of ${versions === 1 ? 'the version' : `${versions} versions`}`, ...amount(memory.versions)],
      ['memory while loading', ...amount(memory.loading)],
      ['memory of the server', ...amount(memory.server)],
      ['memory of requests', ...amount(memory.requests)],
      ['memory needed', ...amount(memory.total)],
    );
  }
  const { requests, limits } = options.resources;
  const said = requests?.memory !== undefined || limits?.memory !== undefined;
  rows.push(['memory request', formatMemory(request), said ? "said in 'resources'" : 'what is needed']);
  rows.push(['memory limit', formatMemory(limit), limit === request ? 'equal to the request' : "said in 'resources'"]);
  const onGpu = ground.gpu ? versionsMemory(weights) : undefined;
  if (onGpu !== undefined) {
    const { gpuMemoryBytes } = ground.placement ?? {};
    rows.push([
      'memory of the GPU',
      formatMemory(onGpu.value),
      `${onGpu.how}, of ${gpuMemoryBytes === undefined ? 'unknown' : formatMemory(gpuMemoryBytes)}`,
    ]);
  }
  return rows;
}

function timeRows(model: Construct, { options, ground, server, startup }: Described): Row[] {
  const { startupProbe, terminationGracePeriod } = options;
  const { load } = ground.budget;
  const budget = startupProbe === undefined ? startup : { value: startupProbe.budgetSeconds, how: "said in 'startupProbe'" };
  const download = budgetSeconds(ground.source.programs);
  const rows: Row[] = [
    ...(download === 0 ? [] : [['download', `${download} s`, 'at most, before the server starts'] as const]),
    ['load time', ...time(load)],
    ['start-up budget', ...time(budget)],
    ['progress deadline', ...time(progressDeadline(budget.value, download))],
    [
      'longest request',
      `${ground.requestTimeout.toSeconds()} s`,
      options.requestTimeout === undefined ? 'by default' : "said in 'requestTimeout'",
    ],
  ];
  if (!server.stop.endsBySignal) {
    const grace = graceOf(model, options, ground, server.stop);
    const said = terminationGracePeriod && {
      value: terminationGracePeriod.toSeconds(),
      how: `said; needed are ${grace.value} s: ${grace.how}`,
    };
    rows.push(['grace period', ...time(said ?? grace)]);
  }
  return rows;
}

function amount({ value, how }: Worked): [string, string] {
  return [formatMemory(value), how];
}

function time({ value, how }: Worked): [string, string] {
  return [`${value} s`, how];
}
