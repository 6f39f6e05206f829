import type { KubeObject } from '../../../lib/check';
import { eventually, list } from './api';
import { kubectl, run } from './kubectl';
import { currentRun, isLeftOver, ownSelector, RUN_LABEL } from './run';

/** Namespaces that did not exist before this process applied them: deleted even where applying failed before they were marked. */
const claimed = new Set<string>();

/** Namespace that the run makes that may use the namespaces of dist/, which have the same names in every run. */
const TURN = 'stories-of-dist';

/** Namespaces that objects bring along. Throws where an object would outlive them, because nothing would delete it. */
export function namespacesOf(objects: KubeObject[]): string[] {
  const names = objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name);
  const outside = objects.filter(({ kind, metadata }) => kind !== 'Namespace' && !names.includes(metadata.namespace ?? ''));
  if (outside.length > 0) {
    throw new Error(`Not in a namespace of these files: ${outside.map(({ kind, metadata }) => `${kind} ${metadata.name}`).join(', ')}`);
  }
  return names;
}

/** Waits until no other run uses the namespaces of dist/, and lets none begin to. */
export async function takeTurn(): Promise<void> {
  const mine = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: TURN, labels: { [RUN_LABEL]: currentRun().owner } } };
  await eventually(
    'no other run uses the namespaces of dist/',
    600,
    async () => {
      await sweepTurn();
      return run(['create', '--filename', '-'], mine);
    },
    ({ code }) => code === 0,
  );
}

/** A run that was killed does not end its turn. */
async function sweepTurn(): Promise<void> {
  const [turn] = (await list('namespaces', { labels: RUN_LABEL })).filter(({ metadata }) => metadata.name === TURN);
  if (turn !== undefined && isLeftOver(turn)) await deleteNamespaces([TURN]);
}

export const endTurn = () => deleteNamespaces([TURN]);

/** Takes namespaces for a test: waits until those of runs that are over are gone, and refuses those that others made. */
export async function claimNamespaces(names: string[]): Promise<void> {
  const wanted = (found: KubeObject[]) => found.filter(({ metadata }) => names.includes(metadata.name));
  await deleteNamespaces(namesOf(wanted(await list('namespaces', { labels: RUN_LABEL }))));
  const others = namesOf(wanted(await list('namespaces')));
  if (others.length > 0) {
    throw new Error(
      `Namespaces that these tests did not make are in their way: ${others.join(', ')}. ` +
        `Use another cluster or, if nobody needs them, kubectl delete namespace ${others.join(' ')}`,
    );
  }
  for (const name of names) claimed.add(name);
}

/** Marks the claimed namespaces, so that a later run may delete them where this one is killed. */
export async function markNamespaces(): Promise<void> {
  const there = namesOf(await list('namespaces')).filter((name) => claimed.has(name));
  if (there.length > 0) kubectl(['label', '--overwrite', 'namespace', ...there, ownSelector()]);
}

/** Gives the claimed namespaces back, and says which: who claims them next waits until they are gone. */
export function releaseNamespaces(): string[] {
  const names = [...claimed];
  beginDeletion(names);
  claimed.clear();
  return names;
}

/** Deletes namespaces and waits until they are gone. */
async function deleteNamespaces(names: string[]): Promise<void> {
  if (names.length === 0) return;
  beginDeletion(names);
  await namespacesGone(names);
}

/** Waits until namespaces that are being deleted are gone, with their pods. */
export async function namespacesGone(names: string[]): Promise<void> {
  await eventually(
    'the namespaces of these tests are gone',
    120,
    async () => namesOf(await list('namespaces')).filter((name) => names.includes(name)),
    (left) => left.length === 0,
  );
}

function beginDeletion(names: string[]): void {
  if (names.length > 0) kubectl(['delete', 'namespace', ...names, '--ignore-not-found', '--wait=false']);
}

/** Names of objects. */
function namesOf(objects: KubeObject[]): string[] {
  return objects.map(({ metadata }) => metadata.name);
}
