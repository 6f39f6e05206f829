import type { Duration } from 'cdk8s';
import * as fc from 'fast-check';
import {
  type Batching,
  type ModelGatewayProps,
  ModelSource,
  ModelVersions,
  Probe,
  Route,
  type ServedModel,
  type ServerFlags,
  ServerImage,
  ServingProtocol,
  type TfServingModelProps,
  type WorkloadOptions,
} from '../../lib';
import { FLAGS } from '../../lib/model/flags/flag-table';
import { ServerRelease } from '../../lib/model/server/server-release';
import type { Site } from './arbitrary-clusters';
import { annotations, builtImage, cidr, label, peer, seconds, some, someOf, truth, upperName } from './arbitrary-values';
import { program, type scale, workloadOptions } from './arbitrary-workloads';

interface DrawnSource {
  readonly source: ModelSource;
  readonly singleNode: boolean;
}

const inImage = label.map((name) => ({ source: ModelSource.inImage(`/models/${name}`), singleNode: false }));
const sourceWith = (pollInterval: fc.Arbitrary<Duration | undefined>): fc.Arbitrary<DrawnSource> =>
  fc.oneof(
    inImage,
    fc.tuple(label, pollInterval).map(([name, interval]) => ({
      source: ModelSource.gcs(`gs://bucket/${name}`, { keyFileSecretName: 'key', pollInterval: interval }),
      singleNode: false,
    })),
    fc
      .record({
        name: label,
        path: some(label),
        pollInterval,
        accessMode: some(fc.constantFrom('ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce')),
      })
      .map(({ name, ...options }) => ({
        source: ModelSource.persistentVolumeClaim(name, options),
        singleNode: options.accessMode === 'ReadWriteOnce',
      })),
  );

const modelName = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,30}$/);
const version = fc.oneof(fc.nat(9), fc.maxSafeNat());
const labelName = fc.stringMatching(/^[A-Za-z0-9_]{1,20}$/).filter((name) => name !== '__proto__');
const counted = fc.oneof(
  fc.integer({ min: 1, max: 4 }).map((count) => ModelVersions.latest(count)),
  fc.constant(ModelVersions.all()),
);

/** Versions, with labels for some of them where they are named. */
const named = fc.uniqueArray(version, { minLength: 1, maxLength: 4 }).chain((versions) =>
  fc.record({
    versions: fc.constant(ModelVersions.specific(...versions)),
    versionLabels: some(fc.dictionary(labelName, fc.constantFrom(...versions), { maxKeys: 3 })),
  }),
);

const modelMemory = fc.integer({ min: 1, max: 8 }).map((mib) => `${mib}Mi`);

type Versions = Pick<ServedModel, 'versions' | 'versionLabels'>;

/** What a server serves: a model or some, whose source is looked at where any version will do. */
interface Served extends Versions {
  readonly source: ModelSource;
  readonly otherModels?: ServedModel[];
  readonly singleNode: boolean;
}

/** The name in front of a path, so that no model's directory is in that of another. */
const beside = (name: string, place: number): ServedModel['source'] =>
  place === 0
    ? ModelSource.inImage(`/others/of-${name}`)
    : ModelSource.persistentVolumeClaim(`others-${place}`, { path: `other-of-${name}` });
const others = fc
  .uniqueArray(fc.record({ modelName, place: fc.nat(2), versions: named, modelMemory: some(modelMemory) }), {
    selector: (other) => other.modelName,
    maxLength: 3,
  })
  .map((list) =>
    list.map(({ place, versions, ...other }) => ({
      ...other,
      ...versions,
      modelName: `x-${other.modelName}`,
      source: beside(other.modelName, place),
    })),
  );
const oneOf = (source: fc.Arbitrary<DrawnSource>, versions: fc.Arbitrary<Versions>): fc.Arbitrary<Served> =>
  fc
    .record({ from: source, versions, otherModels: some(others) })
    .map(({ from, versions: drawn, otherModels }) => ({ ...from, ...drawn, otherModels }));
const served = fc.oneof(
  sourceWith(some(seconds(1, 600))).map((from): Served => from),
  oneOf(sourceWith(some(seconds(1, 600))), fc.record({ versions: counted })),
  oneOf(sourceWith(fc.constant(undefined)), named),
);

/** Without what a release cannot have: labels before 1.15. */
function knownLabels({ singleNode, ...drawn }: Served, release: ServerRelease): Omit<Served, 'singleNode'> {
  if (release.atLeast('1.15.0')) return drawn;
  return { ...drawn, versionLabels: undefined, otherModels: drawn.otherModels?.map((other) => ({ ...other, versionLabels: undefined })) };
}

/** Whether the server has a list of models, and so reads no variables. */
const listed = ({ versions, otherModels }: Served) => versions !== undefined || (otherModels?.length ?? 0) > 0;

const official = fc
  .constantFrom('1.13.0', '2.3.0', '2.8.0', '2.15.1', '2.19.1', '2.20.0')
  .map((release) => ({ server: ServerImage.official(release), release }));
const custom = fc
  .record({
    image: builtImage,
    gpuImage: builtImage,
    release: fc.constantFrom('1.12', '2.4.1', '2.19'),
    binary: some(label.map((name) => `/opt/${name}`)),
    architecture: some(fc.constantFrom('amd64', 'arm64')),
  })
  .map((options) => ({ server: ServerImage.custom(options), release: options.release }));

const threads = fc.integer({ min: 2, max: 64 });
const flags = someOf({
  tensorflowIntraOpParallelism: threads,
  tensorflowInterOpParallelism: threads,
  restApiNumThreads: threads,
  grpcMaxThreads: threads,
  maxNumLoadRetries: fc.nat(100),
  loadRetryIntervalMicros: fc.nat(10_000_000),
  numLoadThreads: fc.nat(8),
  perProcessGpuMemoryFraction: fc.constantFrom(0.25, 1),
  grpcChannelArguments: fc.constantFrom('grpc.keepalive_time_ms=60000', 'a=b,c=d'),
  enableModelWarmup: truth,
  savedModelTags: fc.constantFrom('serve', 'serve,gpu'),
  xlaCpuCompilationEnabled: truth,
  xlaGpuCompilationEnabled: truth,
  enableProfiler: truth,
});
const extraFlags = fc
  .uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { maxLength: 2 })
  .map((names) => names.map((name) => `--unheard_of_${name}=${name}`));

/** Flags of which the release knows all. */
function known(drawn: ServerFlags, release: ServerRelease, gpus: boolean): ServerFlags {
  const entries = Object.entries(drawn).filter(([prop]) => {
    const { since } = FLAGS[prop.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)];
    return release.atLeast(since) && (gpus || prop !== 'perProcessGpuMemoryFraction');
  });
  return Object.fromEntries(entries);
}

const batching: fc.Arbitrary<Batching & { maxExecutionBatchSize: number }> = fc
  .record({
    maxExecutionBatchSize: fc.integer({ min: 1, max: 100 }),
    batches: fc.integer({ min: 1, max: 10 }),
    smaller: some(fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 3 })),
    maxEnqueuedBatches: some(fc.integer({ min: 10, max: 1000 })),
    rest: someOf({ batchTimeoutMicros: fc.nat(10_000), numBatchThreads: fc.integer({ min: 1, max: 64 }), padVariableLengthInputs: truth }),
  })
  .map(({ maxExecutionBatchSize, batches, smaller, maxEnqueuedBatches, rest }) => {
    const maxBatchSize = maxExecutionBatchSize * batches;
    const sizes = smaller && [...new Set([...smaller.filter((size) => size < maxBatchSize), maxExecutionBatchSize, maxBatchSize])];
    return { maxBatchSize, maxExecutionBatchSize, allowedBatchSizes: sizes?.sort((a, b) => a - b), maxEnqueuedBatches, ...rest };
  });

/** Splitting, where the release can; other batches are as large as requests. */
function split({ maxExecutionBatchSize, ...rest }: Batching, wanted: boolean, release: ServerRelease): Batching {
  if (!wanted || !release.atLeast('2.4.0')) return rest;
  return { ...rest, maxExecutionBatchSize, enableLargeBatchSplitting: true };
}

const modelOwn = someOf({
  modelName,
  grpcPort: fc.integer({ min: 1, max: 8000 }),
  restPort: fc.integer({ min: 8001, max: 65535 }).filter((port) => port !== 8500),
  protocols: fc.subarray([ServingProtocol.GRPC, ServingProtocol.REST], { minLength: 1 }),
  loadTime: seconds(1, 7200),
  modelMemory,
  extraFlags,
  scrapers: fc.array(peer, { maxLength: 2 }),
  configMapName: label,
  configDirectory: label.map((name) => `/etc/of-the-model/${name}`),
  envConfigMapName: label,
});

/** Props of a model that the site can meet. On a pool of GPUs the nodes are the pool's. */
export const modelProps = (at: Site, scaling?: typeof scale, gpus = false): fc.Arbitrary<TfServingModelProps> =>
  fc
    .record({
      options: workloadOptions(at, scaling),
      own: modelOwn,
      served,
      server: fc.oneof(official, custom),
      flags: some(flags),
      batching: some(batching),
      splits: truth,
    })
    .map(({ options, own, served: from, server: { server, release: text }, ...drawn }) => {
      const release = ServerRelease.parse('model', 'release', text);
      return {
        ...(from.singleNode ? onOneNode(options) : options),
        ...own,
        ...withoutUnmet(options, release),
        ...knownLabels(from, release),
        ...(listed(from) ? { envConfigMapName: undefined } : {}),
        server,
        flags: drawn.flags && known(drawn.flags, release, gpus),
        batching: drawn.batching && split(drawn.batching, drawn.splits, release),
        ...(gpus ? { nodePool: undefined } : {}),
      };
    });

/** Takes out what no server does, or not one of the release: give memory back, and answer questions of gRPC health. */
function withoutUnmet(options: WorkloadOptions, release: ServerRelease): Partial<WorkloadOptions> {
  const probes = (['startupProbe', 'readinessProbe', 'livenessProbe'] as const).filter((prop) => options[prop]?._grpc);
  return {
    ...(options.autoscaling?._measures('memory') ? { autoscaling: undefined } : {}),
    ...(release.atLeast('2.15.1') ? {} : Object.fromEntries(probes.map((prop) => [prop, undefined]))),
  };
}

/** A volume for one node takes one pod, which goes before the next one comes. */
function onOneNode({ autoscaling, replicas, maxSurge, maxUnavailable, ...rest }: WorkloadOptions): WorkloadOptions {
  return { ...rest, replicas: replicas && 1 };
}

const controller = fc.oneof(
  label.map((controllerNamespace) => ({ controllerNamespace })),
  fc.array(cidr, { minLength: 1, maxLength: 2 }).map((controllerCidrs) => ({ controllerCidrs })),
);
/** Load balancers of a cloud stand outside of the cluster, and some in the user's own network. */
const balancer = fc.array(cidr, { minLength: 1, maxLength: 2 }).map((controllerCidrs) => ({ controllerCidrs }));

const common = {
  path: fc.stringMatching(/^(\/[a-z0-9-]{1,5}){1,2}\/?$/),
  host: label.map((name) => `${name}.example.com`),
  authenticated: truth,
};
const ingress = (ingressClassName: string, behind: fc.Arbitrary<object>) =>
  fc
    .record({ options: someOf({ ...common, annotations }), behind, tls: some(label) })
    .map(({ options, behind: from, tls }) =>
      Route.ingress({ ingressClassName, ...options, ...from, tlsSecretName: options.host === undefined ? undefined : tls }),
    );
const gateway = (gatewayClassName: string | undefined, behind: fc.Arbitrary<object>) =>
  fc
    .record({ options: someOf(common), behind, gatewayName: label, gatewayNamespace: some(label) })
    .map(({ options, behind: from, ...names }) => Route.gateway({ gatewayClassName, ...names, ...options, ...from }));

/** Routes over controllers that stand on any cluster. */
const ANYWHERE = [ingress('traefik', controller), gateway(undefined, controller), gateway('cilium', controller)];
const OF_PLATFORM: { [platform: string]: fc.Arbitrary<Route>[] } = {
  gke: [
    ingress('gce', balancer),
    ingress('gce-internal', balancer),
    gateway('gke-l7-global-external-managed', fc.constant({})),
    gateway('gke-l7-rilb', balancer),
  ],
  eks: [ingress('alb', balancer)],
};

const key = (route: Route) => [route._ingress?.ingressClassName, route._gateway?.gatewayName, route.host, route.path].join('|');

/** Props of a gateway that the site can meet, but for the model. */
export const gatewayProps = (at: Site): fc.Arbitrary<Omit<ModelGatewayProps, 'model'>> =>
  fc
    .record({
      options: workloadOptions(at),
      program,
      targetPort: fc.integer({ min: 1, max: 65535 }),
      own: someOf({ hostEnv: upperName.map((name) => `MODEL_${name}`), port: fc.integer({ min: 1, max: 65535 }) }),
      routes: some(
        fc.uniqueArray(fc.oneof(...ANYWHERE, ...(OF_PLATFORM[at.cluster._dialect.platform] ?? [])), { selector: key, maxLength: 3 }),
      ),
      probePort: some(fc.integer({ min: 1, max: 65535 })),
    })
    .map(({ options, probePort, routes, ...drawn }) => {
      // the load balancers of clouds ask the pods over HTTP
      const overHttp = probePort !== undefined || routes?.some((route) => /^(gce|alb)/.test(route._ingress?.ingressClassName ?? ''));
      return {
        ...options,
        ...drawn.program,
        ...drawn.own,
        targetPort: drawn.targetPort,
        routes,
        readinessProbe: overHttp ? Probe.httpGet('/health', { port: probePort }) : options.readinessProbe,
      };
    });
