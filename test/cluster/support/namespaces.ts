import type { KubeObject } from '../../../lib/check';
import { eventually, get, kubectl } from './kubectl';
import { MARK_SELECTOR } from './mark';

/** Namespaces that did not exist before this process applied them: deleted even where applying failed before they were marked. */
const claimed = new Set<string>();

/** Namespaces that objects bring along. Throws where an object would outlive them, because nothing would delete it. */
export function namespacesOf(objects: KubeObject[]): string[] {
  const names = objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name);
  const outside = objects.filter(({ kind, metadata }) => kind !== 'Namespace' && !names.includes(metadata.namespace ?? ''));
  if (outside.length > 0) {
    throw new Error(`Not in a namespace of these files: ${outside.map(({ kind, metadata }) => `${kind} ${metadata.name}`).join(', ')}`);
  }
  return names;
}

/** Takes namespaces for a test: deletes what earlier runs left of them, and refuses those that others made. */
export async function claimNamespaces(names: string[]): Promise<void> {
  await deleteNamespaces(namesOf(get('namespaces', '--selector', MARK_SELECTOR)).filter((name) => names.includes(name)));
  const others = namesOf(get('namespaces')).filter((name) => names.includes(name));
  if (others.length > 0) {
    throw new Error(
      `Namespaces that these tests did not make are in their way: ${others.join(', ')}. ` +
        `Use another cluster or, if nobody needs them, kubectl delete namespace ${others.join(' ')}`,
    );
  }
  for (const name of names) claimed.add(name);
}

/** Marks the claimed namespaces, so that a later run may delete them where this one is killed. */
export function markNamespaces(): void {
  const there = namesOf(get('namespaces')).filter((name) => claimed.has(name));
  if (there.length > 0) kubectl(['label', 'namespace', ...there, MARK_SELECTOR]);
}

/** Gives the claimed namespaces back: deletes them. */
export async function releaseNamespaces(): Promise<void> {
  await deleteNamespaces([...claimed]);
  claimed.clear();
}

/** Deletes namespaces and waits until they are gone. */
async function deleteNamespaces(names: string[]): Promise<void> {
  if (names.length === 0) return;
  kubectl(['delete', 'namespace', ...names, '--ignore-not-found', '--wait=false']);
  await eventually(
    'the namespaces of these tests are gone',
    120,
    () => get('namespaces').filter(({ metadata }) => names.includes(metadata.name)),
    (left) => left.length === 0,
  );
}

/** Names of objects. */
function namesOf(objects: KubeObject[]): string[] {
  return objects.map(({ metadata }) => metadata.name);
}
