import { invalid } from '../private/errors';
import { batchingFile, rowsAtOnce } from './files/batching';
import { modelListFile } from './files/model-list';
import { monitoringFile } from './files/monitoring';
import { perModelBatchingFile } from './files/per-model-batching';
import { sessionConfigFile } from './files/session-config';
import type { TfServingModelProps } from './model-props';
import { needsList, type TensorFlowModel } from './versions/models';

export const BATCHING_FILE = 'batching_config.txt';
export const MONITORING_FILE = 'monitoring_config.txt';
export const SESSION_FILE = 'session_config.txt';
export const MODELS_FILE = 'models_config.txt';

/** What the files are made of besides the props. */
interface FileFacts {
  readonly cores: number;
  readonly monitored: boolean;
  readonly models: TensorFlowModel[];
  /** Directory of each model, in their order. */
  readonly basePaths: string[];
}

/** The files that a server reads at its start, by their names. Throws where the server would not start with one. */
export function configurationTexts(
  where: string,
  props: TfServingModelProps,
  { cores, monitored, models, basePaths }: FileFacts,
): { [file: string]: string } {
  const { batching, batchingPerModel, sessionConfig, flags, server } = props;
  const release = server._release;
  if (batching && batchingPerModel) {
    const rule = "cannot stand beside 'batching': each version would bring its own, and the other would not be read";
    throw invalid(where, 'batchingPerModel', batchingPerModel, rule, 'Leave out one of them.');
  }
  const texts: { [file: string]: string | undefined } = {
    [MODELS_FILE]: needsList(models) ? listOf(where, props, models, basePaths) : undefined,
    [BATCHING_FILE]: batching
      ? batchingFile(where, batching, cores, release)
      : batchingPerModel && perModelBatchingFile(where, batchingPerModel, cores, release),
    [MONITORING_FILE]: monitored ? monitoringFile() : undefined,
    [SESSION_FILE]: sessionConfig && sessionConfigFile(where, sessionConfig, release, flags),
  };
  // a file without a field says nothing, and Kubernetes need not carry it
  return Object.fromEntries(Object.entries(texts).filter((entry): entry is [string, string] => Boolean(entry[1])));
}

/** The list of models. Refuses variables for a name and a path, which a server with a list does not read. */
function listOf(where: string, { envConfigMapName }: TfServingModelProps, models: TensorFlowModel[], basePaths: string[]): string {
  const [own, ...others] = models;
  if (envConfigMapName === undefined) return modelListFile(models.map((model, index) => ({ ...model, basePath: basePaths[index] })));
  const because = others.length > 0 ? 'otherModels' : Object.keys(own.labels).length > 0 ? 'versionLabels' : 'versions';
  throw invalid(
    where,
    'envConfigMapName',
    envConfigMapName,
    `cannot stand beside '${because}', which take a file with the names and paths of the models: the server would not read the variables`,
    'Remove one of them.',
  );
}

/** Most rows that the server works on at once, as far as it is said. */
export function largestBatch({ batching, batchingPerModel }: TfServingModelProps): number {
  return batching ? rowsAtOnce(batching) : (batchingPerModel?.largestBatch ?? 0);
}
