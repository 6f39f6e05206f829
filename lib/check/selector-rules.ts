import { Severity, title } from './finding';
import { type KubeObject, namespaceOf, reference } from './kube-object';
import { selectorKey } from './label-selector';
import type { Rule } from './rule';

/** Selectors that find more than they should. */
export const SELECTOR_RULES: Rule[] = [
  {
    id: 'selector-of-two-workloads',
    severity: Severity.ERROR,
    why: 'Of two workloads with one selector each counts the pods of the other as its own: autoscalers average over both.',
    find: (objects) => {
      const owners = new Map<string, KubeObject>();
      return objects.workloads().flatMap((object) => {
        if (!hasSelector(object)) return [];
        const key = `${namespaceOf(object)}|${selectorKey(object.spec.selector)}`;
        const owner = owners.get(key);
        owners.set(key, owner ?? object);
        return owner === undefined || isSame(owner, object)
          ? []
          : [
              {
                object,
                path: 'spec.selector',
                message: `${title(reference(owner))} has the same selector ${JSON.stringify(object.spec.selector)}`,
                fix: 'Give each workload a label of its own, in its selector and its pod template.',
              },
            ];
      });
    },
  },
  {
    id: 'selector-finds-other-pods',
    severity: Severity.WARNING,
    why: 'What goes by the selector of a workload, as an autoscaler does, takes the pods of the other one for its own.',
    find: (objects) =>
      objects.workloads().flatMap((object) => {
        if (!hasSelector(object)) return [];
        const own = selectorKey(object.spec.selector);
        const other = objects
          .matching(namespaceOf(object), object.spec.selector)
          .find((found) => !isSame(found, object) && selectorKey(found.spec.selector ?? {}) !== own);
        return other === undefined
          ? []
          : [
              {
                object,
                path: 'spec.selector',
                message: `the selector ${JSON.stringify(object.spec.selector)} finds the pods of ${title(reference(other))} too`,
                fix: 'Add a label to the selector that no other pods have.',
              },
            ];
      }),
  },
  {
    id: 'service-of-two-workloads',
    severity: Severity.WARNING,
    why: 'A Service whose selector finds two workloads spreads requests over both.',
    find: (objects) =>
      objects.ofKind('Service').flatMap((object) => {
        const [first, ...others] = objects.selected(namespaceOf(object), object.spec?.selector);
        const second = others.find((other) => !isSame(first, other));
        return second === undefined
          ? []
          : [
              {
                object,
                path: 'spec.selector',
                message: `the selector ${JSON.stringify(object.spec.selector)} finds the pods of ${title(reference(first))} and of ${title(reference(second))}`,
                fix: 'Add a label to the selector that only one of them has, unless requests are meant for both.',
              },
            ];
      }),
  },
];

/** Whether a workload selects by anything: one that does not is refused. */
function hasSelector({ spec }: KubeObject): boolean {
  return Object.keys(spec?.selector?.matchLabels ?? {}).length > 0 || spec?.selector?.matchExpressions?.length > 0;
}

/** Whether two objects are one that was given twice, which another rule reports. */
function isSame(one: KubeObject, other: KubeObject): boolean {
  return one.kind === other.kind && one.metadata.name === other.metadata.name;
}
