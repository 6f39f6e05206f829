import { type ApiObject, Duration, Size } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { Cluster, type ContainerImage, Exposure } from '../cluster';
import type { ExposureAnswer, ImageAnswer, SetupNeed } from '../cluster/dialect';
import { invalid } from '../private/errors';
import { MANAGED_BY, MANAGED_BY_LABEL, selectorLabels } from '../private/labels';
import { namespaceOf, objectName, serviceHost } from '../private/names';
import { addNotice, lateNotices } from '../private/notices';
import { emit, emitPlain } from '../private/objects';
import { plainCopy } from '../private/plain-copy';
import { checkProps, checkShape, type Shape } from '../private/shape';
import { dnsLabel, labelValue, nonEmpty, printable, wholeNumber } from '../private/validate';
import { announceWorkload } from '../private/workloads';
import { CapacityLedger, type Demand } from './capacity';
import { closedSides, nobodyLetIn } from './closed-sides';
import { type ResolvedResources, resolveResources } from './compute-resources';
import { addImageVolumes, checkImageVolume, type ImageVolume } from './image-volume';
import { NetworkAccess } from './network-access';
import { type EgressRule, egressFromAnswer, Peer } from './peer';
import { type Placement, placementOn } from './placement';
import { checkNodeSelector, checkPodOptions, checkProbes, checkPullPolicy } from './pod-checks';
import { budgetSeconds, markSidecars, type PlacedProgram, type PodProgram, podRequest } from './pod-program';
import { podTemplate } from './pod-template';
import {
  type PortMapping,
  publishedPort,
  publishedPorts,
  type ResolvedPort,
  reportPorts,
  resolvePorts,
  servicePorts,
} from './port-mapping';
import { Probe } from './probe';
import { reportExposure, reportReach, reportSetup } from './reports';
import { disruptionBudget, type RolloutPace, type RolloutRoom, rolloutPace, SCHEDULING_SECONDS, wantedPace } from './rollout';
import { addSleepHook, type Stopping, stopping } from './stopping';
import type { ProgramOptions } from './workload-options';
import { PROGRAM_SHAPE } from './workload-shape';

/** Ends the name of a Service's twin without a cluster IP. */
const HEADLESS_SUFFIX = '-headless';
/** A server that no longer takes connections is hung; how it answers says nothing while it is busy. */
const LIVENESS = Probe.tcpSocket({ periodSeconds: Duration.seconds(20), timeoutSeconds: Duration.seconds(5) });

/** Properties of an `AutoscaledService`. */
export interface AutoscaledServiceProps extends ProgramOptions {
  /** Ports, the first of which the probes use. */
  readonly ports: PortMapping[];

  /**
   * Value of the label `app.kubernetes.io/name`, which selectors use besides the instance. It cannot change while the
   * workload lives.
   *
   * @default - equal to `name`
   */
  readonly component?: string;

  /**
   * Where the pods go, as a pool decides it.
   *
   * @default - any node
   */
  readonly placement?: Placement;
}

const SHAPE: Shape<AutoscaledServiceProps> = { ...PROGRAM_SHAPE, ports: 'maps', component: 'text', placement: 'map' };

/**
 * A web service as it should stand on Kubernetes: Deployment, Service, service account, disruption budget, network policy
 * and, where wanted, an autoscaler that alone owns the number of pods. It passes Pod Security "restricted", is reachable
 * by nobody who is not named, and stops without dropping requests.
 */
export class AutoscaledService extends Construct implements kplus.IScalable, kplus.IPodSelector, kplus.INetworkPolicyPeer {
  /** Name of the Deployment. */
  public readonly name: string;
  /** Name of the Service. */
  public readonly serviceName: string;
  /** Namespace of the objects. */
  public readonly namespace: string;
  /** Host name by which pods of the cluster reach the Service. */
  public readonly host: string;
  /** Host name that stands for the addresses of all ready pods, where the Service has a headless twin. */
  public readonly headlessHost?: string;
  /** The Deployment. */
  public readonly deployment: ApiObject;
  /** The Service. */
  public readonly service: ApiObject;
  /** The service account, which carries no token into the pods. */
  public readonly serviceAccount: ApiObject;
  /** The disruption budget. */
  public readonly podDisruptionBudget: ApiObject;
  /** The network policy. */
  public readonly networkPolicy: ApiObject;
  /** The autoscaler, where there is one. */
  public readonly horizontalPodAutoscaler?: ApiObject;
  /** Whether an autoscaler owns the number of pods. */
  public hasAutoscaler: boolean;

  private readonly props: AutoscaledServiceProps;
  private readonly env: { [name: string]: string };
  private readonly cluster: Cluster;
  private readonly ports: ResolvedPort[];
  private readonly resources: ResolvedResources;
  private readonly exposure: Exposure;
  private readonly exposed: ExposureAnswer;
  private readonly access: NetworkAccess;
  private readonly selector: { [key: string]: string };
  private readonly containerName: string;
  private readonly image: ImageAnswer;
  private readonly placement: Placement;
  private readonly demand?: Demand;
  private readonly wantedPace: Partial<RolloutPace>;
  private readonly stopping: Stopping;
  private readonly programs: PlacedProgram[] = [];
  private readonly imageVolumes: ImageVolume[] = [];
  private together = false;
  private readonly startupProbe: Probe;

  /**
   * @throws where a prop is out of its range, contradicts another one, or cannot be met by the cluster.
   */
  constructor(scope: Construct, id: string, props: AutoscaledServiceProps) {
    super(scope, id);
    const where = this.node.path;
    checkProps(new.target === AutoscaledService, where, props, SHAPE, ['image', 'ports', 'resources']);
    // objects are made at synthesis: lists and maps that the caller goes on using must not be ours
    this.props = plainCopy(props);
    this.env = this.props.env ?? {};
    this.cluster = Cluster.of(this);
    announceWorkload(this);
    this.name = objectName(this, props.name);
    this.serviceName = props.serviceName === undefined ? this.name : dnsLabel(where, 'serviceName', props.serviceName);
    if (props.headless && this.serviceName.length + HEADLESS_SUFFIX.length > 63) {
      const rule = `is too long for its twin '${this.serviceName}${HEADLESS_SUFFIX}', which may have 63 characters`;
      throw invalid(where, 'serviceName', this.serviceName, rule, "Shorten it, or leave out 'headless'.");
    }
    this.containerName = props.containerName === undefined ? this.name : dnsLabel(where, 'containerName', props.containerName);
    this.namespace = namespaceOf(this);
    this.host = serviceHost(this, this.serviceName);
    if (props.component !== undefined) labelValue(where, 'component', nonEmpty(where, 'component', props.component, 'ping'));
    this.selector = selectorLabels(props.component ?? this.name, this.name);
    this.ports = resolvePorts(where, props.ports);
    checkPodOptions(where, props);
    for (const prop of ['command', 'args'] as const) {
      props[prop]?.forEach((argument, index) => printable(where, `${prop}[${index}]`, argument));
    }
    this.hasAutoscaler = props.autoscaling !== undefined;
    if (props.replicas !== undefined) {
      wholeNumber(where, 'replicas', props.replicas, 0);
      if (props.autoscaling) throw twoOwners(where, 'replicas', props.replicas, "'autoscaling' owns the number of pods");
    }
    this.resources = resolveResources(where, props.resources);
    this.startupProbe = props.startupProbe ?? Probe.tcpSocket({ periodSeconds: Duration.seconds(2), failureThreshold: 150 });
    checkProbes(where, props, this.ports);
    this.image = this.locate(props.image);
    checkPullPolicy(where, props.imagePullPolicy, this.image);

    if (!this.cluster._dialect.portsNeedNoRoot) reportPorts(this, this.ports);

    this.exposure = props.exposure ?? Exposure.cluster();
    this.exposed = this.cluster._ask(this, (dialect) => dialect.expose(this.exposure));
    this.stopping = stopping(this, this.props, this.exposed.drainSeconds);
    this.access = new NetworkAccess({
      namespace: this.namespace,
      selector: this.selector,
      podLabels: this.props.podLabels ?? {},
      ports: publishedPorts(this.ports).map(({ targetPort }) => targetPort),
    });
    for (const network of this.exposed.peerCidrs) this.access.allowFrom(Peer.cidr(network));
    for (const peer of props.callers ?? []) this.access.allowFrom(peer);
    this.access.allow(egressFromAnswer(this.cluster._dialect.dnsEgress()));
    for (const rule of props.egress ?? []) this.access.allowTo(where, rule);
    lateNotices(this, () => [...closedSides(this.access), ...nobodyLetIn(this.access)]);
    reportExposure(this, this.exposure, this.exposed, props.serviceAnnotations);
    reportReach(this, this.exposure, { namespace: this.namespace, service: this.serviceName, port: publishedPorts(this.ports)[0].port });
    reportSetup(this, this.needs());

    this.placement = placementOn(this.cluster, this, this.props);
    checkNodeSelector(where, this.placement.nodeSelector, props.nodeSelector);
    this.demand = this.demandOnNodes();
    this.wantedPace = wantedPace(where, props);

    const labels = { ...this.selector, [MANAGED_BY_LABEL]: MANAGED_BY };
    this.serviceAccount = emitPlain(
      this,
      'ServiceAccount',
      'ServiceAccount',
      { name: this.name, labels, annotations: this.props.serviceAccountAnnotations },
      { automountServiceAccountToken: false },
    );
    this.networkPolicy = emit(this, 'NetworkPolicy', k8s.KubeNetworkPolicy, { name: this.name, labels }, () => this.access.policy());
    this.service = emit(
      this,
      'Service',
      k8s.KubeService,
      { name: this.serviceName, labels, annotations: { ...this.exposed.annotations, ...props.serviceAnnotations } },
      () => this.serviceSpec(),
    );
    if (props.headless) {
      const name = `${this.serviceName}${HEADLESS_SUFFIX}`;
      this.headlessHost = serviceHost(this, name);
      emit(this, 'HeadlessService', k8s.KubeService, { name, labels }, () => ({
        ...this._frontSpec(),
        clusterIp: 'None',
      }));
    }
    this.deployment = emit(
      this,
      'Deployment',
      k8s.KubeDeployment,
      { name: this.name, labels },
      () => this.deploymentSpec(),
      (spec) => {
        addSleepHook(spec, this.stopping.preStopSeconds, this.cluster.kubernetesMinor);
        markSidecars(spec, this.programs);
        addImageVolumes(spec, this.imageVolumes);
      },
    );
    this.podDisruptionBudget = emit(this, 'PodDisruptionBudget', k8s.KubePodDisruptionBudget, { name: this.name, labels }, () => ({
      maxUnavailable: intOrString(disruptionBudget(this.rolloutRoom())),
      selector: { matchLabels: this.selector },
      // a pod that cannot become ready must not keep its node from being drained
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    }));
    const { autoscaling } = props;
    if (autoscaling) {
      this.horizontalPodAutoscaler = emit(
        this,
        'HorizontalPodAutoscaler',
        k8s.KubeHorizontalPodAutoscalerV2,
        { name: this.name, labels },
        () => autoscaling._toKube(this.name, this.containerName),
      );
    }
  }

  /**
   * Host and port by which pods of the cluster reach the service.
   *
   * @param port name of the port.
   * @default - the first published port
   * @throws where the Service has no such port.
   */
  public address(port?: string): string {
    return `${this.host}:${publishedPort(this.node.path, this.ports, port).port}`;
  }

  /**
   * Host and port by which clients that balance by themselves find every pod.
   *
   * @param port name of the port; the first one where it is left out.
   * @throws where the Service has no such port, or no headless twin.
   */
  public headlessAddress(port?: string): string {
    if (this.headlessHost === undefined) {
      throw invalid(this.node.path, 'headless', this.props.headless, 'must be true for an address of all pods', "Set 'headless'.");
    }
    // names lead to the pods themselves here, which listen on their own ports
    return `${this.headlessHost}:${publishedPort(this.node.path, this.ports, port).targetPort}`;
  }

  /**
   * Lets a peer call the service.
   *
   * @throws where it is no Peer.
   */
  public allowFrom(peer: Peer): void {
    checkShape(this.node.path, { peer }, { peer: Peer }, ['peer']);
    this.access.allowFrom(peer);
  }

  /**
   * Lets the pods call a peer.
   *
   * @throws where a port is not a port number.
   */
  public allowTo(rule: EgressRule): void {
    this.access.allowTo(this.node.path, rule);
  }

  /**
   * @internal
   */
  public _allow(rule: k8s.NetworkPolicyEgressRule): void {
    this.access.allow(rule);
  }

  /**
   * @internal
   */
  public get _access(): NetworkAccess {
    return this.access;
  }

  /**
   * @internal
   */
  public _setVariable(name: string, value: string): void {
    this.env[name] = value;
  }

  /**
   * Lets a peer read metrics on a container port that the Service may not have.
   *
   * @internal
   */
  public _allowScraper(peer: Peer, port: number): void {
    this.access.allowOn(port, peer);
  }

  /**
   * Runs a further program in the pods.
   *
   * @throws where a container has its name already, its image cannot come to the cluster, or the pods then fit on no node.
   *
   * @internal
   */
  public _run(program: PodProgram): void {
    const names = [this.containerName, ...this.programs.map(({ name }) => name)];
    if (names.includes(program.name)) {
      throw invalid(this.node.path, 'containerName', program.name, 'is the name of another container of the pod', 'Choose another name.');
    }
    this.programs.push({ ...program, image: program.image ? this.locate(program.image) : this.ownImage });
    if (this.demand) CapacityLedger.of(this).change(this.demand, { ...this.demand.request, ...podRequest(this.resources, this.programs) });
  }

  /**
   * Lets the container see the content of an image in a directory.
   *
   * @throws where another volume has its name, or another mount its path.
   * @internal
   */
  public _mountImage(volume: ImageVolume): void {
    checkImageVolume(this.node.path, this.props, volume);
    this.imageVolumes.push(volume);
  }

  /**
   * Keeps all pods on one node, for what only one node can have.
   *
   * @internal
   */
  public _keepTogether(): void {
    this.together = true;
  }

  /**
   * Another Service that leads to the same pods.
   *
   * @internal
   */
  public _frontSpec(): k8s.ServiceSpec {
    return { type: 'ClusterIP', selector: this.selector, ports: servicePorts(this.ports) };
  }

  /**
   * Called by an autoscaler that takes over the number of pods.
   *
   * @throws where `replicas` is set, or another autoscaler already owns it.
   */
  public markHasAutoscaler(): void {
    if (this.hasAutoscaler) throw twoOwners(this.node.path, 'autoscaling', this.name, 'an autoscaler already owns the number of pods');
    if (this.props.replicas !== undefined) throw twoOwners(this.node.path, 'replicas', this.props.replicas, 'an autoscaler is attached');
    this.hasAutoscaler = true;
  }

  /** What an autoscaler of cdk8s-plus needs to know of the target. */
  public toScalingTarget(): kplus.ScalingTarget {
    const container = new kplus.Container({
      image: this.image.reference,
      name: this.containerName,
      resources: {
        cpu: { request: kplus.Cpu.millis(this.resources.requestMilliCpu) },
        memory: { request: Size.mebibytes(Math.floor(this.resources.requestMemoryBytes / 2 ** 20)) },
      },
    });
    return { kind: 'Deployment', apiVersion: 'apps/v1', name: this.name, containers: [container], replicas: this.props.replicas };
  }

  /** Selects the service's pods, for constructs of cdk8s-plus. */
  public toPodSelectorConfig(): kplus.PodSelectorConfig {
    const namespaces = this.service.chart.namespace === undefined ? undefined : { names: [this.namespace] };
    return { labelSelector: kplus.LabelSelector.of({ labels: this.selector }), namespaces };
  }

  /** The service's pods as a peer, for network policies of cdk8s-plus. */
  public toNetworkPolicyPeerConfig(): kplus.NetworkPolicyPeerConfig {
    return { podSelector: this.toPodSelectorConfig() };
  }

  /** The service's pods, for network policies of cdk8s-plus. */
  public toPodSelector(): kplus.IPodSelector | undefined {
    return this;
  }

  /** An image as the cluster names it; what brings it there is told. */
  private locate(image: ContainerImage): ImageAnswer {
    const answer = this.cluster._ask(this, (dialect) => dialect.image(image));
    if (answer.command !== undefined) addNotice(this, { kind: 'image', text: answer.command, detail: 'brings the image to the cluster' });
    return answer;
  }

  /** The workload's own image, pulled as its user says. */
  private get ownImage(): ImageAnswer {
    const { imagePullPolicy } = this.props;
    return imagePullPolicy === undefined ? this.image : { ...this.image, pullPolicy: imagePullPolicy as ImageAnswer['pullPolicy'] };
  }

  /** Most pods that are ever wanted at once. */
  private get wanted(): number {
    return this.props.autoscaling?.maxReplicas ?? this.props.replicas ?? 1;
  }

  private demandOnNodes(): Demand | undefined {
    const { nodePool, gpus, injected } = this.placement;
    const pools = nodePool ? [nodePool] : gpus ? [] : this.cluster.nodePools.filter(({ open }) => open);
    if (pools.length === 0) return undefined;
    const demand: Demand = {
      construct: this,
      pools,
      request: {
        milliCpu: this.resources.requestMilliCpu + (injected?.milliCpu ?? 0),
        memoryBytes: this.resources.requestMemoryBytes + (injected?.memoryBytes ?? 0),
        gpus,
      },
      replicas: this.wanted,
      prop: this.props.autoscaling ? 'maxReplicas' : 'replicas',
      onePerNode: this.props.onePerNode ?? false,
    };
    CapacityLedger.of(this).enter(demand);
    return demand;
  }

  private rolloutRoom(): RolloutRoom {
    return {
      minReplicas: this.props.autoscaling?.minReplicas ?? this.wanted,
      maxReplicas: this.wanted,
      total: this.demand && CapacityLedger.of(this).roomFor(this.demand),
      nodes: this.demand?.pools.reduce((sum, { maxNodes }) => sum + maxNodes, 0),
      scarce: (this.placement.gpus ?? 0) > 0 || (this.props.onePerNode ?? false),
      wanted: this.wantedPace,
    };
  }

  private needs(): SetupNeed[] {
    const { image, autoscaling } = this.props;
    return [
      'network-policies',
      ...(image.built ? (['registry'] as const) : []),
      ...(autoscaling?.averageUtilization === undefined ? [] : (['metrics'] as const)),
      ...(this.exposed.type === 'LoadBalancer' ? (['load-balancer'] as const) : []),
    ];
  }

  private serviceSpec(): k8s.ServiceSpec {
    const { type, loadBalancerClass, loadBalancerSourceRanges, externalTrafficPolicy } = this.exposed;
    return {
      type,
      selector: this.selector,
      ports: servicePorts(this.ports, this.exposed.nodePort),
      loadBalancerClass,
      loadBalancerSourceRanges,
      externalTrafficPolicy,
    };
  }

  private deploymentSpec(): k8s.DeploymentSpec {
    const { props, placement } = this;
    const pace = rolloutPace(this.rolloutRoom());
    return {
      replicas: this.hasAutoscaler ? undefined : props.replicas,
      selector: { matchLabels: this.selector },
      strategy: {
        type: 'RollingUpdate',
        rollingUpdate: { maxSurge: intOrString(pace.maxSurge), maxUnavailable: intOrString(pace.maxUnavailable) },
      },
      progressDeadlineSeconds: budgetSeconds(this.programs) + this.startupProbe.budgetSeconds + SCHEDULING_SECONDS,
      minReadySeconds: props.minReadySeconds?.toSeconds(),
      template: podTemplate({
        name: this.name,
        containerName: this.containerName,
        selector: this.selector,
        cluster: this.cluster,
        options: { ...props, env: this.env },
        resources: this.resources,
        extendedResources: placement.extendedResources ?? {},
        image: this.ownImage,
        command: props.command,
        args: props.args,
        ports: this.ports.map(({ name, targetPort }) => ({ name, containerPort: targetPort })),
        startupProbe: this.startupProbe,
        readinessProbe: props.readinessProbe ?? Probe.tcpSocket({ periodSeconds: Duration.seconds(5) }),
        livenessProbe: props.livenessProbe ?? LIVENESS,
        nodeSelector: { ...placement.nodeSelector, ...props.nodeSelector },
        tolerations: [...(placement.tolerations ?? []), ...(props.tolerations ?? [])],
        runtimeClassName: placement.runtimeClassName,
        terminationGraceSeconds: this.stopping.graceSeconds,
        programs: this.programs,
        together: this.together,
      }),
    };
  }
}

function twoOwners(where: string, prop: string, value: unknown, because: string): Error {
  return invalid(where, prop, value, `cannot stand: ${because}, and two owners undo each other at every apply`, 'Remove one of them.');
}

function intOrString(value: number | string): k8s.IntOrString {
  return typeof value === 'number' ? k8s.IntOrString.fromNumber(value) : k8s.IntOrString.fromString(value);
}
