import type { MadeObject } from './chart-files';
import { ServingChart } from './serving-chart';
import type { ClusterSummary } from './summary';

/** Namespaces that every cluster has. */
const ALWAYS_THERE = /^(default|kube-.*)$/;

/** A warning for each namespace that charts of one cluster stand in and none of them makes. */
export function missingNamespaces(objects: MadeObject[]): ClusterSummary['warnings'] {
  const made = new Set(objects.filter(({ json }) => json.kind === 'Namespace').map(({ json }) => json.metadata.name));
  const missing = new Map<string, string>();
  for (const { chart, json } of objects) {
    const { namespace } = json.metadata;
    if (!(chart instanceof ServingChart) || namespace === undefined || made.has(namespace) || ALWAYS_THERE.test(namespace)) continue;
    if (!missing.has(namespace)) missing.set(namespace, chart.node.path);
  }
  return [...missing].map(([namespace, path]) => ({
    path,
    text: `no chart of this app makes the namespace '${namespace}', without which kubectl refuses its objects`,
    wayOut: 'Have it in the cluster before, or leave createNamespace: false out of one chart.',
  }));
}
