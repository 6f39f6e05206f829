import { invalid } from '../../private/errors';
import { hasOwn } from '../../private/own';
import { checkShape } from '../../private/shape';
import type { ServerRelease } from '../server/server-release';
import type { TensorFlowModel } from './models';
import { REST_LABELS_SINCE } from './version-labels';

/** What a client asks for, of all that a server has. */
export interface ModelTarget {
  /**
   * Name of the model.
   *
   * @default - the server's own model, not one of `otherModels`
   */
  readonly modelName?: string;

  /**
   * Number of the version.
   *
   * @default - the newest one, unless there is a label
   */
  readonly version?: number;

  /**
   * Label of the version.
   *
   * @default - none
   */
  readonly label?: string;
}

/** Path of a target on the REST port. Throws where the server does not have it. */
export function targetPath(where: string, models: TensorFlowModel[], target: ModelTarget, release: ServerRelease): string {
  checkShape(where, target, { modelName: 'text', version: 'number', label: 'text' }, [], 'target');
  const { modelName = models[0].name, version, label } = target;
  const model = models.find(({ name }) => name === modelName);
  if (model === undefined)
    throw unknown(
      where,
      'modelName',
      modelName,
      'model',
      models.map(({ name }) => name),
    );
  const path = `/v1/models/${modelName}`;
  if (label !== undefined) {
    if (version !== undefined) throw invalid(where, 'target.version', version, "cannot stand beside 'label'", 'Remove one of them.');
    if (!hasOwn(model.labels, label)) throw unknown(where, 'label', label, 'label of the model', Object.keys(model.labels));
    if (!release.atLeast(REST_LABELS_SINCE)) {
      const rule = `is unknown to REST before TensorFlow Serving ${REST_LABELS_SINCE}, and the image has ${release}`;
      throw invalid(where, 'target.label', label, rule, 'Ask for it over gRPC, or use a newer image.');
    }
    return `${path}/labels/${label}`;
  }
  if (version === undefined) return path;
  const versions = model.versions._versions;
  if (versions !== undefined && !versions.includes(version)) {
    throw unknown(where, 'version', version, 'version of the model', versions.map(String));
  }
  return `${path}/versions/${version}`;
}

function unknown(where: string, prop: keyof ModelTarget, value: unknown, kind: string, known: string[]): Error {
  return invalid(where, `target.${prop}`, value, `is no ${kind}`, known.length > 0 ? `Known are: ${known.join(', ')}.` : 'There are none.');
}
