import type { Duration } from 'cdk8s';
import type { k8s } from 'cdk8s-plus-27';
import type { Cluster } from '../cluster';
import type { EgressAnswer, GcsAccessAnswer } from '../cluster/dialect';
import { invalid } from '../private/errors';
import { checkShape } from '../private/shape';
import { absolutePath, dnsSubdomain, nonEmpty, printable, wholeSeconds } from '../private/validate';
import type { InitProgram } from '../service/pod-template';
import { imageDirectory, literal } from './paths';
import { tokenGate } from './token-gate';

/** How a bucket of Google Cloud Storage is read. */
export interface GcsSourceOptions {
  /**
   * How often the server looks for a newer version, which it then loads beside the old one, so that the pod needs memory
   * for both. Each look is a listing that Google bills, per pod.
   *
   * @default - never: a new version is a rollout
   */
  readonly pollInterval?: Duration;

  /**
   * Secret with a service account key as `key.json`, used on clusters whose pods have no identity in Google Cloud.
   *
   * @default - none: only clusters with Workload Identity can read the bucket
   */
  readonly keyFileSecretName?: string;
}

/** How a volume holds models. */
export interface ClaimSourceOptions {
  /**
   * Directory of the model in the volume, which holds the version directories.
   *
   * @default - the volume's root
   */
  readonly path?: string;

  /**
   * Access mode of the claim: `ReadOnlyMany`, `ReadWriteMany` or `ReadWriteOnce`. The last one lets one node use it, so
   * that it goes with one replica only.
   *
   * @default 'ReadOnlyMany'
   */
  readonly accessMode?: string;

  /**
   * How often the server looks for a newer version, which it then loads beside the old one.
   *
   * @default - never
   */
  readonly pollInterval?: Duration;
}

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
  readonly where: string;
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly serviceAccount: string;
}

const CLAIM_MOUNT = '/mnt/models';
const KEY_MOUNT = '/var/run/secrets/gcs';
const SECONDS_PER_MONTH = 30 * 24 * 3600;

const NOTHING: Omit<SourceBinding, 'basePath' | 'pollSeconds'> = {
  env: {},
  volumes: [],
  volumeMounts: [],
  egress: [],
  serviceAccountAnnotations: {},
  access: [],
  singleNode: false,
};

/** Where the server finds a model: the directory above its numbered version directories. */
export class ModelSource {
  /**
   * A directory of the server's own image.
   *
   * @param basePath absolute path of the directory that holds the version directories.
   * @throws where it is not absolute, is the root, lies in `/tmp` or a directory of the kernel, or is itself a version
   * directory.
   */
  public static inImage(basePath: string): ModelSource {
    checkBasePath('ModelSource.inImage', 'basePath', imageDirectory('ModelSource.inImage', 'basePath', basePath));
    return new ModelSource(() => ({ ...NOTHING, basePath, pollSeconds: 0 }));
  }

  /**
   * A directory of a Google Cloud Storage bucket, which the server reads by itself. On GKE a program of the server's image
   * waits for the pod's token first, which needs `/bin/bash` in it.
   *
   * @param uri for example `gs://bucket/resnet`.
   * @throws where it is no such URI, or is itself a version directory.
   */
  public static gcs(uri: string, options: GcsSourceOptions = {}): ModelSource {
    const where = 'ModelSource.gcs';
    checkShape(where, options, { pollInterval: 'duration', keyFileSecretName: 'text' }, []);
    if (typeof uri !== 'string' || !/^gs:\/\/[a-z0-9][-a-z0-9_.]{1,220}[a-z0-9](\/[^/\s]+)*\/?$/.test(uri)) {
      throw invalid(
        where,
        'uri',
        uri,
        "must name a bucket of Google Cloud Storage (3 to 222 of a-z, 0-9, '-', '_' and '.') and a directory in it",
        /^s3:/.test(String(uri))
          ? 'TensorFlow Serving has no s3:// since release 2.7; put the model into the image or a volume.'
          : "For example 'gs://bucket/resnet'.",
      );
    }
    checkBasePath(where, 'uri', printable(where, 'uri', uri));
    if (options.keyFileSecretName !== undefined) dnsSubdomain(where, 'keyFileSecretName', options.keyFileSecretName);
    const pollSeconds = pollingSeconds(where, options.pollInterval);
    return new ModelSource(
      (site) => ({
        ...NOTHING,
        basePath: uri,
        pollSeconds,
        bucketRoot: /^gs:\/\/[^/]+\/?$/.test(uri),
        listingsPerMonth: pollSeconds > 0 ? Math.round(SECONDS_PER_MONTH / pollSeconds) : undefined,
        ...gcsAccess(site, uri, options.keyFileSecretName),
      }),
      pollSeconds > 0,
    );
  }

  /**
   * A directory of a persistent volume, mounted read-only.
   *
   * @param claimName name of a claim in the model's namespace.
   * @throws where the access mode is unknown, or the path is itself a version directory.
   */
  public static persistentVolumeClaim(claimName: string, options: ClaimSourceOptions = {}): ModelSource {
    const where = 'ModelSource.persistentVolumeClaim';
    dnsSubdomain(where, 'claimName', claimName);
    checkShape(where, options, { path: 'text', accessMode: 'text', pollInterval: 'duration' }, []);
    const { accessMode = 'ReadOnlyMany', path = '/' } = options;
    if (!['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce'].includes(accessMode)) {
      throw invalid(where, 'accessMode', accessMode, 'must be ReadOnlyMany, ReadWriteMany or ReadWriteOnce', "Write the claim's own mode.");
    }
    nonEmpty(where, 'path', path, 'team/resnet');
    const inside = absolutePath(where, 'path', path.startsWith('/') ? path : `/${path}`);
    checkBasePath(where, 'path', inside);
    const pollSeconds = pollingSeconds(where, options.pollInterval);
    return new ModelSource(
      ({ cluster }) => ({
        ...NOTHING,
        claimName,
        volumeRemark: cluster._dialect.claimRemark(accessMode),
        basePath: `${CLAIM_MOUNT}${inside === '/' ? '' : inside}`,
        pollSeconds,
        volumes: [{ name: 'models', persistentVolumeClaim: { claimName, readOnly: accessMode !== 'ReadWriteOnce' ? true : undefined } }],
        volumeMounts: [{ name: 'models', mountPath: CLAIM_MOUNT, readOnly: true }],
        singleNode: accessMode === 'ReadWriteOnce',
      }),
      pollSeconds > 0,
    );
  }

  private constructor(
    private readonly resolve: (site: BindingSite) => SourceBinding,
    /** Whether the server follows new versions by itself. */
    public readonly followsVersions: boolean = false,
  ) {}

  /**
   * @internal
   */
  public _bind(site: BindingSite): SourceBinding {
    return this.resolve(site);
  }
}

function gcsAccess(site: BindingSite, uri: string, keyFileSecretName: string | undefined): Partial<SourceBinding> {
  const access: GcsAccessAnswer = site.cluster._dialect.gcsAccess({ namespace: site.namespace, serviceAccount: site.serviceAccount });
  const bucket = uri.split('/')[2];
  const grants = access.commands.map(({ command, purpose }) => ({ command: command.replace('gs://BUCKET', `gs://${bucket}`), purpose }));
  const { egress, serviceAccountAnnotations } = access;
  if (!access.keyFileNeeded) {
    const gate = access.tokenServer && tokenGate(access.tokenServer);
    return { egress, serviceAccountAnnotations, access: grants, gate };
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
    egress,
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

function pollingSeconds(where: string, interval: Duration | undefined): number {
  return interval === undefined ? 0 : wholeSeconds(where, 'pollInterval', interval, 1, SECONDS_PER_MONTH);
}

function checkBasePath(where: string, prop: string, path: string): void {
  literal(where, prop, path);
  const [, ...parts] = path
    .replace(/^gs:\/\/[^/]+/, '')
    .replace(/\/$/, '')
    .split('/');
  if (parts.some((part) => ['', '.', '..'].includes(part))) {
    throw invalid(where, prop, path, "must not hold '.', '..' or an empty part", "For example '/models/resnet' or 'gs://bucket/resnet'.");
  }
  if (/^\d+$/.test(parts[parts.length - 1] ?? '')) {
    throw invalid(
      where,
      prop,
      path,
      'ends in a number, so it is a version directory: the server would find no version in it and never open its ports',
      `Write the directory above it: '${path.replace(/\/\d+\/?$/, '') || '/'}'.`,
    );
  }
}
