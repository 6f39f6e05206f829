import type { ContainerImage } from './container-image';
import type { Exposure } from './exposure';
import type { NodePool, NodePoolProps } from './node-pool';
import type { ReadRates } from './read-rates';
import type { SetupAnswer } from './setup';
import type { VolumeAnswer, VolumeNeed } from './volumes';

/** Taint toleration, as the API has it. */
export interface TolerationAnswer {
  readonly key: string;
  readonly operator: 'Exists' | 'Equal';
  readonly value?: string;
  readonly effect: 'NoSchedule' | 'NoExecute' | 'PreferNoSchedule';
}

/** How an image is named and pulled on a cluster, and what brings it there. */
export interface ImageAnswer {
  readonly reference: string;
  readonly pullPolicy: 'IfNotPresent' | 'Always' | 'Never';
  /** Command that brings the image to where the cluster finds it, where it is not there yet. */
  readonly command?: string;
  /** Whether it is loaded into the nodes, so that no registry has it. */
  readonly sideLoaded?: boolean;
}

/** How an exposure is written as a Service. */
export interface ExposureAnswer {
  readonly type: 'ClusterIP' | 'NodePort' | 'LoadBalancer';
  readonly annotations?: { [key: string]: string };
  readonly loadBalancerClass?: string;
  readonly loadBalancerSourceRanges?: string[];
  readonly nodePort?: number;
  /** `Local` where only that keeps the caller's address, by which network policies judge. */
  readonly externalTrafficPolicy?: 'Local';
  /** Networks from which packets arrive at the pod. */
  readonly peerCidrs: string[];
  /** Time for which a stopping pod may still get new connections. */
  readonly drainSeconds: number;
}

/** Time until every node knows that a pod has left its Service. */
export const ENDPOINT_UPDATE_SECONDS = 10;

/** A service inside the cluster, which every platform writes alike. */
export const CLUSTER_EXPOSURE: ExposureAnswer = { type: 'ClusterIP', peerCidrs: [], drainSeconds: ENDPOINT_UPDATE_SECONDS };

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
  /** Name of the route's objects. */
  readonly name: string;
  /** Longest request. */
  readonly requestSeconds: number;
  /** Whether the route has a certificate. */
  readonly tls: boolean;
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
  /** Objects that attach to the Service, for example to say how the balancer asks whether pods are well. */
  readonly attachments: { readonly apiVersion: string; readonly kind: string; spec(service: string): object }[];
}

/** A need for GPUs, with the names under which platforms know the accelerator. */
export interface GpuNeed {
  readonly accelerator: string;
  readonly gkeName?: string;
  readonly karpenterName?: string;
  readonly memoryGib?: number;
  readonly spot: boolean;
  readonly poolName: string;
}

/** How GPUs are asked for. */
export interface GpuAnswer {
  /** False where the cluster runs the CPU variant instead. */
  readonly gpu: boolean;
  readonly resourceName: string;
  readonly nodeSelector: { [key: string]: string };
  readonly tolerations: TolerationAnswer[];
  /** How many GPUs a pod may ask for, where the platform takes only some numbers. */
  readonly podGpus?: readonly number[];
  /** What people should know about a stand-in. */
  readonly remark?: string;
}

/** A network peer as NetworkPolicy writes it. */
export interface PeerAnswer {
  readonly cidr?: string;
  readonly except?: string[];
  readonly namespace?: string;
  readonly podLabels?: { [key: string]: string };
}

/** Traffic that a pod may send. */
export interface EgressAnswer {
  readonly peers: PeerAnswer[];
  readonly ports: { readonly protocol: 'TCP' | 'UDP'; readonly port: number }[];
}

/** How pods get at Google Cloud Storage. */
export interface GcsAccessAnswer {
  readonly serviceAccountAnnotations: { [key: string]: string };
  readonly egress: EgressAnswer[];
  /** True where pods have no identity of their own and need a key file. */
  readonly keyFileNeeded: boolean;
  /** What else than a key would help, for people who have none. */
  readonly insteadOfKeyFile?: string;
  /**
   * Server that hands out the pods' tokens, where a pod must wait for it: TensorFlow keeps an empty token for good when the
   * first question goes unanswered.
   */
  readonly tokenServer?: { readonly host: string; readonly port: number; readonly path: string };
  /** Commands that grant the access. */
  readonly commands: { readonly command: string; readonly purpose: string }[];
}

/** A need to read a bucket of Amazon S3. */
export interface S3Need {
  readonly bucket: string;
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Role that the pods act as, where it is named. */
  readonly roleArn?: string;
}

/** How pods get at Amazon S3. */
export interface S3AccessAnswer {
  readonly serviceAccountAnnotations: { [key: string]: string };
  readonly egress: EgressAnswer[];
  /** True where pods have no identity of their own in AWS and need keys. */
  readonly keysNeeded: boolean;
  /** What else than keys would help, for people who have none. */
  readonly insteadOfKeys?: string;
  /** Commands that grant the access. */
  readonly commands: { readonly command: string; readonly purpose: string }[];
}

/** What must stand in a cluster before objects that count on it are applied. */
export type SetupNeed = 'registry' | 'metrics' | 'load-balancer' | 'network-policies';

/** Where a service stands, for the commands that reach it. */
export interface ServiceAddress {
  readonly namespace: string;
  readonly service: string;
  readonly port: number;
}

/**
 * The way one platform writes each need. Constructs state needs; only the files of this room know platforms.
 */
export interface Dialect {
  readonly platform: string;
  /** What a message calls it. */
  readonly title: string;
  readonly local: boolean;
  readonly nodePools: NodePool[];
  /** Nodes that run pods, where their number is fixed. */
  readonly nodeCount?: number;
  /** Whether nodes stand in pools to choose from; else a pool's name, which other clusters need, means nothing. */
  readonly hasNodePools: boolean;
  /** Whether containers start so that no port needs root. */
  readonly portsNeedNoRoot: boolean;
  /** How fast a server reads a model, at the least. */
  readonly readRates: ReadRates;
  /** Namespaces of the platform itself, besides those of Kubernetes. */
  readonly systemNamespaces?: RegExp;
  /** Annotations for pods with emptyDir volumes, so that a node autoscaler may still remove their node. */
  evictableVolumes(volumes: string[]): { [key: string]: string };
  nodePoolSelector(pool: NodePool): { [key: string]: string };
  image(image: ContainerImage): ImageAnswer;
  expose(exposure: Exposure): ExposureAnswer;
  route(need: RouteNeed): RouteAnswer;
  gpu(need: GpuNeed): GpuAnswer;
  /** Nodes of a GPU pool, where their size is known. */
  gpuNodes(pool: NodePoolProps, need: GpuNeed): NodePool | undefined;
  gcsAccess(account: { readonly namespace: string; readonly serviceAccount: string }): GcsAccessAnswer;
  s3Access(need: S3Need): S3AccessAnswer;
  /** Why a claim of this access mode may stay Pending here, or nothing where the default storage meets it. */
  claimRemark(accessMode: string): string | undefined;
  /** How a volume is mounted here that not every platform has. */
  volume(need: VolumeNeed): VolumeAnswer;
  dnsEgress(): EgressAnswer;
  /** How what is needed is set up, or nothing where the platform brings it. */
  setup(need: SetupNeed): SetupAnswer[];
  reachCommands(exposure: Exposure, address: ServiceAddress): string[];
}

const DNS_PORTS: EgressAnswer['ports'] = [
  { protocol: 'UDP', port: 53 },
  { protocol: 'TCP', port: 53 },
];

const CLUSTER_DNS: PeerAnswer = { namespace: 'kube-system', podLabels: { 'k8s-app': 'kube-dns' } };

/** Pods of NodeLocal DNSCache, to which Dataplane V2 redirects DNS. */
const NODE_LOCAL_DNS_PODS: PeerAnswer = { namespace: 'kube-system', podLabels: { 'k8s-app': 'node-local-dns' } };

/** DNS in the cluster and on the node, plus the addresses where a platform answers DNS. */
export function dnsEgress(...addresses: string[]): EgressAnswer {
  return { peers: [CLUSTER_DNS, NODE_LOCAL_DNS_PODS, ...addresses.map((cidr) => ({ cidr }))], ports: DNS_PORTS };
}

/** Address of NodeLocal DNSCache on every node. @see https://kubernetes.io/docs/tasks/administer-cluster/nodelocaldns/ */
export const NODE_LOCAL_DNS = '169.254.20.10/32';

/**
 * Networks that the addresses of Services come from. Where a node answers DNS itself, questions to the Service of the DNS
 * never become questions to its pods, so that a policy must let the address of the Service through, which nobody knows yet.
 */
export const SERVICE_NETWORKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

/** Tells the cluster autoscaler that it may remove a node with such volumes. */
export function evictable(volumes: string[]): { [key: string]: string } {
  return { 'cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes': volumes.join(',') };
}

/** Networks that are never a public service: private ranges, link-local with its metadata servers, and loopback. */
export const PRIVATE_NETWORKS = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', '127.0.0.0/8'];

/** HTTPS to public addresses: what the Google APIs need. */
export const PUBLIC_HTTPS: EgressAnswer = {
  peers: [{ cidr: '0.0.0.0/0', except: PRIVATE_NETWORKS }],
  ports: [{ protocol: 'TCP', port: 443 }],
};

/** The pods have no identity that Google Cloud Storage knows, so they bring a key file. */
export const GCS_BY_KEY_FILE: GcsAccessAnswer = {
  serviceAccountAnnotations: {},
  egress: [PUBLIC_HTTPS],
  keyFileNeeded: true,
  commands: [],
};

/** The pods have no identity in AWS, so they bring keys. */
export const S3_BY_KEYS: S3AccessAnswer = {
  serviceAccountAnnotations: {},
  egress: [PUBLIC_HTTPS],
  keysNeeded: true,
  commands: [],
};

/**
 * Gives an image the name of its registry, and pushes it. An image without a tag is one that the registry already has: a
 * digest comes into being by pushing.
 */
export function pushCommand({ name, tag }: ContainerImage, pushed: string): string | undefined {
  return tag === undefined ? undefined : `docker tag ${name}:${tag} ${pushed} && docker push ${pushed}`;
}

export function portForward({ namespace, service, port }: ServiceAddress): string {
  const local = port < 1024 ? 8000 + port : port;
  return `kubectl -n ${namespace} port-forward service/${service} ${local}:${port}`;
}
