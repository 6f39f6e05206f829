import { invalid } from '../private/errors';
import { hasOwn } from '../private/own';
import { checkShape, type Shape } from '../private/shape';
import { dnsLabel } from '../private/validate';
import { gkeReserved, type PlatformNodes, resolveNodePools } from './allocatable';
import { type ContainerImage, checkRegistry } from './container-image';
import {
  CLUSTER_EXPOSURE,
  type Dialect,
  dnsEgress,
  type EgressAnswer,
  type ExposureAnswer,
  evictable,
  type GcsAccessAnswer,
  type GpuAnswer,
  type GpuNeed,
  type ImageAnswer,
  NODE_LOCAL_DNS,
  PUBLIC_HTTPS,
  portForward,
  pushCommand,
  type RouteAnswer,
  type RouteNeed,
  S3_BY_KEYS,
  SERVICE_NETWORKS,
  type ServiceAddress,
  type SetupNeed,
} from './dialect';
import { type Exposure, Reach } from './exposure';
import { GCE_KNOWN, gceMachine } from './gce-machines';
import { gkeGatewayRoute, gkeIngressRoute } from './gke-routes';
import { gpuNodePool } from './gpu-nodes';
import type { NodePool, NodePoolProps } from './node-pool';
import { GKE_READ_RATES } from './read-rates';
import { controllerRoute } from './routing';
import type { SetupAnswer } from './setup';
import { MOUNTED, notMounted, type VolumeAnswer, type VolumeNeed } from './volumes';

/** Options of a GKE cluster. */
export interface GkeClusterProps {
  /**
   * Name of the folder under `dist/`.
   *
   * @default 'gke'
   */
  readonly name?: string;

  /** Google Cloud project of the cluster, for Workload Identity. */
  readonly projectId: string;

  /**
   * Project number, as the principal of a Kubernetes service account names it.
   *
   * @default - the summary shows a placeholder
   */
  readonly projectNumber?: string;

  /**
   * Registry and path under which images that you build are pushed, for example
   * `us-central1-docker.pkg.dev/my-project/models` or `gcr.io/my-project`.
   *
   * @default - none: images that you build are refused
   */
  readonly imageRegistry?: string;

  /**
   * Node pools of a Standard cluster, for placement and for what fits.
   *
   * @default - unknown: nothing is said about what fits
   */
  readonly nodePools?: NodePoolProps[];

  /**
   * Whether the cluster runs in Autopilot mode, which makes nodes to fit the pods.
   *
   * @default false
   */
  readonly autopilot?: boolean;

  /**
   * Google service account that pods act as, for clusters that still use impersonation. Without it roles are granted to
   * the Kubernetes service account itself.
   *
   * @default - none: Workload Identity Federation, without an annotation
   */
  readonly googleServiceAccount?: string;

  /**
   * Kubernetes minor that the manifests must work on.
   *
   * @default '1.34'
   */
  readonly kubernetesVersion?: string;
}

const SHAPE: Shape<GkeClusterProps> = {
  name: 'text',
  projectId: 'text',
  projectNumber: 'text',
  imageRegistry: 'text',
  nodePools: 'maps',
  autopilot: 'truth',
  googleServiceAccount: 'text',
  kubernetesVersion: 'text',
};

/** A project's ID, which may stand in the scope of a domain. @see https://cloud.google.com/resource-manager/docs/creating-managing-projects */
const PROJECT_ID = /^(?:[a-z0-9][-a-z0-9.]*:)?[a-z][-a-z0-9]{4,28}[a-z0-9]$/;
const PROJECT_NUMBER = /^[1-9]\d{5,18}$/;

/** Also those that Google makes: `123456789012-compute@developer.gserviceaccount.com`. @see https://cloud.google.com/iam/docs/service-account-types */
const SERVICE_ACCOUNT = /^[a-z0-9][-a-z0-9]{4,61}[a-z0-9]@[a-z0-9][-a-z0-9.]*\.gserviceaccount\.com$/;

/** How many of an accelerator a pod may ask for on Autopilot, which has none of the older ones. @see https://cloud.google.com/kubernetes-engine/docs/how-to/autopilot-gpus */
const AUTOPILOT_GPUS: { [accelerator: string]: readonly number[] } = {
  'nvidia-b200': [8],
  'nvidia-h200-141gb': [8],
  'nvidia-h100-mega-80gb': [8],
  'nvidia-h100-80gb': [1, 2, 4, 8],
  'nvidia-a100-80gb': [1, 2, 4, 8],
  'nvidia-tesla-a100': [1, 2, 4, 8, 16],
  'nvidia-rtx-pro-6000': [1, 2, 4, 8],
  'nvidia-l4': [1, 2, 4, 8],
  'nvidia-tesla-t4': [1, 2, 4],
  'nvidia-tesla-v100': [],
  'nvidia-tesla-p100': [],
  'nvidia-tesla-p4': [],
  'nvidia-tesla-k80': [],
};

/**
 * Requests of kube-proxy, logging, metrics, storage, identity and network agents. Standard nodes with all of these were
 * measured to carry up to 443m and 596Mi.
 *
 * @see https://github.com/2i2c-org/infrastructure/blob/main/deployer/commands/generate/resource_allocation/node-capacity-info.json
 */
const GKE_NODES: PlatformNodes = {
  machine: gceMachine,
  knownMachines: GCE_KNOWN,
  reserved: gkeReserved,
  systemCpu: '450m',
  systemMemory: '600Mi',
  openGpuNodes: false,
};

/**
 * With externalTrafficPolicy Local the balancer leaves a node only after its health check failed three times, eight seconds
 * apart, and the node sends to the stopping pod until then.
 *
 * @see https://cloud.google.com/kubernetes-engine/docs/concepts/service-load-balancer-parameters
 */
const BALANCER_DRAIN_SECONDS = 30;

/** NodeLocal DNSCache answers here, Cloud DNS on the metadata address. @see https://cloud.google.com/kubernetes-engine/docs/how-to/nodelocal-dns-cache */
/** Where GKE puts Services unless told otherwise. @see https://cloud.google.com/kubernetes-engine/docs/concepts/alias-ips */
const GKE_SERVICES = '34.118.224.0/20';
const METADATA_SERVER = '169.254.169.254/32';

/** The metadata server as pods reach it, with and without Dataplane V2. @see https://cloud.google.com/kubernetes-engine/docs/how-to/network-policy */
const METADATA_EGRESS: EgressAnswer[] = [
  { peers: [{ cidr: METADATA_SERVER }], ports: [{ protocol: 'TCP', port: 80 }] },
  { peers: [{ cidr: '169.254.169.252/32' }], ports: [{ protocol: 'TCP', port: 988 }] },
];

export class GkeDialect implements Dialect {
  public readonly platform = 'gke';
  public readonly title = 'GKE';
  public readonly local = false;
  public readonly hasNodePools = true;
  public readonly portsNeedNoRoot = false;
  public readonly readRates = GKE_READ_RATES;
  public readonly systemNamespaces = /^(gke-(managed|gmp|connect)(-.*)?|gmp-(system|public))$/;
  public readonly nodePools: NodePool[];

  constructor(private readonly props: GkeClusterProps) {
    const where = 'Cluster.gke';
    checkShape(where, props, SHAPE, ['projectId']);
    dnsLabel(where, 'name', props.name ?? 'gke');
    checkIdentity(where, props);
    if (props.autopilot && props.nodePools?.length) {
      throw invalid(
        where,
        'nodePools',
        props.nodePools.map((pool) => pool.name),
        'cannot be declared on Autopilot, which makes its own nodes',
        "Leave out 'nodePools' or 'autopilot'.",
      );
    }
    this.nodePools = resolveNodePools(where, props.nodePools ?? [], GKE_NODES);
  }

  public evictableVolumes(volumes: string[]): { [key: string]: string } {
    return evictable(volumes);
  }

  public nodePoolSelector(pool: NodePool): { [key: string]: string } {
    return { 'cloud.google.com/gke-nodepool': pool.name };
  }

  public image(image: ContainerImage): ImageAnswer {
    const { reference } = image;
    if (!image.built) return { reference, pullPolicy: 'IfNotPresent' };
    if (this.props.imageRegistry === undefined) {
      throw invalid(
        'Cluster.gke',
        'imageRegistry',
        undefined,
        `must say where '${reference}' is pushed to: GKE cannot run an image from your machine`,
        "For example 'us-central1-docker.pkg.dev/my-project/models'.",
      );
    }
    const pushed = `${this.props.imageRegistry}/${reference}`;
    return {
      reference: pushed,
      pullPolicy: 'IfNotPresent',
      command: pushCommand(image, `${this.props.imageRegistry}/${image.name}:${image.tag}`),
    };
  }

  public expose(exposure: Exposure): ExposureAnswer {
    if (exposure.reach === Reach.CLUSTER) return CLUSTER_EXPOSURE;
    const { allowedCidrs, nodePort } = exposure;
    // the key that GKE reads today; cloud.google.com/load-balancer-type is its deprecated form
    const annotations: { [key: string]: string } =
      exposure.reach === Reach.INTERNAL
        ? { 'networking.gke.io/load-balancer-type': 'Internal' }
        : // the balancer counts nodes, of which one may hold more pods than another
          { 'cloud.google.com/l4-rbs': 'enabled', 'networking.gke.io/weighted-load-balancing': 'pods-per-node' };
    return {
      type: 'LoadBalancer',
      annotations,
      loadBalancerSourceRanges: allowedCidrs,
      nodePort,
      externalTrafficPolicy: 'Local',
      peerCidrs: allowedCidrs,
      drainSeconds: BALANCER_DRAIN_SECONDS,
    };
  }

  public route(need: RouteNeed): RouteAnswer {
    const { ingressClassName, gatewayClassName } = need;
    if (ingressClassName?.startsWith('gce')) return gkeIngressRoute(ingressClassName, need);
    if (gatewayClassName?.startsWith('gke-l7-')) return gkeGatewayRoute(gatewayClassName, need);
    return controllerRoute(this.title, need);
  }

  public gpu(need: GpuNeed): GpuAnswer {
    if (need.gkeName === undefined) {
      throw new Error(
        `GKE has no accelerator '${need.accelerator}': it has no value of cloud.google.com/gke-accelerator. Choose one that GKE offers, or give its 'gkeName'.`,
      );
    }
    const podGpus = this.props.autopilot && hasOwn(AUTOPILOT_GPUS, need.gkeName) ? AUTOPILOT_GPUS[need.gkeName] : undefined;
    if (podGpus?.length === 0) {
      throw new Error(`GKE Autopilot has no accelerator '${need.accelerator}'. Choose a T4, an L4 or a newer one, or a Standard cluster.`);
    }
    return {
      gpu: true,
      resourceName: 'nvidia.com/gpu',
      podGpus,
      nodeSelector: { 'cloud.google.com/gke-accelerator': need.gkeName, ...(need.spot ? { 'cloud.google.com/gke-spot': 'true' } : {}) },
      tolerations: [
        { key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' },
        ...(need.spot ? [{ key: 'cloud.google.com/gke-spot', operator: 'Equal', value: 'true', effect: 'NoSchedule' } as const] : []),
      ],
    };
  }

  public gpuNodes(pool: NodePoolProps, need: GpuNeed): NodePool | undefined {
    return gpuNodePool('Cluster.gke', pool, need, need.gkeName, this.nodePools, GKE_NODES);
  }

  public gcsAccess(account: { readonly namespace: string; readonly serviceAccount: string }): GcsAccessAnswer {
    const { projectId, projectNumber = 'PROJECT_NUMBER', googleServiceAccount } = this.props;
    const { namespace, serviceAccount } = account;
    const member = googleServiceAccount
      ? `serviceAccount:${googleServiceAccount}`
      : `principal://iam.googleapis.com/projects/${projectNumber}/locations/global/workloadIdentityPools/${projectId}.svc.id.goog/subject/ns/${namespace}/sa/${serviceAccount}`;
    return {
      serviceAccountAnnotations: googleServiceAccount ? { 'iam.gke.io/gcp-service-account': googleServiceAccount } : {},
      egress: [PUBLIC_HTTPS, ...METADATA_EGRESS],
      keyFileNeeded: false,
      tokenServer: { host: '169.254.169.254', port: 80, path: '/computeMetadata/v1/instance/service-accounts/default/token' },
      commands: [
        ...(googleServiceAccount ? [impersonation(projectId, googleServiceAccount, account)] : []),
        {
          command: `gcloud storage buckets add-iam-policy-binding gs://BUCKET --role=roles/storage.objectViewer --member='${member}'`,
          purpose: 'lets the pods read the bucket',
        },
      ],
    };
  }

  public s3Access() {
    return S3_BY_KEYS;
  }

  public claimRemark(accessMode: string): string | undefined {
    return accessMode === 'ReadWriteMany'
      ? 'the default storage classes of GKE are disks, which are not written by many nodes: ReadWriteMany needs a class of Filestore'
      : undefined;
  }

  public volume({ kind }: VolumeNeed): VolumeAnswer {
    if (kind === 'image') return MOUNTED;
    if (kind !== 'gcsFuse') return notMounted(this.title, kind);
    // Autopilot always has the driver
    if (this.props.autopilot) return MOUNTED;
    const command = 'gcloud container clusters update CLUSTER --update-addons=GcsFuseCsiDriver=ENABLED';
    return { setup: [{ command, purpose: 'mounts buckets of Cloud Storage' }] };
  }

  public dnsEgress() {
    return dnsEgress(NODE_LOCAL_DNS, METADATA_SERVER, ...SERVICE_NETWORKS, GKE_SERVICES);
  }

  public setup(need: SetupNeed): SetupAnswer[] {
    if (need !== 'network-policies' || this.props.autopilot) return [];
    return [
      {
        command: "gcloud container clusters describe CLUSTER --format='value(networkConfig.datapathProvider)'",
        purpose: 'must say ADVANCED_DATAPATH (--enable-dataplane-v2), or nothing enforces the network policies',
      },
    ];
  }

  public reachCommands(exposure: Exposure, address: ServiceAddress): string[] {
    if (exposure.reach === Reach.CLUSTER) return [portForward(address)];
    return [`kubectl -n ${address.namespace} get service ${address.service} --watch`];
  }
}

/** Refuses names that Google Cloud does not give: they stand in the commands that people copy into their shell. */
function checkIdentity(where: string, { projectId, projectNumber, imageRegistry, googleServiceAccount }: GkeClusterProps): void {
  if (!PROJECT_ID.test(projectId)) {
    throw invalid(
      where,
      'projectId',
      projectId,
      "must be the ID of a Google Cloud project: 6 to 30 of a-z, 0-9 and '-', starting with a letter and not ending with '-'",
      "For example 'my-project'. 'gcloud projects list' shows yours.",
    );
  }
  if (projectNumber !== undefined && !PROJECT_NUMBER.test(projectNumber)) {
    throw invalid(where, 'projectNumber', projectNumber, 'must be the number of a project', "For example '123456789012'.");
  }
  if (imageRegistry !== undefined) checkRegistry(where, 'imageRegistry', imageRegistry);
  if (googleServiceAccount !== undefined && !SERVICE_ACCOUNT.test(googleServiceAccount)) {
    throw invalid(
      where,
      'googleServiceAccount',
      googleServiceAccount,
      'must be the address of a Google service account',
      "For example 'reader@my-project.iam.gserviceaccount.com'.",
    );
  }
}

/** Lets a Kubernetes service account act as a Google one. */
function impersonation(projectId: string, googleServiceAccount: string, account: { namespace: string; serviceAccount: string }) {
  const member = `serviceAccount:${projectId}.svc.id.goog[${account.namespace}/${account.serviceAccount}]`;
  return {
    command: `gcloud iam service-accounts add-iam-policy-binding ${googleServiceAccount} --role=roles/iam.workloadIdentityUser --member='${member}'`,
    purpose: 'lets the pods act as the Google service account',
  };
}
