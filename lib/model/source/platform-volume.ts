import type { VolumeAnswer, VolumeNeed } from '../../cluster/volumes';
import { invalid } from '../../private/errors';
import type { BindingSite } from './binding';

/** What a volume takes on the cluster. Throws where the platform does not mount it. */
export function volumeOn({ cluster, where }: BindingSite, source: string, need: VolumeNeed): VolumeAnswer {
  const answer = cluster._dialect.volume(need);
  if (answer.refusal) throw invalid(where, 'source', source, answer.refusal.rule, answer.refusal.wayOut);
  return answer;
}
