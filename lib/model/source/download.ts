import type { Duration } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import { ContainerImage } from '../../cluster';
import { invalid } from '../../private/errors';
import { bytes, canonicalBytes } from '../../private/quantity';
import type { Shape } from '../../private/shape';
import { DAY_SECONDS, wholeSeconds } from '../../private/validate';
import type { ComputeResources } from '../../service';
import { checkResources, type ResolvedResources, resolveResources } from '../../service/compute-resources';
import type { PodProgram } from '../../service/pod-program';
import { type BindingSite, NOTHING, type SourceBinding } from './binding';
import { type ModelVolume, modelVolume } from './mount';

/** How a model is brought into the pod by a program before the server. */
export interface DownloadOptions {
  /**
   * Disk space of the model's volume, as a quantity: an archive and what is unpacked from it stand there together. Kubernetes sets it aside on the node, and removes a pod whose volume
   * takes more, or that writes 2Gi of logs and temporary files besides.
   */
  readonly size: string;

  /**
   * Longest time that a download takes with all its tries, in whole seconds and up to a day. After it the pod shows as
   * failing; its next try goes on where this one stopped.
   *
   * @default Duration.minutes(10)
   */
  readonly downloadTime?: Duration;

  /**
   * Image with the tools that the download needs.
   *
   * @default - as the source says
   */
  readonly toolImage?: ContainerImage;

  /**
   * CPU and memory of the download. `size` is its disk space.
   *
   * @default - as the source says
   */
  readonly toolResources?: ComputeResources;

  /**
   * Whether the address may be one of `http://`. The checksum of an archive shows what was changed on the way; for a bucket
   * nothing does.
   *
   * @default false
   */
  readonly plainHttp?: boolean;
}

/** Kinds of the options. */
export const DOWNLOAD_SHAPE: Shape<DownloadOptions> = {
  size: 'quantity',
  downloadTime: 'duration',
  toolImage: ContainerImage,
  toolResources: 'map',
  plainHttp: 'truth',
};

/** What a download needs when its options leave it out. */
export interface Tool {
  readonly image: string;
  readonly memory: string;
}

/** A download, checked. */
export interface Download {
  readonly size: string;
  readonly sizeBytes: number;
  readonly budgetSeconds: number;
  readonly image: ContainerImage;
  readonly resources: ResolvedResources;
}

const DEFAULT_BUDGET_SECONDS = 600;
const TOOL_CPU = '100m';

/**
 * Room for logs and temporary files of the whole pod beside the volume: a limit of disk space that one container has is one
 * of the pod, whose GPU may keep 1Gi of kernels there.
 *
 * @see https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#local-ephemeral-storage
 */
const DISK_BESIDE_BYTES = 2 * 2 ** 30;

export function resolveDownload(where: string, options: DownloadOptions, tool: Tool): Download {
  const sizeBytes = bytes(where, 'size', options.size);
  const { downloadTime, toolImage, toolResources = {} } = options;
  const budgetSeconds =
    downloadTime === undefined ? DEFAULT_BUDGET_SECONDS : wholeSeconds(where, 'downloadTime', downloadTime, 1, DAY_SECONDS);
  return {
    size: canonicalBytes(options.size),
    sizeBytes,
    budgetSeconds,
    image: toolImage ?? ContainerImage.fromRegistry(tool.image),
    resources: toolAmounts(where, toolResources, options.size, sizeBytes, tool),
  };
}

function toolAmounts(where: string, given: ComputeResources, size: string, sizeBytes: number, tool: Tool): ResolvedResources {
  checkResources(where, given, 'toolResources');
  const { requests = {}, limits = {} } = given;
  const disk = requests.ephemeralStorage ?? limits.ephemeralStorage;
  if (disk !== undefined) {
    const prop = `toolResources.${requests.ephemeralStorage ? 'requests' : 'limits'}.ephemeralStorage`;
    throw invalid(where, prop, disk, "follows from 'size'", 'Leave it out.');
  }
  const cpu = requests.cpu ?? limits.cpu ?? TOOL_CPU;
  const memory = requests.memory ?? limits.memory ?? tool.memory;
  const diskLimit = canonicalBytes(`${Math.ceil((sizeBytes + DISK_BESIDE_BYTES) / 2 ** 20)}Mi`);
  const amounts = { requests: { cpu, memory, ephemeralStorage: size }, limits: { ...limits, ephemeralStorage: diskLimit } };
  return resolveResources(where, amounts, { prop: 'toolResources' });
}

/** The volume that the programs of one model write and the server reads. */
export interface DownloadVolume {
  readonly volume: ModelVolume;
  /** End of the names of what belongs to this model alone. */
  readonly suffix: string;
}

export function downloadVolume(site: BindingSite, address: string): DownloadVolume {
  return { volume: modelVolume(site, address), suffix: site.volumeNames.suffix('downloads', address) };
}

/** A program that writes into the model's volume. */
export function downloader(
  { volume, suffix }: DownloadVolume,
  { name, script, env, mounts }: { name: string; script: string; env: object; mounts: k8s.VolumeMount[] },
  download: Download,
): PodProgram {
  return {
    name: `${name}${suffix}`,
    image: download.image,
    resources: download.resources,
    command: ['/bin/sh', '-c', script],
    env: { ...env, MODEL_ROOT: volume.mountPath },
    volumeMounts: [volume, ...mounts],
    budgetSeconds: download.budgetSeconds,
  };
}

/** A volume that lives as long as the pod, which the server only reads. */
export function downloadedBinding({ size }: Download, { volume }: DownloadVolume): Omit<SourceBinding, 'pollSeconds'> {
  return {
    ...NOTHING,
    medium: 'node',
    basePath: volume.mountPath,
    volumes: [{ name: volume.name, emptyDir: { sizeLimit: k8s.Quantity.fromString(size) } }],
    volumeMounts: [{ ...volume, readOnly: true }],
  };
}
