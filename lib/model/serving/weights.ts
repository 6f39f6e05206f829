import { invalid } from '../../private/errors';
import { bytes, formatMemory } from '../../private/quantity';
import { DAY_SECONDS, wholeSeconds } from '../../private/validate';
import { loadSeconds, type ModelWeight, type Worked } from './budget';
import type { ModelOptions } from './model-options';
import type { Served } from './served';

const DEFAULT_LOAD_SECONDS = 300;

/** A model as the arithmetic takes it. */
export function weightOf(where: string, { name, prefix, modelSize, modelMemory, versionsAtStart, versionsAtOnce }: Served): ModelWeight {
  const sizeBytes = modelSize === undefined ? undefined : bytes(where, `${prefix}modelSize`, modelSize);
  const memoryBytes = modelMemory === undefined ? undefined : bytes(where, `${prefix}modelMemory`, modelMemory);
  if (versionsAtStart === undefined || versionsAtOnce === undefined) {
    return { name, sizeBytes, memoryBytes, versionsAtStart: 1, versionsAtOnce: 1, uncounted: true };
  }
  return { name, sizeBytes, memoryBytes, versionsAtStart, versionsAtOnce };
}

/** Time that a load takes at most: said, worked out from the size of the models, or a guess. */
export function loadOf(
  where: string,
  { loadTime, loadThroughput, modelSize }: ModelOptions,
  weights: ModelWeight[],
  readRate: number,
): Worked {
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
