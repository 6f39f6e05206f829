import { invalid } from '../private/errors';
import { bytes } from '../private/quantity';
import { checkShape, type Shape } from '../private/shape';
import { cidr, dnsLabel, wholeNumber } from '../private/validate';
import { type PlatformNodes, resolveNodePool } from './allocatable';
import type { ContainerImage } from './container-image';
import {
  CLUSTER_EXPOSURE,
  type Dialect,
  dnsEgress,
  ENDPOINT_UPDATE_SECONDS,
  type ExposureAnswer,
  GCS_BY_KEY_FILE,
  type GpuAnswer,
  type GpuNeed,
  type ImageAnswer,
  portForward,
  pushCommand,
  type RouteAnswer,
  type RouteNeed,
  S3_BY_KEYS,
  type ServiceAddress,
  type SetupNeed,
} from './dialect';
import { enumValue } from './enum-value';
import { type Exposure, Reach } from './exposure';
import type { NodePool, NodePoolProps } from './node-pool';
import { LOCAL_READ_RATES } from './read-rates';
import { controllerRoute } from './routing';
import type { SetupAnswer } from './setup';
import { notMounted, type VolumeAnswer, type VolumeNeed } from './volumes';

/** What a local cluster does about GPUs. */
export enum LocalGpus {
  /** Models that ask for GPUs are refused. */
  REFUSE = 'refuse',
  /** Models that ask for GPUs run their CPU variant, and synthesis says so. */
  CPU_STAND_IN = 'cpu-stand-in',
  /** The nodes offer `nvidia.com/gpu`: minikube with `--gpus all`, kind with nvkind, or a fake GPU operator. */
  AVAILABLE = 'available',
}

/** Options of a cluster on one machine. */
export interface LocalClusterProps {
  /**
   * Name of the cluster: the folder under `dist/`, and the name that loading commands use.
   *
   * @default - `kind` or `minikube`
   */
  readonly name?: string;

  /**
   * Where images that you build are found. False: they are loaded into the nodes. True: in the local registry, as the
   * project's own guides set it up (`localhost:5001` for kind, `localhost:5000` for minikube's registry addon).
   *
   * @default false
   */
  readonly registry?: boolean;

  /**
   * Whether something answers `type: LoadBalancer`: cloud-provider-kind, MetalLB, or `minikube tunnel`. Without it an
   * exposed service is a NodePort.
   *
   * @default false
   */
  readonly loadBalancer?: boolean;

  /**
   * What happens to models that ask for GPUs.
   *
   * @default LocalGpus.REFUSE
   */
  readonly gpus?: LocalGpus;

  /**
   * CPU of one node, as in `minikube start --cpus`. With `memory` it lets synthesis say what fits.
   *
   * @default - unknown: nothing is said about what fits
   */
  readonly cpus?: number;

  /**
   * Memory of one node as a quantity, as in `minikube start --memory`.
   *
   * @default - unknown: nothing is said about what fits
   */
  readonly memory?: string;

  /**
   * Nodes that run pods.
   *
   * @default 1
   */
  readonly nodes?: number;

  /**
   * Networks from which the host's own requests reach a NodePort, for the network policies.
   *
   * @default - the address ranges of Docker and of virtual machines: 172.16.0.0/12 and 192.168.0.0/16. Podman's own are
   * 10.88.0.0/16 and 10.89.0.0/16
   */
  readonly hostCidrs?: string[];

  /**
   * Kubernetes minor that the manifests must work on, for example `1.34`.
   *
   * @default '1.34'
   */
  readonly kubernetesVersion?: string;
}

const SHAPE: Shape<LocalClusterProps> = {
  name: 'text',
  registry: 'truth',
  loadBalancer: 'truth',
  gpus: 'text',
  cpus: 'number',
  memory: 'text',
  nodes: 'number',
  hostCidrs: 'texts',
  kubernetesVersion: 'text',
};

const HOST_NETWORKS = ['172.16.0.0/12', '192.168.0.0/16'];

/** Requests of the control plane that shares the node: API server, controllers, scheduler, etcd, DNS, network. */
const LOCAL_NODES: PlatformNodes = {
  machine: () => undefined,
  knownMachines: 'none',
  reserved: () => ({ milliCpu: 0, memoryBytes: 0 }),
  systemCpu: '950m',
  systemMemory: '290Mi',
  openGpuNodes: true,
};

interface LocalPlatform {
  readonly platform: string;
  readonly title: string;
  readonly registry: string;
  /** Command that puts an image into the nodes. */
  loadCommand(name: string, image: string): string;
  loadBalancerCommand: string;
  nodePortCommand(name: string, address: ServiceAddress): string;
  readonly registrySetup: SetupAnswer[];
  readonly metricsSetup: SetupAnswer[];
  readonly policiesSetup: SetupAnswer[];
  gpuHint: string;
  /** Commands that put a directory of the machine into the nodes. */
  hostPathSetup(name: string, path: string, nodes: number): SetupAnswer[];
  readonly imageVolumesSetup: SetupAnswer[];
  /** Why a volume for many pods may be missing, where the default class makes none. */
  sharedVolumes?: string;
}

const KIND: LocalPlatform = {
  platform: 'kind',
  title: 'kind',
  registry: 'localhost:5001',
  loadCommand: (name, image) => `kind load docker-image ${image} --name ${name}`,
  loadBalancerCommand: 'sudo cloud-provider-kind',
  nodePortCommand: (_, address) => portForward(address),
  registrySetup: [
    {
      command: 'docker container inspect kind-registry',
      purpose: 'is the registry on localhost:5001; https://kind.sigs.k8s.io/docs/user/local-registry/ sets it up',
    },
  ],
  metricsSetup: [
    {
      command: 'kubectl apply -f https://github.com/kubernetes-sigs/metrics-server/releases/latest/download/components.yaml',
      purpose: 'lets autoscalers see CPU use',
    },
    {
      command: `kubectl -n kube-system patch deployment metrics-server --type json --patch '[{"op": "add", "path": "/spec/template/spec/containers/0/args/-", "value": "--kubelet-insecure-tls"}]'`,
      purpose: "kind's nodes have certificates of their own making",
    },
  ],
  // kind's own network enforces network policies since 0.24
  policiesSetup: [],
  gpuHint: 'kind passes no GPU through by itself',
  hostPathSetup: (name, path, nodes) => [
    {
      command: `${kindConfiguration(path, nodes)} | kind create cluster --name ${name} --config -`,
      purpose: `makes the cluster with ${path} in its nodes, which take no directory later`,
    },
  ],
  imageVolumesSetup: [],
  sharedVolumes: "kind's default storage class makes ReadWriteOnce volumes only: a claim of another mode waits for a volume made by hand",
};

const MINIKUBE: LocalPlatform = {
  platform: 'minikube',
  title: 'minikube',
  registry: 'localhost:5000',
  loadCommand: (name, image) => `minikube image load ${image}${name === 'minikube' ? '' : ` --profile ${name}`}`,
  loadBalancerCommand: 'minikube tunnel',
  nodePortCommand: (name, { namespace, service }) =>
    `minikube service ${service} --namespace ${namespace} --url${name === 'minikube' ? '' : ` --profile ${name}`}`,
  registrySetup: [
    {
      command: 'minikube addons enable registry && kubectl -n kube-system port-forward service/registry 5000:80 &',
      purpose: 'is the registry on localhost:5000',
    },
  ],
  metricsSetup: [{ command: 'minikube addons enable metrics-server', purpose: 'lets autoscalers see CPU use' }],
  policiesSetup: [{ command: 'minikube start --cni calico', purpose: 'has network policies enforced; without it they say nothing' }],
  hostPathSetup: (name, path) => [
    {
      command: `minikube mount ${path}:${path}${name === 'minikube' ? '' : ` --profile ${name}`} &`,
      purpose: `shows ${path} to the node for as long as it runs`,
    },
  ],
  imageVolumesSetup: [
    { command: 'minikube start --container-runtime containerd', purpose: "mounts images; minikube's older default, docker, does not" },
  ],
  gpuHint: 'minikube has GPUs only when started with --gpus all',
};

/** A configuration of kind whose nodes see a directory of the machine. */
function kindConfiguration(path: string, nodes: number): string {
  const roles = nodes === 1 ? ['control-plane'] : ['control-plane', ...new Array<string>(nodes).fill('worker')];
  const lines = roles.map((role) => `'- {role: ${role}, extraMounts: [{hostPath: "${path}", containerPath: "${path}"}]}'`);
  return `printf '%s\\n' 'kind: Cluster' 'apiVersion: kind.x-k8s.io/v1alpha4' 'nodes:' ${lines.join(' ')}`;
}

export function kindDialect(props: LocalClusterProps): Dialect {
  return new LocalDialect(KIND, props);
}

export function minikubeDialect(props: LocalClusterProps): Dialect {
  return new LocalDialect(MINIKUBE, props);
}

class LocalDialect implements Dialect {
  public readonly platform: string;
  public readonly title: string;
  public readonly local = true;
  public readonly hasNodePools = false;
  public readonly nodeCount: number;
  public readonly portsNeedNoRoot = true;
  public readonly readRates = LOCAL_READ_RATES;
  public readonly nodePools: NodePool[];
  private readonly name: string;

  constructor(
    private readonly facts: LocalPlatform,
    private readonly props: LocalClusterProps,
  ) {
    this.platform = facts.platform;
    this.title = facts.title;
    const where = `Cluster.${facts.platform}`;
    checkShape(where, props, SHAPE, []);
    this.name = dnsLabel(where, 'name', props.name ?? facts.platform);
    for (const [index, network] of (props.hostCidrs ?? []).entries()) cidr(where, `hostCidrs[${index}]`, network);
    enumValue(where, 'gpus', props.gpus ?? LocalGpus.REFUSE, LocalGpus, 'LocalGpus');
    this.nodeCount = wholeNumber(where, 'nodes', props.nodes ?? 1, 1, 100);
    wholeNumber(where, 'cpus', props.cpus ?? 1, 1, 1000);
    if (props.memory !== undefined) bytes(where, 'memory', props.memory);
    this.nodePools = this.sizedNodes(1);
  }

  /** The nodes, where it is known how large they are. */
  private sizedNodes(gpus: number): NodePool[] {
    const { cpus, memory, nodes = 1 } = this.props;
    if (cpus === undefined || memory === undefined) return [];
    const size = { machineType: this.title, cpu: String(cpus), memory };
    const gpusPerNode = this.props.gpus === LocalGpus.AVAILABLE ? gpus : 0;
    const pool = { name: 'nodes', ...size, minNodes: nodes, maxNodes: nodes, gpusPerNode };
    return [resolveNodePool(`Cluster.${this.platform}`, pool, LOCAL_NODES, '')];
  }

  public evictableVolumes(): { [key: string]: string } {
    return {};
  }

  public nodePoolSelector(): { [key: string]: string } {
    return {};
  }

  public image(image: ContainerImage): ImageAnswer {
    const { reference } = image;
    if (!image.built) return { reference, pullPolicy: 'IfNotPresent' };
    if (!this.props.registry) {
      if (image.digest !== undefined) {
        throw invalid(
          `Cluster.${this.platform}`,
          'image',
          reference,
          `has a digest, which an image that is loaded into ${this.title}'s nodes loses`,
          `Name the build by a tag here, or write Cluster.${this.platform}({ registry: true }).`,
        );
      }
      return { reference, pullPolicy: 'IfNotPresent', command: this.facts.loadCommand(this.name, reference), sideLoaded: true };
    }
    const pushed = `${this.facts.registry}/${reference}`;
    return {
      reference: pushed,
      pullPolicy: 'IfNotPresent',
      command: pushCommand(image, `${this.facts.registry}/${image.name}:${image.tag}`),
    };
  }

  public expose(exposure: Exposure): ExposureAnswer {
    if (exposure.reach === Reach.CLUSTER) return CLUSTER_EXPOSURE;
    const peerCidrs = [...exposure.allowedCidrs, ...(this.props.hostCidrs ?? HOST_NETWORKS)];
    if (this.props.loadBalancer) {
      return {
        type: 'LoadBalancer',
        loadBalancerSourceRanges: peerCidrs,
        nodePort: exposure.nodePort,
        peerCidrs,
        drainSeconds: ENDPOINT_UPDATE_SECONDS,
      };
    }
    return { type: 'NodePort', nodePort: exposure.nodePort, peerCidrs, drainSeconds: ENDPOINT_UPDATE_SECONDS };
  }

  public route(need: RouteNeed): RouteAnswer {
    return controllerRoute(this.title, need);
  }

  public gpu(need: GpuNeed): GpuAnswer {
    const none = { resourceName: 'nvidia.com/gpu', nodeSelector: {}, tolerations: [] };
    switch (this.props.gpus ?? LocalGpus.REFUSE) {
      case LocalGpus.AVAILABLE:
        // nodes carry no accelerator labels unless GPU feature discovery runs, so none is selected
        return { ...none, gpu: true, tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }] };
      case LocalGpus.CPU_STAND_IN:
        return {
          ...none,
          gpu: false,
          remark: `there is no ${need.accelerator} on ${this.title}: models of this pool run their CPU variant here, without a GPU`,
        };
      default:
        throw new Error(
          `${this.title} cannot meet the need for a GPU (${need.accelerator}): ${this.facts.gpuHint}. ` +
            `Write Cluster.${this.platform}({ gpus: LocalGpus.CPU_STAND_IN }) to run the CPU variant there, or LocalGpus.AVAILABLE where its nodes offer nvidia.com/gpu.`,
        );
    }
  }

  public gpuNodes(pool: NodePoolProps): NodePool | undefined {
    return this.sizedNodes(pool.gpusPerNode ?? 1)[0];
  }

  public gcsAccess() {
    return GCS_BY_KEY_FILE;
  }

  public s3Access() {
    return S3_BY_KEYS;
  }

  public claimRemark(accessMode: string): string | undefined {
    return accessMode === 'ReadWriteOnce' ? undefined : this.facts.sharedVolumes;
  }

  public volume({ kind, path = '' }: VolumeNeed): VolumeAnswer {
    if (kind === 'image') return { setup: this.facts.imageVolumesSetup };
    if (kind !== 'hostPath') return notMounted(this.title, kind);
    const setup = this.facts.hostPathSetup(this.name, path, this.nodeCount);
    if (this.nodeCount === 1) return { setup };
    const what = `each of the ${this.nodeCount} nodes has a ${path} of its own, and a pod sees that of its node`;
    return { setup, warning: { what, wayOut: 'Put the same model into all of them, or use ModelSource.nfs().' } };
  }

  public dnsEgress() {
    return dnsEgress();
  }

  public setup(need: SetupNeed): SetupAnswer[] {
    if (need === 'registry') return this.props.registry ? this.facts.registrySetup : [];
    if (need === 'network-policies') return this.facts.policiesSetup;
    return need === 'metrics' ? this.facts.metricsSetup : [];
  }

  public reachCommands(exposure: Exposure, address: ServiceAddress): string[] {
    if (exposure.reach === Reach.CLUSTER) return [portForward(address)];
    if (this.props.loadBalancer) {
      return [this.facts.loadBalancerCommand, `kubectl -n ${address.namespace} get service ${address.service}`];
    }
    return [this.facts.nodePortCommand(this.name, address)];
  }
}
