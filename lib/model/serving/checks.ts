import { invalid } from '../../private/errors';
import { bytes, formatMemory } from '../../private/quantity';
import type { ModelOptions } from './model-options';

/** Refuses memory that the versions do not fit into that are loaded at once. */
export function checkModelMemory(where: string, { modelMemory, source }: ModelOptions, limit: number): void {
  if (modelMemory === undefined) return;
  const one = bytes(where, 'modelMemory', modelMemory);
  const versions = source.followsVersions ? 2 : 1;
  if (one * versions > limit) {
    throw invalid(
      where,
      'resources.limits.memory',
      formatMemory(limit),
      `is less than the ${versions === 2 ? `two versions of ${modelMemory} that are loaded while the server swaps them` : `${modelMemory} that the model takes`}`,
      `Raise it above ${formatMemory(one * versions)}${versions === 2 ? ", or leave out 'pollInterval' so that a new version is a rollout" : ''}.`,
    );
  }
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
