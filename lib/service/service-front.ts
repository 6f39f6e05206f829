import type * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import type { AutoscaledService } from './autoscaled-service';
import type { NetworkAccess } from './network-access';

/** A construct that stands for one service: constructs of cdk8s-plus, and peers, take it for that service. */
export abstract class ServiceFront extends Construct implements kplus.IScalable, kplus.IPodSelector, kplus.INetworkPolicyPeer {
  /** The workload: Deployment, Service and all around them. */
  public abstract readonly service: AutoscaledService;

  /** Whether an autoscaler owns the number of pods. */
  public get hasAutoscaler(): boolean {
    return this.service.hasAutoscaler;
  }

  public set hasAutoscaler(value: boolean) {
    this.service.hasAutoscaler = value;
  }

  /**
   * Called by an autoscaler that takes over the number of pods.
   *
   * @throws where `replicas` is set, or another autoscaler already owns it.
   */
  public markHasAutoscaler(): void {
    this.service.markHasAutoscaler();
  }

  /** What an autoscaler of cdk8s-plus needs to know of the target. */
  public toScalingTarget(): kplus.ScalingTarget {
    return this.service.toScalingTarget();
  }

  /** Selects the pods, for constructs of cdk8s-plus. */
  public toPodSelectorConfig(): kplus.PodSelectorConfig {
    return this.service.toPodSelectorConfig();
  }

  /** The pods as a peer, for network policies of cdk8s-plus. */
  public toNetworkPolicyPeerConfig(): kplus.NetworkPolicyPeerConfig {
    return this.service.toNetworkPolicyPeerConfig();
  }

  /** The pods, for network policies of cdk8s-plus. */
  public toPodSelector(): kplus.IPodSelector | undefined {
    return this.service;
  }

  /**
   * @internal
   */
  public get _access(): NetworkAccess {
    return this.service._access;
  }
}
