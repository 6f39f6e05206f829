import { invalid } from '../private/errors';
import { ENDPOINT_UPDATE_SECONDS, type PeerAnswer } from './dialect';

/** A need to be reached over an ingress controller or a Gateway. */
export interface RouteNeed {
  /** Ingress class, where the route is an Ingress. */
  readonly ingressClassName?: string;
  /** Class of the Gateway, where the route names it. */
  readonly gatewayClassName?: string;
  /** Namespace of the controller's pods, where it runs in the cluster. */
  readonly controllerNamespace?: string;
  /** Networks from which the controller's requests come, where it runs outside. */
  readonly controllerCidrs: string[];
  /** Path of the readiness question, where it is asked over HTTP. */
  readonly healthPath?: string;
}

/** How a route is written, and who comes over it. */
export interface RouteAnswer {
  /** The field of the Ingress; left out where the class stands in an annotation. */
  readonly ingressClassName?: string;
  readonly routeAnnotations: { [key: string]: string };
  readonly serviceAnnotations: { [key: string]: string };
  /** From where the requests arrive at the pods. */
  readonly peers: PeerAnswer[];
  /** Time for which a stopping pod may still get requests over it. */
  readonly drainSeconds: number;
  /** An object that attaches to the Service, for example to say how the balancer asks whether pods are well. */
  readonly attachment?: { readonly apiVersion: string; readonly kind: string; spec(service: string): object };
}

/** Classes of load balancers outside the cluster, which their own clouds must write. */
const CLOUD_CLASSES: { [platform: string]: RegExp } = { GKE: /^(gce(-.*)?|gke-l7-.*)$/, EKS: /^alb$/ };

/** A route over a controller whose pods run in the cluster, as every platform writes it. */
export function controllerRoute(title: string, need: RouteNeed): RouteAnswer {
  const className = need.ingressClassName ?? need.gatewayClassName;
  const cloud = Object.keys(CLOUD_CLASSES).find((platform) => CLOUD_CLASSES[platform].test(className ?? ''));
  if (cloud !== undefined) {
    throw new Error(
      `${title} has no controller of class '${className}': it is a load balancer of ${cloud}. Name the class of a controller that runs in this cluster, for example 'traefik'.`,
    );
  }
  if (need.controllerNamespace === undefined && need.controllerCidrs.length === 0) {
    throw invalid(
      'Route',
      'controllerNamespace',
      undefined,
      `must say where the pods of controller '${className ?? 'of the Gateway'}' run: the network policy lets only them through`,
      "For example controllerNamespace: 'traefik', or 'controllerCidrs' where it runs outside of the cluster.",
    );
  }
  return {
    ingressClassName: need.ingressClassName,
    routeAnnotations: {},
    serviceAnnotations: {},
    peers: routePeers(need),
    drainSeconds: ENDPOINT_UPDATE_SECONDS,
  };
}

/** Who the route itself says may come. */
export function routePeers({ controllerNamespace, controllerCidrs }: RouteNeed): PeerAnswer[] {
  const pods = controllerNamespace === undefined ? [] : [{ namespace: controllerNamespace }];
  return [...pods, ...controllerCidrs.map((cidr) => ({ cidr }))];
}

/** Networks of a load balancer that stands in the user's own network. Throws where none is named. */
export function balancerCidrs(need: RouteNeed, what: string): string[] {
  if (need.controllerCidrs.length > 0) return need.controllerCidrs;
  throw invalid(
    'Route',
    'controllerCidrs',
    undefined,
    `must name ${what}, from which the requests arrive: the network policy lets only them through`,
    "For example ['10.129.0.0/23'].",
  );
}
