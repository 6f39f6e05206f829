import type { IConstruct } from 'constructs';
import { warn } from '../../private/notices';
import type { TfServingModelProps } from '../model-props';
import type { PodSource } from '../source/merge';
import type { TensorFlowModel } from './models';

/** Warns of versions that pods may have otherwise than it reads, and of models that hang together. */
export function remarkVersions(
  model: IConstruct,
  { replicas, autoscaling }: TfServingModelProps,
  models: TensorFlowModel[],
  sources: PodSource[],
): void {
  const severalPods = (autoscaling?.maxReplicas ?? replicas ?? 1) > 1;
  models.forEach(({ prefix, source, versions }, index) => {
    if (versions._count === undefined && sources[index].binding.brings === undefined) {
      warn(
        model,
        `${prefix}versions: every version that the source holds is loaded, so that memory and start-up grow with each one that is put there`,
        'Take old versions away, or write ModelVersions.latest(2) or ModelVersions.specific(42, 43).',
      );
    }
    if (severalPods && versions._versions === undefined && !source.followsVersions && !sources[index].binding.fixed) {
      warn(
        model,
        `${prefix}versions: each pod serves the newest version that it finds when it starts, so that pods may differ once there is a newer one`,
        "Write ModelVersions.specific(42), so that a new version is a rollout; or let the source have a 'pollInterval'.",
      );
    }
  });
  if (models.length === 1) return;
  warn(
    model,
    `otherModels: where the directory of one of ${models.length} models is missing, the server loads none of them, nor a new version of any`,
    'Give a model that must not wait for the others a TfServingModel of its own.',
  );
}
