import { invalid } from '../private/errors';
import { batchingFile, rowsAtOnce } from './files/batching';
import { monitoringFile } from './files/monitoring';
import { perModelBatchingFile } from './files/per-model-batching';
import { sessionConfigFile } from './files/session-config';
import type { TfServingModelProps } from './model-props';

export const BATCHING_FILE = 'batching_config.txt';
export const MONITORING_FILE = 'monitoring_config.txt';
export const SESSION_FILE = 'session_config.txt';

/** The files that a server reads at its start, by their names. Throws where the server would not start with one. */
export function configurationTexts(
  where: string,
  { batching, batchingPerModel, sessionConfig, flags, server }: TfServingModelProps,
  { cores, monitored }: { readonly cores: number; readonly monitored: boolean },
): { [file: string]: string } {
  const release = server._release;
  if (batching && batchingPerModel) {
    const rule = "cannot stand beside 'batching': each version would bring its own, and the other would not be read";
    throw invalid(where, 'batchingPerModel', batchingPerModel, rule, 'Leave out one of them.');
  }
  const texts: { [file: string]: string | undefined } = {
    [BATCHING_FILE]: batching
      ? batchingFile(where, batching, cores, release)
      : batchingPerModel && perModelBatchingFile(where, batchingPerModel, cores, release),
    [MONITORING_FILE]: monitored ? monitoringFile() : undefined,
    [SESSION_FILE]: sessionConfig && sessionConfigFile(where, sessionConfig, release, flags),
  };
  // a file without a field says nothing, and Kubernetes need not carry it
  return Object.fromEntries(Object.entries(texts).filter((entry): entry is [string, string] => Boolean(entry[1])));
}

/** Most rows that the server works on at once, as far as it is said. */
export function largestBatch({ batching, batchingPerModel }: TfServingModelProps): number {
  return batching ? rowsAtOnce(batching) : (batchingPerModel?.largestBatch ?? 0);
}
