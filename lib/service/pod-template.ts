import type { k8s } from 'cdk8s-plus-27';
import type { Cluster } from '../cluster';
import { invalid } from '../private/errors';
import { SELECTOR_LABELS } from '../private/labels';
import { unlessEmpty } from '../private/objects';
import { hasOwn } from '../private/own';
import { absolutePath, annotations, dnsLabel, dnsSubdomain, envName, labels, printable, wholeNumber } from '../private/validate';
import type { ResolvedResources } from './compute-resources';
import type { Probe } from './probe';
import type { WorkloadOptions } from './workload-options';

/** Writable place that every container gets, since its file system is read-only. */
const SCRATCH = 'tmp';
const DEFAULT_USER = 10001;

/** A port that the container listens on. */
export interface ContainerPort {
  readonly name: string;
  readonly containerPort: number;
}

/** A program of the workload's image that runs to its end before the container starts. */
export interface InitProgram {
  readonly name: string;
  readonly command: string[];
}

/** What makes up a pod, decided. */
export interface PodFacts {
  readonly name: string;
  readonly selector: { [key: string]: string };
  readonly cluster: Cluster;
  readonly options: WorkloadOptions;
  readonly resources: ResolvedResources;
  readonly extendedResources: { [name: string]: number };
  readonly image: string;
  readonly imagePullPolicy: string;
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
  readonly initPrograms: InitProgram[];
}

/** Checks everything of the options that ends up in the pod. */
export function checkPodOptions(where: string, options: WorkloadOptions): void {
  for (const [name, value] of Object.entries(options.env ?? {})) {
    envName(where, 'env', name);
    printable(where, `env.${name}`, value);
  }
  (options.envVars ?? []).forEach((variable) => {
    envName(where, 'envVars.name', variable.name);
    if (variable.value !== undefined) printable(where, `envVars.${variable.name}`, variable.value);
    if (options.env && hasOwn(options.env, variable.name)) {
      throw invalid(where, 'envVars.name', variable.name, "also stands in 'env'", 'Set it in one of them.');
    }
  });
  for (const prop of ['podLabels', 'nodeSelector'] as const) {
    if (options[prop]) labels(where, prop, options[prop]);
  }
  for (const key of SELECTOR_LABELS) {
    if (options.podLabels && hasOwn(options.podLabels, key)) {
      throw invalid(where, 'podLabels', key, 'is the label that the selectors use, which cannot change in a cluster', 'Use another key.');
    }
  }
  for (const prop of ['podAnnotations', 'serviceAnnotations', 'serviceAccountAnnotations'] as const) {
    if (options[prop]) annotations(where, prop, options[prop]);
  }
  options.imagePullSecrets?.forEach((secret) => dnsSubdomain(where, 'imagePullSecrets', secret));
  if (options.priorityClassName !== undefined) dnsSubdomain(where, 'priorityClassName', options.priorityClassName);
  if (options.imagePullPolicy !== undefined && !['IfNotPresent', 'Always', 'Never'].includes(options.imagePullPolicy)) {
    throw invalid(
      where,
      'imagePullPolicy',
      options.imagePullPolicy,
      'must be IfNotPresent, Always or Never',
      'Leave it out to let the cluster decide.',
    );
  }
  if (options.runAsUser === 0) {
    throw invalid(
      where,
      'runAsUser',
      0,
      'must not be root: Pod Security "restricted" refuses such pods',
      'Choose the user that the image is made for.',
    );
  }
  if (options.runAsUser !== undefined) wholeNumber(where, 'runAsUser', options.runAsUser, 1);
  if (options.runAsGroup !== undefined) wholeNumber(where, 'runAsGroup', options.runAsGroup, 0);
  if (options.fsGroup !== undefined) wholeNumber(where, 'fsGroup', options.fsGroup, 0);
  for (const toleration of options.tolerations ?? []) {
    if (!['Exists', 'Equal', undefined].includes(toleration.operator)) {
      throw invalid(where, 'tolerations.operator', toleration.operator, 'must be Exists or Equal', 'Leave it out for Equal.');
    }
  }
  checkVolumes(where, options);
}

/** The pod as the API has it. */
export function podTemplate(facts: PodFacts): k8s.PodTemplateSpec {
  const { options, cluster, selector } = facts;
  const localVolumes = [SCRATCH, ...(options.volumes ?? []).filter((volume) => volume.emptyDir).map((volume) => volume.name)];
  return {
    metadata: {
      labels: { ...options.podLabels, ...selector },
      annotations: unlessEmpty({ ...cluster._dialect.evictableVolumes(localVolumes), ...options.podAnnotations }),
    },
    spec: {
      initContainers: facts.initPrograms.length > 0 ? facts.initPrograms.map((program) => initContainer(facts, program)) : undefined,
      containers: [container(facts)],
      volumes: [{ name: SCRATCH, emptyDir: {} }, ...(options.volumes ?? [])],
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
      affinity: options.onePerNode ? onePerNode(selector) : undefined,
      topologySpreadConstraints: spread(selector),
    },
  };
}

function container(facts: PodFacts): k8s.Container {
  const { options, ports } = facts;
  const defaultPort = ports[0].containerPort;
  return {
    name: facts.name,
    image: facts.image,
    imagePullPolicy: options.imagePullPolicy ?? facts.imagePullPolicy,
    command: facts.command,
    args: facts.args,
    ports: ports.map(({ name, containerPort }) => ({ name, containerPort })),
    env: environment(options),
    envFrom: options.envFrom,
    resources: facts.resources.toKube(facts.extendedResources),
    startupProbe: facts.startupProbe?._toKube(defaultPort),
    readinessProbe: facts.readinessProbe?._toKube(defaultPort),
    livenessProbe: facts.livenessProbe?._toKube(defaultPort),
    securityContext: containerSecurity(options),
    volumeMounts: [{ name: SCRATCH, mountPath: '/tmp' }, ...(options.volumeMounts ?? [])],
  };
}

/** Its requests cost nothing: a pod is given the larger of what its init containers and its containers ask for. */
function initContainer(facts: PodFacts, { name, command }: InitProgram): k8s.Container {
  const { options } = facts;
  return {
    name,
    image: facts.image,
    imagePullPolicy: options.imagePullPolicy ?? facts.imagePullPolicy,
    command,
    resources: facts.resources.toKube({}),
    securityContext: containerSecurity(options),
    volumeMounts: [{ name: SCRATCH, mountPath: '/tmp' }],
  };
}

function containerSecurity(options: WorkloadOptions): k8s.SecurityContext {
  return {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: options.readOnlyRootFilesystem ?? true,
  };
}

function environment(options: WorkloadOptions): k8s.EnvVar[] | undefined {
  const plain = Object.entries(options.env ?? {}).map(([name, value]) => ({ name, value }));
  const variables = [...plain, ...(options.envVars ?? [])];
  return variables.length > 0 ? variables : undefined;
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

function onePerNode(matchLabels: { [key: string]: string }): k8s.Affinity {
  return {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [{ labelSelector: { matchLabels }, topologyKey: 'kubernetes.io/hostname' }],
    },
  };
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

function checkVolumes(where: string, options: WorkloadOptions): void {
  const names = new Set([SCRATCH]);
  for (const volume of options.volumes ?? []) {
    dnsLabel(where, 'volumes.name', volume.name);
    if (names.has(volume.name)) {
      throw invalid(
        where,
        'volumes.name',
        volume.name,
        volume.name === SCRATCH ? 'is the scratch volume that every pod has' : 'stands twice',
        'Choose another name.',
      );
    }
    names.add(volume.name);
  }
  const paths = new Set(['/tmp']);
  for (const mount of options.volumeMounts ?? []) {
    absolutePath(where, 'volumeMounts.mountPath', mount.mountPath);
    if (!names.has(mount.name)) {
      throw invalid(where, 'volumeMounts.name', mount.name, "names no volume of 'volumes'", `Known are: ${[...names].join(', ')}.`);
    }
    if (paths.has(mount.mountPath)) {
      throw invalid(where, 'volumeMounts.mountPath', mount.mountPath, 'is mounted twice', 'Mount each path once.');
    }
    paths.add(mount.mountPath);
  }
}
