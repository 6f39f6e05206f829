import type { IConstruct } from 'constructs';
import { Cluster } from '../../cluster';
import { namespaceOf } from '../../private/names';
import type { Notice } from '../../private/notices';
import type { PodSource } from './merge';

/** Models by the claim that only one node or one pod can use, for each app. */
const MODELS_BY_CLAIM = new WeakMap<IConstruct, Map<string, IConstruct[]>>();

/** Enters the claim of a source, where only one node or one pod can use it. */
export function enterClaim(model: IConstruct, { binding: { claimName, singleNode, singlePod } }: PodSource): void {
  if (claimName === undefined || !(singleNode || singlePod)) return;
  const claims = MODELS_BY_CLAIM.get(model.node.root) ?? new Map<string, IConstruct[]>();
  MODELS_BY_CLAIM.set(model.node.root, claims);
  const key = keyOf(model, claimName);
  claims.set(key, [...(claims.get(key) ?? []), model]);
}

/** Warns of another model of the app that is to use the same claim. */
export function sharedClaim(model: IConstruct, { prop, binding: { claimName, singlePod } }: PodSource): Notice[] {
  if (claimName === undefined) return [];
  const users = MODELS_BY_CLAIM.get(model.node.root)?.get(keyOf(model, claimName));
  const other = users?.find((user) => user !== model && Cluster.of(user) === Cluster.of(model));
  if (other === undefined) return [];
  const end = singlePod
    ? 'only one of their pods ever starts'
    : 'pods of the one wait for ever while those of the other are on another node';
  return [
    {
      kind: 'warning',
      text: `${prop}: the claim '${claimName}' is for one ${singlePod ? 'pod' : 'node'}, and '${other.node.path}' uses it too: ${end}`,
      detail: 'Use a claim with ReadOnlyMany or ReadWriteMany, or one for each.',
    },
  ];
}

function keyOf(model: IConstruct, claimName: string): string {
  return `${namespaceOf(model)}/${claimName}`;
}
