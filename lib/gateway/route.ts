import { invalid } from '../private/errors';
import { plainCopy } from '../private/plain-copy';
import { checkShape, type Shape } from '../private/shape';
import { annotations, dnsLabel, dnsSubdomain, printable } from '../private/validate';

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
   */
  readonly controllerNamespace: string;
}

/** A route through an ingress controller. */
export interface IngressRouteOptions extends RouteOptions {
  /** Ingress class of the controller, for example `traefik` or `nginx`. */
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
}

const ROUTE: Shape<RouteOptions> = { path: 'text', host: 'text', controllerNamespace: 'text' };
const INGRESS: Shape<IngressRouteOptions> = { ...ROUTE, ingressClassName: 'text', tlsSecretName: 'text', annotations: 'map' };
const GATEWAY: Shape<GatewayRouteOptions> = { ...ROUTE, gatewayName: 'text', gatewayNamespace: 'text' };

/** A way into a `ModelGateway` from outside the cluster, over a controller that already stands there. */
export class Route {
  /**
   * An Ingress (networking.k8s.io/v1), with `pathType: Prefix`.
   *
   * @throws where a name, the path, the host or an annotation is malformed.
   */
  public static ingress(options: IngressRouteOptions): Route {
    const where = 'Route.ingress';
    checkShape(where, options, INGRESS, ['controllerNamespace', 'ingressClassName']);
    dnsSubdomain(where, 'ingressClassName', options.ingressClassName);
    if (options.annotations !== undefined) annotations(where, 'annotations', options.annotations);
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
    return new Route(checkedPath(where, options), options.host, options.controllerNamespace, plainCopy(options), undefined);
  }

  /**
   * An HTTPRoute (gateway.networking.k8s.io/v1). The cluster needs the Gateway API's CRDs.
   *
   * @throws where a name, the path or the host is malformed.
   */
  public static gateway(options: GatewayRouteOptions): Route {
    const where = 'Route.gateway';
    checkShape(where, options, GATEWAY, ['controllerNamespace', 'gatewayName']);
    dnsSubdomain(where, 'gatewayName', options.gatewayName);
    if (options.gatewayNamespace !== undefined) dnsLabel(where, 'gatewayNamespace', options.gatewayNamespace);
    return new Route(checkedPath(where, options), options.host, options.controllerNamespace, undefined, plainCopy(options));
  }

  private constructor(
    /** Path prefix. */
    public readonly path: string,
    /** Host name, where one is wanted. */
    public readonly host: string | undefined,
    /** Namespace of the controller's pods. */
    public readonly controllerNamespace: string,
    private readonly ingressOptions: IngressRouteOptions | undefined,
    private readonly gatewayOptions: GatewayRouteOptions | undefined,
  ) {}

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
  dnsLabel(where, 'controllerNamespace', options.controllerNamespace);
  if (options.host !== undefined) dnsSubdomain(where, 'host', options.host);
  const { path = '/' } = options;
  printable(where, 'path', path);
  if (!path.startsWith('/') || path.includes('//') || path.includes('..') || /[\s?#]/.test(path)) {
    throw invalid(where, 'path', path, "must start with '/', without '//', '..', spaces, '?' and '#'", "For example '/inception'.");
  }
  return path;
}
