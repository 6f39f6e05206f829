import { invalid } from '../private/errors';
import { checkShape, type Shape } from '../private/shape';
import { dnsLabel } from '../private/validate';
import { eksReserved, type PlatformNodes, resolveNodePools } from './allocatable';
import { type ContainerImage, checkRegistry } from './container-image';
import {
  CLUSTER_EXPOSURE,
  type Dialect,
  dnsEgress,
  type EgressAnswer,
  type ExposureAnswer,
  evictable,
  GCS_BY_KEY_FILE,
  type GpuAnswer,
  type GpuNeed,
  type ImageAnswer,
  NODE_LOCAL_DNS,
  PUBLIC_HTTPS,
  portForward,
  pushCommand,
  type RouteAnswer,
  type RouteNeed,
  type S3AccessAnswer,
  type S3Need,
  SERVICE_NETWORKS,
  type ServiceAddress,
  type SetupNeed,
} from './dialect';
import { EC2_KNOWN, ec2Machine, ec2MaxPods } from './ec2-machines';
import { enumValue } from './enum-value';
import { type Exposure, Reach } from './exposure';
import { gpuNodePool } from './gpu-nodes';
import type { NodePool, NodePoolProps } from './node-pool';
import { OTHER_READ_RATES } from './read-rates';
import { balancerCidrs, controllerRoute, healthPathOf } from './routing';
import type { SetupAnswer } from './setup';
import { MOUNTED, notMounted, type VolumeAnswer, type VolumeNeed } from './volumes';

/** What makes the nodes of an EKS cluster, which decides the labels that they carry. */
export enum EksNodes {
  /** Managed node groups: pods select the group by its name. */
  MANAGED_NODE_GROUPS = 'managed-node-groups',
  /** Karpenter: pods select the GPU by its name. */
  KARPENTER = 'karpenter',
  /** EKS Auto Mode: pods select the GPU by its name, load balancers have a class of their own. */
  AUTO_MODE = 'auto-mode',
}

/** Options of an EKS cluster. */
export interface EksClusterProps {
  /**
   * Name of the folder under `dist/`.
   *
   * @default 'eks'
   */
  readonly name?: string;

  /**
   * ECR repository that holds the images you build, for example
   * `123456789012.dkr.ecr.eu-west-1.amazonaws.com/models`. ECR makes no repository by itself, so all images share this
   * one: `ping:v1` becomes its tag `ping-v1`.
   *
   * @default - none: images that you build are refused
   */
  readonly imageRepository?: string;

  /**
   * What makes the nodes. Auto Mode has a class of load balancers of its own, and Kubernetes lets no Service change its
   * class: where a cluster goes over to it or leaves it, delete each exposed Service once before the next apply, which
   * makes a load balancer with another address.
   *
   * @default EksNodes.MANAGED_NODE_GROUPS
   */
  readonly nodes?: EksNodes;

  /**
   * Node groups, for placement and for what fits.
   *
   * @default - unknown: nothing is said about what fits
   */
  readonly nodePools?: NodePoolProps[];

  /**
   * Kubernetes minor that the manifests must work on.
   *
   * @default '1.34'
   */
  readonly kubernetesVersion?: string;
}

const SHAPE: Shape<EksClusterProps> = {
  name: 'text',
  imageRepository: 'text',
  nodes: 'text',
  nodePools: 'maps',
  kubernetesVersion: 'text',
};

/** Longest tag that a registry takes. */
const TAG_LENGTH = 128;

/** Requests of kube-proxy, the VPC CNI and the DNS share: an estimate for a node group's node. */
const EKS_NODES: PlatformNodes = {
  machine: ec2Machine,
  knownMachines: EC2_KNOWN,
  reserved: (capacity, machineType) => eksReserved(capacity, ec2MaxPods(machineType, capacity.milliCpu / 1000)),
  systemCpu: '250m',
  systemMemory: '250Mi',
  openGpuNodes: false,
};

/**
 * A network load balancer leaves an instance after three failed health checks, ten seconds apart, and some seconds more
 * until all of its nodes know.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health-checks.html
 */
const BALANCER_DRAIN_SECONDS = 40;

/** The agent that hands out credentials on every node. @see https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html */
const POD_IDENTITY_EGRESS: EgressAnswer = { peers: [{ cidr: '169.254.170.23/32' }], ports: [{ protocol: 'TCP', port: 80 }] };

export class EksDialect implements Dialect {
  public readonly platform = 'eks';
  public readonly title = 'EKS';
  public readonly local = false;
  public readonly hasNodePools = true;
  public readonly portsNeedNoRoot = false;
  public readonly readRates = OTHER_READ_RATES;
  public readonly nodePools: NodePool[];
  private readonly nodes: EksNodes;

  constructor(private readonly props: EksClusterProps) {
    const where = 'Cluster.eks';
    checkShape(where, props, SHAPE, []);
    dnsLabel(where, 'name', props.name ?? 'eks');
    if (props.imageRepository !== undefined) checkRegistry(where, 'imageRepository', props.imageRepository);
    this.nodes = enumValue(where, 'nodes', props.nodes ?? EksNodes.MANAGED_NODE_GROUPS, EksNodes, 'EksNodes');
    this.nodePools = resolveNodePools(where, props.nodePools ?? [], EKS_NODES);
  }

  public evictableVolumes(volumes: string[]): { [key: string]: string } {
    return this.nodes === EksNodes.MANAGED_NODE_GROUPS ? evictable(volumes) : {};
  }

  public nodePoolSelector(pool: NodePool): { [key: string]: string } {
    return this.nodes === EksNodes.MANAGED_NODE_GROUPS
      ? { 'eks.amazonaws.com/nodegroup': pool.name }
      : { 'karpenter.sh/nodepool': pool.name };
  }

  public image(image: ContainerImage): ImageAnswer {
    const { reference } = image;
    if (!image.built) return { reference, pullPolicy: 'IfNotPresent' };
    if (this.props.imageRepository === undefined) {
      throw invalid(
        'Cluster.eks',
        'imageRepository',
        undefined,
        `must say where '${reference}' is pushed to: EKS cannot run an image from your machine`,
        "For example '123456789012.dkr.ecr.eu-west-1.amazonaws.com/models'.",
      );
    }
    // one repository holds all images, so a digest alone says which one it is
    if (image.tag === undefined) return { reference: `${this.props.imageRepository}@${image.digest}`, pullPolicy: 'IfNotPresent' };
    const tag = `${image.name.replace(/\//g, '-')}-${image.tag}`;
    if (tag.length > TAG_LENGTH) {
      throw invalid('Cluster.eks', 'image', reference, `becomes a tag of more than ${TAG_LENGTH} characters`, 'Shorten its name or tag.');
    }
    const pushed = `${this.props.imageRepository}:${tag}`;
    return {
      reference: image.digest ? `${pushed}@${image.digest}` : pushed,
      pullPolicy: 'IfNotPresent',
      command: pushCommand(image, pushed),
    };
  }

  public expose(exposure: Exposure): ExposureAnswer {
    if (exposure.reach === Reach.CLUSTER) return CLUSTER_EXPOSURE;
    const { allowedCidrs, nodePort } = exposure;
    return {
      type: 'LoadBalancer',
      loadBalancerClass: this.nodes === EksNodes.AUTO_MODE ? 'eks.amazonaws.com/nlb' : 'service.k8s.aws/nlb',
      annotations: {
        'service.beta.kubernetes.io/aws-load-balancer-scheme': exposure.reach === Reach.INTERNAL ? 'internal' : 'internet-facing',
        // instance targets keep the caller's address, which the network policy judges by
        'service.beta.kubernetes.io/aws-load-balancer-nlb-target-type': 'instance',
      },
      loadBalancerSourceRanges: allowedCidrs,
      nodePort,
      externalTrafficPolicy: 'Local',
      peerCidrs: allowedCidrs,
      drainSeconds: BALANCER_DRAIN_SECONDS,
    };
  }

  public route(need: RouteNeed): RouteAnswer {
    if (need.ingressClassName !== 'alb') return controllerRoute(this.title, need);
    const healthPath = healthPathOf(need, 'GET / unless an annotation names another path');
    return {
      ingressClassName: need.ingressClassName,
      routeAnnotations: {
        // pods themselves are the targets: a Service without node ports cannot be reached otherwise
        'alb.ingress.kubernetes.io/target-type': 'ip',
        'alb.ingress.kubernetes.io/healthcheck-path': healthPath,
        'alb.ingress.kubernetes.io/load-balancer-attributes': `idle_timeout.timeout_seconds=${need.requestSeconds}`,
      },
      serviceAnnotations: {},
      peers: balancerCidrs(need, 'the subnets of the load balancer').map((cidr) => ({ cidr })),
      drainSeconds: BALANCER_DRAIN_SECONDS,
      attachments: [],
    };
  }

  public gpu(need: GpuNeed): GpuAnswer {
    return {
      gpu: true,
      resourceName: 'nvidia.com/gpu',
      nodeSelector: this.gpuSelector(need),
      tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
    };
  }

  public gpuNodes(pool: NodePoolProps, need: GpuNeed): NodePool | undefined {
    return gpuNodePool('Cluster.eks', pool, need, need.karpenterName, this.nodePools, EKS_NODES);
  }

  public gcsAccess() {
    return GCS_BY_KEY_FILE;
  }

  public s3Access({ bucket, namespace, serviceAccount, roleArn }: S3Need): S3AccessAnswer {
    const role = roleArn?.replace(/^.*\//, '') ?? 'ROLE';
    const partition = roleArn?.split(':')[1] ?? 'aws';
    const statement = {
      Effect: 'Allow',
      Action: ['s3:GetObject', 's3:ListBucket'],
      Resource: [`arn:${partition}:s3:::${bucket}`, `arn:${partition}:s3:::${bucket}/*`],
    };
    const policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    const grant = {
      command: `aws iam put-role-policy --role-name ${role} --policy-name read-${bucket} --policy-document '${policy}'`,
      purpose: `lets the role ${role} read s3://${bucket}`,
    };
    if (roleArn !== undefined) {
      return {
        serviceAccountAnnotations: { 'eks.amazonaws.com/role-arn': roleArn },
        egress: [PUBLIC_HTTPS],
        keysNeeded: false,
        commands: [{ ...grant, purpose: `${grant.purpose}; the role must trust system:serviceaccount:${namespace}:${serviceAccount}` }],
      };
    }
    return {
      serviceAccountAnnotations: {},
      egress: [PUBLIC_HTTPS, POD_IDENTITY_EGRESS],
      keysNeeded: false,
      commands: [
        {
          command: `aws eks create-pod-identity-association --cluster-name CLUSTER --namespace ${namespace} --service-account ${serviceAccount} --role-arn ROLE_ARN`,
          purpose: 'lets the pods act as a role, by the Pod Identity agent of the nodes',
        },
        grant,
      ],
    };
  }

  public claimRemark(accessMode: string): string | undefined {
    return accessMode.startsWith('ReadWriteOnce')
      ? 'EKS makes no default storage class since 1.30: the claim must name one'
      : `EBS volumes are for one node: ${accessMode} needs a class of EFS, or a static volume of Mountpoint for S3`;
  }

  public volume({ kind }: VolumeNeed): VolumeAnswer {
    if (kind === 'image') return MOUNTED;
    if (kind !== 's3Mount') return notMounted(this.title, kind);
    const command = 'aws eks create-addon --cluster-name CLUSTER --addon-name aws-mountpoint-s3-csi-driver';
    return { setup: [{ command, purpose: 'mounts buckets of S3' }] };
  }

  public dnsEgress() {
    return dnsEgress(NODE_LOCAL_DNS, ...SERVICE_NETWORKS);
  }

  public setup(need: SetupNeed): SetupAnswer[] {
    switch (need) {
      case 'metrics':
        return [
          { command: 'aws eks create-addon --cluster-name CLUSTER --addon-name metrics-server', purpose: 'lets autoscalers see CPU use' },
        ];
      case 'load-balancer':
        return this.nodes === EksNodes.AUTO_MODE
          ? []
          : [
              {
                command: 'kubectl -n kube-system get deployment aws-load-balancer-controller',
                purpose: 'makes the load balancers; https://kubernetes-sigs.github.io/aws-load-balancer-controller/ installs it',
              },
            ];
      case 'network-policies':
        return [
          {
            command: `aws eks update-addon --cluster-name CLUSTER --addon-name vpc-cni --configuration-values '{"enableNetworkPolicy": "true"}'`,
            purpose: 'has network policies enforced',
          },
        ];
      default:
        return [];
    }
  }

  public reachCommands(exposure: Exposure, address: ServiceAddress): string[] {
    if (exposure.reach === Reach.CLUSTER) return [portForward(address)];
    return [`kubectl -n ${address.namespace} get service ${address.service} --watch`];
  }

  private gpuSelector(need: GpuNeed): { [key: string]: string } {
    if (this.nodes === EksNodes.MANAGED_NODE_GROUPS) {
      return { 'eks.amazonaws.com/nodegroup': need.poolName, ...(need.spot ? { 'eks.amazonaws.com/capacityType': 'SPOT' } : {}) };
    }
    if (need.karpenterName === undefined) {
      throw new Error(
        `EKS has no accelerator '${need.accelerator}': Karpenter knows no such GPU. Choose one that EC2 offers, or give its 'karpenterName'.`,
      );
    }
    const label = this.nodes === EksNodes.AUTO_MODE ? 'eks.amazonaws.com/instance-gpu-name' : 'karpenter.k8s.aws/instance-gpu-name';
    return { [label]: need.karpenterName, ...(need.spot ? { 'karpenter.sh/capacity-type': 'spot' } : {}) };
  }
}
