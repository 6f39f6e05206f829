import { App, Duration } from 'cdk8s';
import * as fc from 'fast-check';
import { parseDocument } from 'yaml';
import {
  Accelerator,
  AutoscaledService,
  type AutoscaledServiceProps,
  Autoscaling,
  Cluster,
  ContainerImage,
  EksNodes,
  Exposure,
  GpuModelPool,
  LocalGpus,
  ModelGateway,
  ModelSource,
  Peer,
  Probe,
  ServerImage,
  ServingChart,
  ServingProtocol,
  TfServingModel,
  type TfServingModelProps,
  type WorkloadOptions,
} from '../lib';
import { emitYaml } from '../lib/app/yaml-emitter';
import { check, type KubeObject } from '../lib/check';
import { isError } from '../lib/check/checker';
import { schemaErrors } from './support/schema';

/** Some accepted input of the whole public surface gives YAML that a server reads, without mistakes, always the same. */

const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/);
const text = fc
  .string({
    unit: fc.oneof(
      fc.constantFrom('a', '0', '=', '$', '"', ' ', ':', '#', 'é', '😀', '-', '\n', '\\'),
      fc.string({ minLength: 1, maxLength: 1 }),
    ),
  })
  .filter((s) => !s.includes('\u007f'));
const cpu = fc.oneof(
  fc.integer({ min: 1, max: 3000 }).map((milli) => `${milli}m`),
  fc.integer({ min: 1, max: 3 }).map(String),
);
const memory = fc.integer({ min: 64, max: 8000 }).map((mib) => `${mib}Mi`);
const cidr = fc.record({ address: fc.bigInt(0n, 2n ** 32n - 1n), length: fc.integer({ min: 0, max: 32 }) }).map(({ address, length }) => {
  const network = (address >> BigInt(32 - length)) << BigInt(32 - length);
  return `${[24n, 16n, 8n, 0n].map((shift) => (network >> shift) & 255n).join('.')}/${length}`;
});
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const seconds = (min: number, max: number) => fc.integer({ min, max }).map((n) => Duration.seconds(n));

const cluster = fc.constantFrom(
  () => Cluster.kind({ gpus: LocalGpus.CPU_STAND_IN }),
  () => Cluster.kind({ registry: true, loadBalancer: true, gpus: LocalGpus.AVAILABLE }),
  () => Cluster.minikube({ cpus: 8, memory: '16Gi', nodes: 2, gpus: LocalGpus.AVAILABLE }),
  () =>
    Cluster.gke({
      projectId: 'my-project',
      imageRegistry: 'gcr.io/p',
      nodePools: [{ name: 'a', machineType: 'n1-standard-8', maxNodes: 3 }],
    }),
  () => Cluster.gke({ projectId: 'my-project', imageRegistry: 'gcr.io/p', autopilot: true, kubernetesVersion: '1.29' }),
  () => Cluster.eks({ imageRepository: '1.dkr.ecr.eu-west-1.amazonaws.com/m', nodes: EksNodes.KARPENTER }),
  () =>
    Cluster.eks({
      imageRepository: '1.dkr.ecr.eu-west-1.amazonaws.com/m',
      nodePools: [{ name: 'a', machineType: 'm5.2xlarge', maxNodes: 3 }],
    }),
);

const exposure = fc.oneof(
  fc.constant(Exposure.cluster()),
  fc.array(cidr, { minLength: 1, maxLength: 3 }).map((allowedCidrs) => Exposure.internal({ allowedCidrs })),
  fc
    .record({ allowedCidrs: fc.array(cidr, { minLength: 1, maxLength: 3 }), nodePort: some(fc.integer({ min: 30000, max: 32767 })) })
    .map((o) => Exposure.external(o)),
);

const peer = fc.oneof(
  label.map((name) => Peer.namespace(name)),
  cidr.map((network) => Peer.cidr(network)),
  fc.constant(Peer.internet()),
  fc.record({ labels: fc.dictionary(label, label, { maxKeys: 2 }), namespace: some(label) }).map((options) => Peer.pods(options)),
);

const timing = {
  periodSeconds: some(seconds(1, 60)),
  timeoutSeconds: some(seconds(1, 10)),
  failureThreshold: some(fc.integer({ min: 1, max: 300 })),
};
const probe = fc.oneof(
  fc.record(timing).map((options) => Probe.tcpSocket(options)),
  fc.record(timing).map((options) => Probe.httpGet('/health', options)),
  fc.record(timing).map((options) => Probe.grpc(options)),
);

const scale = fc.oneof(
  fc.record({ replicas: some(fc.nat(20)) }),
  fc
    .record({ minReplicas: fc.integer({ min: 1, max: 5 }), more: fc.nat(10), averageUtilization: fc.integer({ min: 1, max: 100 }) })
    .map(({ minReplicas, more, averageUtilization }) => ({
      autoscaling: Autoscaling.cpu({ minReplicas, maxReplicas: minReplicas + more, averageUtilization }),
    })),
);

const options: fc.Arbitrary<WorkloadOptions> = fc
  .record({
    name: some(label),
    serviceName: some(label),
    requests: fc.record({ cpu, memory }),
    exposure: some(exposure),
    callers: some(fc.array(peer, { maxLength: 3 })),
    egress: some(
      fc.array(fc.record({ to: peer, ports: fc.array(fc.integer({ min: 1, max: 65535 }), { minLength: 1, maxLength: 3 }) }), {
        maxLength: 2,
      }),
    ),
    env: some(fc.dictionary(fc.stringMatching(/^[A-Z_][A-Z0-9_]{0,9}$/), text, { maxKeys: 3 })),
    podLabels: some(fc.dictionary(label, label, { maxKeys: 2 })),
    podAnnotations: some(fc.dictionary(label, text, { maxKeys: 2 })),
    requestTimeout: some(seconds(1, 600)),
    readinessProbe: some(probe),
    onePerNode: some(fc.boolean()),
    headless: some(fc.boolean()),
    runAsUser: some(fc.integer({ min: 1, max: 2 ** 31 - 1 })),
    readOnlyRootFilesystem: some(fc.boolean()),
    imagePullSecrets: some(fc.array(label, { minLength: 1, maxLength: 2 })),
    scale,
  })
  .map(({ requests, scale: owner, ...rest }) => ({ ...rest, ...owner, resources: { requests } }));

const image = fc.tuple(label, label).map(([name, tag]) => ContainerImage.fromBuild(`${name.replace(/-+/g, '-')}:${tag}`));
const command = some(fc.array(fc.stringMatching(/^[a-z/]{1,10}$/), { minLength: 1, maxLength: 2 }));
const args = some(fc.array(text, { maxLength: 3 }));

const serviceProps: fc.Arbitrary<AutoscaledServiceProps> = fc
  .record({
    options,
    image,
    command,
    args,
    port: fc.integer({ min: 1, max: 65535 }),
    targetPort: some(fc.integer({ min: 1, max: 65535 })),
    asksItsPort: fc.boolean(),
  })
  .map(({ options: shared, port, targetPort, asksItsPort, ...rest }) => ({
    ...shared,
    ...rest,
    readinessProbe: asksItsPort ? Probe.httpGet('/health', { port: targetPort ?? port }) : shared.readinessProbe,
    ports: [{ port, targetPort }],
  }));

const source = fc.oneof(
  label.map((name) => ModelSource.inImage(`/models/${name}`)),
  label.map((name) => ModelSource.gcs(`gs://bucket/${name}`, { keyFileSecretName: 'key' })),
  fc
    .tuple(label, seconds(60, 600))
    .map(([name, pollInterval]) => ModelSource.gcs(`gs://bucket/${name}`, { keyFileSecretName: 'key', pollInterval })),
  label.map((name) => ModelSource.persistentVolumeClaim(name, { path: name })),
);
const modelProps: fc.Arbitrary<TfServingModelProps> = fc
  .record({
    options,
    source,
    server: fc.oneof(
      fc.constantFrom('1.13.0', '2.8.0', '2.15.1', '2.19.1', '2.20.0').map((version) => ServerImage.official(version)),
      image.map((built) => ServerImage.custom({ image: built, gpuImage: built, release: '2.19' })),
    ),
    modelName: some(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,30}$/)),
    grpcPort: some(fc.integer({ min: 1, max: 8000 })),
    restPort: some(fc.integer({ min: 8001, max: 65535 }).filter((port) => port !== 8500)),
    protocols: some(fc.subarray([ServingProtocol.GRPC, ServingProtocol.REST], { minLength: 1 })),
    loadTime: some(seconds(1, 7200)),
    batching: some(
      fc.record({
        maxBatchSize: fc.integer({ min: 1, max: 1000 }),
        batchTimeoutMicros: some(fc.nat(10000)),
        padVariableLengthInputs: some(fc.boolean()),
      }),
    ),
    envConfigMapName: some(label),
  })
  .map(({ options: shared, ...rest }) => ({ ...shared, ...rest }))
  // older servers have no health service to ask
  .filter(({ readinessProbe, server }) => !readinessProbe?._grpc || server._release.atLeast('2.15.1'));

const judge = (make: () => KubeObject[]) => {
  const objects = make();
  expect(objects.flatMap((object) => schemaErrors(object))).toEqual([]);
  expect(check(objects).filter(isError)).toEqual([]);
  const written = objects.map((object) => emitYaml(object, object.kind));
  expect(written.map((yaml) => parseDocument(yaml, { version: '1.1' }).toJS())).toEqual(objects);
  expect(make().map((object) => emitYaml(object, object.kind))).toEqual(written);
};

const on = (target: () => Cluster, build: (chart: ServingChart) => void) => () => {
  const chart = new ServingChart(new App(), 'models', { cluster: target() });
  build(chart);
  return chart.toJson();
};

test('any service', () => {
  fc.assert(
    fc.property(cluster, serviceProps, (target, props) => judge(on(target, (chart) => void new AutoscaledService(chart, 'ping', props)))),
    { numRuns: 150 },
  );
});

test('any model, on CPUs', () => {
  fc.assert(
    fc.property(cluster, modelProps, (target, props) => judge(on(target, (chart) => void new TfServingModel(chart, 'resnet', props)))),
    { numRuns: 150 },
  );
});

test('any model, on a GPU pool', () => {
  fc.assert(
    fc.property(cluster, modelProps, fc.integer({ min: 1, max: 8 }), fc.boolean(), (target, { autoscaling, ...props }, maxNodes, spot) =>
      judge(
        on(target, (chart) => {
          const pool = new GpuModelPool(chart, 'gpus', { accelerator: Accelerator.NVIDIA_T4, maxNodes, spot });
          new TfServingModel(chart, 'resnet', { ...props, pool });
        }),
      ),
    ),
    { numRuns: 80 },
  );
});

test('any gateway in front of any model', () => {
  fc.assert(
    fc.property(cluster, modelProps, serviceProps, (target, model, { ports, command: _, env, ...gateway }) =>
      judge(
        on(target, (chart) => {
          new ModelGateway(chart, 'gateway', {
            ...gateway,
            name: undefined,
            serviceName: undefined,
            // node ports and names of the two must differ, as in a cluster
            exposure: undefined,
            model: new TfServingModel(chart, 'model', { ...model, name: undefined, serviceName: undefined, headless: undefined }),
            targetPort: ports[0].port,
          });
        }),
      ),
    ),
    { numRuns: 80 },
  );
});

/** Values that no prop of a kind takes. */
const WRONG: { [prop: string]: unknown[] } = {
  replicas: [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '2', 2 ** 31, null],
  name: ['', 'A', 'a_b', '-a', 'a-', 'é', 'a'.repeat(53), 5, null],
  serviceName: ['', 'A.b', '1a', null],
  runAsUser: [0, -1, 1.5, '1000'],
  nodePool: ['No Where', ''],
  maxSurge: ['-1', '101%', 'many', '1.5'],
  priorityClassName: ['', 'A'],
  imagePullPolicy: ['always', ''],
};

test.each(Object.entries(WRONG))('any wrong %s gives one clear error', (prop, values) => {
  fc.assert(
    fc.property(cluster, serviceProps, fc.constantFrom(...values), (target, props, wrong) => {
      const { autoscaling, ...rest } = props;
      const make = on(target, (chart) => void new AutoscaledService(chart, 'ping', { ...rest, [prop]: wrong }));
      let message = '';
      try {
        make();
      } catch (error) {
        message = (error as Error).message;
      }
      expect(message).toContain(`'${prop}'`);
      expect(message).toMatch(/models\/ping/);
      expect(message).toMatch(/\. .*[.?]$/);
      expect(message).not.toContain('\n');
    }),
    { numRuns: 40 },
  );
});
