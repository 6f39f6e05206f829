import { invalid } from '../../private/errors';
import { checkShape, type Shape } from '../../private/shape';
import { checkModelName } from '../model-name';
import type { TfServingModelProps } from '../model-props';
import type { Served } from '../serving/served';
import type { PodSource } from '../source/merge';
import { ModelSource } from '../source/model-source';
import { ModelVersions } from './model-versions';
import type { ServedModel } from './served-model';
import { checkedLabels } from './version-labels';

const SHAPE: Shape<ServedModel> = {
  modelName: 'text',
  source: ModelSource,
  versions: ModelVersions,
  versionLabels: 'map',
  modelSize: 'text',
  modelMemory: 'text',
};

/** A model of TensorFlow Serving, with the versions that are served of it. */
export interface TensorFlowModel extends Served {
  readonly versions: ModelVersions;
  readonly labels: { [label: string]: number };
}

/** All models of a server, its own one first. Throws where their names or versions cannot stand. */
export function modelsOf(where: string, modelName: string, props: TfServingModelProps): TensorFlowModel[] {
  const models = [tensorflowModel(where, '', { ...props, modelName }, props)];
  Array.from(props.otherModels ?? []).forEach((other, index) => {
    const name = `otherModels[${index}]`;
    checkShape(where, other, SHAPE, ['modelName', 'source'], name);
    checkModelName(where, other.modelName, `${name}.modelName`);
    if (models.some((model) => model.name === other.modelName)) {
      throw invalid(where, `${name}.modelName`, other.modelName, 'is the name of another model of this server', 'Choose another name.');
    }
    models.push(tensorflowModel(where, `${name}.`, other, props));
  });
  return models;
}

/** Whether the server must have a list of its models: flags name one, and always serve its newest version. */
export function needsList(models: TensorFlowModel[]): boolean {
  return models.length > 1 || models.some(({ versions }) => !versions._usual);
}

/** Refuses versions that a source does not bring: the server would wait for them for ever. */
export function checkBrought(where: string, models: TensorFlowModel[], sources: PodSource[]): void {
  models.forEach(({ prefix, versions }, index) => {
    const { brings } = sources[index].binding;
    if (brings === undefined) return;
    const refused = (rule: string, wayOut: string) => invalid(where, `${prefix}versions`, versions._text, rule, wayOut);
    const { _versions: named, _count: count = 0 } = versions;
    if (named === undefined && count > brings.length) {
      throw refused(`are more than the source brings: ${brings.join(', ')}`, 'Bring more of them, or leave it out.');
    }
    const missing = named?.find((version) => !brings.includes(version));
    if (missing !== undefined) {
      throw refused(`hold ${missing}, which the source does not bring: it brings ${brings.join(', ')}`, 'Name the same versions in both.');
    }
  });
}

function tensorflowModel(where: string, prefix: string, model: ServedModel, { server }: TfServingModelProps): TensorFlowModel {
  const { modelName: name, source, modelSize, modelMemory, versions = ModelVersions.latest() } = model;
  const pinned = versions._versions !== undefined;
  if (pinned && source.followsVersions) {
    throw invalid(
      where,
      `${prefix}versions`,
      versions._text,
      "are all that is served, so that the 'pollInterval' of the source finds nothing to do",
      "Leave out 'pollInterval'; or write ModelVersions.latest() to follow new versions.",
    );
  }
  const labels = checkedLabels(where, `${prefix}versionLabels`, model.versionLabels ?? {}, versions, server._release);
  const versionsAtOnce = versions._count && versions._count + (source.followsVersions ? 1 : 0);
  return { prefix, name, source, modelSize, modelMemory, pinned, versionsAtStart: versions._count, versionsAtOnce, versions, labels };
}
