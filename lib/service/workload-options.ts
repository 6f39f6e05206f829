import type { Duration } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-27';
import type { ContainerImage, Exposure } from '../cluster';
import type { Autoscaling } from './autoscaling';
import type { ComputeResources } from './compute-resources';
import type { EgressRule, Peer } from './peer';
import type { Probe } from './probe';

/** What every workload of this library takes, whatever it serves. */
export interface WorkloadOptions {
  /**
   * Name of the Deployment and of the objects around it.
   *
   * @default - the construct ids below the chart, joined by '-'
   */
  readonly name?: string;

  /**
   * Name of the container, as `kubectl logs -c` and `kubectl set image` want it.
   *
   * @default - equal to `name`
   */
  readonly containerName?: string;

  /**
   * Name of the Service, which is the first part of the host name that callers use.
   *
   * @default - equal to `name`
   */
  readonly serviceName?: string;

  /**
   * Pods to run, where no autoscaler decides it.
   *
   * @default - not written: Kubernetes starts one pod, and `kubectl scale` or a later autoscaler keeps its say
   */
  readonly replicas?: number;

  /**
   * Autoscaler that owns the number of pods; `spec.replicas` is then not written.
   *
   * @default - none
   */
  readonly autoscaling?: Autoscaling;

  /** CPU and memory of a pod. */
  readonly resources: ComputeResources;

  /**
   * From where the service may be reached.
   *
   * @default Exposure.cluster()
   */
  readonly exposure?: Exposure;

  /**
   * Who else may call the service, besides what `exposure` lets in.
   *
   * @default - nobody
   */
  readonly callers?: Peer[];

  /**
   * What the pods may call, besides DNS and what the construct itself needs.
   *
   * @default - nothing
   */
  readonly egress?: EgressRule[];

  /**
   * Environment variables.
   *
   * @default - none
   */
  readonly env?: { [name: string]: string };

  /**
   * Environment variables with values from Secrets, ConfigMaps or the pod itself, as the API has them.
   *
   * @default - none
   */
  readonly envVars?: k8s.EnvVar[];

  /**
   * Sources of whole sets of environment variables, as the API has them.
   *
   * @default - none
   */
  readonly envFrom?: k8s.EnvFromSource[];

  /**
   * Further volumes, as the API has them.
   *
   * @default - none; `/tmp` is always there
   */
  readonly volumes?: k8s.Volume[];

  /**
   * Where the container sees the further volumes.
   *
   * @default - nowhere
   */
  readonly volumeMounts?: k8s.VolumeMount[];

  /**
   * Question that decides when start-up is over.
   *
   * @default - depends on the construct
   */
  readonly startupProbe?: Probe;

  /**
   * Question that decides whether the pod gets requests.
   *
   * @default - depends on the construct
   */
  readonly readinessProbe?: Probe;

  /**
   * Question that decides whether the container is restarted.
   *
   * @default - depends on the construct
   */
  readonly livenessProbe?: Probe;

  /**
   * Longest request. A stopping pod goes on serving for this long after its address is gone from the Service.
   *
   * @default Duration.seconds(30)
   */
  readonly requestTimeout?: Duration;

  /**
   * Time after which a stopping pod is killed.
   *
   * @default - the time for which its address may still be used, and the longest request
   */
  readonly terminationGracePeriod?: Duration;

  /**
   * Declared node pool that the pods run on. It means nothing on kind and minikube, whose nodes are alike.
   *
   * @default - the chart's `nodePool`, or any node without GPUs and taints that has room
   */
  readonly nodePool?: string;

  /**
   * Whether no two of these pods may share a node.
   *
   * @default false - they are spread over nodes and zones as far as possible
   */
  readonly onePerNode?: boolean;

  /**
   * Labels of nodes that the pods run on, in addition to those that follow from a pool.
   *
   * @default - none
   */
  readonly nodeSelector?: { [key: string]: string };

  /**
   * Taints that the pods tolerate, in addition to those that follow from a pool.
   *
   * @default - none
   */
  readonly tolerations?: k8s.Toleration[];

  /**
   * Labels of the pods. Selectors do not use them.
   *
   * @default - none
   */
  readonly podLabels?: { [key: string]: string };

  /**
   * Annotations of the pods.
   *
   * @default - none
   */
  readonly podAnnotations?: { [key: string]: string };

  /**
   * Annotations of the Service.
   *
   * @default - those that follow from `exposure`
   */
  readonly serviceAnnotations?: { [key: string]: string };

  /**
   * Annotations of the service account, for example an IAM role.
   *
   * @default - none
   */
  readonly serviceAccountAnnotations?: { [key: string]: string };

  /**
   * Whether the Service gets a twin without a cluster IP, named with the suffix `-headless`, by which gRPC clients find
   * every pod and balance by themselves (`dns:///` and the policy `round_robin`). A `ModelGateway` is told this address then.
   *
   * @default false
   */
  readonly headless?: boolean;

  /**
   * Secrets with registry credentials.
   *
   * @default - none
   */
  readonly imagePullSecrets?: string[];

  /**
   * When the kubelet pulls the image: `IfNotPresent`, `Always` or `Never`.
   *
   * @default - as the cluster needs it for this image
   */
  readonly imagePullPolicy?: string;

  /**
   * User that the container runs as; 0 is refused.
   *
   * @default 10001
   */
  readonly runAsUser?: number;

  /**
   * Group that the container runs as.
   *
   * @default - equal to the user
   */
  readonly runAsGroup?: number;

  /**
   * Group that owns the volumes.
   *
   * @default - equal to the group
   */
  readonly fsGroup?: number;

  /**
   * Whether the image's file system is read-only; `/tmp` stays writable.
   *
   * @default true
   */
  readonly readOnlyRootFilesystem?: boolean;

  /**
   * PriorityClass of the pods.
   *
   * @default - that of the cluster
   */
  readonly priorityClassName?: string;

  /**
   * Time for which a new pod must have been ready before a rollout goes on to the next one.
   *
   * @default - none: ready is enough
   */
  readonly minReadySeconds?: Duration;

  /**
   * Pods that a rollout may add, as a number or a percentage.
   *
   * @default - follows from the declared nodes, so that a rollout never deadlocks
   */
  readonly maxSurge?: string;

  /**
   * Pods that a rollout may take away first, as a number or a percentage.
   *
   * @default - follows from the declared nodes, so that a rollout never deadlocks
   */
  readonly maxUnavailable?: string;
}

/** What a workload takes whose program is your own. */
export interface ProgramOptions extends WorkloadOptions {
  /** What runs. */
  readonly image: ContainerImage;

  /**
   * Program to run instead of the image's own.
   *
   * @default - the image's entry point
   */
  readonly command?: string[];

  /**
   * Arguments of the program. `$(NAME)` stands for an environment variable.
   *
   * @default - the image's own
   */
  readonly args?: string[];

  /**
   * Time between the pod leaving the Service and the signal to its program. Zero leaves the hook out.
   *
   * @default - the time for which its address may still be used: 10 s, or until a cloud's load balancer has left the node
   */
  readonly preStopSleep?: Duration;
}
