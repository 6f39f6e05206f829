import type { Duration } from 'cdk8s';
import type { S3AccessAnswer } from '../../cluster/dialect';
import { invalid } from '../../private/errors';
import { checkShape, type Shape } from '../../private/shape';
import { dnsSubdomain, printable, wholeNumber } from '../../private/validate';
import type { BindingSite, Resolve, SourceBinding } from './binding';
import { checkBasePath, listingsPerMonth, pollingSeconds } from './checks';
import {
  DOWNLOAD_SHAPE,
  type DownloadOptions,
  downloadedBinding,
  downloader,
  downloadVolume,
  resolveDownload,
  type Tool,
} from './download';
import { S3_FOLLOW_SCRIPT, S3_SCRIPT, type S3Variables } from './s3-script';
import { type WebAddress, webAddress } from './web-address';

/** How a bucket of Amazon S3, or of a store that speaks its protocol, is read. One of `versions` and `pollInterval` is needed. */
export interface S3SourceOptions extends DownloadOptions {
  /**
   * Numbers of the versions that the pods bring, which must be directories of the bucket. The server serves the largest of
   * them unless it is told otherwise. A new version is a rollout.
   *
   * @default - the newest one, which `pollInterval` then follows
   */
  readonly versions?: number[];

  /**
   * How often a program beside the server looks for a newer version. It takes a version that has its `saved_model.pb`, so
   * upload that last, and in which nothing changed between two looks. `size` must hold two versions then, and the pod needs
   * memory for both. A look is two or three listings that are billed, per pod.
   *
   * @default - never
   */
  readonly pollInterval?: Duration;

  /**
   * Region of the bucket.
   *
   * @default - that of the cluster's identity, or the tool asks for it
   */
  readonly region?: string;

  /**
   * Address of a store that is not AWS, for example `https://storage.example.com`.
   *
   * @default - Amazon S3
   */
  readonly endpoint?: string;

  /**
   * Role of IAM that the pods act as, used on EKS. It must trust the pods' service account.
   *
   * @default - the role that the service account is associated with by EKS Pod Identity
   */
  readonly roleArn?: string;

  /**
   * Secret whose key `credentials` holds keys in the form of `~/.aws/credentials`. Used with an `endpoint`, and on clusters
   * whose pods have no identity in AWS.
   *
   * @default - none: only EKS can read the bucket
   */
  readonly credentialsSecretName?: string;
}

const SHAPE: Shape<S3SourceOptions> = {
  ...DOWNLOAD_SHAPE,
  versions: 'list',
  pollInterval: 'duration',
  region: 'text',
  endpoint: 'text',
  roleArn: 'text',
  credentialsSecretName: 'text',
};

/** The last release whose image is of Amazon Linux 2. It knows Pod Identity. @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html */
const TOOL: Tool = { image: 'amazon/aws-cli:2.27.50', memory: '512Mi' };

/** Names of buckets. @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const URI = /^s3:\/\/[a-z0-9][-a-z0-9.]{1,61}[a-z0-9](\/[^/\s$]+)*\/?$/;
const REGION = /^[a-z]{2,}(-[a-z0-9]+)*$/;
const ROLE_ARN = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/;
const KEYS_VOLUME = 'model-keys';
const KEYS_MOUNT = '/var/run/secrets/model';
/** Longest time until the server sees what is published on its own volume, where a look costs nothing. */
const LOCAL_POLL_SECONDS = 10;
const LISTINGS_PER_LOOK = 2;

/** A directory of a bucket that programs before and beside the server bring into the pod. */
export function s3Source(where: string, uri: string, options: S3SourceOptions): Resolve {
  checkShape(where, options, SHAPE, ['size']);
  if (typeof uri !== 'string' || !URI.test(uri)) {
    throw invalid(
      where,
      'uri',
      uri,
      "must name a bucket (3 to 63 of a-z, 0-9, '-' and '.') and a directory in it",
      /^gs:/.test(String(uri)) ? 'Use ModelSource.gcs().' : "For example 's3://bucket/ranker'.",
    );
  }
  checkBasePath(where, 'uri', printable(where, 'uri', uri));
  checkVersions(where, options);
  checkIdentity(where, options);
  const endpoint = options.endpoint === undefined ? undefined : webAddress(where, 'endpoint', options.endpoint, options.plainHttp ?? false);
  const download = resolveDownload(where, options, TOOL);
  const pollSeconds = pollingSeconds(where, options.pollInterval);
  const variables: Omit<S3Variables, 'MODEL_ROOT'> = {
    MODEL_URI: uri.replace(/\/$/, ''),
    MODEL_VERSIONS: options.versions?.join(' ') ?? 'newest',
    MODEL_BUDGET: String(download.budgetSeconds),
  };
  return (site) => {
    const volume = downloadVolume(site, [uri, ...(options.versions ?? [])].join(' '));
    const binding = downloadedBinding(download, volume);
    const access = s3Access(site, uri, options, endpoint);
    const env = { ...variables, ...tool(options, endpoint), ...access.env };
    const { mounts } = access;
    const first = downloader(volume, { name: 'download-model', script: S3_SCRIPT, env, mounts }, download);
    const following = { ...env, MODEL_POLL: String(pollSeconds) };
    const follower = downloader(volume, { name: 'follow-model', script: S3_FOLLOW_SCRIPT, env: following, mounts }, download);
    return {
      ...binding,
      fixed: options.versions !== undefined,
      brings: options.versions,
      // the one that is served, and the one that comes
      room: { bytes: download.sizeBytes, versions: options.versions?.length ?? 2 },
      ...access.binding,
      pollSeconds: Math.min(pollSeconds, LOCAL_POLL_SECONDS),
      listingsPerMonth: listingsPerMonth(pollSeconds, LISTINGS_PER_LOOK),
      volumes: [...binding.volumes, ...access.volumes],
      // what follows asks for the disk of the volume by itself
      programs: pollSeconds > 0 ? [first, { ...follower, lasting: true }] : [{ ...first, keptBytes: download.sizeBytes }],
    };
  };
}

/** What the AWS CLI reads of its environment. Its home is the scratch directory; the node's own identity is not the pod's. */
function tool({ region }: S3SourceOptions, endpoint: WebAddress | undefined): { [name: string]: string } {
  return {
    HOME: '/tmp',
    AWS_RETRY_MODE: 'standard',
    AWS_EC2_METADATA_DISABLED: 'true',
    ...(region ? { AWS_REGION: region } : {}),
    ...(endpoint ? { AWS_ENDPOINT_URL_S3: endpoint.url } : {}),
  };
}

function checkVersions(where: string, { versions, pollInterval }: S3SourceOptions): void {
  if (versions === undefined) {
    if (pollInterval !== undefined) return;
    throw invalid(
      where,
      'versions',
      undefined,
      'must say which versions the pods bring: pods that start later would serve another one than those that run',
      "Write versions: [3], or 'pollInterval' to follow the newest.",
    );
  }
  if (pollInterval !== undefined) {
    throw invalid(where, 'versions', versions, "cannot stand beside 'pollInterval', which follows the newest", 'Remove one of them.');
  }
  if (versions.length === 0) throw invalid(where, 'versions', versions, 'must name at least one version', 'For example [3].');
  versions.forEach((version, index) => {
    wholeNumber(where, `versions[${index}]`, version, 0, Number.MAX_SAFE_INTEGER);
    if (versions.indexOf(version) !== index) throw invalid(where, `versions[${index}]`, version, 'stands twice', 'Name it once.');
  });
}

function checkIdentity(where: string, { region, roleArn, credentialsSecretName }: S3SourceOptions): void {
  if (region !== undefined && !REGION.test(region)) {
    throw invalid(where, 'region', region, 'must be the name of a region', "For example 'eu-west-1'.");
  }
  if (roleArn !== undefined && !ROLE_ARN.test(roleArn)) {
    throw invalid(where, 'roleArn', roleArn, 'must be the ARN of a role', "For example 'arn:aws:iam::123456789012:role/models'.");
  }
  if (credentialsSecretName !== undefined) dnsSubdomain(where, 'credentialsSecretName', credentialsSecretName);
}

interface S3Access {
  readonly binding: Pick<SourceBinding, 'egress' | 'serviceAccountAnnotations' | 'access' | 'privateHost'>;
  readonly env: { [name: string]: string };
  readonly volumes: SourceBinding['volumes'];
  readonly mounts: SourceBinding['volumeMounts'];
}

function s3Access(site: BindingSite, uri: string, options: S3SourceOptions, endpoint: WebAddress | undefined): S3Access {
  const bucket = uri.split('/')[2];
  const { namespace, serviceAccount, cluster } = site;
  const { roleArn, credentialsSecretName } = options;
  const answer: S3AccessAnswer = cluster._dialect.s3Access({ bucket, namespace, serviceAccount, roleArn });
  const elsewhere = endpoint !== undefined && !/\.amazonaws\.com(\.cn)?$/.test(endpoint.host);
  const egress = elsewhere ? endpoint.egress : answer.egress;
  const privateHost = endpoint?.privateHost;
  if (!elsewhere && !answer.keysNeeded) {
    const { serviceAccountAnnotations, commands } = answer;
    return { binding: { egress, serviceAccountAnnotations, access: commands, privateHost }, env: {}, volumes: [], mounts: [] };
  }
  if (credentialsSecretName === undefined) {
    throw invalid(
      site.where,
      'credentialsSecretName',
      undefined,
      `must name a Secret with keys: pods on ${cluster._dialect.title} have no identity that ${endpoint?.host ?? uri} would accept`,
      (elsewhere ? undefined : answer.insteadOfKeys) ??
        "Write ModelSource.s3(uri, { credentialsSecretName: 's3-keys', … }); EKS ignores it for buckets of AWS.",
    );
  }
  const keys = `${KEYS_VOLUME}${site.volumeNames.suffix(KEYS_VOLUME, credentialsSecretName)}`;
  const access = {
    command: `kubectl -n ${namespace} create secret generic ${credentialsSecretName} --from-file=credentials=CREDENTIALS_FILE`,
    purpose: `lets the pods read s3://${bucket}`,
  };
  return {
    binding: { egress, serviceAccountAnnotations: {}, access: [access], privateHost },
    env: { AWS_SHARED_CREDENTIALS_FILE: `${KEYS_MOUNT}/credentials` },
    volumes: [{ name: keys, secret: { secretName: credentialsSecretName } }],
    mounts: [{ name: keys, mountPath: KEYS_MOUNT, readOnly: true }],
  };
}
