import { createHash } from 'node:crypto';
import { Duration } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { Cluster, Exposure } from '../cluster';
import { invalid } from '../private/errors';
import { namespaceOf, objectName } from '../private/names';
import { warn } from '../private/notices';
import { checkProps, pickProps } from '../private/shape';
import { dnsLabel, portNumber, wholeSeconds } from '../private/validate';
import { AutoscaledService, HashedConfigMap, type Peer, type PortMapping, ServiceFront } from '../service';
import { resolveResources } from '../service/compute-resources';
import { CONFIG_MAP_NAME_LENGTH } from '../service/hashed-config-map';
import { egressFromAnswer } from '../service/peer';
import { DEFAULT_REQUEST_TIMEOUT } from '../service/stopping';
import { WORKLOAD_SHAPE } from '../service/workload-shape';
import { batchingFile, rowsAtOnce } from './files/batching';
import { METRICS_PATH, monitoringFile } from './files/monitoring';
import { commandLine, type FlagValue } from './flags/command-line';
import { FLAGS } from './flags/flag-table';
import { threadFlags, wholeCores } from './flags/threads';
import { checkModelMemory, checkModelName, checkModelProbes, checkModelScaling, imageFor } from './model-checks';
import type { ModelPlacement } from './model-pool';
import { livenessProbe, readinessProbe, startupProbe } from './model-probes';
import { MODEL_SHAPE, ServingProtocol, type TfServingModelProps } from './model-props';
import { checkOwnVariables, namedVariables } from './own-environment';
import { remark } from './remarks';
import { mountPaths, type SourceBinding } from './source/binding';
import { configurationDirectory } from './source/paths';
import { connectionArguments, graceSeconds, LOAD_RETRIES, LOAD_RETRY_INTERVAL_MICROS, startupSeconds } from './timing';
import { volumeSharing } from './volume-sharing';

const BATCHING_FILE = 'batching_config.txt';
const MONITORING_FILE = 'monitoring_config.txt';
const CONFIG_VOLUME = 'config';
/** Longest time that a request or a load may take: more is a unit mixed up. */
const DAY_SECONDS = 24 * 3600;
const CACHE_OF_KERNELS = 'CUDA_CACHE_PATH';

/**
 * A TensorFlow model behind TensorFlow Serving. Nothing restarts it while it loads, ready means that it can predict, it
 * uses the CPUs that it asked for, and it goes on serving while its address is being taken away.
 */
export class TfServingModel extends ServiceFront {
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
  private readonly loadSeconds: number;
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
    checkProps(new.target === TfServingModel, where, props, MODEL_SHAPE, ['source', 'server', 'resources']);
    this.props = props;
    this.modelName = checkModelName(where, props.modelName ?? id, props.modelName === undefined ? 'id' : 'modelName');
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
    this.hasRest = props.server._release.atLeast(FLAGS.rest_api_port.since);
    this.monitored = props.server._release.atLeast(FLAGS.monitoring_config_file.since);
    this.protocols = this.checkProtocols(where, props.protocols ?? [ServingProtocol.GRPC, ServingProtocol.REST]);
    this.requestTimeout = props.requestTimeout ?? DEFAULT_REQUEST_TIMEOUT;
    wholeSeconds(where, 'requestTimeout', this.requestTimeout, 1, DAY_SECONDS);
    this.loadSeconds = wholeSeconds(where, 'loadTime', props.loadTime ?? Duration.minutes(5), 1, DAY_SECONDS);
    const resources = resolveResources(where, props.resources);
    this.cores = wholeCores(resources.usableMilliCpu);
    const cluster = Cluster.of(this);
    this.binding = props.source._bind({ scope: this, where, cluster, namespace: this.namespace, serviceAccount: name });
    this.basePath = this.binding.basePath;
    this.placement = this.place(where);
    const gpu = this.placement?.gpu ?? false;
    checkModelMemory(where, props, resources.limitMemoryBytes);
    const sharing = volumeSharing(this, props, this.binding, this.placement);
    checkModelProbes(where, props);
    checkModelScaling(where, props);
    const image = imageFor(where, props, this.binding, gpu);
    const env = this.ownVariables(where);
    const configuration = this.configuration(where, name, env);

    this.service = new AutoscaledService(this, 'Default', {
      ...pickProps(props, WORKLOAD_SHAPE),
      name,
      component: 'tensorflow-serving',
      image,
      command: [props.server.binary],
      args: configuration.args,
      ports: this.ports(),
      placement: {
        ...this.placement,
        nodeSelector: { 'kubernetes.io/arch': props.server.architecture, ...this.placement?.nodeSelector },
        injected: this.binding.injected,
      },
      env: { ...env, ...props.env },
      // of two sets with the same name the last one wins
      envFrom: unlessNone([...(props.envFrom ?? []), ...configuration.envFrom]),
      volumes: [...configuration.volumes, ...this.binding.volumes, ...(props.volumes ?? [])],
      volumeMounts: [...configuration.volumeMounts, ...this.binding.volumeMounts, ...(props.volumeMounts ?? [])],
      serviceAccountAnnotations: { ...this.binding.serviceAccountAnnotations, ...props.serviceAccountAnnotations },
      startupProbe: props.startupProbe ?? startupProbe(this.grpcPort, this.startupBudget()),
      readinessProbe: props.readinessProbe ?? readinessProbe(props.server._release, this),
      livenessProbe: props.livenessProbe ?? livenessProbe(props.server._release, this.grpcPort),
      podAnnotations: { ...this.scrapeAnnotations(where), ...this.binding.podAnnotations, ...props.podAnnotations },
      preStopSleep: Duration.seconds(0),
      terminationGracePeriod: this.gracePeriod(),
      requestTimeout: this.requestTimeout,
      maxSurge: props.maxSurge ?? sharing.maxSurge,
      maxUnavailable: props.maxUnavailable ?? sharing.maxUnavailable,
    });
    this.host = this.service.host;
    for (const answer of this.binding.egress) this.service._allow(egressFromAnswer(answer));
    for (const peer of props.scrapers ?? []) this.service._allowScraper(peer, this.restPort);
    if (this.binding.gate) this.service._runBefore(this.binding.gate);
    if (this.binding.imageVolume) this.service._mountImage(this.binding.imageVolume);
    if (sharing.together) this.service._keepTogether();
    remark(this, props, this.binding, { placement: this.placement, startupSeconds: this.startupBudget() });
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

  /**
   * Lets a peer call the model.
   *
   * @throws where it is no Peer.
   */
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
    // the kind of the prop says no more than that it is a construct
    if (typeof pool.placeModel !== 'function') {
      throw invalid(where, 'pool', String(pool), 'is no pool that models can be placed on', 'Write pool: new GpuModelPool(...).');
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

  private startupBudget(): number {
    const { flags = {} } = this.props;
    return startupSeconds(
      this.loadSeconds,
      flags.maxNumLoadRetries ?? LOAD_RETRIES,
      flags.loadRetryIntervalMicros ?? LOAD_RETRY_INTERVAL_MICROS,
    );
  }

  /** Variables that the model itself needs; those that others may replace are left to them. */
  private ownVariables(where: string): { [name: string]: string } {
    const { props, binding } = this;
    const inSet = props.envConfigMapName === undefined ? [] : ['MODEL_NAME', 'MODEL_PATH'];
    checkOwnVariables(where, props, [
      ...Object.keys(binding.env).map((name) => ({ name, owner: 'source' })),
      ...inSet.map((name) => ({ name, owner: 'envConfigMapName' })),
    ]);
    const cached = this.placement?.gpu && !namedVariables(props).includes(CACHE_OF_KERNELS);
    return { ...binding.env, ...(cached ? { [CACHE_OF_KERNELS]: '/tmp/cuda-cache' } : {}) };
  }

  private configuration(where: string, name: string, env: { [name: string]: string }) {
    const { props, binding } = this;
    const directory = configurationDirectory(where, props.configDirectory ?? '/etc/tfs-config', {
      binary: props.server.binary,
      basePath: binding.basePath,
      mountPaths: [...mountPaths(binding), ...(props.volumeMounts ?? []).map(({ mountPath }) => mountPath)].filter(
        (path) => typeof path === 'string',
      ),
    });
    const files: { [file: string]: string } = {};
    if (props.batching) files[BATCHING_FILE] = batchingFile(where, props.batching, this.cores, props.server._release);
    if (this.monitored) files[MONITORING_FILE] = monitoringFile();
    const fromEnv = props.envConfigMapName !== undefined;
    const requestMillis = this.requestTimeout.toMilliseconds();

    const defaults: { [flag: string]: FlagValue | undefined } = {
      port: this.grpcPort,
      rest_api_port: this.restPort,
      model_name: fromEnv ? '$(MODEL_NAME)' : this.modelName,
      model_base_path: fromEnv ? '$(MODEL_PATH)' : binding.basePath,
      file_system_poll_wait_seconds: binding.pollSeconds,
      max_num_load_retries: LOAD_RETRIES,
      load_retry_interval_micros: LOAD_RETRY_INTERVAL_MICROS,
      rest_api_timeout_in_ms: requestMillis,
      ...threadFlags(this.cores, props.batching ? rowsAtOnce(props.batching) : 0),
      grpc_channel_arguments: connectionArguments(this.requestTimeout.toSeconds()),
      enable_grpc_healthcheck_service: true,
      enable_profiler: false,
      enable_batching: props.batching ? true : undefined,
      batching_parameters_file: props.batching ? `${directory}/${BATCHING_FILE}` : undefined,
      monitoring_config_file: this.monitored ? `${directory}/${MONITORING_FILE}` : undefined,
    };
    const args = commandLine(where, {
      release: props.server._release,
      defaults,
      chosen: props.flags ?? {},
      extra: props.extraFlags ?? [],
      gpus: this.placement === undefined ? 'none' : this.placement.gpu ? 'present' : 'stand-in',
      batching: props.batching !== undefined,
      variables: props.envFrom?.length
        ? undefined
        : [...Object.keys(env), ...namedVariables(props), ...(fromEnv ? ['MODEL_NAME', 'MODEL_PATH'] : [])],
    });

    const volumes: k8s.Volume[] = [];
    const volumeMounts: k8s.VolumeMount[] = [];
    if (Object.keys(files).length > 0) {
      const config = new HashedConfigMap(this, 'Config', {
        name: dnsLabel(where, 'configMapName', props.configMapName ?? configMapName(name), CONFIG_MAP_NAME_LENGTH),
        data: files,
      });
      volumes.push({ name: CONFIG_VOLUME, configMap: { name: config.name } });
      // the directory, not single files: a subPath mount would never see a change
      volumeMounts.push({ name: CONFIG_VOLUME, mountPath: directory, readOnly: true });
    }
    const envFrom: k8s.EnvFromSource[] = [];
    if (props.envConfigMapName !== undefined) {
      const environment = new HashedConfigMap(this, 'Environment', {
        name: dnsLabel(where, 'envConfigMapName', props.envConfigMapName, CONFIG_MAP_NAME_LENGTH),
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
    const ownSeconds = terminationGracePeriod?.toSeconds();
    // what is shorter than a request is reported for every service
    if (ownSeconds !== undefined && ownSeconds < needed && ownSeconds >= this.requestTimeout.toSeconds()) {
      warn(
        this,
        `terminationGracePeriod is ${ownSeconds} s, but the last request may end ${needed} s after the stop began, and the server serves until it is killed: it is cut off`,
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
}

/** The workload's name with `-config`; where that leaves no room, a hash keeps what is cut off apart. */
function configMapName(name: string): string {
  const full = `${name}-config`;
  if (full.length <= CONFIG_MAP_NAME_LENGTH) return full;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 5);
  return `${name.slice(0, CONFIG_MAP_NAME_LENGTH - full.length + name.length - hash.length - 1)}-${hash}-config`;
}

function unlessNone<T>(items: T[]): T[] | undefined {
  return items.length > 0 ? items : undefined;
}
