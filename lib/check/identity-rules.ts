import { show } from '../private/errors';
import { Severity, title } from './finding';
import { groupOf, namespaceOf, reference } from './kube-object';
import type { Rule } from './rule';

/** Kinds of API versions that no supported Kubernetes serves any more, with what took their place. */
const REMOVED = new Map([
  ['extensions/v1beta1 Deployment', 'apps/v1'],
  ['extensions/v1beta1 DaemonSet', 'apps/v1'],
  ['extensions/v1beta1 ReplicaSet', 'apps/v1'],
  ['extensions/v1beta1 Ingress', 'networking.k8s.io/v1'],
  ['extensions/v1beta1 NetworkPolicy', 'networking.k8s.io/v1'],
  ['apps/v1beta1 Deployment', 'apps/v1'],
  ['apps/v1beta1 StatefulSet', 'apps/v1'],
  ['apps/v1beta2 Deployment', 'apps/v1'],
  ['apps/v1beta2 StatefulSet', 'apps/v1'],
  ['apps/v1beta2 DaemonSet', 'apps/v1'],
  ['apps/v1beta2 ReplicaSet', 'apps/v1'],
  ['networking.k8s.io/v1beta1 Ingress', 'networking.k8s.io/v1'],
  ['networking.k8s.io/v1beta1 IngressClass', 'networking.k8s.io/v1'],
  ['autoscaling/v2beta1 HorizontalPodAutoscaler', 'autoscaling/v2'],
  ['autoscaling/v2beta2 HorizontalPodAutoscaler', 'autoscaling/v2'],
  ['policy/v1beta1 PodDisruptionBudget', 'policy/v1'],
  ['policy/v1beta1 PodSecurityPolicy', 'Pod Security admission'],
  ['batch/v1beta1 CronJob', 'batch/v1'],
  ['rbac.authorization.k8s.io/v1beta1 Role', 'rbac.authorization.k8s.io/v1'],
  ['rbac.authorization.k8s.io/v1beta1 RoleBinding', 'rbac.authorization.k8s.io/v1'],
]);

export const IDENTITY_RULES: Rule[] = [
  {
    id: 'not-an-object',
    severity: Severity.ERROR,
    why: 'Without an API version, a kind and a name nothing can be applied.',
    find: (objects) =>
      objects.all.flatMap((object) => {
        const misfits = objects.origin(object).misfits.map(({ path }) => path);
        if (misfits.includes('$') || misfits.includes('metadata')) return [];
        const missing = [
          ...(object.apiVersion === '' ? ['apiVersion'] : []),
          ...(object.kind === '' ? ['kind'] : []),
          ...(object.metadata.name === '' && object.metadata.generateName === undefined ? ['metadata.name'] : []),
        ].filter((path) => !misfits.includes(path));
        if (missing.length === 0) return [];
        return [{ object, path: missing.length === 1 ? missing[0] : '', message: `it has no ${missing.join(', ')}`, fix: 'Give it one.' }];
      }),
  },
  {
    id: 'wrong-type',
    severity: Severity.ERROR,
    why: 'The API server refuses a value of another type, as an unquoted number where a text must be.',
    find: (objects) =>
      objects.all.flatMap((object) =>
        objects.origin(object).misfits.map(({ path, value, wanted }) => ({
          object,
          path: path === '$' ? '' : path,
          message: `${show(value)} is not ${wanted}`,
          fix: wanted === 'a text' ? 'Quote it.' : `Write ${wanted}.`,
        })),
      ),
  },
  {
    id: 'removed-api-version',
    severity: Severity.ERROR,
    why: 'The API server answers 404 to a version that it no longer serves.',
    find: ({ all }) =>
      all.flatMap((object) => {
        const version = `${object.apiVersion} ${object.kind}`;
        const successor = REMOVED.get(version);
        return successor === undefined
          ? []
          : [{ object, path: 'apiVersion', message: `${version} is served by no supported Kubernetes`, fix: `Write ${successor}.` }];
      }),
  },
  {
    id: 'duplicate-object',
    severity: Severity.ERROR,
    why: 'kubectl apply takes both, and the later one silently wins.',
    find: ({ all }) => {
      const seen = new Set<string>();
      return all
        .filter((object) => {
          if (object.kind === '' || object.metadata.name === '') return false;
          const key = [groupOf(object), object.kind, namespaceOf(object), object.metadata.name].join('|');
          return seen.has(key) || !seen.add(key);
        })
        .map((object) => ({
          object,
          path: 'metadata.name',
          message: `${title(reference(object))} is made twice`,
          fix: 'Give one of them another name or namespace.',
        }));
    },
  },
  {
    id: 'null-value',
    severity: Severity.ERROR,
    why: 'A field left blank means nothing, or an empty text, and never what stands in its comment.',
    find: (objects) =>
      objects.all.flatMap((object) =>
        nulls(objects.origin(object).raw, '', new Set()).map((path) => ({
          object,
          path,
          message: `${path} is left blank`,
          fix: 'Give it a value, or remove it.',
        })),
      ),
  },
];

/** Ways to the nulls in a value; what several ways lead to is looked at once. */
function nulls(value: unknown, path: string, seen: Set<unknown>, found: string[] = []): string[] {
  if (value === null) found.push(path);
  if (typeof value !== 'object' || value === null || seen.has(value)) return found;
  seen.add(value);
  if (Array.isArray(value)) {
    // forEach passes over the holes of a list
    value.forEach((child, index) => nulls(child, `${path}[${index}]`, seen, found));
  } else {
    for (const [key, child] of Object.entries(value)) nulls(child, path === '' ? key : `${path}.${key}`, seen, found);
  }
  return found;
}
