/** How bad a finding is. */
export enum Severity {
  /** It will not work, or loses requests or data. */
  ERROR = 'error',
  /** It works, but not as people expect. */
  WARNING = 'warning',
}

/** A plain Kubernetes object. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: { [key: string]: string };
    readonly annotations?: { [key: string]: string };
  };
  // biome-ignore lint/suspicious/noExplicitAny: rules judge objects of every kind
  readonly [field: string]: any;
}

/** What a rule found. */
export interface Finding {
  /** Id of the rule. */
  readonly rule: string;
  readonly severity: Severity;
  /** The object that is wrong. */
  readonly object: KubeObject;
  /** Where in the object, as a JSON path. */
  readonly path: string;
  /** What is wrong, with the value. */
  readonly message: string;
  /** What to do. */
  readonly fix: string;
}

/** A rule over all objects that go to one cluster. */
export interface Rule {
  readonly id: string;
  readonly severity: Severity;
  /** What goes wrong where the rule is broken. */
  readonly why: string;
  find(objects: ObjectSet): Omit<Finding, 'rule' | 'severity'>[];
}

/** Objects of one cluster, with the look-ups that rules need. */
export class ObjectSet {
  private readonly byKind = new Map<string, KubeObject[]>();
  private readonly byName = new Map<string, KubeObject>();
  private readonly workloadsByNamespace = new Map<string, KubeObject[]>();

  constructor(public readonly all: readonly KubeObject[]) {
    for (const object of all) {
      append(this.byKind, object.kind, object);
      this.byName.set(nameKey(object.kind, namespaceOf(object), object.metadata.name), object);
    }
    for (const workload of this.workloads()) append(this.workloadsByNamespace, namespaceOf(workload), workload);
  }

  public ofKind(...kinds: string[]): KubeObject[] {
    return kinds.flatMap((kind) => this.byKind.get(kind) ?? []);
  }

  public find(kind: string, namespace: string, name: string): KubeObject | undefined {
    return this.byName.get(nameKey(kind, namespace, name));
  }

  /** Objects that make pods by a template. */
  public workloads(): KubeObject[] {
    return this.ofKind('Deployment', 'StatefulSet', 'DaemonSet');
  }

  /** Workloads of a namespace whose pods carry these labels. */
  public selected(namespace: string, matchLabels: { [key: string]: string } | undefined): KubeObject[] {
    const wanted = Object.entries(matchLabels ?? {});
    if (wanted.length === 0) return [];
    return (this.workloadsByNamespace.get(namespace) ?? []).filter((workload) => {
      const labels = workload.spec?.template?.metadata?.labels ?? {};
      return wanted.every(([key, value]) => labels[key] === value);
    });
  }
}

function nameKey(kind: string, namespace: string, name: string): string {
  return `${kind}|${namespace}|${name}`;
}

function append(map: Map<string, KubeObject[]>, key: string, object: KubeObject): void {
  const list = map.get(key);
  if (list) list.push(object);
  else map.set(key, [object]);
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

export function namespaceOf(object: KubeObject): string {
  return CLUSTER_SCOPED.has(object.kind) ? '' : (object.metadata.namespace ?? 'default');
}

/** An object as people call it. */
export function title(object: KubeObject): string {
  const namespace = namespaceOf(object);
  return `${object.kind} ${namespace === '' ? '' : `${namespace}/`}${object.metadata?.name}`;
}

// biome-ignore lint/suspicious/noExplicitAny: pod specs are judged as they come
export function containersOf(workload: KubeObject): { container: any; path: string }[] {
  const spec = workload.spec?.template?.spec ?? {};
  return ['initContainers', 'containers'].flatMap((field) =>
    // biome-ignore lint/suspicious/noExplicitAny: pod specs are judged as they come
    (Array.isArray(spec[field]) ? spec[field] : []).map((container: any, index: number) => ({
      container,
      path: `spec.template.spec.${field}[${index}]`,
    })),
  );
}
