import * as fc from 'fast-check';
import {
  type Batching,
  type ComputeResources,
  JitLevel,
  type ModelGatewayProps,
  type PerModelBatching,
  Probe,
  Route,
  type ServerFlags,
  ServerImage,
  type ServerTls,
  ServingProtocol,
  type SessionConfig,
  type TfServingModelProps,
  type WorkloadOptions,
} from '../../lib';
import { FLAGS } from '../../lib/model/flags/flag-table';
import { serverName } from '../../lib/model/flags/user-flag';
import { answersHealth } from '../../lib/model/model-probes';
import { ServerRelease } from '../../lib/model/server/server-release';
import type { Site } from './arbitrary-clusters';
import { isCountable, isListed, served, withoutUnknownLabels } from './arbitrary-served';
import type { DrawnSource } from './arbitrary-sources';
import { annotations, builtImage, cidr, label, peer, seconds, some, someOf, truth, upperName } from './arbitrary-values';
import { program, type scale, workloadOptions } from './arbitrary-workloads';
import { LOCAL_MODEL } from './local-model';

const official = fc
  .constantFrom('1.13.0', '2.3.0', '2.8.0', '2.15.1', '2.19.1', '2.20.0')
  .map((release) => ({ server: ServerImage.official(release), release }));
const digest = fc.stringMatching(/^[0-9a-f]{64}$/);
const referenced = fc
  .record({
    release: fc.constantFrom('2.6.0', '2.19.1', '2.21.0'),
    digests: fc.tuple(digest, digest),
    mirror: fc.constantFrom('', 'registry.example.com/hub/'),
  })
  .map(({ release, digests: [cpu, gpu], mirror }) => ({
    server: ServerImage.fromReference(`${mirror}tensorflow/serving@sha256:${cpu}`, {
      gpuReference: `${mirror}tensorflow/serving:${release}-gpu@sha256:${gpu}`,
      release,
    }),
    release,
  }));
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
const flags: fc.Arbitrary<ServerFlags> = someOf<Required<ServerFlags>>({
  grpcSocketPath: label.map((name) => `/tmp/${name}.sock`),
  restApiNumThreads: threads,
  restApiEnableCorsSupport: truth,
  grpcChannelArguments: fc.constantFrom('grpc.keepalive_time_ms=60000', 'a=b,c=d'),
  grpcMaxThreads: threads,
  enableGrpcHealthcheckService: truth,
  enableProfiler: truth,
  enableSerializationAsTensorContent: truth,
  numLoadThreads: fc.nat(8),
  numUnloadThreads: fc.nat(8),
  maxNumLoadRetries: fc.nat(100),
  loadRetryIntervalMicros: fc.nat(10_000_000),
  flushFilesystemCaches: truth,
  savedModelTags: fc.constantFrom('serve', 'serve,gpu'),
  enableModelWarmup: truth,
  numRequestIterationsForWarmup: fc.integer({ min: 1, max: 9 }),
  enableSignatureMethodNameCheck: truth,
  preferTfliteModel: truth,
  numTflitePools: fc.integer({ min: 1, max: 9 }),
  numTfliteInterpretersPerPool: fc.integer({ min: 1, max: 9 }),
  removeUnusedFieldsFromBundleMetagraph: truth,
  tensorflowIntraOpParallelism: threads,
  tensorflowInterOpParallelism: threads,
  perProcessGpuMemoryFraction: fc.constantFrom(0.25, 1),
  platformConfigFile: label.map((name) => `/models/${name}.txt`),
  xlaCpuCompilationEnabled: truth,
  xlaGpuCompilationEnabled: truth,
  mixedPrecision: fc.constant('bfloat16'),
  threadPoolFactoryConfigFile: label.map((name) => `/models/${name}.txt`),
  skipInitializeTpu: truth,
}).map(({ platformConfigFile, ...rest }) => (Object.keys(rest).length > 0 ? rest : { platformConfigFile }));
const extraFlags = fc
  .uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { maxLength: 2 })
  .map((names) => names.map((name) => `--unheard_of_${name}=${name}`));

/** Flags of which the release knows all, and that go together. */
function known(drawn: ServerFlags, server: ServerImage, gpus: boolean): ServerFlags {
  const entries = Object.entries(drawn).filter(([prop]) => {
    const { since, otherBuilds } = FLAGS[serverName(prop)];
    if (otherBuilds !== undefined && server._project) return false;
    if (/^num(TflitePools|TfliteInterpreters)/.test(prop) && !drawn.preferTfliteModel) return false;
    if (prop === 'numRequestIterationsForWarmup' && drawn.enableModelWarmup === false) return false;
    return server._release.atLeast(since) && (gpus || prop !== 'perProcessGpuMemoryFraction');
  });
  return Object.fromEntries(entries);
}

const sessionConfig: fc.Arbitrary<SessionConfig> = someOf<Required<SessionConfig>>({
  allowGrowth: truth,
  allowSoftPlacement: truth,
  disableThreadSpinning: truth,
  globalJitLevel: fc.constant(JitLevel.OFF),
  logDevicePlacement: truth,
});

const batchingPerModel: fc.Arbitrary<PerModelBatching> = someOf<Required<PerModelBatching>>({
  numBatchThreads: fc.integer({ min: 1, max: 64 }),
  threadPoolName: label,
  largestBatch: fc.integer({ min: 1, max: 5000 }),
});

const tls: fc.Arbitrary<ServerTls> = fc.record({ secretName: label, clientCertificates: some(truth) });

export const batching: fc.Arbitrary<Batching & { maxExecutionBatchSize: number }> = fc
  .record({
    maxExecutionBatchSize: fc.integer({ min: 1, max: 100 }),
    batches: fc.integer({ min: 1, max: 10 }),
    smaller: some(fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 3 })),
    maxEnqueuedBatches: some(fc.integer({ min: 10, max: 1000 })),
    rest: someOf({
      batchTimeoutMicros: fc.nat(10_000),
      numBatchThreads: fc.integer({ min: 1, max: 64 }),
      threadPoolName: label,
      padVariableLengthInputs: truth,
    }),
  })
  .map(({ maxExecutionBatchSize, batches, smaller, maxEnqueuedBatches, rest }) => {
    const maxBatchSize = maxExecutionBatchSize * batches;
    const sizes = smaller && [...new Set([...smaller.filter((size) => size < maxBatchSize), maxExecutionBatchSize, maxBatchSize])];
    return { maxBatchSize, maxExecutionBatchSize, allowedBatchSizes: sizes?.sort((a, b) => a - b), maxEnqueuedBatches, ...rest };
  });

/** Splitting, where the release can; other batches are as large as requests. */
export function split({ maxExecutionBatchSize, ...rest }: Batching, wanted: boolean, release: ServerRelease): Batching {
  if (!wanted || !release.atLeast('2.4.0')) return rest;
  return { ...rest, maxExecutionBatchSize, enableLargeBatchSplitting: true };
}

const modelOwn = someOf({
  modelName: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,30}$/),
  grpcPort: fc.integer({ min: 1, max: 8000 }),
  restPort: fc.integer({ min: 8001, max: 65535 }).filter((port) => port !== 8500),
  protocols: fc.subarray([ServingProtocol.GRPC, ServingProtocol.REST], { minLength: 1 }),
  extraFlags,
  scrapers: fc.array(peer, { maxLength: 2 }),
  configMapName: label,
  configDirectory: label.map((name) => `/etc/of-the-model/${name}`),
  envConfigMapName: label,
});

const modelSize = fc.integer({ min: 1, max: 6 }).map((mib) => `${mib}Mi`);
/** What is known of the model's size: how fast it is read says nothing without the size, or beside the load time. */
const weight = fc.oneof(
  someOf({ modelSize, modelMemory: fc.integer({ min: 1, max: 8 }).map((mib) => `${mib}Mi`), loadTime: seconds(1, 7200) }),
  fc.record({ modelSize, loadThroughput: fc.integer({ min: 1, max: 1000 }).map((mib) => `${mib}Mi`) }),
  fc.record({ localCopy: fc.constant(LOCAL_MODEL), loadThroughput: some(fc.constant('1Gi')) }),
);

/** The same resources, where their memory follows from the model's size. */
function withoutMemory({ requests, limits }: ComputeResources): ComputeResources {
  return { requests: requests && { ...requests, memory: undefined }, limits: limits && { ...limits, memory: undefined } };
}

/** Props of a model that the site can meet. On a pool of GPUs the nodes are the pool's. */
export const modelProps = (at: Site, scaling?: typeof scale, gpus = false): fc.Arbitrary<TfServingModelProps> =>
  fc
    .record({
      options: workloadOptions(at, scaling),
      own: modelOwn,
      weight,
      derived: truth,
      served: served(at.cluster),
      server: fc.oneof(official, referenced, custom),
      flags: some(flags),
      batching: some(batching),
      batchingPerModel: some(batchingPerModel),
      sessionConfig: some(sessionConfig),
      tls: some(tls),
      splits: truth,
    })
    .map(({ options, own, served: from, server: { server, release: version }, ...drawn }) => {
      const release = ServerRelease.parse('model', 'release', version);
      const flags = drawn.flags && known(drawn.flags, server, gpus);
      // a platform configuration has its own say in these
      const files = flags?.platformConfigFile === undefined;
      const overTls = release.atLeast('1.10.0') && !ofRest(own) ? drawn.tls : undefined;
      return {
        ...(takesOnePod(at, from, options) ? withOnePod(options) : options),
        ...own,
        ...drawn.weight,
        ...withoutUnmet(options, { server, flags, tls: overTls }),
        resources: drawn.derived && isSized(drawn.weight) && isCountable(from) ? withoutMemory(options.resources) : options.resources,
        ...withoutUnknownLabels(from, release),
        ...(isListed(from) ? { envConfigMapName: undefined } : {}),
        server,
        flags,
        tls: overTls,
        batching: files && drawn.batching ? split(drawn.batching, drawn.splits, release) : undefined,
        batchingPerModel: files && !drawn.batching && release.atLeast('2.11.0') ? drawn.batchingPerModel : undefined,
        sessionConfig: files && release.atLeast('2.8.0') ? drawn.sessionConfig : undefined,
        ...(gpus ? { nodePool: undefined } : {}),
      };
    });

const ofRest = ({ protocols }: Partial<TfServingModelProps>) => protocols?.length === 1 && protocols[0] === ServingProtocol.REST;

function isSized(known: Partial<TfServingModelProps>): boolean {
  return [known.modelSize, known.modelMemory, known.localCopy].some((size) => size !== undefined);
}

/** Takes out what no server does, or not this one: give memory back, and answer questions of gRPC health. */
function withoutUnmet(options: WorkloadOptions, model: Pick<TfServingModelProps, 'server' | 'flags' | 'tls'>): Partial<WorkloadOptions> {
  const probes = (['startupProbe', 'readinessProbe', 'livenessProbe'] as const).filter((prop) => options[prop]?._grpc);
  return {
    ...(options.autoscaling?._measures('memory') ? { autoscaling: undefined } : {}),
    ...(answersHealth(model as TfServingModelProps) ? {} : Object.fromEntries(probes.map((prop) => [prop, undefined]))),
  };
}

/** Whether only one pod can use a source: that of one node is shared where there is no other node to go to. */
function takesOnePod({ cluster }: Site, { users }: DrawnSource, { onePerNode }: WorkloadOptions): boolean {
  return users === 'one pod' || (users === 'one node' && (cluster._dialect.nodeCount !== 1 || onePerNode === true));
}

/** That pod goes before the next one comes. */
function withOnePod({ autoscaling, replicas, maxSurge, maxUnavailable, ...rest }: WorkloadOptions): WorkloadOptions {
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
        // the model may have it
        speaksTls: true,
        targetPort: drawn.targetPort,
        routes,
        readinessProbe: overHttp ? Probe.httpGet('/health', { port: probePort }) : options.readinessProbe,
      };
    });
