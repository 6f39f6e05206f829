import type { k8s } from 'cdk8s-plus-27';
import type { Cluster } from '../cluster';
import type { ImageAnswer } from '../cluster/dialect';
import { unlessEmpty } from '../private/objects';
import type { ResolvedResources } from './compute-resources';
import { arranged, keptBytes, type PlacedProgram } from './pod-program';
import { SCRATCH_PATH, SCRATCH_VOLUME } from './pod-volumes';
import type { Probe } from './probe';
import type { WorkloadOptions } from './workload-options';

const DEFAULT_USER = 10001;

/** A port that the container listens on. */
export interface ContainerPort {
  readonly name: string;
  readonly containerPort: number;
}

/** What makes up a pod, decided. */
export interface PodFacts {
  readonly name: string;
  readonly containerName: string;
  readonly selector: { [key: string]: string };
  readonly cluster: Cluster;
  readonly options: WorkloadOptions;
  readonly resources: ResolvedResources;
  readonly extendedResources: { [name: string]: number };
  readonly image: ImageAnswer;
  readonly command?: string[];
  readonly args?: string[];
  readonly ports: ContainerPort[];
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly nodeSelector: { [key: string]: string };
  readonly tolerations: k8s.Toleration[];
  readonly runtimeClassName?: string;
  readonly terminationGraceSeconds: number;
  readonly programs: PlacedProgram[];
  /** Whether all pods must be on one node. */
  readonly together: boolean;
}

/** The pod as the API has it. */
export function podTemplate(facts: PodFacts): k8s.PodTemplateSpec {
  const { options, cluster, selector } = facts;
  const localVolumes = [SCRATCH_VOLUME, ...(options.volumes ?? []).filter((volume) => volume.emptyDir).map((volume) => volume.name)];
  const { init, beside } = arranged(facts.programs, cluster.kubernetesMinor);
  return {
    metadata: {
      labels: { ...options.podLabels, ...selector },
      annotations: unlessEmpty({ ...cluster._dialect.evictableVolumes(localVolumes), ...options.podAnnotations }),
    },
    spec: {
      initContainers: init.length > 0 ? init.map((program) => programContainer(facts, program)) : undefined,
      containers: [container(facts), ...beside.map((program) => programContainer(facts, program))],
      volumes: [{ name: SCRATCH_VOLUME, emptyDir: {} }, ...(options.volumes ?? [])],
      securityContext: podSecurity(options),
      serviceAccountName: facts.name,
      automountServiceAccountToken: false,
      // the environment variables of service links collide with those of images (GRPC_PORT=tcp://...)
      enableServiceLinks: false,
      terminationGracePeriodSeconds: facts.terminationGraceSeconds,
      nodeSelector: unlessEmpty(facts.nodeSelector),
      tolerations: facts.tolerations.length > 0 ? facts.tolerations : undefined,
      runtimeClassName: facts.runtimeClassName,
      priorityClassName: options.priorityClassName,
      imagePullSecrets: options.imagePullSecrets?.map((name) => ({ name })),
      affinity: affinity(facts),
      topologySpreadConstraints: spread(selector),
    },
  };
}

/** `kubectl describe pod` then shows the last lines that a program printed before it failed. */
const LAST_WORDS = 'FallbackToLogsOnError';

function container(facts: PodFacts): k8s.Container {
  const { options, ports } = facts;
  const defaultPort = ports[0].containerPort;
  return {
    name: facts.containerName,
    image: facts.image.reference,
    imagePullPolicy: facts.image.pullPolicy,
    command: facts.command,
    args: facts.args,
    ports: ports.map(({ name, containerPort }) => ({ name, containerPort })),
    env: environment(options),
    envFrom: options.envFrom,
    resources: facts.resources.toKube(facts.extendedResources, keptBytes(facts.programs)),
    startupProbe: facts.startupProbe?._toKube(defaultPort),
    readinessProbe: facts.readinessProbe?._toKube(defaultPort),
    livenessProbe: facts.livenessProbe?._toKube(defaultPort),
    terminationMessagePolicy: LAST_WORDS,
    securityContext: containerSecurity(options),
    volumeMounts: [{ name: SCRATCH_VOLUME, mountPath: SCRATCH_PATH }, ...(options.volumeMounts ?? [])],
  };
}

/** Without resources of its own one that runs first costs nothing: a pod is given the larger of what it and the containers ask for. */
function programContainer(facts: PodFacts, program: PlacedProgram): k8s.Container {
  const { name, command, image, env, resources = facts.resources, volumeMounts = [] } = program;
  return {
    name,
    image: image.reference,
    imagePullPolicy: image.pullPolicy,
    command,
    env: environment({ env }),
    resources: resources.toKube({}),
    terminationMessagePolicy: LAST_WORDS,
    securityContext: containerSecurity(facts.options),
    volumeMounts: [{ name: SCRATCH_VOLUME, mountPath: SCRATCH_PATH }, ...volumeMounts],
  };
}

function containerSecurity(options: WorkloadOptions): k8s.SecurityContext {
  return {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: options.readOnlyRootFilesystem ?? true,
  };
}

function environment(options: Pick<WorkloadOptions, 'env' | 'envVars'>): k8s.EnvVar[] | undefined {
  const plain = Object.entries(options.env ?? {}).map(([name, value]) => ({ name, value }));
  const variables = [...plain, ...(options.envVars ?? [])];
  // an empty value is the default, which the API server does not keep
  return variables.length > 0 ? variables.map((variable) => ({ ...variable, value: variable.value || undefined })) : undefined;
}

function podSecurity(options: WorkloadOptions): k8s.PodSecurityContext {
  const runAsUser = options.runAsUser ?? DEFAULT_USER;
  const runAsGroup = options.runAsGroup ?? runAsUser;
  return {
    runAsNonRoot: true,
    runAsUser,
    runAsGroup,
    fsGroup: options.fsGroup ?? runAsGroup,
    seccompProfile: { type: 'RuntimeDefault' },
  };
}

/** Where the pods stand to each other: the first pod may go anywhere, also where it must be with others. */
function affinity({ options, selector: matchLabels, together }: PodFacts): k8s.Affinity | undefined {
  const ofTheSameNode = {
    requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels }, topologyKey: 'kubernetes.io/hostname' }],
  };
  if (options.onePerNode) return { podAntiAffinity: ofTheSameNode };
  return together ? { podAffinity: ofTheSameNode } : undefined;
}

function spread(matchLabels: { [key: string]: string }): k8s.TopologySpreadConstraint[] {
  return ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({
    topologyKey,
    maxSkew: 1,
    whenUnsatisfiable: 'ScheduleAnyway',
    labelSelector: { matchLabels },
    // counts the pods of one rollout only, and leaves out nodes whose taints keep the pods away
    matchLabelKeys: ['pod-template-hash'],
    nodeTaintsPolicy: 'Honor',
  }));
}
