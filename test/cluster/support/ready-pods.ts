import type { KubeObject } from '../../../lib/check';
import { isLeaving, isReady, read } from './api';
import { currentRun } from './run';

const INSTANCE = 'app.kubernetes.io/instance';

/**
 * Lets something happen, and returns how few pods of each workload of a namespace were ready at any moment of it: every
 * change of a pod is seen, however short.
 */
export async function fewestReady(namespace: string, happen: () => Promise<void>): Promise<Record<string, number>> {
  const path = `api/v1/namespaces/${namespace}/pods`;
  const { items, metadata } = (await read(path)) as { items: KubeObject[]; metadata: { resourceVersion: string } };
  const pods = new Map(items.map((pod) => [pod.metadata.name, pod]));
  const ready = (instance: string) =>
    [...pods.values()].filter((pod) => instanceOf(pod) === instance && isReady(pod) && !isLeaving(pod)).length;
  const fewest = Object.fromEntries(items.map((pod) => [instanceOf(pod), ready(instanceOf(pod))]));

  const end = new AbortController();
  const seen = watch(`${path}?watch=1&resourceVersion=${metadata.resourceVersion}`, end.signal, ({ type, object }) => {
    if (type === 'DELETED') pods.delete(object.metadata.name);
    else pods.set(object.metadata.name, object);
    const instance = instanceOf(object);
    fewest[instance] = Math.min(fewest[instance] ?? 0, ready(instance));
  });
  try {
    await Promise.race([happen(), seen]);
  } finally {
    end.abort();
    await seen.catch(() => undefined);
  }
  return fewest;
}

function instanceOf({ metadata }: KubeObject): string {
  return metadata.labels?.[INSTANCE] ?? '';
}

/** Sees what happens to objects until it is told to end. Throws where the server ends it, because the rest would be missed. */
async function watch(path: string, signal: AbortSignal, see: (event: { type: string; object: KubeObject }) => void): Promise<void> {
  const { body } = await fetch(`${currentRun().api}/${path}`, { signal });
  const decoder = new TextDecoder();
  let unread = '';
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    const lines = (unread + decoder.decode(chunk, { stream: true })).split('\n');
    unread = lines.pop() as string;
    for (const line of lines) see(JSON.parse(line));
  }
  throw new Error(`The server no longer says what happens: GET /${path}`);
}
