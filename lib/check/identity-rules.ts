import { namespaceOf, type Rule, Severity, title } from './finding';

/** API versions that no supported Kubernetes serves any more, with what took their place. */
const REMOVED: { [version: string]: { [kind: string]: string } } = {
  'extensions/v1beta1': {
    Deployment: 'apps/v1',
    DaemonSet: 'apps/v1',
    ReplicaSet: 'apps/v1',
    Ingress: 'networking.k8s.io/v1',
    NetworkPolicy: 'networking.k8s.io/v1',
  },
  'apps/v1beta1': { Deployment: 'apps/v1', StatefulSet: 'apps/v1' },
  'apps/v1beta2': { Deployment: 'apps/v1', StatefulSet: 'apps/v1', DaemonSet: 'apps/v1', ReplicaSet: 'apps/v1' },
  'networking.k8s.io/v1beta1': { Ingress: 'networking.k8s.io/v1', IngressClass: 'networking.k8s.io/v1' },
  'autoscaling/v2beta1': { HorizontalPodAutoscaler: 'autoscaling/v2' },
  'autoscaling/v2beta2': { HorizontalPodAutoscaler: 'autoscaling/v2' },
  'policy/v1beta1': { PodDisruptionBudget: 'policy/v1', PodSecurityPolicy: 'Pod Security admission' },
  'batch/v1beta1': { CronJob: 'batch/v1' },
  'rbac.authorization.k8s.io/v1beta1': { Role: 'rbac.authorization.k8s.io/v1', RoleBinding: 'rbac.authorization.k8s.io/v1' },
};

export const IDENTITY_RULES: Rule[] = [
  {
    id: 'removed-api-version',
    severity: Severity.ERROR,
    why: 'The API server answers 404 to a version that it no longer serves.',
    find: ({ all }) =>
      all
        .filter(({ apiVersion, kind }) => REMOVED[apiVersion]?.[kind] !== undefined)
        .map((object) => ({
          object,
          path: 'apiVersion',
          message: `${object.apiVersion} ${object.kind} is served by no supported Kubernetes`,
          fix: `Write ${REMOVED[object.apiVersion][object.kind]}.`,
        })),
  },
  {
    id: 'duplicate-object',
    severity: Severity.ERROR,
    why: 'kubectl apply takes both, and the later one silently wins.',
    find: ({ all }) => {
      const seen = new Set<string>();
      return all
        .filter((object) => {
          const group = object.apiVersion.includes('/') ? object.apiVersion.split('/')[0] : '';
          const key = [group, object.kind, namespaceOf(object), object.metadata.name].join('|');
          return seen.has(key) || !seen.add(key);
        })
        .map((object) => ({
          object,
          path: 'metadata.name',
          message: `${title(object)} is made twice`,
          fix: 'Give one of them another name or namespace.',
        }));
    },
  },
  {
    id: 'null-value',
    severity: Severity.ERROR,
    why: 'A field left blank means nothing, or an empty text, and never what stands in its comment.',
    find: ({ all }) =>
      all.flatMap((object) =>
        nulls(object, '').map((path) => ({ object, path, message: `${path} is left blank`, fix: 'Give it a value, or remove it.' })),
      ),
  },
];

function nulls(value: unknown, path: string): string[] {
  if (value === null) return [path];
  if (Array.isArray(value)) return value.flatMap((child, index) => nulls(child, `${path}[${index}]`));
  if (typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, child]) => nulls(child, path === '' ? key : `${path}.${key}`));
}
