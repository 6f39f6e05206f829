import type { IConstruct } from 'constructs';
import { Cluster } from '../../cluster';
import { namespaceOf } from '../../private/names';
import type { Notice } from '../../private/notices';
import type { PodSource } from './merge';

interface Entry {
  readonly model: IConstruct;
  readonly claimName: string;
}

/** Claims that only one node or one pod can use, by the app that their models stand in. */
const ENTRIES = new WeakMap<IConstruct, Entry[]>();

/** Enters the claim of a source, where only one node or one pod can use it. */
export function enterClaim(model: IConstruct, { binding: { claimName, singleNode, singlePod } }: PodSource): void {
  if (claimName === undefined || !(singleNode || singlePod)) return;
  const { root } = model.node;
  ENTRIES.set(root, [...(ENTRIES.get(root) ?? []), { model, claimName }]);
}

/** Warns of another model of the app that is to use the same claim. */
export function sharedClaim(model: IConstruct, { prop, binding: { claimName, singlePod } }: PodSource): Notice[] {
  const other = (ENTRIES.get(model.node.root) ?? []).find(
    (entry) =>
      entry.claimName === claimName &&
      entry.model !== model &&
      namespaceOf(entry.model) === namespaceOf(model) &&
      Cluster.of(entry.model) === Cluster.of(model),
  );
  if (other === undefined) return [];
  const end = singlePod
    ? 'only one of their pods ever starts'
    : 'pods of the one wait for ever while those of the other are on another node';
  return [
    {
      kind: 'warning',
      text: `${prop}: the claim '${claimName}' is for one ${singlePod ? 'pod' : 'node'}, and '${other.model.node.path}' uses it too: ${end}`,
      detail: 'Use a claim with ReadOnlyMany or ReadWriteMany, or one for each.',
    },
  ];
}
