import { type KubeObject, namespaceOf } from './kube-object';
import { type LabelSelector, meets } from './label-selector';
import { isKnown, type Misfit, readObject } from './shapes';

/** Where an object came from. */
export interface Origin {
  /** The object as it was given. */
  readonly raw: unknown;
  /** Position among those that were given. */
  readonly index: number;
  /** Way from what was given to the object: empty, or `items[2]` in a `List`. */
  readonly prefix: string;
  /** What in it is of a kind that the API refuses. */
  readonly misfits: Misfit[];
}

/** Fewest and most pods of a workload. */
export interface PodCount {
  readonly least: number;
  readonly most: number;
}

/** Most pods of an autoscaler of KEDA that does not say. */
const KEDA_MOST = 100;

/** Objects of one cluster, with the look-ups that rules need. Each look-up costs no more than what it finds. */
export class ObjectSet {
  /** Every object, also those that came in a `List`. */
  public readonly all: KubeObject[] = [];

  private readonly origins = new Map<KubeObject, Origin>();
  private readonly byKind = new Map<string, KubeObject[]>();
  private readonly byName = new Map<string, KubeObject>();
  private readonly workloadsByNamespace = new Map<string, KubeObject[]>();
  private readonly workloadsByLabel = new Map<string, KubeObject[]>();
  private readonly scalersByTarget = new Map<string, KubeObject[]>();
  private readonly namespaces = new Set<string>();

  constructor(given: readonly unknown[]) {
    given.forEach((raw, index) => this.take(raw, index, '', new Set()));
    for (const object of this.all.filter(isKnown)) {
      append(this.byKind, object.kind, object);
      const namespace = namespaceOf(object);
      this.namespaces.add(object.kind === 'Namespace' ? object.metadata.name : namespace);
      this.byName.set(key(object.kind, namespace, object.metadata.name), object);
    }
    for (const workload of this.workloads()) {
      append(this.workloadsByNamespace, namespaceOf(workload), workload);
      const labels = workload.spec?.template?.metadata?.labels ?? {};
      for (const [label, value] of Object.entries<string>(labels)) {
        append(this.workloadsByLabel, key(namespaceOf(workload), label, value), workload);
      }
    }
    for (const scaler of this.ofKind('HorizontalPodAutoscaler', 'ScaledObject')) {
      append(this.scalersByTarget, targetKey(scaler), scaler);
    }
  }

  public ofKind(...kinds: string[]): KubeObject[] {
    return kinds.flatMap((kind) => this.byKind.get(kind) ?? []);
  }

  public find(kind: string, namespace: string, name: string): KubeObject | undefined {
    return this.byName.get(key(kind, namespace, name));
  }

  public origin(object: KubeObject): Origin {
    return this.origins.get(object) as Origin;
  }

  /** Whether any of the objects goes to a namespace, or makes it. */
  public knowsNamespace(name: string): boolean {
    return this.namespaces.has(name);
  }

  /** Objects that make pods by a template. */
  public workloads(): KubeObject[] {
    return this.ofKind('Deployment', 'StatefulSet', 'DaemonSet');
  }

  /** Workloads of a namespace whose pods carry these labels. */
  public selected(namespace: string, matchLabels: { [key: string]: string } | undefined): KubeObject[] {
    const wanted = Object.entries(matchLabels ?? {});
    if (wanted.length === 0) return [];
    const candidates = wanted.map(([label, value]) => this.workloadsByLabel.get(key(namespace, label, value)) ?? []);
    const fewest = candidates.reduce((least, next) => (next.length < least.length ? next : least));
    return fewest.filter((workload) => wanted.every(([label, value]) => workload.spec.template.metadata.labels[label] === value));
  }

  /**
   * Workloads of a namespace whose pods a label selector finds: all where it is empty, none where there is none. Without
   * `matchLabels` it looks at every workload of the namespace.
   */
  public matching(namespace: string, selector: LabelSelector | undefined): KubeObject[] {
    if (selector === undefined) return [];
    const { matchLabels = {}, matchExpressions } = selector;
    const candidates =
      Object.keys(matchLabels).length > 0 ? this.selected(namespace, matchLabels) : (this.workloadsByNamespace.get(namespace) ?? []);
    return candidates.filter((workload) => meets(workload.spec?.template?.metadata?.labels ?? {}, matchExpressions));
  }

  /** Autoscalers by what they scale. */
  public scalers(): KubeObject[][] {
    return [...this.scalersByTarget.values()];
  }

  /** What an autoscaler scales, where it is among these objects. */
  public targetOf(scaler: KubeObject): KubeObject | undefined {
    const { kind, name } = scaleTarget(scaler);
    return this.find(kind, namespaceOf(scaler), name);
  }

  public podCount(workload: KubeObject): PodCount {
    const [scaler] = this.scalersByTarget.get(key(workload.kind, namespaceOf(workload), workload.metadata.name)) ?? [];
    const own: number = workload.spec?.replicas ?? 1;
    if (workload.kind === 'DaemonSet') return { least: 1, most: Number.POSITIVE_INFINITY };
    if (scaler === undefined) return { least: own, most: own };
    const { minReplicas, maxReplicas, minReplicaCount, maxReplicaCount } = scaler.spec ?? {};
    return scaler.kind === 'ScaledObject'
      ? { least: minReplicaCount ?? 0, most: maxReplicaCount ?? KEDA_MOST }
      : { least: minReplicas ?? 1, most: maxReplicas ?? own };
  }

  private take(raw: unknown, index: number, prefix: string, lists: Set<unknown>): void {
    if (raw === null || raw === undefined) return;
    const items = listItems(raw);
    if (items !== undefined) {
      if (lists.has(raw)) return;
      lists.add(raw);
      items.forEach((item, position) => this.take(item, index, `${prefix === '' ? '' : `${prefix}.`}items[${position}]`, lists));
      return;
    }
    const { object, misfits } = readObject(raw);
    this.all.push(object);
    this.origins.set(object, { raw, index, prefix, misfits });
  }
}

/** What an autoscaler names as its target. */
export function scaleTarget(scaler: KubeObject): { kind: string; name: string } {
  const { kind = 'Deployment', name = '' } = scaler.spec?.scaleTargetRef ?? {};
  return { kind, name };
}

function targetKey(scaler: KubeObject): string {
  const { kind, name } = scaleTarget(scaler);
  return key(kind, namespaceOf(scaler), name);
}

/** Items of a `List`, as `kubectl get -o yaml` writes it and `kubectl apply` takes it. */
function listItems(raw: unknown): unknown[] | undefined {
  const { kind, items } = raw as { kind?: unknown; items?: unknown };
  return typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items) ? items : undefined;
}

function key(...parts: string[]): string {
  return parts.join('|');
}

function append(map: Map<string, KubeObject[]>, at: string, object: KubeObject): void {
  const list = map.get(at);
  if (list) list.push(object);
  else map.set(at, [object]);
}
