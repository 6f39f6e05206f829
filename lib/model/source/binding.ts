import type { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import type { Cluster } from '../../cluster';
import type { EgressAnswer } from '../../cluster/dialect';
import type { InitProgram } from '../../service/pod-template';
import type { VolumeNames } from './volume-names';

/** What a source needs of the pod, decided for one cluster. */
export interface SourceBinding {
  readonly basePath: string;
  readonly pollSeconds: number;
  readonly env: { [name: string]: string };
  readonly volumes: k8s.Volume[];
  readonly volumeMounts: k8s.VolumeMount[];
  readonly egress: EgressAnswer[];
  readonly serviceAccountAnnotations: { [key: string]: string };
  readonly access: { readonly command: string; readonly purpose: string }[];
  /** Whether only one node can use it at a time. */
  readonly singleNode: boolean;
  /** Whether nothing in it changes while a pod lives, nor between two pods of a release. */
  readonly fixed?: boolean;
  /** Program that must end before the server starts. */
  readonly gate?: InitProgram;
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

/** A binding that needs nothing. */
export const NOTHING: Omit<SourceBinding, 'basePath' | 'pollSeconds'> = {
  env: {},
  volumes: [],
  volumeMounts: [],
  egress: [],
  serviceAccountAnnotations: {},
  access: [],
  singleNode: false,
};
