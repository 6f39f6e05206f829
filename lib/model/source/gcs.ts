import type { Duration } from 'cdk8s';
import type { GcsAccessAnswer } from '../../cluster/dialect';
import { invalid } from '../../private/errors';
import { checkShape } from '../../private/shape';
import { dnsSubdomain, printable } from '../../private/validate';
import { type BindingSite, NOTHING, type Resolve, type SourceBinding } from './binding';
import { checkBasePath, listingsPerMonth, pollingSeconds } from './checks';
import { tokenGate } from './token-gate';

/** How a bucket of Google Cloud Storage is read. */
export interface GcsSourceOptions {
  /**
   * How often the server looks for a newer version, which it then loads beside the old one, so that the pod needs memory
   * for both. Each look is a listing that Google bills, per pod.
   *
   * @default - never: a pod keeps what it found when it started
   */
  readonly pollInterval?: Duration;

  /**
   * Secret with a service account key as `key.json`, used on clusters whose pods have no identity in Google Cloud.
   *
   * @default - none: only clusters with Workload Identity can read the bucket
   */
  readonly keyFileSecretName?: string;
}

const BUCKET = '[a-z0-9][-a-z0-9_.]{1,220}[a-z0-9]';
const URI = new RegExp(`^gs://${BUCKET}(/[^/\\s]+)*/?$`);

/** @see https://cloud.google.com/storage/docs/buckets#naming */
export const GCS_BUCKET = new RegExp(`^${BUCKET}$`);

const KEY_MOUNT = '/var/run/secrets/gcs';

/** A directory of a bucket that the server reads by itself. */
export function gcsSource(where: string, uri: string, options: GcsSourceOptions): Resolve {
  checkShape(where, options, { pollInterval: 'duration', keyFileSecretName: 'text' }, []);
  if (typeof uri !== 'string' || !URI.test(uri)) {
    throw invalid(
      where,
      'uri',
      uri,
      "must name a bucket of Google Cloud Storage (3 to 222 of a-z, 0-9, '-', '_' and '.') and a directory in it",
      /^s3:/.test(String(uri))
        ? 'TensorFlow Serving has no s3:// since release 2.7; use ModelSource.s3(), which downloads the model.'
        : "For example 'gs://bucket/resnet'.",
    );
  }
  checkBasePath(where, 'uri', printable(where, 'uri', uri));
  if (options.keyFileSecretName !== undefined) dnsSubdomain(where, 'keyFileSecretName', options.keyFileSecretName);
  const pollSeconds = pollingSeconds(where, options.pollInterval);
  return (site) => ({
    ...NOTHING,
    basePath: uri,
    medium: 'bucket',
    pollSeconds,
    bucketRoot: /^gs:\/\/[^/]+\/?$/.test(uri),
    listingsPerMonth: listingsPerMonth(pollSeconds),
    ...gcsAccess(site, uri, options.keyFileSecretName),
  });
}

/** What pods need that read a bucket as themselves. */
export function granted(access: GcsAccessAnswer, bucket: string): Pick<SourceBinding, 'access' | 'egress' | 'serviceAccountAnnotations'> {
  const { egress, serviceAccountAnnotations, commands } = access;
  const grants = commands.map(({ command, purpose }) => ({ command: command.replace('gs://BUCKET', `gs://${bucket}`), purpose }));
  return { egress, serviceAccountAnnotations, access: grants };
}

function gcsAccess(site: BindingSite, uri: string, keyFileSecretName: string | undefined): Partial<SourceBinding> {
  const access: GcsAccessAnswer = site.cluster._dialect.gcsAccess({ namespace: site.namespace, serviceAccount: site.serviceAccount });
  const bucket = uri.split('/')[2];
  if (!access.keyFileNeeded) {
    const programs = access.tokenServer ? [tokenGate(access.tokenServer)] : [];
    return { ...granted(access, bucket), programs };
  }
  if (keyFileSecretName === undefined) {
    throw invalid(
      site.where,
      'keyFileSecretName',
      undefined,
      `must name a Secret with a key: pods on ${site.cluster._dialect.title} have no identity that ${uri} would accept`,
      access.insteadOfKeyFile ?? "Write ModelSource.gcs(uri, { keyFileSecretName: 'gcs-key' }); clusters with Workload Identity ignore it.",
    );
  }
  return {
    egress: access.egress,
    env: { GOOGLE_APPLICATION_CREDENTIALS: `${KEY_MOUNT}/key.json` },
    volumes: [{ name: 'gcs-key', secret: { secretName: keyFileSecretName } }],
    volumeMounts: [{ name: 'gcs-key', mountPath: KEY_MOUNT, readOnly: true }],
    access: [
      {
        command: `kubectl -n ${site.namespace} create secret generic ${keyFileSecretName} --from-file=key.json=KEY_FILE`,
        purpose: `lets the pods read gs://${bucket}`,
      },
    ],
  };
}
