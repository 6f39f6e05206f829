import * as fc from 'fast-check';
import { type Cluster, ModelSource } from '../../lib';
import { builtImage, label, seconds, some, someOf, truth } from './arbitrary-values';

/** A source, and who may use it at once. */
export interface DrawnSource {
  readonly source: ModelSource;
  readonly users: 'many' | 'one node' | 'one pod';
}

const USERS: { readonly [mode: string]: DrawnSource['users'] } = {
  ReadOnlyMany: 'many',
  ReadWriteMany: 'many',
  ReadWriteOnce: 'one node',
  ReadWriteOncePod: 'one pod',
};

const polled = some(seconds(1, 600));
const shared = (source: ModelSource): DrawnSource => ({ source, users: 'many' });
const directory = fc.stringMatching(/^[a-z]{1,5}(\/[a-z]{1,5})?$/);
const nfsOptions = someOf({ mountOptions: fc.subarray(['nfsvers=3', 'nolock', 'soft']), pollInterval: seconds(1, 600) });

/** Sources that every cluster has. */
const ANYWHERE: fc.Arbitrary<DrawnSource>[] = [
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
