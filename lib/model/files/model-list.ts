import type { ModelVersions } from '../versions/model-versions';
import { entries, textProto } from './text-proto';

/** A model as the server's list of them has it. */
export interface ListedModel {
  readonly name: string;
  /** Absolute path or URI. */
  readonly basePath: string;
  readonly versions: ModelVersions;
  readonly labels: { readonly [label: string]: number };
}

/** The server's model_config_file. */
export function modelListFile(models: ListedModel[]): string {
  const config = models.map(({ name, basePath, versions, labels }) => ({
    name,
    base_path: basePath,
    model_platform: 'tensorflow',
    model_version_policy: versions._policy,
    version_labels: entries(labels),
  }));
  return textProto({ model_config_list: { config } });
}
