import { invalid } from '../../private/errors';
import { bytes, formatMemory } from '../../private/quantity';
import type { SourceBinding } from '../source/binding';
import type { PodSource } from '../source/merge';
import type { ModelOptions } from './model-options';
import type { Served } from './served';

/** Memory of all versions that are loaded at once, as far as it is known. */
export interface KnownMemory {
  readonly bytes: number;
  /** The sum in words. */
  readonly text: string;
  /** Whether a swap of versions is what takes the most. */
  readonly swaps: boolean;
}

/** The memory of models, of which those count that say what a version takes. */
export function memoryAtOnce(where: string, models: Served[]): KnownMemory | undefined {
  const known = models.flatMap(({ prefix, name, source, modelMemory, versionsAtOnce = 1 }) => {
    if (modelMemory === undefined) return [];
    const versions = versionsAtOnce === 1 ? '' : `${versionsAtOnce === 2 ? 'two' : versionsAtOnce} versions of `;
    return {
      bytes: versionsAtOnce * bytes(where, `${prefix}modelMemory`, modelMemory),
      text: `${versions}${modelMemory}${models.length === 1 ? '' : ` of '${name}'`}`,
      swaps: source.followsVersions,
    };
  });
  if (known.length === 0) return undefined;
  return {
    bytes: known.reduce((sum, model) => sum + model.bytes, 0),
    text: known.map(({ text }) => text).join(' and '),
    swaps: known.some(({ swaps }) => swaps),
  };
}

/** Refuses memory that the versions do not fit into that are loaded at once. */
export function checkModelMemory(where: string, models: Served[], limit: number): void {
  const needed = memoryAtOnce(where, models);
  if (needed === undefined || needed.bytes <= limit) return;
  const [taken, wayOut] = needed.swaps
    ? ['that are loaded while the server swaps them', ", or leave out 'pollInterval' so that a new version is a rollout"]
    : [models.length === 1 ? 'that the model takes' : 'that its models take', ''];
  throw invalid(
    where,
    'resources.limits.memory',
    formatMemory(limit),
    `is less than the ${needed.text} ${taken}`,
    `Raise it above ${formatMemory(needed.bytes)}${wayOut}.`,
  );
}

/**
 * Refuses sources that want to be looked at at different times, which a server does for all of them at once; what one of
 * them follows, the others would follow too.
 */
export function checkPolling(where: string, models: Served[], sources: PodSource[]): void {
  const follower = sources.find(({ binding }) => binding.pollSeconds > 0);
  if (follower === undefined) return;
  sources.forEach(({ prop, binding }, index) => {
    const { pollSeconds, fixed } = binding;
    if (pollSeconds === follower.binding.pollSeconds || (pollSeconds === 0 && (fixed || models[index].pinned))) return;
    throw invalid(
      where,
      prop,
      pollSeconds === 0 ? 'no pollInterval' : `pollInterval of ${pollSeconds} s`,
      `cannot stand beside the ${follower.binding.pollSeconds} s of model '${follower.model}': the server looks for versions of all its models at once`,
      pollSeconds === 0 ? 'Give it the same pollInterval, or name its versions.' : 'Give both the same pollInterval.',
    );
  });
}

/** Refuses more pods than can use the source. */
export function checkReplicas(where: string, { autoscaling, replicas }: ModelOptions, source: SourceBinding): void {
  const most = autoscaling?.maxReplicas ?? replicas ?? 1;
  if (source.singleNode && most > 1) {
    throw invalid(
      where,
      autoscaling ? 'maxReplicas' : 'replicas',
      most,
      'cannot be above 1: a ReadWriteOnce volume is for one node',
      'Use a claim with ReadOnlyMany or ReadWriteMany.',
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
