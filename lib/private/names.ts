import { Chart } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { invalid } from './errors';
import { dnsLabel } from './validate';

/** Ids that say "the main child of its parent" and therefore stand in no name. */
const SILENT_IDS = ['Default', 'Resource'];

/** Longest workload name: leaves room for the ReplicaSet's and the pod's own suffixes in a label value. */
export const WORKLOAD_NAME_LENGTH = 52;

/**
 * Name of the object that a construct stands for: the ids on the way from its chart, joined by '-', without a hash, so
 * that clients, dashboards and the next synthesis find the same name.
 */
export function objectName(construct: IConstruct, explicit: string | undefined, prop = 'name'): string {
  const where = construct.node.path;
  if (explicit !== undefined) return dnsLabel(where, prop, explicit, WORKLOAD_NAME_LENGTH);
  const chart = Chart.of(construct);
  const scopes = construct.node.scopes;
  const ids = scopes
    .slice(scopes.indexOf(chart) + 1)
    .map((scope) => scope.node.id)
    .filter((id) => !SILENT_IDS.includes(id));
  const name = ids.join('-');
  try {
    return dnsLabel(where, 'id', name, WORKLOAD_NAME_LENGTH);
  } catch {
    throw invalid(
      where,
      'id',
      ids.join('/'),
      `cannot be the name of an object: a DNS label of at most ${WORKLOAD_NAME_LENGTH} characters is needed (a-z, 0-9 and '-', starting with a letter)`,
      `Choose another construct id, or set '${prop}'.`,
    );
  }
}

/** Path of a construct as its user knows it: without the id of a main child. */
export function pathOf(construct: { readonly node: { readonly path: string } }): string {
  return construct.node.path.replace(/\/Default$/, '');
}

/** Namespace that an object of this scope gets, as Kubernetes reads its absence. */
export function namespaceOf(construct: IConstruct): string {
  return Chart.of(construct).namespace ?? 'default';
}

/**
 * Host name by which pods of the cluster reach a Service. Where no namespace is written, `kubectl apply -n` chooses it, and
 * only the short name leads there from any.
 */
export function serviceHost(construct: IConstruct, service: string): string {
  return Chart.of(construct).namespace === undefined ? service : `${service}.${namespaceOf(construct)}.svc.cluster.local`;
}
