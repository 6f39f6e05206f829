import { Severity, title } from './finding';
import { type KubeObject, namespaceOf, reference } from './kube-object';
import type { ObjectSet, PodCount } from './object-set';
import { countOf } from './rollout';
import type { Rule, Violation } from './rule';

/** Mistakes of PodDisruptionBudgets; Kubernetes rounds their percentages up, of what may be missing as of what must stay. */
export const BUDGET_RULES: Rule[] = [
  {
    id: 'budget-blocks-drain',
    severity: Severity.ERROR,
    why: 'A node whose pods may never be evicted cannot be drained or upgraded.',
    find: (objects) =>
      objects.ofKind('PodDisruptionBudget').flatMap((object): Violation[] => {
        const { maxUnavailable, minAvailable } = object.spec ?? {};
        if (maxUnavailable !== undefined) {
          // any share of a pod is rounded up to one, so that only none of them blocks
          if (countOf(maxUnavailable, 1, Math.ceil) !== 0) return [];
          return [{ object, path: 'spec.maxUnavailable', message: `maxUnavailable is ${maxUnavailable}`, fix: 'Write maxUnavailable: 1.' }];
        }
        if (minAvailable === undefined) return [];
        const pods = podsOf(objects, object);
        const least = pods === undefined ? undefined : Math.max(pods.least, 1);
        const wanted = countOf(minAvailable, least ?? 1, Math.ceil);
        const blocks = minAvailable === '100%' || (wanted !== undefined && least !== undefined && wanted >= least);
        return blocks
          ? [
              {
                object,
                path: 'spec.minAvailable',
                message: `minAvailable is ${minAvailable}${least === undefined ? '' : `, and there may be only ${least} pod(s)`}`,
                fix: 'Write maxUnavailable: 1 instead.',
              },
            ]
          : [];
      }),
  },
  {
    id: 'budget-without-effect',
    severity: Severity.WARNING,
    why: 'A budget that keeps no pod lets a drain stop the whole service at once.',
    // a large maxUnavailable may be there for pods that have no place: a budget counts those as missing
    find: (objects) =>
      objects
        .ofKind('PodDisruptionBudget')
        .filter(({ spec }) => spec?.minAvailable !== undefined && countOf(spec.minAvailable, 1, Math.ceil) === 0)
        .filter((object) => (podsOf(objects, object)?.most ?? 0) > 1)
        .map((object) => ({
          object,
          path: 'spec.minAvailable',
          message: `minAvailable is ${object.spec.minAvailable}, so that all pods may go at once`,
          fix: 'Write maxUnavailable: 1 instead.',
        })),
  },
  {
    id: 'two-budgets',
    severity: Severity.ERROR,
    why: 'The API server answers 500 to the eviction of a pod that two budgets cover, and its node cannot be drained.',
    find: (objects) => {
      const owners = new Map<KubeObject, KubeObject>();
      return objects.ofKind('PodDisruptionBudget').flatMap((object) => {
        const shared = objects.matching(namespaceOf(object), object.spec?.selector).filter((workload) => {
          const owner = owners.get(workload);
          owners.set(workload, owner ?? object);
          return owner !== undefined && owner.metadata.name !== object.metadata.name;
        });
        if (shared.length === 0) return [];
        const [first] = shared;
        return [
          {
            object,
            path: 'spec.selector',
            message: `${title(reference(owners.get(first) as KubeObject))} already covers the pods of ${title(reference(first))}`,
            fix: 'Keep one of them, or let their selectors find different pods.',
          },
        ];
      });
    },
  },
];

/** Fewest and most pods that a budget covers, where they are known: a drain passes over those of a DaemonSet. */
function podsOf(objects: ObjectSet, budget: KubeObject): PodCount | undefined {
  const counts = objects
    .matching(namespaceOf(budget), budget.spec?.selector)
    .filter(({ kind }) => kind !== 'DaemonSet')
    .map((workload) => objects.podCount(workload))
    .filter(({ most }) => most > 0);
  if (counts.length === 0) return undefined;
  return counts.reduce((sum, { least, most }) => ({ least: sum.least + least, most: sum.most + most }));
}
