import { invalid } from '../private/errors';
import { checkShape, type Shape } from '../private/shape';
import { cidr, wholeNumber } from '../private/validate';

/** From where a service may be reached. */
export enum Reach {
  /** From inside the cluster only, and there by the named callers only. */
  CLUSTER = 'cluster',
  /** From the private network that the cluster stands in. */
  INTERNAL = 'internal',
  /** From outside that network. */
  EXTERNAL = 'external',
}

/** Who may come, and through which door. */
export interface ExposureOptions {
  /**
   * Networks that may call, in CIDR form. They become the load balancer's source ranges and the network policy's peers.
   * What together is wider than a /8 of public addresses lets everybody in, as `0.0.0.0/0` does, and is reported as a
   * warning, since model servers authenticate nobody.
   */
  readonly allowedCidrs: string[];

  /**
   * Port on every node, 30000 to 32767, for clusters that answer with a NodePort (for example one that a kind
   * configuration maps to the host).
   *
   * @default - the cluster picks a free one
   */
  readonly nodePort?: number;
}

const SHAPE: Shape<ExposureOptions> = { allowedCidrs: 'texts', nodePort: 'number' };

/**
 * The need "reachable from …", which each cluster writes in its own way: a NodePort on kind and minikube, a load
 * balancer elsewhere. Nothing is public unless this says so, and it cannot say so without saying who may come.
 */
export class Exposure {
  /** Inside the cluster only: a ClusterIP Service. */
  public static cluster(): Exposure {
    return new Exposure(Reach.CLUSTER, []);
  }

  /**
   * From the private network around the cluster.
   *
   * @throws where no network is named, one is not in CIDR form, or the node port is none.
   */
  public static internal(options: ExposureOptions): Exposure {
    return new Exposure(Reach.INTERNAL, checkedCidrs('Exposure.internal', options), checkedNodePort('Exposure.internal', options));
  }

  /**
   * From outside: the Internet, or a laptop's host.
   *
   * @throws where no network is named, one is not in CIDR form, or the node port is none.
   */
  public static external(options: ExposureOptions): Exposure {
    return new Exposure(Reach.EXTERNAL, checkedCidrs('Exposure.external', options), checkedNodePort('Exposure.external', options));
  }

  private constructor(
    /** From where the service may be reached. */
    public readonly reach: Reach,
    /** Networks that may call. */
    public readonly allowedCidrs: string[],
    /** Port on every node, where one is wanted. */
    public readonly nodePort?: number,
  ) {}
}

function checkedCidrs(where: string, options: ExposureOptions): string[] {
  if (!Array.isArray(options?.allowedCidrs) || options.allowedCidrs.length === 0) {
    throw invalid(
      where,
      'allowedCidrs',
      options?.allowedCidrs,
      'must name the networks that may call: the server itself authenticates nobody',
      "Write for example ['203.0.113.0/24'], or ['0.0.0.0/0'] where everybody may come.",
    );
  }
  checkShape(where, options, SHAPE, []);
  return options.allowedCidrs.map((network, index) => cidr(where, `allowedCidrs[${index}]`, network));
}

function checkedNodePort(where: string, options: ExposureOptions): number | undefined {
  return options.nodePort === undefined ? undefined : wholeNumber(where, 'nodePort', options.nodePort, 30000, 32767);
}
