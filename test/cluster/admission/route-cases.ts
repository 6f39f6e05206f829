import { type GatewayRouteOptions, type IngressRouteOptions, type ModelGatewayProps, Probe, Route } from '../../../lib';
import { type Matrix, only, type SiteName } from './matrix';

const controllerCidrs = ['10.129.0.0/23'];

const ingress: Required<Omit<IngressRouteOptions, 'controllerCidrs'>> = {
  ingressClassName: 'traefik',
  controllerNamespace: 'traefik',
  path: '/vision',
  host: 'models.example.com',
  tlsSecretName: 'models-tls',
  annotations: { 'traefik.ingress.kubernetes.io/router.entrypoints': 'websecure' },
  authenticated: true,
};
const gateway: Required<Omit<GatewayRouteOptions, 'controllerCidrs'>> = {
  gatewayName: 'public',
  gatewayNamespace: 'gateways',
  gatewayClassName: 'cilium',
  controllerNamespace: 'gateways',
  path: '/vision',
  host: '*.example.com',
  authenticated: true,
};

const GKE: SiteName[] = ['gke', 'autopilot'];
const overIngress = (ingressClassName: string, more: Partial<IngressRouteOptions> = {}) => ({
  routes: [Route.ingress({ ingressClassName, ...more })],
});
const overGateway = (gatewayClassName: string, more: Partial<GatewayRouteOptions> = {}) => ({
  routes: [Route.gateway({ gatewayName: 'public', gatewayClassName, ...more })],
});
/** The load balancer of a Gateway asks over TCP where the pods are not asked over HTTP. */
const readinessProbe = Probe.tcpSocket();

/** Every kind of route that the library writes. */
export const ROUTE_CASES: Matrix<ModelGatewayProps>['routes'] = {
  'an ingress controller': { routes: [Route.ingress(ingress)] },
  'an ingress controller outside': overIngress('nginx', { controllerCidrs }),
  'a Gateway': { routes: [Route.gateway(gateway)] },
  'a Gateway outside, and an Ingress': { routes: [Route.gateway({ gatewayName: 'own', controllerCidrs }), Route.ingress(ingress)] },
  gce: only(GKE, overIngress('gce')),
  'gce with a certificate': only(GKE, overIngress('gce', { host: 'models.example.com', tlsSecretName: 'models-tls' })),
  'gce-internal': only(GKE, overIngress('gce-internal', { controllerCidrs })),
  'gce-regional-external': only(GKE, overIngress('gce-regional-external', { controllerCidrs })),
  'gke-l7-global-external-managed': only(GKE, overGateway('gke-l7-global-external-managed')),
  'gke-l7-gxlb': only(GKE, overGateway('gke-l7-gxlb')),
  'gke-l7-rilb': only(GKE, overGateway('gke-l7-rilb', { controllerCidrs })),
  'gke-l7-regional-external-managed': only(GKE, overGateway('gke-l7-regional-external-managed', { controllerCidrs })),
  'gke-l7-rilb, asked over TCP': only(GKE, { ...overGateway('gke-l7-rilb', { controllerCidrs }), readinessProbe }),
  'gce and gke-l7 at once': only(GKE, {
    routes: [...overIngress('gce').routes, ...overGateway('gke-l7-global-external-managed', { path: '/b' }).routes],
  }),
  alb: only(['eks'], overIngress('alb', { controllerCidrs })),
  'alb for a host': only(['eks'], overIngress('alb', { controllerCidrs, host: 'models.example.com' })),
};
