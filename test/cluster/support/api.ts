import type { KubeObject } from '../../../lib/check';
import { currentRun } from './run';

/** Where the kinds that stories look at are read. */
const GROUPS = {
  configmaps: 'api/v1',
  deployments: 'apis/apps/v1',
  endpointslices: 'apis/discovery.k8s.io/v1',
  events: 'api/v1',
  horizontalpodautoscalers: 'apis/autoscaling/v2',
  namespaces: 'api/v1',
  nodes: 'api/v1',
  persistentvolumes: 'api/v1',
  pods: 'api/v1',
  replicasets: 'apis/apps/v1',
} as const;

export type Kind = keyof typeof GROUPS;

/** Objects of a kind, in one namespace or in all, that have some labels. */
export async function list(kind: Kind, where: { namespace?: string; labels?: string } = {}): Promise<KubeObject[]> {
  const scope = where.namespace === undefined ? '' : `namespaces/${where.namespace}/`;
  const query = where.labels === undefined ? '' : `?labelSelector=${encodeURIComponent(where.labels)}`;
  const { items } = (await read(`${GROUPS[kind]}/${scope}${kind}${query}`)) as { items: KubeObject[] };
  return items;
}

/** Objects of a kind in some namespaces. */
export async function listIn(namespaces: string[], kind: Kind): Promise<KubeObject[]> {
  return (await Promise.all(namespaces.map((namespace) => list(kind, { namespace })))).flat();
}

/** What the API server answers to a GET. */
export async function read(path: string): Promise<unknown> {
  const response = await fetch(`${currentRun().api}/${path}`);
  if (!response.ok) throw new Error(`GET /${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** Sends an object, or nothing, and returns what is answered. */
export async function post(path: string, body?: object): Promise<unknown> {
  const response = await fetch(`${currentRun().api}/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`POST /${path}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

/** Merges a change into an object. */
export async function write(path: string, change: object): Promise<void> {
  const headers = { 'Content-Type': 'application/strategic-merge-patch+json' };
  const response = await fetch(`${currentRun().api}/${path}`, { method: 'PATCH', headers, body: JSON.stringify(change) });
  if (!response.ok) throw new Error(`PATCH /${path}: ${response.status} ${await response.text()}`);
}

/** Condition of an object's status. */
export function condition(
  object: KubeObject,
  type: string,
): { status: string; reason?: string; message?: string; lastTransitionTime?: string } | undefined {
  return object.status?.conditions?.find((candidate: { type: string }) => candidate.type === type);
}

/** Polls until an observation is as wanted, and returns it. Throws with the last one where that takes too long. */
export async function eventually<T>(
  what: string,
  seconds: number,
  observe: () => T | Promise<T>,
  wanted: (seen: T) => boolean,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const seen = await observe();
    if (wanted(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`Not within ${seconds} s: ${what}. Last seen: ${JSON.stringify(seen, undefined, 2)}`);
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
}

/** Whether a pod or a node is ready. */
export const isReady = (object: KubeObject) => condition(object, 'Ready')?.status === 'True';

/** Whether a pod is on its way out. */
export const isLeaving = ({ metadata }: KubeObject) => (metadata as { deletionTimestamp?: string }).deletionTimestamp !== undefined;
