import { type INetworkPolicyPeer, type k8s, NetworkPolicyIpBlock } from 'cdk8s-plus-27';
import { type EgressAnswer, type PeerAnswer, PRIVATE_NETWORKS } from '../cluster/dialect';
import { invalid } from '../private/errors';
import { unlessEmpty } from '../private/objects';
import { checkShape } from '../private/shape';
import { cidr, dnsLabel, labels, portNumber } from '../private/validate';

/** Label of every namespace with its name. */
export const NAMESPACE_NAME = 'kubernetes.io/metadata.name';

/** Pods that a peer names by their labels. */
export interface PodsPeer {
  /** Labels of the pods. */
  readonly labels: { [key: string]: string };

  /**
   * Namespace of the pods.
   *
   * @default - the namespace of the policy
   */
  readonly namespace?: string;
}

/** Who stands at the other end of a connection, for network policies. */
export class Peer {
  /**
   * The pods of a construct: ours, or any that cdk8s-plus accepts in its network policies. It opens the side that takes
   * the peer only: where both sides are services of this library, each must let the other through, as `ModelGateway` does
   * for its models. Synthesis warns where one does not.
   *
   * @throws where network policies cannot name the construct.
   */
  public static of(construct: INetworkPolicyPeer): Peer {
    if (typeof construct?.toNetworkPolicyPeerConfig !== 'function') {
      throw invalid(
        'Peer.of',
        'construct',
        construct,
        'is none that network policies can name',
        'For a model write Peer.of(model.service).',
      );
    }
    return new Peer(() => fromConstruct(construct), construct);
  }

  /**
   * Pods with these labels.
   *
   * @throws where a label or the namespace is none.
   */
  public static pods(options: PodsPeer): Peer {
    checkShape('Peer.pods', options, { labels: 'map', namespace: 'text' }, ['labels']);
    const matchLabels = labels('Peer.pods', 'labels', options.labels);
    if (options.namespace !== undefined) dnsLabel('Peer.pods', 'namespace', options.namespace);
    const { namespace } = options;
    return new Peer(() => [{ podSelector: { matchLabels }, ...(namespace ? namespaced(namespace) : {}) }]);
  }

  /**
   * Every pod of a namespace, for example that of an ingress controller or of Prometheus.
   *
   * @throws where it is no DNS label.
   */
  public static namespace(name: string): Peer {
    dnsLabel('Peer.namespace', 'name', name);
    return new Peer(() => [namespaced(name)]);
  }

  /**
   * Addresses of a network.
   *
   * @throws where it is no network in CIDR form.
   */
  public static cidr(network: string): Peer {
    cidr('Peer.cidr', 'network', network);
    return new Peer(() => [{ ipBlock: { cidr: network } }]);
  }

  /** Public IPv4 addresses: all but the private ranges and link-local, where metadata servers answer. */
  public static internet(): Peer {
    return new Peer(() => [{ ipBlock: { cidr: '0.0.0.0/0', except: [...PRIVATE_NETWORKS] } }]);
  }

  private constructor(
    private readonly render: () => k8s.NetworkPolicyPeer[],
    private readonly construct?: INetworkPolicyPeer,
  ) {}

  /**
   * @internal
   */
  public get _construct(): INetworkPolicyPeer | undefined {
    return this.construct;
  }

  /**
   * @internal
   */
  public static _answer(answer: PeerAnswer): Peer {
    return new Peer(() => [
      answer.cidr
        ? { ipBlock: { cidr: answer.cidr, except: answer.except } }
        : {
            ...(answer.podLabels ? { podSelector: { matchLabels: answer.podLabels } } : {}),
            ...(answer.namespace ? namespaced(answer.namespace) : {}),
          },
    ]);
  }

  /**
   * @internal
   */
  public _toKube(): k8s.NetworkPolicyPeer[] {
    return this.render().map(({ podSelector, namespaceSelector, ipBlock }) => ({
      podSelector: podSelector && stored(podSelector),
      namespaceSelector: namespaceSelector && stored(namespaceSelector),
      ipBlock,
    }));
  }
}

/** A selector without an empty map of labels, which servers do not store, and so take for a change at every apply. */
function stored({ matchLabels, matchExpressions }: k8s.LabelSelector): k8s.LabelSelector {
  return { matchLabels: unlessEmpty(matchLabels), matchExpressions };
}

/** Traffic that a service may send. */
export interface EgressRule {
  /** Where to. */
  readonly to: Peer;

  /** TCP ports. */
  readonly ports: number[];
}

/** Checked egress rule as the API has it. */
export function egressRule(where: string, rule: EgressRule): k8s.NetworkPolicyEgressRule {
  checkShape(where, rule, { to: Peer, ports: 'list' }, ['to', 'ports'], 'egress');
  if (rule.ports.length === 0) {
    throw invalid(where, 'egress.ports', rule.ports, 'must name the TCP ports that the service calls', 'For example [443].');
  }
  return { to: rule.to._toKube(), ports: rule.ports.map((port) => tcp(portNumber(where, 'egress.ports', port))) };
}

/** An egress rule that a cluster wrote. */
export function egressFromAnswer(answer: EgressAnswer): k8s.NetworkPolicyEgressRule {
  return {
    to: answer.peers.flatMap((peer) => Peer._answer(peer)._toKube()),
    ports: answer.ports.map(({ protocol, port }) => ({ protocol, port: numeric(port) })),
  };
}

/** A TCP port as a network policy has it. */
export function tcp(port: number): k8s.NetworkPolicyPort {
  return { protocol: 'TCP', port: numeric(port) };
}

function numeric(port: number): k8s.IntOrString {
  return { value: port } as k8s.IntOrString;
}

function namespaced(name: string): k8s.NetworkPolicyPeer {
  return { namespaceSelector: { matchLabels: { [NAMESPACE_NAME]: name } } };
}

function fromConstruct(construct: INetworkPolicyPeer): k8s.NetworkPolicyPeer[] {
  const { ipBlock, podSelector } = construct.toNetworkPolicyPeerConfig();
  if (ipBlock instanceof NetworkPolicyIpBlock) return [{ ipBlock: { cidr: ipBlock.cidr, except: ipBlock.except } }];
  if (podSelector === undefined) return [];
  const pods = podSelector.labelSelector.isEmpty() ? {} : { podSelector: podSelector.labelSelector._toKube() };
  const { names, labelSelector } = podSelector.namespaces ?? {};
  if (names?.length) return names.map((name) => ({ ...pods, ...namespaced(name) }));
  if (labelSelector && !labelSelector.isEmpty()) return [{ ...pods, namespaceSelector: labelSelector._toKube() }];
  if (podSelector.namespaces) return [{ ...pods, namespaceSelector: {} }];
  return [{ podSelector: {}, ...pods }];
}
