import { letEverybodyIn } from '../private/networks';
import type { KubeObject } from './kube-object';

/**
 * Annotations that keep a load balancer inside a private network, by platform. Of those of one platform the first that
 * stands decides, as the platform reads them.
 */
const INTERNAL: { readonly [annotation: string]: string }[] = [
  { 'networking.gke.io/load-balancer-type': 'internal', 'cloud.google.com/load-balancer-type': 'internal' },
  {
    'service.beta.kubernetes.io/aws-load-balancer-scheme': 'internal',
    'service.beta.kubernetes.io/aws-load-balancer-internal': 'true',
  },
  { 'service.beta.kubernetes.io/azure-load-balancer-internal': 'true' },
];

const RANGES_ANNOTATION = 'service.beta.kubernetes.io/load-balancer-source-ranges';

/** Networks that a load balancer lets in; all where it names none. */
export function openNetworks(service: KubeObject): string[] {
  const annotated = service.metadata.annotations?.[RANGES_ANNOTATION]?.split(',').map((network) => network.trim());
  const ranges: string[] = service.spec?.loadBalancerSourceRanges ?? annotated ?? [];
  return ranges.some((range) => range !== '') ? ranges : ['0.0.0.0/0'];
}

/** Whether a Service asks for a load balancer that about everybody on the Internet may call. */
export function isOpenToEverybody(service: KubeObject): boolean {
  return service.spec?.type === 'LoadBalancer' && !isInternal(service.metadata.annotations ?? {}) && letEverybodyIn(openNetworks(service));
}

function isInternal(annotations: { [key: string]: string }): boolean {
  return INTERNAL.some((platform) => {
    const deciding = Object.keys(platform).find((key) => annotations[key] !== undefined);
    return deciding !== undefined && annotations[deciding].toLowerCase() === platform[deciding];
  });
}
