import { Severity } from './finding';
import { containersOf, type KubeObject, namespaceOf, POD_PATH, podOf } from './kube-object';
import type { ObjectSet } from './object-set';
import type { Rule } from './rule';

/** Grace period of pods that do not say. */
const DEFAULT_GRACE_SECONDS = 30;

export const SHUTDOWN_RULES: Rule[] = [
  {
    id: 'no-disruption-budget',
    severity: Severity.WARNING,
    why: 'Without a budget the drain of nodes may stop all pods of a service at once.',
    find: (objects) => {
      const budgets = objects.ofKind('PodDisruptionBudget');
      const covered = new Set(budgets.flatMap((budget) => objects.matching(namespaceOf(budget), budget.spec?.selector)));
      return served(objects)
        .filter((object) => object.kind !== 'DaemonSet' && objects.podCount(object).most > 1)
        .filter((object) => !covered.has(object))
        .map((object) => ({
          object,
          path: '',
          message: 'there may be several pods behind a Service, but no PodDisruptionBudget',
          fix: 'Add one with maxUnavailable: 1.',
        }));
    },
  },
  {
    id: 'stops-at-once',
    severity: Severity.WARNING,
    why: 'A pod is told to stop while its address is still in use; a server that stops at once refuses those requests.',
    find: (objects) =>
      served(objects).flatMap((object) =>
        podOf(object).terminationGracePeriodSeconds !== undefined
          ? []
          : containersOf(object)
              .filter(({ container, lasting }) => lasting && container.ports?.length > 0 && container.lifecycle?.preStop === undefined)
              .map(({ path }) => ({
                object,
                path: `${path}.lifecycle.preStop`,
                message: 'neither a hook before the stop nor a grace period is set',
                fix: 'Sleep some 10 seconds in preStop, and set terminationGracePeriodSeconds above the longest request.',
              })),
      ),
  },
  {
    id: 'grace-within-hook',
    severity: Severity.ERROR,
    why: 'The grace period counts from before the hook: where the hook takes all of it, the server is killed amid its requests.',
    find: (objects) =>
      objects.workloads().flatMap((object) => {
        const grace = podOf(object).terminationGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS;
        return containersOf(object).flatMap(({ container, path }) => {
          const seconds = sleepSeconds(container.lifecycle?.preStop);
          if (seconds === undefined || seconds < grace) return [];
          return [
            {
              object,
              path: `${path}.lifecycle.preStop`,
              message: `the hook sleeps ${seconds} s, and ${POD_PATH}.terminationGracePeriodSeconds is ${grace}`,
              fix: 'Set the grace period to the sleep and the longest request together.',
            },
          ];
        });
      }),
  },
];

/** Workloads behind a Service. */
function served(objects: ObjectSet): KubeObject[] {
  return [...new Set(objects.ofKind('Service').flatMap((service) => objects.selected(namespaceOf(service), service.spec?.selector)))];
}

function sleepSeconds(hook: { sleep?: { seconds?: number }; exec?: { command?: string[] } } | undefined): number | undefined {
  if (hook?.sleep) return hook.sleep.seconds;
  const [program = '', seconds = ''] = hook?.exec?.command ?? [];
  return /(^|\/)sleep$/.test(program) && /^\d+$/.test(seconds) ? Number(seconds) : undefined;
}
