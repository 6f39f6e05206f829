import type { k8s } from 'cdk8s-plus-27';
import { pathOf } from '../private/names';
import type { Notice } from '../private/notices';
import type { NetworkAccess } from './network-access';
import { NAMESPACE_NAME, type Peer } from './peer';

/** A service with a network policy of this library, which must let a connection through on its own side. */
interface Connected {
  readonly node: { readonly path: string };
  readonly _access: NetworkAccess;
}

/** Connections that one service allows and the other, also of this library, does not: they would time out. */
export function closedSides(own: NetworkAccess): Notice[] {
  const closedTargets = connected(own.called).filter(({ access }) => !access.ingress.some((peer) => mayMean(peer, access, own)));
  const closedCallers = connected(own.callers).filter(({ access }) => !access.egress.some((rule) => mayReach(rule, access, own)));
  return [
    ...closedTargets.map(({ path }) => closed(`egress: it may call '${path}', which does not let it in`, 'callers', path)),
    ...closedCallers.map(({ path }) => closed(`callers: '${path}' may call it, but its own pods may not call it`, 'egress', path)),
  ];
}

/** Whether nobody at all is let in, as a service that is deployed by itself at first. */
export function nobodyLetIn(own: NetworkAccess): Notice[] {
  if (own.letsAnybodyIn) return [];
  return [
    {
      kind: 'warning',
      text: 'nobody may call it: no caller, no exposure and no gateway is let through',
      detail: "Name who may call in 'callers', for example [Peer.namespace('web')].",
    },
  ];
}

function closed(text: string, prop: string, path: string): Notice {
  return { kind: 'warning', text, detail: `Name this service in '${prop}' of '${path}': both sides must let a connection through.` };
}

function connected(peers: Peer[]): { readonly path: string; readonly access: NetworkAccess }[] {
  const services = new Set(peers.map((peer) => peer._construct as Partial<Connected> | undefined));
  return [...services].flatMap((service) =>
    service?._access && service.node ? [{ path: pathOf({ node: service.node }), access: service._access }] : [],
  );
}

function mayReach(rule: k8s.NetworkPolicyEgressRule, from: NetworkAccess, to: NetworkAccess): boolean {
  const ports = rule.ports?.map(({ port }) => port?.value);
  const portOpen = ports === undefined || to.ports.some((port) => ports.includes(port));
  return portOpen && (rule.to ?? []).some((peer) => mayMean(peer, from, to));
}

/** Whether a peer in the policy of one service may mean the pods of another. Nobody knows the addresses of pods yet. */
function mayMean(peer: k8s.NetworkPolicyPeer, policy: NetworkAccess, pods: NetworkAccess): boolean {
  if (peer.ipBlock !== undefined) return true;
  const wanted = Object.entries(peer.podSelector?.matchLabels ?? {});
  if (!wanted.every(([key, value]) => pods.labels[key] === value)) return false;
  if (peer.namespaceSelector === undefined) return policy.namespace === pods.namespace;
  const name = peer.namespaceSelector.matchLabels?.[NAMESPACE_NAME];
  return name === undefined || name === pods.namespace;
}
