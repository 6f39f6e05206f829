import type { KubeObject } from '../../../lib/check';
import { read } from './api';
import { currentRun } from './run';

/** Kinds that are no objects of anybody: what happened, and what was measured. */
const NO_OBJECTS = /^(events|.*\/events\.k8s\.io\/.*|.*\/metrics\.k8s\.io\/.*)$/;

interface Resource {
  readonly path: string;
  readonly name: string;
  readonly namespaced: boolean;
}

/** Kind, namespace and name of everything in a namespace, the namespace, and whatever carries a label anywhere else. */
export async function inventory(namespace: string, label: string): Promise<string[]> {
  const found = await Promise.all((await resources()).map((resource) => keysOf(resource, namespace, label)));
  return [...new Set(found.flat())].sort();
}

async function keysOf({ path, name, namespaced }: Resource, namespace: string, label: string): Promise<string[]> {
  const list = async (query: string) => ((await read(query)) as { items: KubeObject[] | null }).items ?? [];
  const labelled = await list(`${path}/${name}?labelSelector=${encodeURIComponent(label)}`);
  const here = namespaced ? await list(`${path}/namespaces/${namespace}/${name}`) : [];
  const itself = name === 'namespaces' ? (await list(`${path}/${name}`)).filter(({ metadata }) => metadata.name === namespace) : [];
  return [...labelled, ...here, ...itself].map(({ metadata }) => [name, metadata.namespace, metadata.name].filter(Boolean).join('/'));
}

/** Everything that the API server can list, in one version each. */
async function resources(): Promise<Resource[]> {
  const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
  const groups = await Promise.all(
    ['api', 'apis'].map(async (root) => {
      const response = await fetch(`${currentRun().api}/${root}`, { headers: { accept } });
      const { items } = (await response.json()) as { items: Group[] };
      return items.flatMap(({ metadata, versions }) =>
        resourcesOf([root, metadata?.name, versions[0].version].filter(Boolean).join('/'), versions[0]),
      );
    }),
  );
  return groups.flat().filter(({ path, name }) => !NO_OBJECTS.test(name) && !NO_OBJECTS.test(`${path}/${name}`));
}

interface Group {
  readonly metadata?: { readonly name?: string };
  readonly versions: Version[];
}

interface Version {
  readonly version: string;
  readonly resources?: { readonly resource: string; readonly scope: string; readonly verbs: string[] }[];
}

function resourcesOf(path: string, { resources: all = [] }: Version): Resource[] {
  const listed = all.filter(({ verbs }) => verbs.includes('list'));
  return listed.map(({ resource, scope }) => ({ path, name: resource, namespaced: scope === 'Namespaced' }));
}
