import type { RouteAnswer, RouteNeed } from './dialect';
import { balancerCidrs, healthPathOf } from './routing';

/** Ingress classes of GKE itself. @see https://github.com/kubernetes/ingress-gce (pkg/annotations) */
const GKE_INGRESS_CLASSES = ['gce', 'gce-internal', 'gce-regional-external'];

/** Where Google's front ends and health checks come from. @see https://cloud.google.com/load-balancing/docs/health-check-concepts#ip-ranges */
const GOOGLE_FRONT_ENDS = [{ cidr: '130.211.0.0/22' }, { cidr: '35.191.0.0/16' }];

const PROXY_SUBNET = 'the proxy-only subnet of the load balancer';

/** Pods are the balancer's backends themselves, so that the Service needs no node port. */
const NETWORK_ENDPOINT_GROUP = { 'cloud.google.com/neg': '{"ingress": true}' };

/**
 * Time until every front end has left a pod that was taken out of its network endpoint group.
 *
 * @see https://cloud.google.com/kubernetes-engine/docs/how-to/container-native-load-balancing#traffic_does_not_reach_endpoints
 */
const NEG_DRAIN_SECONDS = 60;

/** An Ingress that a load balancer of GKE itself serves. */
export function gkeIngressRoute(ingressClass: string, need: RouteNeed): RouteAnswer {
  if (!GKE_INGRESS_CLASSES.includes(ingressClass))
    throw new Error(`GKE has no ingress class '${ingressClass}'. Choose one of ${GKE_INGRESS_CLASSES.join(', ')}.`);
  const requestPath = healthPathOf(need, 'GET / unless a readiness probe names another path');
  return {
    // GKE reads the class from the annotation only
    routeAnnotations: {
      'kubernetes.io/ingress.class': ingressClass,
      ...(need.tls ? { 'kubernetes.io/ingress.allow-http': 'false' } : {}),
    },
    serviceAnnotations: { ...NETWORK_ENDPOINT_GROUP, 'cloud.google.com/backend-config': JSON.stringify({ default: need.name }) },
    peers: [...GOOGLE_FRONT_ENDS, ...(ingressClass === 'gce' ? [] : balancerCidrs(need, PROXY_SUBNET).map((cidr) => ({ cidr })))],
    drainSeconds: NEG_DRAIN_SECONDS,
    attachments: [
      {
        apiVersion: 'cloud.google.com/v1',
        kind: 'BackendConfig',
        spec: () => ({
          timeoutSec: need.requestSeconds,
          connectionDraining: { drainingTimeoutSec: need.requestSeconds },
          healthCheck: { type: 'HTTP', requestPath },
        }),
      },
    ],
  };
}

/** A route over a Gateway that is a load balancer of GKE. */
export function gkeGatewayRoute(gatewayClass: string, need: RouteNeed): RouteAnswer {
  const global = /^gke-l7-(global-external-managed|gxlb)/.test(gatewayClass);
  const config =
    need.healthPath === undefined
      ? { type: 'TCP', tcpHealthCheck: { portSpecification: 'USE_SERVING_PORT' } }
      : { type: 'HTTP', httpHealthCheck: { portSpecification: 'USE_SERVING_PORT', requestPath: need.healthPath } };
  return {
    routeAnnotations: {},
    serviceAnnotations: {},
    peers: [...GOOGLE_FRONT_ENDS, ...(global ? [] : balancerCidrs(need, PROXY_SUBNET).map((cidr) => ({ cidr })))],
    drainSeconds: NEG_DRAIN_SECONDS,
    attachments: [
      {
        apiVersion: 'networking.gke.io/v1',
        kind: 'HealthCheckPolicy',
        spec: (service) => ({ default: { config }, targetRef: { group: '', kind: 'Service', name: service } }),
      },
      {
        apiVersion: 'networking.gke.io/v1',
        kind: 'GCPBackendPolicy',
        spec: (service) => ({
          default: { timeoutSec: need.requestSeconds, connectionDraining: { drainingTimeoutSec: need.requestSeconds } },
          targetRef: { group: '', kind: 'Service', name: service },
        }),
      },
    ],
  };
}
