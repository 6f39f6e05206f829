import { invalid } from '../private/errors';
import { ENDPOINT_UPDATE_SECONDS, type PeerAnswer, type RouteAnswer, type RouteNeed } from './dialect';

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
    attachments: [],
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

/** Path that a load balancer asks. Throws where the readiness probe says none, since its own choice is rarely answered. */
export function healthPathOf({ healthPath }: RouteNeed, otherwise: string): string {
  if (healthPath !== undefined) return healthPath;
  throw invalid(
    'Route',
    'readinessProbe',
    undefined,
    `must be asked over HTTP: the load balancer asks every pod itself, ${otherwise}, and sends nothing to one that does not answer 200`,
    "Write for example readinessProbe: Probe.httpGet('/health') on the gateway.",
  );
}
