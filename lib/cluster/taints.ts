import { invalid } from '../private/errors';
import { checkShape } from '../private/shape';
import { labels } from '../private/validate';
import type { NodeTaint } from './node-pool';

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** Copies of taints that Kubernetes takes. */
export function checkedTaints(where: string, prop: string, taints: NodeTaint[]): NodeTaint[] {
  return taints.map((taint, index) => {
    const here = `${prop}[${index}]`;
    checkShape(where, taint, { key: 'text', value: 'text', effect: 'text' }, ['key', 'effect'], here);
    labels(where, here, { [taint.key]: taint.value ?? '' });
    if (!EFFECTS.includes(taint.effect)) {
      throw invalid(where, `${here}.effect`, taint.effect, `must be one of ${EFFECTS.join(', ')}`, "Write the taint's own effect.");
    }
    return { ...taint };
  });
}
