import type { Duration } from 'cdk8s';
import { invalid } from '../../private/errors';
import { bytes, milliCpu } from '../../private/quantity';
import { checkShape } from '../../private/shape';
import { NOTHING, type Resolve } from './binding';
import { listingsPerMonth, pollingSeconds } from './checks';
import { GCS_BUCKET, granted } from './gcs';
import { mounted } from './mount';
import { bucketDirectory, checkMountOptions } from './mount-options';
import { volumeOn } from './platform-volume';

/** How a bucket is mounted by Cloud Storage FUSE. */
export interface GcsFuseSourceOptions {
  /**
   * Directory of the model in the bucket, which holds the version directories. Nothing else of the bucket is mounted.
   *
   * @default - the whole bucket
   */
  readonly path?: string;

  /**
   * Further options of the mount, for example `['file-cache:max-size-mb:-1']`.
   *
   * @default - none
   */
  readonly mountOptions?: string[];

  /**
   * CPU of the container that GKE adds to each pod and that reads the bucket, as a quantity.
   *
   * @default '250m'
   */
  readonly sidecarCpu?: string;

  /**
   * Memory of that container, as a quantity. It grows with the number of files, not with their size.
   *
   * @default '256Mi'
   */
  readonly sidecarMemory?: string;

  /**
   * Disk of that container, as a quantity: its logs, and its cache of files where the options of the mount ask for one.
   *
   * @default '1Gi'
   */
  readonly sidecarEphemeralStorage?: string;

  /**
   * How often the server looks for a newer version, which it then loads beside the old one, so that the pod needs memory
   * for both. Each look is a listing that Google bills, per pod.
   *
   * @default - never: a new version is a rollout
   */
  readonly pollInterval?: Duration;
}

const DRIVER = 'gcsfuse.csi.storage.gke.io';
const DECIDED = {
  'implicit-dirs': 'the source, which always sets it',
  'only-dir': "'path'",
  ro: 'the source, which is mounted read-only',
  rw: 'the source, which is mounted read-only',
};

/**
 * A directory of a bucket that GKE mounts into the pod.
 *
 * @see https://cloud.google.com/kubernetes-engine/docs/how-to/cloud-storage-fuse-csi-driver-sidecar
 */
export function gcsFuseSource(where: string, bucket: string, options: GcsFuseSourceOptions): Resolve {
  checkShape(
    where,
    options,
    {
      path: 'text',
      mountOptions: 'texts',
      sidecarCpu: 'quantity',
      sidecarMemory: 'quantity',
      sidecarEphemeralStorage: 'quantity',
      pollInterval: 'duration',
    },
    [],
  );
  if (typeof bucket !== 'string' || !GCS_BUCKET.test(bucket)) {
    throw invalid(where, 'bucket', bucket, "must be the name of a bucket: 3 to 222 of a-z, 0-9, '-', '_' and '.'", "For example 'models'.");
  }
  const directory = bucketDirectory(where, options.path);
  const pollSeconds = pollingSeconds(where, options.pollInterval);
  const decided = pollSeconds > 0 ? { ...DECIDED, 'metadata-cache:ttl-secs': "'pollInterval'" } : DECIDED;
  const further = checkMountOptions(where, options.mountOptions ?? [], decided, /[,\s]/);
  const { sidecarCpu = '250m', sidecarMemory = '256Mi', sidecarEphemeralStorage = '1Gi' } = options;
  const injected = {
    milliCpu: milliCpu(where, 'sidecarCpu', sidecarCpu),
    memoryBytes: bytes(where, 'sidecarMemory', sidecarMemory),
  };
  bytes(where, 'sidecarEphemeralStorage', sidecarEphemeralStorage);
  const mountOptions = [
    // directories that nobody made as objects of their own are else not seen
    'implicit-dirs',
    ...(directory === undefined ? [] : [`only-dir=${directory}`]),
    ...(pollSeconds > 0 ? [`metadata-cache:ttl-secs:${pollSeconds}`] : []),
    ...further,
  ].join(',');
  return (site) => {
    const { setup, warning } = volumeOn(site, `gcsFuse ${bucket}`, { kind: 'gcsFuse' });
    const access = site.cluster._dialect.gcsAccess({ namespace: site.namespace, serviceAccount: site.serviceAccount });
    return {
      ...NOTHING,
      medium: 'bucket',
      ...granted(access, bucket),
      ...mounted(site, { csi: { driver: DRIVER, readOnly: true, volumeAttributes: { bucketName: bucket, mountOptions } } }),
      pollSeconds,
      listingsPerMonth: listingsPerMonth(pollSeconds),
      podAnnotations: {
        'gke-gcsfuse/volumes': 'true',
        // requests follow from the limits
        'gke-gcsfuse/cpu-limit': sidecarCpu,
        'gke-gcsfuse/memory-limit': sidecarMemory,
        'gke-gcsfuse/ephemeral-storage-limit': sidecarEphemeralStorage,
      },
      injected,
      setup,
      warning,
    };
  };
}
