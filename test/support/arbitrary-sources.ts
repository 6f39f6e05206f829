import * as fc from 'fast-check';
import { type Cluster, ModelSource } from '../../lib';
import { builtImage, label, seconds, some, someOf, truth } from './arbitrary-values';

/** A source, and who may use it at once. */
export interface DrawnSource {
  readonly source: ModelSource;
  readonly users: 'many' | 'one node' | 'one pod';
  /** Versions that it brings, where it brings certain ones only. */
  readonly brings?: number[];
}

const shared = (source: ModelSource): DrawnSource => ({ source, users: 'many' });

const sizes = { requests: fc.constant({ cpu: '50m', memory: '32Mi' }), limits: some(fc.constant({ cpu: '1', memory: '64Mi' })) };
const download = {
  size: fc.integer({ min: 64, max: 2000 }).map((mib) => `${mib}Mi`),
  downloadTime: some(seconds(1, 3600)),
  toolImage: some(builtImage),
  toolResources: fc.record(sizes),
  plainHttp: some(truth),
};
const version = fc.nat(1000);
const archive = fc
  .record({ host: label, sha256: fc.stringMatching(/^[0-9a-f]{64}$/), version, tokenSecretName: some(label), ...download })
  .map(({ host, ...options }) => ({
    ...shared(ModelSource.archive(`https://${host}.example.com/model.tar.gz`, options)),
    brings: [options.version],
  }));
const s3 = fc
  .record({
    name: label,
    which: fc.oneof(
      fc.record({ versions: fc.uniqueArray(version, { minLength: 1, maxLength: 3 }) }),
      fc.record({ pollInterval: seconds(1, 600) }),
    ),
    region: some(fc.constantFrom('eu-west-1', 'us-gov-east-1')),
    endpoint: some(label.map((host) => `https://${host}.example.com:9000`)),
    roleArn: some(fc.constant('arn:aws:iam::123456789012:role/models')),
    credentialsSecretName: label,
    ...download,
  })
  .map(({ name, which, ...options }) => ({
    ...shared(ModelSource.s3(`s3://bucket/${name}`, { ...options, ...which })),
    brings: 'versions' in which ? which.versions : undefined,
  }));
const USERS: { readonly [mode: string]: DrawnSource['users'] } = {
  ReadOnlyMany: 'many',
  ReadWriteMany: 'many',
  ReadWriteOnce: 'one node',
  ReadWriteOncePod: 'one pod',
};

const polled = some(seconds(1, 600));
const directory = fc.stringMatching(/^[a-z]{1,5}(\/[a-z]{1,5})?$/);
const nfsOptions = someOf({ mountOptions: fc.subarray(['nfsvers=3', 'nolock', 'soft']), pollInterval: seconds(1, 600) });

/** Sources that every cluster has. */
const ANYWHERE: fc.Arbitrary<DrawnSource>[] = [
  archive,
  s3,
  label.map((name) => shared(ModelSource.inImage(`/models/${name}`))),
  fc
    .tuple(label, polled)
    .map(([name, pollInterval]) => shared(ModelSource.gcs(`gs://bucket/${name}`, { keyFileSecretName: 'key', pollInterval }))),
  fc
    .record({
      name: label,
      path: some(label),
      pollInterval: polled,
      accessMode: some(fc.constantFrom(...Object.keys(USERS))),
    })
    .map(({ name, ...options }) => ({
      source: ModelSource.persistentVolumeClaim(name, options),
      users: USERS[options.accessMode ?? 'ReadOnlyMany'],
    })),
  fc
    .record({ server: fc.constantFrom('nfs.example.com', '10.0.0.2', 'fd00::2'), path: directory, options: nfsOptions })
    .map(({ server, path, options }) => shared(ModelSource.nfs(server, `/${path}`, options))),
];

const hostPath = fc
  .tuple(directory, polled)
  .map(([path, pollInterval]) => shared(ModelSource.hostPath(`/models/${path}`, { pollInterval })));
const ociImage = fc.tuple(builtImage, some(directory)).map(([image, path]) => shared(ModelSource.ociImage(image, { path })));
const gcsFuse = someOf({
  path: directory,
  mountOptions: fc.subarray(['file-cache:max-size-mb:-1', 'uid=10001']),
  sidecarCpu: fc.constantFrom('500m', '1'),
  sidecarMemory: fc.constantFrom('512Mi', '1Gi'),
  sidecarEphemeralStorage: fc.constantFrom('5Gi'),
  pollInterval: seconds(1, 600),
}).map((options) => shared(ModelSource.gcsFuse('bucket', options)));
const s3Mount = someOf({
  path: directory,
  region: fc.constantFrom('eu-west-1', 'us-gov-west-1'),
  podIdentity: truth,
  mountOptions: fc.subarray(['maximum-throughput-gbps 10', '--gid=10001']),
  pollInterval: seconds(1, 600),
}).map((options) => shared(ModelSource.s3Mount('bucket', options)));

/** Sources that the cluster can mount. */
export const sources = (cluster: Cluster): fc.Arbitrary<DrawnSource> =>
  fc.oneof(
    ...ANYWHERE,
    ...(cluster.local ? [hostPath] : []),
    ...(cluster.kubernetesMinor >= 35 ? [ociImage] : []),
    ...(cluster._dialect.platform === 'gke' ? [gcsFuse] : []),
    ...(cluster._dialect.platform === 'eks' ? [s3Mount] : []),
  );
