import type { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import type { Cluster, NodeAmounts } from '../../cluster';
import type { EgressAnswer } from '../../cluster/dialect';
import type { Medium } from '../../cluster/read-rates';
import type { SetupAnswer } from '../../cluster/setup';
import type { VolumeAnswer } from '../../cluster/volumes';
import type { ImageVolume } from '../../service/image-volume';
import type { PodProgram } from '../../service/pod-program';
import type { VolumeNames } from './volume-names';

/** What the sources of a pod need of it. */
export interface PodNeeds {
  readonly basePath: string;
  /** From what the server reads the model. */
  readonly medium: Medium;
  readonly pollSeconds: number;
  readonly env: { [name: string]: string };
  readonly volumes: k8s.Volume[];
  readonly volumeMounts: k8s.VolumeMount[];
  readonly egress: EgressAnswer[];
  readonly serviceAccountAnnotations: { [key: string]: string };
  readonly access: { readonly command: string; readonly purpose: string }[];
  /** Whether only one node can use it at a time. */
  readonly singleNode: boolean;
  /** Programs that bring the model into the pod, or that the server must wait for. */
  readonly programs: PodProgram[];
  /** Whether only one pod can use it at a time. */
  readonly singlePod?: boolean;
  /** Images that hold models, mounted beside `volumes`. */
  readonly imageVolumes?: ImageVolume[];
  /** Commands that bring those images to the cluster. */
  readonly imageCommands?: string[];
  readonly podAnnotations?: { [key: string]: string };
  /** Requests of a container that the platform adds to each pod. */
  readonly injected?: NodeAmounts;
  /** What must stand in the cluster first. */
  readonly setup?: SetupAnswer[];
}

/** A source, decided for one cluster: what it needs of the pod, and what is told of it by itself. */
export interface SourceBinding extends PodNeeds {
  /** Host of the cluster or of a private network, to which only a rule of the user's can lead. */
  readonly privateHost?: string;
  readonly warning?: VolumeAnswer['warning'];
  /** Whether nothing in it changes while a pod lives, nor between two pods of a release. */
  readonly fixed?: boolean;
  /** Room on the disk of the pod, and how many versions of the model must be there at once. */
  readonly room?: { readonly bytes: number; readonly versions: number };
  /** Versions that it brings into the pod, where it brings certain ones only. */
  readonly brings?: number[];
  /** Claim that holds the model. */
  readonly claimName?: string;
  /** Why its volume may be missing on the cluster. */
  readonly volumeRemark?: string;
  /** Whether the bucket itself is asked for, which takes another permission than its directories do. */
  readonly bucketRoot?: boolean;
  /** Price of looking for versions, where it is worth a word. */
  readonly listingsPerMonth?: number;
}

/** Where a binding is made. */
export interface BindingSite {
  /** The model, under which objects of the source are made. */
  readonly scope: Construct;
  readonly where: string;
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly serviceAccount: string;
  /** Names of the volumes that the pod has for its models. */
  readonly volumeNames: VolumeNames;
}

/** How a source is written, decided for one cluster. Throws where it cannot be used there. */
export type Resolve = (site: BindingSite) => SourceBinding;

/** Where the source is mounted. */
export function mountPaths({ volumeMounts, imageVolumes = [] }: PodNeeds): string[] {
  return [...volumeMounts, ...imageVolumes].map(({ mountPath }) => mountPath);
}

/** A binding that needs nothing. */
export const NOTHING: Omit<SourceBinding, 'basePath' | 'medium' | 'pollSeconds'> = {
  env: {},
  volumes: [],
  volumeMounts: [],
  egress: [],
  serviceAccountAnnotations: {},
  access: [],
  singleNode: false,
  programs: [],
};
