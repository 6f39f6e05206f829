import type { ServerRelease } from '../server/server-release';
import type { TensorFlowModel } from './models';
import { REST_LABELS_SINCE } from './version-labels';

/** Something that the REST API answers with 200 when what is promised of a model is there. */
export interface Question {
  readonly path: string;
  /** Whether the answer lists versions, all of which must be available. */
  readonly listsVersions: boolean;
}

/**
 * What a server must answer so that all its models can predict. The status of a version that is none answers 200 all the
 * same, its metadata does not; where the numbers of the versions are not known, the status of the model lists them.
 */
export function questionsOf(models: TensorFlowModel[], release: ServerRelease): Question[] {
  return models.flatMap((model) => questionsOfOne(model, release));
}

function questionsOfOne({ name, versions, labels, source }: TensorFlowModel, release: ServerRelease): Question[] {
  const model = `/v1/models/${name}`;
  const metadata = (of: string) => ({ path: `${model}${of}/metadata`, listsVersions: false });
  const named = versions._versions;
  if (named !== undefined) {
    const asked = release.atLeast(REST_LABELS_SINCE) ? Object.keys(labels) : [];
    const unlabelled = named.filter((version) => !asked.some((label) => labels[label] === version));
    if (asked.length === 0 && named.length === 1) return [metadata('')];
    return [...asked.map((label) => metadata(`/labels/${label}`)), ...unlabelled.map((version) => metadata(`/versions/${version}`))];
  }
  // while it swaps versions there are always some that are not available
  if (versions._count === 1 || source.followsVersions) return [metadata('')];
  return [{ path: model, listsVersions: true }];
}
