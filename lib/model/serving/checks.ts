import { invalid } from '../../private/errors';
import { formatMemory } from '../../private/quantity';
import type { PodSource } from '../source/merge';
import { inWords, type ModelWeight, versionsMemory, type Worked } from './budget';
import type { ModelOptions } from './model-options';
import type { Served } from './served';

/** What is to fit into the memory of a pod. */
export interface MemoryAsked {
  readonly weights: ModelWeight[];
  /** All that is needed, where every size is known. */
  readonly total?: Worked;
  /** Whether the server swaps versions by itself. */
  readonly swaps: boolean;
}

/** Refuses memory that the versions do not fit into that are loaded at once, as far as their size is known. */
export function checkModelMemory(where: string, limit: number, { weights, total, swaps }: MemoryAsked): void {
  const known = weights.filter(({ sizeBytes, memoryBytes }) => sizeBytes !== undefined || memoryBytes !== undefined);
  const versions = known.length > 0 ? versionsMemory(known) : undefined;
  if (versions === undefined || versions.value <= limit) return;
  const count = known.reduce((sum, { versionsAtOnce }) => sum + versionsAtOnce, 0);
  const taken = swaps
    ? `${count === 2 ? 'both' : 'all'} versions take while the server swaps them`
    : `the ${weights.length === 1 ? 'model takes' : 'models take'}`;
  const enough = total === undefined ? `above ${formatMemory(versions.value)}` : `to ${formatMemory(total.value)} (${total.how})`;
  throw invalid(
    where,
    'resources.limits.memory',
    formatMemory(limit),
    `is less than the ${inWords(versions)} that ${taken}`,
    `Raise it ${enough}${swaps ? ", or leave out 'pollInterval' so that a new version is a rollout" : ''}.`,
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
      `cannot stand beside model '${follower.model}', for which the server looks every ${follower.binding.pollSeconds} s: it looks for versions of all its models at once`,
      pollSeconds === 0
        ? 'Give it the same pollInterval, name its versions, or make a TfServingModel of its own.'
        : 'Let both be looked at alike, or make a TfServingModel of its own.',
    );
  });
}

/** Refuses volumes for downloads that the model does not fit into, as far as its size is known. */
export function checkRoom(where: string, sources: PodSource[], weights: ModelWeight[]): void {
  sources.forEach(({ prop, binding: { room } }, index) => {
    const { sizeBytes } = weights[index];
    if (room === undefined || sizeBytes === undefined || room.versions * sizeBytes <= room.bytes) return;
    const versions = room.versions === 1 ? 'the' : `${room.versions} x`;
    throw invalid(
      where,
      prop,
      `size ${formatMemory(room.bytes)}`,
      `has less room than ${versions} ${formatMemory(sizeBytes)} that a version takes: the pods would be evicted`,
      `Raise the source's 'size' above ${formatMemory(room.versions * sizeBytes)}; an archive needs room of its own besides.`,
    );
  });
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
