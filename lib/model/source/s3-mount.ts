import type { Duration } from 'cdk8s';
import { invalid } from '../../private/errors';
import { checkShape } from '../../private/shape';
import { type BindingSite, NOTHING, type Resolve } from './binding';
import { listingsPerMonth, pollingSeconds } from './checks';
import { bucketDirectory, checkMountOptions } from './mount-options';
import { volumeOn } from './platform-volume';
import { staticVolume } from './static-volume';

/** How a bucket is mounted by Mountpoint for Amazon S3. */
export interface S3MountSourceOptions {
  /**
   * Directory of the model in the bucket, which holds the version directories. Nothing else of the bucket is mounted.
   *
   * @default - the whole bucket
   */
  readonly path?: string;

  /**
   * Region of the bucket.
   *
   * @default - that of the nodes
   */
  readonly region?: string;

  /**
   * Whether the bucket is read with the role of the model's own service account, not with that of the driver, which is the
   * same for all volumes of the cluster.
   *
   * @default false
   */
  readonly podIdentity?: boolean;

  /**
   * Further options of the mount, for example `['maximum-throughput-gbps 10']`.
   *
   * @default - none
   */
  readonly mountOptions?: string[];

  /**
   * How often the server looks for a newer version, which it then loads beside the old one, so that the pod needs memory
   * for both. Each look is a listing that AWS bills, per pod.
   *
   * @default - never: a new version is a rollout
   */
  readonly pollInterval?: Duration;
}

/** @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const BUCKET = /^(?!.*\.\.)(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][-a-z0-9.]{1,61}[a-z0-9]$/;
const REGION = /^[a-z]{2}(-[a-z]+)+-\d{1,2}$/;
const DRIVER = 's3.csi.aws.com';
const DECIDED = {
  'allow-other': 'the source, which always sets it',
  'read-only': 'the source, which is mounted read-only',
  'allow-delete': 'the source, which is mounted read-only',
  'allow-overwrite': 'the source, which is mounted read-only',
  prefix: "'path'",
  region: "'region'",
};

/**
 * A directory of a bucket that EKS mounts into the pod.
 *
 * @see https://github.com/awslabs/mountpoint-s3-csi-driver/blob/main/docs/CONFIGURATION.md
 */
export function s3MountSource(where: string, bucket: string, options: S3MountSourceOptions): Resolve {
  checkShape(where, options, { path: 'text', region: 'text', podIdentity: 'truth', mountOptions: 'texts', pollInterval: 'duration' }, []);
  if (typeof bucket !== 'string' || !BUCKET.test(bucket)) {
    throw invalid(where, 'bucket', bucket, "must be the name of a bucket: 3 to 63 of a-z, 0-9, '-' and '.'", "For example 'models'.");
  }
  const { region, podIdentity = false } = options;
  if (region !== undefined && !REGION.test(region)) {
    throw invalid(where, 'region', region, 'must be a region of AWS', "For example 'eu-west-1'.");
  }
  const directory = bucketDirectory(where, options.path);
  const pollSeconds = pollingSeconds(where, options.pollInterval);
  const decided = pollSeconds > 0 ? { ...DECIDED, 'metadata-ttl': "'pollInterval'" } : DECIDED;
  const mountOptions = [
    'read-only',
    // the driver mounts as a user of its own, and pods run as others
    'allow-other',
    ...(directory === undefined ? [] : [`prefix ${directory}/`]),
    ...(region === undefined ? [] : [`region ${region}`]),
    ...checkMountOptions(where, options.mountOptions ?? [], decided, /[,\n]/),
  ];
  const volumeAttributes = {
    bucketName: bucket,
    authenticationSource: podIdentity ? 'pod' : 'driver',
    ...(podIdentity && region !== undefined ? { stsRegion: region } : {}),
  };
  return (site) => {
    const { setup, warning } = volumeOn(site, `s3Mount ${bucket}`, { kind: 's3Mount' });
    const volume = staticVolume(site, (volumeHandle) => ({ mountOptions, csi: { driver: DRIVER, volumeHandle, volumeAttributes } }));
    return {
      ...NOTHING,
      medium: 'volume',
      pollSeconds,
      listingsPerMonth: listingsPerMonth(pollSeconds),
      ...volume,
      access: [grant(site, bucket, podIdentity), ...volume.access],
      setup,
      warning,
    };
  };
}

/** The command after which the bucket can be read. */
function grant({ namespace, serviceAccount }: BindingSite, bucket: string, podIdentity: boolean): { command: string; purpose: string } {
  const rights = `the role needs s3:ListBucket on arn:aws:s3:::${bucket} and s3:GetObject on arn:aws:s3:::${bucket}/*`;
  return podIdentity
    ? {
        command: `aws eks create-pod-identity-association --cluster-name CLUSTER --namespace ${namespace} --service-account ${serviceAccount} --role-arn ROLE`,
        purpose: `lets the bucket be read for these pods, by release 2 of the driver or newer: ${rights}`,
      }
    : {
        command: 'aws eks update-addon --cluster-name CLUSTER --addon-name aws-mountpoint-s3-csi-driver --service-account-role-arn ROLE',
        purpose: `lets the driver read the bucket: ${rights}`,
      };
}
