import type { k8s } from 'cdk8s-plus-27';
import type { ContainerImage } from '../../cluster';
import type { PortMapping, Probe } from '../../service';
import type { PodProgram } from '../../service/pod-program';

/** What a server of models states of itself, so that a workload can be made of it. */
export interface ModelServer {
  /** What the server is, as a label has it: `tensorflow-serving`. */
  readonly component: string;
  /** Its image, with GPU support where the pods have GPUs. */
  readonly image: ContainerImage;
  /** CPU architecture of the image. */
  readonly architecture: string;
  /** Program, in place of the image's entry point. */
  readonly command?: string[];
  /** Its arguments, with all flags. */
  readonly args: string[];
  /** Variables, in place of which the user may set others. */
  readonly env?: { readonly [name: string]: string };
  /** Variables by which it works, so that nobody else may set them. */
  readonly variables?: OwnVariables;
  /** Its configuration files. */
  readonly files?: ConfigurationFiles;
  /** Programs that run before it, in its own image. */
  readonly programs?: PodProgram[];
  /** Volumes of its own and of those programs. */
  readonly volumes?: k8s.Volume[];
  /** Where it sees them. */
  readonly volumeMounts?: k8s.VolumeMount[];
  /** Ports on which it listens. */
  readonly ports: PortMapping[];
  /** Whether it has loaded the model, can predict, and lives. */
  readonly probes: ServerProbes;
  /** What it does when it is told to stop. */
  readonly stop: StopBehaviour;
  /** Where it shows its metrics, if it has any. */
  readonly metrics?: Metrics;
}

/** Files that the server reads at its start: a change of theirs is a rollout. */
export interface ConfigurationFiles {
  /** Name of the ConfigMap, without its hash. */
  readonly configMapName: string;
  /** Directory in which the server sees them. */
  readonly directory: string;
  /** Text of each file by its name. */
  readonly texts: { readonly [file: string]: string };
}

/** Variables in a ConfigMap of their own. */
export interface OwnVariables {
  /** Name of the ConfigMap, without its hash. */
  readonly configMapName: string;
  /** Prop that asks for them. */
  readonly owner: string;
  /** Value of each variable. */
  readonly values: { readonly [name: string]: string };
}

/** Questions to which a server has answers; those of the user take their place. */
export interface ServerProbes {
  /** Whether the model has been loaded. Nothing else is asked before. */
  readonly startup: Probe;
  /** Whether the model can predict. */
  readonly readiness: Probe;
  /** Whether the server must be started anew. */
  readonly liveness: Probe;
}

/** How a server stops. */
export interface StopBehaviour {
  /** Whether it ends by itself after SIGTERM, when its last request is done. One that does not serves on until it is killed. */
  readonly endsBySignal: boolean;
  /** Longest time in seconds for which a client keeps its connection, and so goes on calling a pod that is stopping. */
  readonly connectionSeconds: number;
}

/** Metrics in the format of Prometheus. */
export interface Metrics {
  readonly port: number;
  readonly path: string;
}
