import type { k8s } from 'cdk8s-plus-27';
import { type EgressRule, egressRule, type Peer, tcp } from './peer';

/** The pods that a network policy is about. */
export interface PolicySubject {
  readonly namespace: string;
  readonly selector: { [key: string]: string };
  readonly podLabels: { [key: string]: string };
  /** Container ports that callers reach. */
  readonly ports: number[];
}

/** Who may call the pods of a service, and whom they may call: what its network policy says. */
export class NetworkAccess {
  /** Those who may call. */
  public readonly callers: Peer[] = [];
  /** Those whom the pods may call, as far as rules of users name them. */
  public readonly called: Peer[] = [];
  /** Traffic that the pods may send. */
  public readonly egress: k8s.NetworkPolicyEgressRule[] = [];
  private readonly byPort: { readonly port: number; readonly peer: Peer }[] = [];

  constructor(private readonly subject: PolicySubject) {}

  /** Namespace of the pods. */
  public get namespace(): string {
    return this.subject.namespace;
  }

  /** Labels of the pods. */
  public get labels(): { [key: string]: string } {
    return { ...this.subject.podLabels, ...this.subject.selector };
  }

  /** Container ports that callers reach. */
  public get ports(): number[] {
    return this.subject.ports;
  }

  /** Those who may call, as the API has them. */
  public get ingress(): k8s.NetworkPolicyPeer[] {
    return this.callers.flatMap((peer) => peer._toKube());
  }

  /** Whether any peer may call any port. */
  public get letsAnybodyIn(): boolean {
    return this.callers.length > 0 || this.byPort.length > 0;
  }

  /** Lets a peer call the published ports. */
  public allowFrom(peer: Peer): void {
    this.callers.push(peer);
  }

  /** Lets a peer call one container port. */
  public allowOn(port: number, peer: Peer): void {
    this.byPort.push({ port, peer });
  }

  /** Lets the pods call a peer. Throws where a port is none. */
  public allowTo(where: string, rule: EgressRule): void {
    this.egress.push(egressRule(where, rule));
    this.called.push(rule.to);
  }

  /** Lets the pods send what a rule says. */
  public allow(rule: k8s.NetworkPolicyEgressRule): void {
    this.egress.push(rule);
  }

  /** The network policy. */
  public policy(): k8s.NetworkPolicySpec {
    const from = this.ingress;
    const byPort = this.byPort.map(({ port, peer }) => ({ from: peer._toKube(), ports: [tcp(port)] }));
    const ingress = [...(from.length > 0 ? [{ from, ports: this.ports.map(tcp) }] : []), ...byPort];
    return {
      podSelector: { matchLabels: this.subject.selector },
      policyTypes: ['Ingress', 'Egress'],
      // servers store no empty list, and take it for a change at every apply
      ingress: ingress.length > 0 ? ingress : undefined,
      egress: this.egress,
    };
  }
}
