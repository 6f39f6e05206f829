import { Duration } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { Cluster, Exposure } from '../cluster';
import { invalid } from '../private/errors';
import { namespaceOf, objectName } from '../private/names';
import { addNotice, warn } from '../private/notices';
import { bytes, formatMemory } from '../private/quantity';
import { checkShape, pickProps, type Shape } from '../private/shape';
import { absolutePath, dnsLabel, portNumber, printable } from '../private/validate';
import { AutoscaledService, HashedConfigMap, Peer, type PortMapping, Probe, type WorkloadOptions } from '../service';
import { resolveResources } from '../service/compute-resources';
import { egressFromAnswer } from '../service/peer';
import { WORKLOAD_SHAPE } from '../service/workload-shape';
import { type Batching, batchingFile, METRICS_PATH, monitoringFile } from './config-files';
import type { IModelPool, ModelPlacement } from './model-pool';
import { ModelSource, type SourceBinding } from './model-source';
import { commandLine, type FlagValue, type ServerFlags, unknownFlags } from './server-flags';
import { ServerImage } from './server-image';
import { threadFlags, wholeCores } from './threads';
import { connectionArguments, graceSeconds, STARTUP_PERIOD_SECONDS, startupSeconds } from './timing';

const MODEL_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/;
const BATCHING_FILE = 'batching_config.txt';
const MONITORING_FILE = 'monitoring_config.txt';
const CONFIG_VOLUME = 'config';

/** A protocol that callers may use. */
export enum ServingProtocol {
  /** PredictionService on the gRPC port. */
  GRPC = 'grpc',
  /** `/v1/models/NAME:predict` on the REST port. */
  REST = 'rest',
}

/** Properties of a `TfServingModel`. */
export interface TfServingModelProps extends WorkloadOptions {
  /**
   * Name by which clients ask for the model: letters, digits, `_`, `.` and `-`.
   *
   * @default - the construct's id
   */
  readonly modelName?: string;

  /** Where the server finds the model. */
  readonly source: ModelSource;

  /** The server that runs it. */
  readonly server: ServerImage;

  /**
   * Protocols that callers may use. The REST port is open in the pod in any case, for probes and metrics.
   *
   * @default - both
   */
  readonly protocols?: ServingProtocol[];

  /**
   * Port of gRPC, in the pod and on the Service.
   *
   * @default 8500
   */
  readonly grpcPort?: number;

  /**
   * Port of REST, in the pod and on the Service.
   *
   * @default 8501
   */
  readonly restPort?: number;

  /**
   * Pool with GPUs. The image with GPU support, the GPUs, the nodes and the pace of rollouts follow from it.
   *
   * @default - none: the model runs on CPUs
   */
  readonly pool?: IModelPool;

  /**
   * GPUs of a pod, where there is a pool.
   *
   * @default 1
   */
  readonly gpus?: number;

  /**
   * Longest time that loading and warming up the model takes. Nothing restarts a pod while it loads.
   *
   * @default Duration.minutes(5)
   */
  readonly loadTime?: Duration;

  /**
   * Memory that one loaded version takes, as a quantity. With it, synthesis refuses a memory limit that a version swap
   * would break.
   *
   * @default - unknown: nothing is checked
   */
  readonly modelMemory?: string;

  /**
   * How requests are put together.
   *
   * @default - they are not
   */
  readonly batching?: Batching;

  /**
   * Flags of the server.
   *
   * @default - those that follow from the other props
   */
  readonly flags?: ServerFlags;

  /**
   * Flags that this library does not type, as `--name=value`. Those unknown to it are reported, since the server ignores
   * what it does not know.
   *
   * @default - none
   */
  readonly extraFlags?: string[];

  /**
   * Who may read the metrics on the REST port, whatever `protocols` says, for example
   * `[Peer.namespace('monitoring')]`. The pods then carry the `prometheus.io/` annotations too.
   *
   * @default - only those who may call REST
   */
  readonly scrapers?: Peer[];

  /**
   * Name, without its hash, of the ConfigMap with the server's configuration files.
   *
   * @default - the workload's name with `-config`
   */
  readonly configMapName?: string;

  /**
   * Directory in which the server sees its configuration files.
   *
   * @default '/etc/tfs-config'
   */
  readonly configDirectory?: string;

  /**
   * Name, without its hash, of a ConfigMap that carries the model's name and path as `MODEL_NAME` and `MODEL_PATH`; the
   * server then gets them through its environment.
   *
   * @default - none: they stand in the server's arguments
   */
  readonly envConfigMapName?: string;
}

const SHAPE: Shape<TfServingModelProps> = {
  ...WORKLOAD_SHAPE,
  modelName: 'text',
  source: ModelSource,
  server: ServerImage,
  protocols: 'texts',
  grpcPort: 'number',
  restPort: 'number',
  pool: Construct,
  gpus: 'number',
  loadTime: 'duration',
  modelMemory: 'text',
  batching: 'map',
  flags: 'map',
  extraFlags: 'texts',
  scrapers: [Peer],
  configMapName: 'text',
  configDirectory: 'text',
  envConfigMapName: 'text',
};

/**
 * A TensorFlow model behind TensorFlow Serving. Nothing restarts it while it loads, ready means that it can predict, it
 * uses the CPUs that it asked for, and it goes on serving while its address is being taken away.
 */
export class TfServingModel extends Construct {
  /** Name by which clients ask for the model. */
  public readonly modelName: string;
  /** Directory in which the server looks for versions. */
  public readonly basePath: string;
  /** The workload: Deployment, Service and all around them. */
  public readonly service: AutoscaledService;
  /** Port of gRPC. */
  public readonly grpcPort: number;
  /** Port of REST. */
  public readonly restPort: number;
  /** Host name of the Service. */
  public readonly host: string;
  /** Namespace of the model. */
  public readonly namespace: string;
  /** Longest request. */
  public readonly requestTimeout: Duration;
  /** Protocols that callers may use. */
  public readonly protocols: ServingProtocol[];

  private readonly props: TfServingModelProps;
  private readonly cores: number;
  private readonly binding: SourceBinding;
  private readonly placement?: ModelPlacement;
  private readonly hasRest: boolean;
  private readonly monitored: boolean;

  /**
   * @throws where a prop is out of its range, contradicts another one, or cannot be met by the server's release or the
   * cluster.
   */
  constructor(scope: Construct, id: string, props: TfServingModelProps) {
    super(scope, id);
    const where = this.node.path;
    checkShape(where, props, SHAPE, ['source', 'server', 'resources']);
    this.props = props;
    this.modelName = checkModelName(where, props.modelName ?? id);
    this.namespace = namespaceOf(this);
    const name = objectName(this, props.name);
    this.grpcPort = portNumber(where, 'grpcPort', props.grpcPort ?? 8500);
    this.restPort = portNumber(where, 'restPort', props.restPort ?? 8501);
    if (this.grpcPort === this.restPort) {
      throw invalid(
        where,
        'restPort',
        this.restPort,
        "must differ from 'grpcPort': the server would run without REST",
        'Choose another port.',
      );
    }
    this.hasRest = props.server._release.atLeast('1.8.0');
    this.monitored = props.server._release.atLeast('1.11.0');
    this.protocols = this.checkProtocols(where, props.protocols ?? [ServingProtocol.GRPC, ServingProtocol.REST]);
    this.requestTimeout = props.requestTimeout ?? Duration.seconds(30);
    const resources = resolveResources(where, props.resources);
    this.cores = wholeCores(resources.usableMilliCpu);
    const cluster = Cluster.of(this);
    this.binding = props.source._bind({ where, cluster, namespace: this.namespace, serviceAccount: name });
    this.basePath = this.binding.basePath;
    this.placement = this.place(where);
    this.checkMemory(where, resources.limitMemoryBytes);
    this.checkReplicas(where);
    const configuration = this.configuration(where, name);

    this.service = new AutoscaledService(this, 'Default', {
      ...pickProps(props, WORKLOAD_SHAPE),
      name,
      component: 'tensorflow-serving',
      image: this.placement?.gpu ? this.gpuImage(where) : props.server.image,
      command: [props.server.binary],
      args: configuration.args,
      ports: this.ports(),
      placement: { ...this.placement, nodeSelector: { 'kubernetes.io/arch': props.server.architecture, ...this.placement?.nodeSelector } },
      env: { ...this.binding.env, ...(this.placement?.gpu ? { CUDA_CACHE_PATH: '/tmp/cuda-cache' } : {}), ...props.env },
      envFrom:
        [...configuration.envFrom, ...(props.envFrom ?? [])].length > 0 ? [...configuration.envFrom, ...(props.envFrom ?? [])] : undefined,
      volumes: [...configuration.volumes, ...this.binding.volumes, ...(props.volumes ?? [])],
      volumeMounts: [...configuration.volumeMounts, ...this.binding.volumeMounts, ...(props.volumeMounts ?? [])],
      serviceAccountAnnotations: { ...this.binding.serviceAccountAnnotations, ...props.serviceAccountAnnotations },
      startupProbe: props.startupProbe ?? this.startupProbe(),
      readinessProbe: props.readinessProbe ?? this.readinessProbe(),
      livenessProbe: props.livenessProbe ?? this.livenessProbe(),
      podAnnotations: { ...this.scrapeAnnotations(where), ...props.podAnnotations },
      preStopSleep: Duration.seconds(0),
      terminationGracePeriod: this.gracePeriod(),
      requestTimeout: this.requestTimeout,
      maxSurge: props.maxSurge ?? (this.binding.singleNode ? '0' : undefined),
      maxUnavailable: props.maxUnavailable ?? (this.binding.singleNode ? '1' : undefined),
    });
    this.host = this.service.host;
    for (const answer of this.binding.egress) this.service._allow(egressFromAnswer(answer));
    for (const peer of props.scrapers ?? []) this.service._allowScraper(peer, this.restPort);
    if (this.binding.gate) this.service._runBefore(this.binding.gate);
    this.report();
  }

  /**
   * Host and port of gRPC, for clients in the cluster.
   *
   * @throws where the model does not offer gRPC.
   */
  public get grpcAddress(): string {
    return this.service.address(ServingProtocol.GRPC);
  }

  /**
   * URL of REST up to the model's name, for clients in the cluster.
   *
   * @throws where the model does not offer REST.
   */
  public get restUrl(): string {
    return `http://${this.service.address('http')}/v1/models/${this.modelName}`;
  }

  /** Lets a peer call the model. */
  public allowFrom(peer: Peer): void {
    this.service.allowFrom(peer);
  }

  private ports(): PortMapping[] {
    const grpc = {
      name: 'grpc',
      port: this.grpcPort,
      appProtocol: 'kubernetes.io/h2c',
      published: this.protocols.includes(ServingProtocol.GRPC),
    };
    const rest = { name: 'http', port: this.restPort, appProtocol: 'http', published: this.protocols.includes(ServingProtocol.REST) };
    return this.hasRest ? [grpc, rest] : [grpc];
  }

  private checkProtocols(where: string, protocols: ServingProtocol[]): ServingProtocol[] {
    const unknown = protocols.find((protocol) => !Object.values(ServingProtocol).includes(protocol));
    if (unknown !== undefined) throw invalid(where, 'protocols', unknown, 'is no ServingProtocol', 'Write [ServingProtocol.GRPC].');
    if (protocols.length === 0) {
      throw invalid(where, 'protocols', protocols, 'must name at least one protocol', 'Leave it out for both.');
    }
    if (!this.hasRest && protocols.includes(ServingProtocol.REST)) {
      throw invalid(
        where,
        'protocols',
        protocols,
        `cannot hold REST: TensorFlow Serving ${this.props.server._release} has none`,
        'Write [ServingProtocol.GRPC], or use release 1.8 or newer.',
      );
    }
    return [...new Set(protocols)];
  }

  private place(where: string): ModelPlacement | undefined {
    const { pool, gpus, autoscaling, replicas } = this.props;
    if (pool === undefined) {
      if (gpus !== undefined) throw invalid(where, 'gpus', gpus, "needs a 'pool' that has GPUs", 'Write pool: new GpuModelPool(...).');
      return undefined;
    }
    if (this.props.nodePool !== undefined) {
      throw invalid(where, 'nodePool', this.props.nodePool, "cannot stand beside 'pool', which decides the nodes", 'Remove one of them.');
    }
    const placement = pool.placeModel(this, { gpus: gpus ?? 1, replicas: autoscaling?.maxReplicas ?? replicas ?? 1 });
    if (placement.gpu && autoscaling?.averageUtilization !== undefined) {
      throw invalid(
        where,
        'autoscaling',
        'Autoscaling.cpu',
        'measures CPU, which says nothing about a model on a GPU',
        'Use Autoscaling.metrics() with a metric of the GPU or of the requests.',
      );
    }
    return placement;
  }

  private gpuImage(where: string) {
    const { gpuImage } = this.props.server;
    if (gpuImage === undefined) {
      throw invalid(
        where,
        'server',
        this.props.server.image.reference,
        'has no image with GPU support, but the pool has GPUs',
        "Give 'gpuImage' to ServerImage.custom().",
      );
    }
    return gpuImage;
  }

  private checkMemory(where: string, limit: number): void {
    const { modelMemory, source } = this.props;
    if (modelMemory === undefined) return;
    const one = bytes(where, 'modelMemory', modelMemory);
    const versions = source.followsVersions ? 2 : 1;
    if (one * versions > limit) {
      throw invalid(
        where,
        'resources.limits.memory',
        formatMemory(limit),
        `is less than the ${versions === 2 ? `two versions of ${modelMemory} that are loaded while the server swaps them` : `${modelMemory} that the model takes`}`,
        `Raise it above ${formatMemory(one * versions)}${versions === 2 ? ", or leave out 'pollInterval' so that a new version is a rollout" : ''}.`,
      );
    }
  }

  private checkReplicas(where: string): void {
    const { autoscaling, replicas } = this.props;
    const most = autoscaling?.maxReplicas ?? replicas ?? 1;
    if (this.binding.singleNode && most > 1) {
      throw invalid(
        where,
        autoscaling ? 'maxReplicas' : 'replicas',
        most,
        'cannot be above 1: a ReadWriteOnce volume is for one node',
        'Use a claim with ReadOnlyMany or ReadWriteMany.',
      );
    }
  }

  private configuration(where: string, name: string) {
    const { props, binding } = this;
    const directory = absolutePath(where, 'configDirectory', props.configDirectory ?? '/etc/tfs-config');
    if (directory === '/')
      throw invalid(where, 'configDirectory', directory, 'would hide the whole file system of the image', "For example '/etc/tfs-config'.");
    const files: { [file: string]: string } = {};
    if (props.batching) files[BATCHING_FILE] = batchingFile(where, props.batching, this.cores);
    if (this.monitored) files[MONITORING_FILE] = monitoringFile();
    const fromEnv = props.envConfigMapName !== undefined;
    const requestMillis = this.requestTimeout.toMilliseconds();

    const defaults: { [flag: string]: FlagValue | undefined } = {
      port: this.grpcPort,
      rest_api_port: this.restPort,
      model_name: fromEnv ? '$(MODEL_NAME)' : this.modelName,
      model_base_path: fromEnv ? '$(MODEL_PATH)' : binding.basePath,
      file_system_poll_wait_seconds: binding.pollSeconds,
      max_num_load_retries: 1,
      load_retry_interval_micros: 5_000_000,
      rest_api_timeout_in_ms: requestMillis,
      ...threadFlags(this.cores, props.batching?.maxBatchSize ?? 0),
      grpc_channel_arguments: connectionArguments(this.requestTimeout.toSeconds()),
      enable_grpc_healthcheck_service: true,
      enable_profiler: false,
      enable_batching: props.batching ? true : undefined,
      batching_parameters_file: props.batching ? `${directory}/${BATCHING_FILE}` : undefined,
      monitoring_config_file: this.monitored ? `${directory}/${MONITORING_FILE}` : undefined,
    };
    const args = commandLine(where, props.server._release, defaults, props.flags ?? {}, props.extraFlags ?? []);

    const volumes: k8s.Volume[] = [];
    const volumeMounts: k8s.VolumeMount[] = [];
    if (Object.keys(files).length > 0) {
      const config = new HashedConfigMap(this, 'Config', {
        name: dnsLabel(where, 'configMapName', props.configMapName ?? `${name}-config`),
        data: files,
      });
      volumes.push({ name: CONFIG_VOLUME, configMap: { name: config.name } });
      // the directory, not single files: a subPath mount would never see a change
      volumeMounts.push({ name: CONFIG_VOLUME, mountPath: directory, readOnly: true });
    }
    const envFrom: k8s.EnvFromSource[] = [];
    if (props.envConfigMapName !== undefined) {
      const environment = new HashedConfigMap(this, 'Environment', {
        name: dnsLabel(where, 'envConfigMapName', props.envConfigMapName),
        data: { MODEL_NAME: this.modelName, MODEL_PATH: binding.basePath },
      });
      envFrom.push({ configMapRef: { name: environment.name } });
    }
    return { args, volumes, volumeMounts, envFrom };
  }

  private gracePeriod(): Duration {
    const { exposure = Exposure.cluster(), terminationGracePeriod } = this.props;
    const { drainSeconds } = Cluster.of(this)._ask(this, (dialect) => dialect.expose(exposure));
    const needed = graceSeconds(drainSeconds, this.requestTimeout.toSeconds());
    if (terminationGracePeriod !== undefined && terminationGracePeriod.toSeconds() < needed) {
      warn(
        this,
        `terminationGracePeriod is ${terminationGracePeriod.toSeconds()} s, but the last request may end ${needed} s after the stop began, and the server serves until it is killed: it is cut off`,
        `Raise it to ${needed} s, or lower 'requestTimeout'.`,
      );
    }
    return terminationGracePeriod ?? Duration.seconds(needed);
  }

  /** What Prometheus reads on pods where it looks for them by annotations. */
  private scrapeAnnotations(where: string): { [key: string]: string } {
    if (this.props.scrapers === undefined) return {};
    if (!this.monitored) {
      throw invalid(
        where,
        'scrapers',
        `${this.props.scrapers.length} peer(s)`,
        `cannot be served: TensorFlow Serving ${this.props.server._release} has no metrics`,
        'Use release 1.11 or newer.',
      );
    }
    return { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(this.restPort), 'prometheus.io/path': METRICS_PATH };
  }

  private startupProbe(): Probe {
    const { flags = {}, loadTime = Duration.minutes(5) } = this.props;
    const budget = startupSeconds(loadTime.toSeconds(), flags.maxNumLoadRetries ?? 1, flags.loadRetryIntervalMicros ?? 5_000_000);
    // both ports open only after the model has been loaded and warmed up
    return Probe.tcpSocket({
      port: this.grpcPort,
      periodSeconds: Duration.seconds(STARTUP_PERIOD_SECONDS),
      failureThreshold: budget / STARTUP_PERIOD_SECONDS,
    });
  }

  private readinessProbe(): Probe {
    const pace = { periodSeconds: Duration.seconds(10), timeoutSeconds: Duration.seconds(5), failureThreshold: 3 };
    if (!this.hasRest) return Probe.tcpSocket({ port: this.grpcPort, ...pace });
    // the model's status answers 200 even when no version of it is left; its metadata answers 404 then
    return Probe.httpGet(`/v1/models/${this.modelName}/metadata`, { port: this.restPort, ...pace });
  }

  private livenessProbe(): Probe {
    const pace = { port: this.grpcPort, periodSeconds: Duration.seconds(20), timeoutSeconds: Duration.seconds(5), failureThreshold: 3 };
    // neither over REST nor by the gRPC health service: both need a thread that a busy server may not have
    return Probe.tcpSocket(pace);
  }

  private report(): void {
    for (const { command, purpose } of this.binding.access) addNotice(this, { kind: 'access', text: command, detail: purpose });
    for (const flag of unknownFlags(this.props.extraFlags ?? [])) {
      warn(
        this,
        `extraFlags: ${flag} is not a flag that this library knows, and the server ignores what it does not know`,
        'Check its name against the release that the image holds.',
      );
    }
    const { listingsPerMonth, volumeRemark } = this.binding;
    if (volumeRemark !== undefined) warn(this, `source: ${volumeRemark}`, 'Make the claim with a class or a volume that has the mode.');
    if (listingsPerMonth !== undefined && listingsPerMonth > 100_000) {
      warn(
        this,
        `pollInterval: each pod lists the bucket ${listingsPerMonth} times a month, and each listing is billed`,
        'Poll every minute or less often.',
      );
    }
    if (this.props.source.followsVersions && this.props.modelMemory === undefined) {
      warn(
        this,
        'pollInterval: while the server swaps versions it holds two of them, and nothing says whether they fit into its memory',
        "Say what one version takes: modelMemory: '1Gi'.",
      );
    }
  }
}

function checkModelName(where: string, modelName: string): string {
  printable(where, 'modelName', modelName);
  if (!MODEL_NAME.test(modelName)) {
    throw invalid(
      where,
      'modelName',
      modelName,
      "must consist of letters, digits, '_', '.' and '-': it stands in URLs and flags",
      "For example 'image_classifier'.",
    );
  }
  return modelName;
}
