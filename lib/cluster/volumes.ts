import type { SetupAnswer } from './setup';

/** Volumes that not every platform can mount. */
export type VolumeKind = 'hostPath' | 'image' | 'gcsFuse' | 's3Mount';

/** A need to mount such a volume. */
export interface VolumeNeed {
  readonly kind: VolumeKind;
  /** Directory of the nodes, where the kind is a host path. */
  readonly path?: string;
}

/** Why a platform mounts no such volume, and what to do there instead. */
export interface VolumeRefusal {
  readonly rule: string;
  readonly wayOut: string;
}

/** What such a volume takes on a platform. */
export interface VolumeAnswer {
  readonly refusal?: VolumeRefusal;
  /** What must stand first. */
  readonly setup: SetupAnswer[];
  /** What people should know besides. */
  readonly warning?: { readonly what: string; readonly wayOut: string };
}

/** Volumes that a platform must bring a driver for, or let its nodes be touched. */
type PlatformVolume = Exclude<VolumeKind, 'image'>;

const WHY_NOT: { readonly [kind in PlatformVolume]: (title: string) => VolumeRefusal } = {
  hostPath: (title) => ({
    rule: `is a directory of a node, and the nodes of ${title} are not yours: they come without it and take it with them when they go`,
    wayOut: 'Use a bucket, a claim or ModelSource.nfs() there.',
  }),
  gcsFuse: (title) => ({
    rule: `needs the driver of Cloud Storage FUSE, which GKE has and ${title} has not`,
    wayOut: 'Use ModelSource.gcs(), which the server reads by itself.',
  }),
  s3Mount: (title) => ({
    rule: `needs the driver of Mountpoint for Amazon S3, which is an add-on of EKS and none of ${title}`,
    wayOut: 'Put the model into an image or a volume there.',
  }),
};

/** The answer of a platform that mounts no such volume. */
export function notMounted(title: string, kind: PlatformVolume): VolumeAnswer {
  return { refusal: WHY_NOT[kind](title), setup: [] };
}

/** The answer of a platform that mounts it as it is. */
export const MOUNTED: VolumeAnswer = { setup: [] };
