import type { ObjectReference } from './finding';

/**
 * A Kubernetes object as rules read it: fields that they know are of the kind that the API has, or absent. Objects that a
 * construct made are of this kind from the start.
 */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly generateName?: string;
    readonly namespace?: string;
    readonly labels?: { [key: string]: string };
    readonly annotations?: { [key: string]: string };
  };
  // biome-ignore lint/suspicious/noExplicitAny: rules judge objects of every kind
  readonly [field: string]: any;
}

/** Kinds that stand in no namespace. */
export const CLUSTER_SCOPED = new Set([
  'Namespace',
  'Node',
  'PersistentVolume',
  'StorageClass',
  'PriorityClass',
  'ClusterRole',
  'ClusterRoleBinding',
  'CustomResourceDefinition',
  'IngressClass',
  'RuntimeClass',
  'GatewayClass',
]);

/** Namespace that an object goes to; empty where it stands in none. */
export function namespaceOf(object: KubeObject): string {
  return CLUSTER_SCOPED.has(object.kind) ? '' : (object.metadata.namespace ?? 'default');
}

/** API group of an object; empty for the core group. */
export function groupOf(object: { readonly apiVersion: string }): string {
  return object.apiVersion.includes('/') ? object.apiVersion.split('/')[0] : '';
}

export function reference(object: KubeObject): ObjectReference {
  const namespace = namespaceOf(object);
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    name: object.metadata.name,
    ...(namespace === '' || object.kind === '' ? {} : { namespace }),
  };
}

/** The pod spec of a workload, empty where it has none. */
// biome-ignore lint/suspicious/noExplicitAny: pod specs are judged as they come
export function podOf(workload: KubeObject): any {
  return workload.spec?.template?.spec ?? {};
}

/** Where `podOf` stands. */
export const POD_PATH = 'spec.template.spec';

/** A container with its place in the workload. */
export interface PlacedContainer {
  // biome-ignore lint/suspicious/noExplicitAny: containers are judged as they come
  readonly container: any;
  readonly path: string;
  /** Whether it runs as long as the pod: it is no step of the pod's start. */
  readonly lasting: boolean;
}

export function containersOf(workload: KubeObject): PlacedContainer[] {
  const pod = podOf(workload);
  return ['initContainers', 'containers'].flatMap((field) =>
    // biome-ignore lint/suspicious/noExplicitAny: containers are judged as they come
    (pod[field] ?? []).map((container: any, index: number) => ({
      container,
      path: `${POD_PATH}.${field}[${index}]`,
      lasting: field === 'containers' || container.restartPolicy === 'Always',
    })),
  );
}
