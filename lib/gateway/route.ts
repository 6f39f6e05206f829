import type { RouteNeed } from '../cluster/dialect';
import { invalid } from '../private/errors';
import { hasOwn } from '../private/own';
import { plainCopy } from '../private/plain-copy';
import { checkShape, type Shape } from '../private/shape';
import { annotations, cidr, dnsLabel, dnsSubdomain, printable } from '../private/validate';

/** What every route says. */
export interface RouteOptions {
  /**
   * Path prefix of the requests that go to the service.
   *
   * @default '/'
   */
  readonly path?: string;

  /**
   * Host name of those requests.
   *
   * @default - any host
   */
  readonly host?: string;

  /**
   * Namespace in which the pods of the ingress controller or of the gateway run; only they are let through to the
   * service. Whoever reaches that controller reaches the service.
   *
   * @default - none: the controller is a load balancer outside of the cluster
   */
  readonly controllerNamespace?: string;

  /**
   * Networks from which the requests of a controller outside of the cluster come, for example the proxy-only subnet of a
   * load balancer of GKE, or the subnets of one of AWS.
   *
   * @default - none; those of Google's global load balancers are known
   */
  readonly controllerCidrs?: string[];

  /**
   * Whether the controller or the gateway asks callers who they are. Until this says so, synthesis warns.
   *
   * @default false
   */
  readonly authenticated?: boolean;
}

/** A route through an ingress controller. */
export interface IngressRouteOptions extends RouteOptions {
  /** Ingress class of the controller, for example `traefik` or `nginx`; `gce` and its kin on GKE, `alb` on EKS. */
  readonly ingressClassName: string;

  /**
   * Secret of type `kubernetes.io/tls` for the host.
   *
   * @default - none: the controller decides
   */
  readonly tlsSecretName?: string;

  /**
   * Annotations that the controller reads.
   *
   * @default - none
   */
  readonly annotations?: { [key: string]: string };
}

/** A route through a Gateway of the Gateway API. */
export interface GatewayRouteOptions extends RouteOptions {
  /** Name of the Gateway. */
  readonly gatewayName: string;

  /**
   * Namespace of the Gateway.
   *
   * @default - the namespace of the service
   */
  readonly gatewayNamespace?: string;

  /**
   * Class of the Gateway, where it is a load balancer of the cloud, for example `gke-l7-global-external-managed`.
   *
   * @default - a controller whose pods run in the cluster
   */
  readonly gatewayClassName?: string;
}

/** What a route needs to know of the service that it leads to. */
export type RoutedService = Pick<RouteNeed, 'name' | 'requestSeconds' | 'healthPath'>;

const ROUTE: Shape<RouteOptions> = {
  path: 'text',
  host: 'text',
  controllerNamespace: 'text',
  controllerCidrs: 'texts',
  authenticated: 'truth',
};
const INGRESS: Shape<IngressRouteOptions> = { ...ROUTE, ingressClassName: 'text', tlsSecretName: 'text', annotations: 'map' };
const GATEWAY: Shape<GatewayRouteOptions> = { ...ROUTE, gatewayName: 'text', gatewayNamespace: 'text', gatewayClassName: 'text' };

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class';

/** A way into a `ModelGateway` from outside the cluster, over a controller that already stands there. */
export class Route {
  /**
   * An Ingress (networking.k8s.io/v1), with `pathType: Prefix`.
   *
   * @throws where a name, the path, the host or an annotation is malformed.
   */
  public static ingress(options: IngressRouteOptions): Route {
    const where = 'Route.ingress';
    checkShape(where, options, INGRESS, ['ingressClassName']);
    dnsSubdomain(where, 'ingressClassName', options.ingressClassName);
    if (options.annotations !== undefined) annotations(where, 'annotations', options.annotations);
    if (options.annotations !== undefined && hasOwn(options.annotations, CLASS_ANNOTATION)) {
      const rule = 'says the class a second time, in a way that Kubernetes refuses beside the field';
      throw invalid(where, `annotations.${CLASS_ANNOTATION}`, options.annotations[CLASS_ANNOTATION], rule, "Say it in 'ingressClassName'.");
    }
    if (options.tlsSecretName !== undefined) {
      dnsSubdomain(where, 'tlsSecretName', options.tlsSecretName);
      if (options.host === undefined)
        throw invalid(
          where,
          'tlsSecretName',
          options.tlsSecretName,
          "needs a 'host', which the certificate is for",
          "Add host: 'models.example.com'.",
        );
    }
    return new Route(checkedPath(where, options), options.host, plainCopy(options), undefined);
  }

  /**
   * An HTTPRoute (gateway.networking.k8s.io/v1). The cluster needs the Gateway API's CRDs.
   *
   * @throws where a name, the path or the host is malformed.
   */
  public static gateway(options: GatewayRouteOptions): Route {
    const where = 'Route.gateway';
    checkShape(where, options, GATEWAY, ['gatewayName']);
    dnsSubdomain(where, 'gatewayName', options.gatewayName);
    if (options.gatewayNamespace !== undefined) dnsLabel(where, 'gatewayNamespace', options.gatewayNamespace);
    if (options.gatewayClassName !== undefined) dnsSubdomain(where, 'gatewayClassName', options.gatewayClassName);
    return new Route(checkedPath(where, options), options.host, undefined, plainCopy(options));
  }

  private constructor(
    /** Path prefix. */
    public readonly path: string,
    /** Host name, where one is wanted. */
    public readonly host: string | undefined,
    private readonly ingressOptions: IngressRouteOptions | undefined,
    private readonly gatewayOptions: GatewayRouteOptions | undefined,
  ) {}

  /**
   * What the route needs of the cluster.
   *
   * @internal
   */
  public _need(of: RoutedService): RouteNeed {
    const options = (this.ingressOptions ?? this.gatewayOptions) as RouteOptions;
    return {
      ingressClassName: this.ingressOptions?.ingressClassName,
      gatewayClassName: this.gatewayOptions?.gatewayClassName,
      controllerNamespace: options.controllerNamespace,
      controllerCidrs: options.controllerCidrs ?? [],
      tls: this.ingressOptions?.tlsSecretName !== undefined,
      ...of,
    };
  }

  /**
   * @internal
   */
  public get _authenticated(): boolean {
    return (this.ingressOptions ?? this.gatewayOptions)?.authenticated ?? false;
  }

  /**
   * What people call the controller.
   *
   * @internal
   */
  public get _controller(): string {
    const { controllerNamespace } = (this.ingressOptions ?? this.gatewayOptions) as RouteOptions;
    if (controllerNamespace !== undefined) return `the controller in namespace '${controllerNamespace}'`;
    return `the load balancer of class '${this.ingressOptions?.ingressClassName ?? this.gatewayOptions?.gatewayClassName}'`;
  }

  /**
   * @internal
   */
  public get _ingress(): IngressRouteOptions | undefined {
    return this.ingressOptions;
  }

  /**
   * @internal
   */
  public get _gateway(): GatewayRouteOptions | undefined {
    return this.gatewayOptions;
  }
}

function checkedPath(where: string, options: RouteOptions): string {
  if (options.controllerNamespace !== undefined) dnsLabel(where, 'controllerNamespace', options.controllerNamespace);
  for (const [index, network] of (options.controllerCidrs ?? []).entries()) cidr(where, `controllerCidrs[${index}]`, network);
  if (options.host !== undefined) {
    dnsSubdomain(where, 'host', options.host.replace(/^\*\./, ''));
    if (/^[\d.]+$/.test(options.host)) {
      throw invalid(
        where,
        'host',
        options.host,
        'must be a DNS name, not an address',
        "Leave it out for any host, or write 'models.example.com'.",
      );
    }
  }
  const { path = '/' } = options;
  printable(where, 'path', path);
  if (!path.startsWith('/') || path.includes('//') || path.includes('..') || /[\s?#]/.test(path)) {
    throw invalid(where, 'path', path, "must start with '/', without '//', '..', spaces, '?' and '#'", "For example '/inception'.");
  }
  return path;
}
