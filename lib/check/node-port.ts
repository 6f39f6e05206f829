import { containersOf, type KubeObject, namespaceOf } from './kube-object';
import type { ObjectSet } from './object-set';
import { isKnown } from './shapes';

interface PolicyPort {
  readonly port?: number | string;
  readonly endPort?: number;
  readonly protocol?: string;
}

/** One rule of what a NetworkPolicy lets in. */
interface Ingress {
  readonly from?: object[];
  readonly ports?: PolicyPort[];
}

/** A port on which a pod listens. */
interface PodPort {
  readonly containerPort?: number;
  readonly name?: string;
  readonly protocol?: string;
}

/**
 * Services that ask for a node port on which no NetworkPolicy says who may come to their pods. A policy that names all
 * networks is somebody's decision. None where there are policies of another kind, of which nothing is known.
 */
export function openNodePorts(objects: ObjectSet): KubeObject[] {
  if (objects.all.some((object) => object.kind.endsWith('NetworkPolicy') && !isKnown(object))) return [];
  const policies = new Map<KubeObject, KubeObject[]>();
  for (const policy of objects.ofKind('NetworkPolicy')) {
    if (policy.spec?.policyTypes !== undefined && !policy.spec.policyTypes.includes('Ingress')) continue;
    for (const workload of objects.matching(namespaceOf(policy), policy.spec?.podSelector)) {
      policies.set(workload, [...(policies.get(workload) ?? []), policy]);
    }
  }
  return objects.ofKind('Service').filter((service) => {
    if (service.spec?.type !== 'NodePort') return false;
    const ports: { port?: number; targetPort?: number | string; protocol?: string }[] = service.spec.ports ?? [];
    return objects.selected(namespaceOf(service), service.spec.selector).some((workload) => {
      const own = policies.get(workload);
      if (own === undefined) return true;
      const rules: Ingress[] = own.flatMap((policy) => policy.spec?.ingress ?? []);
      return ports.some(({ port, targetPort, protocol = 'TCP' }) => {
        const target = podPort(workload, targetPort ?? port, protocol);
        // policies add up: what one lets in no other keeps out
        return rules.some((rule) => (rule.from ?? []).length === 0 && covers(rule, target));
      });
    });
  });
}

function podPort(workload: KubeObject, wanted: number | string | undefined, protocol: string): PodPort {
  const open: PodPort[] = containersOf(workload).flatMap(({ container }) => container.ports ?? []);
  const found = open.find(({ containerPort, name }) => (typeof wanted === 'number' ? containerPort === wanted : name === wanted));
  return { protocol, ...(typeof wanted === 'number' ? { containerPort: wanted } : {}), ...found };
}

function covers({ ports = [] }: Ingress, { containerPort, name, protocol = 'TCP' }: PodPort): boolean {
  if (ports.length === 0) return true;
  return ports.some((allowed) => {
    if ((allowed.protocol ?? 'TCP') !== protocol) return false;
    if (typeof allowed.port === 'string') return allowed.port === name;
    if (allowed.port === undefined) return true;
    return containerPort !== undefined && allowed.port <= containerPort && containerPort <= (allowed.endPort ?? allowed.port);
  });
}
