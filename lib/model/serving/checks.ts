import { invalid } from '../../private/errors';
import { formatMemory } from '../../private/quantity';
import { inWords, type MemoryNeed } from './budget';
import type { ModelOptions } from './model-options';

/** Refuses memory that the versions do not fit into that are loaded at once. */
export function checkModelMemory(where: string, { source }: ModelOptions, limit: number, need: MemoryNeed | undefined): void {
  if (need === undefined || need.versions.value <= limit) return;
  const { versions, total } = need;
  throw invalid(
    where,
    'resources.limits.memory',
    formatMemory(limit),
    `is less than the ${inWords(versions)} that ${
      source.followsVersions ? 'both versions take while the server swaps them' : 'the model takes'
    }`,
    `Raise it to ${formatMemory(total.value)} (${total.how})${
      source.followsVersions ? ", or leave out 'pollInterval' so that a new version is a rollout" : ''
    }.`,
  );
}

/** Refuses scaling on memory, which a server never gives back. */
export function checkModelScaling(where: string, { autoscaling }: ModelOptions): void {
  if (!autoscaling?._measures('memory')) return;
  throw invalid(
    where,
    'autoscaling',
    'memory',
    'says nothing about the load of a model: the server keeps the memory that it once had, so that nothing ever scales in',
    'Scale on CPU, or on a metric of the requests.',
  );
}
