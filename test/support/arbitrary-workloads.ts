import { k8s } from 'cdk8s-plus-27';
import * as fc from 'fast-check';
import { type AutoscaledServiceProps, Autoscaling, type PortMapping, Probe, type WorkloadOptions } from '../../lib';
import { poolOf, type Site } from './arbitrary-clusters';
import {
  annotations,
  builtImage,
  egress,
  exposure,
  image,
  label,
  labels,
  peer,
  probe,
  readiness,
  seconds,
  some,
  someOf,
  text,
  truth,
  upperName,
} from './arbitrary-values';

const amounts = fc.record({ cpu: fc.integer({ min: 1, max: 3000 }), memory: fc.integer({ min: 64, max: 8000 }), storage: fc.nat(3) });
const quantities = ({ cpu, memory, storage }: { cpu: number; memory: number; storage: number }) => ({
  cpu: cpu % 1000 === 0 ? String(cpu / 1000) : `${cpu}m`,
  memory: `${memory}Mi`,
  ...(storage > 0 ? { ephemeralStorage: `${storage}Gi` } : {}),
});
const resources = fc.oneof(
  amounts.map((requests) => ({ requests: quantities(requests) })),
  amounts.map((limits) => ({ limits: quantities(limits) })),
  fc.tuple(amounts, amounts).map(([requests, more]) => ({
    requests: quantities(requests),
    limits: quantities({ cpu: requests.cpu + more.cpu, memory: requests.memory + more.memory, storage: requests.storage + more.storage }),
  })),
);

const bounds = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.nat(10))
  .map(([minReplicas, more]) => ({ minReplicas, maxReplicas: minReplicas + more }));
const policies = fc.array(
  fc.record({
    type: fc.constantFrom('Pods', 'Percent'),
    value: fc.integer({ min: 1, max: 100 }),
    periodSeconds: fc.integer({ min: 1, max: 1800 }),
  }),
  { minLength: 1, maxLength: 2 },
);
const rules = someOf({
  policies,
  selectPolicy: fc.constantFrom('Max', 'Min', 'Disabled'),
});
const pace = fc.oneof(
  someOf({ scaleDownStabilization: seconds(0, 3600), behavior: someOf({ scaleUp: rules, scaleDown: rules }) }),
  fc.nat(3600).map((stabilizationWindowSeconds) => ({ behavior: { scaleDown: { stabilizationWindowSeconds } } })),
);
const averageValue = fc
  .integer({ min: 1, max: 1000 })
  .map((n) => ({ type: 'AverageValue', averageValue: k8s.Quantity.fromString(`${n}m`) }));
const value = fc.integer({ min: 1, max: 1000 }).map((n) => ({ type: 'Value', value: k8s.Quantity.fromString(String(n)) }));
const utilization = fc.integer({ min: 1, max: 100 }).map((averageUtilization) => ({ type: 'Utilization', averageUtilization }));
const named = label.map((name) => ({ name, selector: { matchLabels: { queue: name } } }));
const metric: fc.Arbitrary<k8s.MetricSpecV2> = fc.oneof(
  fc.oneof(averageValue, utilization).map((target) => ({ type: 'Resource', resource: { name: 'memory', target } })),
  fc
    .oneof(averageValue, utilization)
    .map((target) => ({ type: 'ContainerResource', containerResource: { name: 'cpu', container: 'x', target } })),
  fc.record({ metric: named, target: averageValue }).map((pods) => ({ type: 'Pods', pods })),
  fc.record({ metric: named, target: fc.oneof(value, averageValue) }).map((external) => ({ type: 'External', external })),
  fc
    .record({ metric: named, target: fc.oneof(value, averageValue), name: label })
    .map(({ name, ...rest }) => ({ type: 'Object', object: { describedObject: { kind: 'Service', name, apiVersion: 'v1' }, ...rest } })),
);

type Scale = Pick<WorkloadOptions, 'replicas' | 'autoscaling'>;
const replicas: fc.Arbitrary<Scale> = fc.record({ replicas: some(fc.nat(20)) });
const byCpu: fc.Arbitrary<Scale> = fc
  .record({ bounds, pace, averageUtilization: some(fc.integer({ min: 1, max: 100 })) })
  .map((drawn) => ({ autoscaling: Autoscaling.cpu({ ...drawn.bounds, ...drawn.pace, averageUtilization: drawn.averageUtilization }) }));
const byMetrics: fc.Arbitrary<Scale> = fc
  .record({ bounds, pace, metrics: fc.array(metric, { minLength: 1, maxLength: 3 }) })
  .map((drawn) => ({ autoscaling: Autoscaling.metrics({ ...drawn.bounds, ...drawn.pace, metrics: drawn.metrics }) }));
export const scale = fc.oneof(replicas, byCpu, byMetrics);
/** CPU use says nothing about a model on a GPU. */
export const scaleOnGpus = fc.oneof(replicas, byMetrics);

const variable: fc.Arbitrary<Omit<k8s.EnvVar, 'name'>> = fc.oneof(
  text.map((plain) => ({ value: plain })),
  label.map((name) => ({ valueFrom: { secretKeyRef: { name, key: 'key' } } })),
  label.map((name) => ({ valueFrom: { configMapKeyRef: { name, key: 'key', optional: true } } })),
  fc.constant({ valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }),
  fc.constant({ valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } }),
);
/** Lower-case names, so that none also stands in `env`. */
const variables = fc
  .uniqueArray(fc.tuple(fc.stringMatching(/^[a-z][a-z0-9_]{0,9}$/), variable), { selector: ([name]) => name, maxLength: 3 })
  .map((drawn) => drawn.map(([name, rest]) => ({ name, ...rest })));
const sets: fc.Arbitrary<k8s.EnvFromSource[]> = fc.array(
  fc.oneof(
    fc.record({ prefix: some(upperName), configMapRef: fc.record({ name: label }) }),
    label.map((name) => ({ secretRef: { name, optional: true } })),
  ),
  { maxLength: 2 },
);

const volumeSource: fc.Arbitrary<Omit<k8s.Volume, 'name'>> = fc.oneof(
  fc.constant({ emptyDir: {} }),
  fc.constant({ emptyDir: { medium: 'Memory', sizeLimit: k8s.Quantity.fromString('64Mi') } }),
  label.map((name) => ({ configMap: { name, items: [{ key: 'a', path: 'b' }] } })),
  label.map((secretName) => ({ secret: { secretName, defaultMode: 256 } })),
  label.map((claimName) => ({ persistentVolumeClaim: { claimName, readOnly: true } })),
  label.map((name) => ({ projected: { sources: [{ configMap: { name } }] } })),
  fc.constant<Omit<k8s.Volume, 'name'>>({ downwardApi: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } }),
);
/** Volumes with their mounts, of names and paths that no construct of ours uses. */
const volumes = fc
  .uniqueArray(fc.record({ name: label, source: volumeSource, mounts: fc.nat(2), readOnly: some(truth), subPath: some(label) }), {
    selector: ({ name }) => name,
    maxLength: 2,
  })
  .map((drawn) => ({
    volumes: drawn.map(({ name, source }) => ({ name: `user-${name}`, ...source })),
    volumeMounts: drawn.flatMap(({ name, mounts, readOnly, subPath }) =>
      Array.from({ length: mounts }, (_, index) => ({ name: `user-${name}`, mountPath: `/data/${name}/${index}`, readOnly, subPath })),
    ),
  }));

const toleration: fc.Arbitrary<k8s.Toleration> = fc.oneof(
  fc.constant({ operator: 'Exists' }),
  fc.record({ key: label, value: some(label), effect: some(fc.constantFrom('NoSchedule', 'PreferNoSchedule')) }),
  fc.record({ key: label, operator: fc.constant('Exists'), effect: fc.constant('NoExecute'), tolerationSeconds: some(fc.nat(100)) }),
);

const amountOfPods = fc.oneof(
  fc.nat(5).map(String),
  fc.nat(100).map((percent) => `${percent}%`),
);
/** Of both amounts zero no rollout would ever end. */
const rollout = someOf({ maxSurge: amountOfPods, maxUnavailable: amountOfPods }).filter(
  (drawn) => ![drawn.maxSurge, drawn.maxUnavailable].every((amount) => amount === '0' || amount === '0%'),
);

const plain = someOf({
  name: label,
  containerName: label,
  serviceName: label,
  minReadySeconds: seconds(0, 100),
  exposure,
  callers: fc.array(peer, { maxLength: 3 }),
  egress: fc.array(egress, { maxLength: 2 }),
  env: fc.dictionary(upperName, text, { maxKeys: 3 }),
  envVars: variables,
  envFrom: sets,
  startupProbe: probe,
  readinessProbe: readiness,
  livenessProbe: probe,
  requestTimeout: seconds(1, 600),
  // above what any balancer of these sites takes to leave a pod
  terminationGracePeriod: seconds(61, 1000),
  onePerNode: truth,
  nodeSelector: labels,
  tolerations: fc.array(toleration, { maxLength: 3 }),
  podLabels: labels,
  podAnnotations: annotations,
  serviceAnnotations: annotations,
  serviceAccountAnnotations: annotations,
  headless: truth,
  imagePullSecrets: fc.uniqueArray(label, { minLength: 1, maxLength: 2 }),
  imagePullPolicy: fc.constantFrom('IfNotPresent', 'Never', 'Always'),
  runAsUser: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  runAsGroup: fc.nat(2 ** 31 - 1),
  fsGroup: fc.nat(2 ** 31 - 1),
  readOnlyRootFilesystem: truth,
  priorityClassName: label,
});

/** Options of a workload that the site can meet. */
export const workloadOptions = (at: Site, scaling: fc.Arbitrary<Scale> = scale): fc.Arbitrary<WorkloadOptions> =>
  fc
    .record({ plain, resources, scaling, volumes: some(volumes), rollout, poolChoice: some(fc.nat(1)) })
    .map(({ poolChoice, ...drawn }) => ({
      ...drawn.plain,
      resources: drawn.resources,
      ...drawn.scaling,
      ...drawn.volumes,
      ...drawn.rollout,
      nodePool: poolOf(at, poolChoice),
      // an image that is loaded into the nodes stands in no registry
      imagePullPolicy: at.cluster.local && drawn.plain.imagePullPolicy === 'Always' ? undefined : drawn.plain.imagePullPolicy,
    }));

const ports: fc.Arbitrary<PortMapping[]> = fc
  .uniqueArray(fc.integer({ min: 1, max: 65535 }), { minLength: 2, maxLength: 6 })
  .chain((numbers) =>
    fc
      .array(
        fc.record({
          separate: truth,
          appProtocol: some(fc.constantFrom('http', 'kubernetes.io/h2c')),
          published: some(truth),
        }),
        { minLength: Math.floor(numbers.length / 2), maxLength: Math.floor(numbers.length / 2) },
      )
      .map((mappings) =>
        mappings.map(({ separate, published, appProtocol }, index) => ({
          name: index === 0 ? undefined : `port-${index}`,
          port: numbers[2 * index],
          targetPort: separate ? numbers[2 * index + 1] : undefined,
          appProtocol,
          published: index === 0 ? undefined : published,
        })),
      ),
  );

/** What a program of one's own has besides. */
export const program = fc.record(
  {
    image: fc.oneof(image, builtImage),
    command: fc.array(fc.stringMatching(/^[a-z/]{1,10}$/), { minLength: 1, maxLength: 2 }),
    args: fc.array(text, { maxLength: 3 }),
    preStopSleep: seconds(0, 60),
  },
  { requiredKeys: ['image'] },
);

export const serviceProps = (at: Site): fc.Arbitrary<AutoscaledServiceProps> =>
  fc
    .record({
      options: workloadOptions(at),
      program,
      ports,
      asks: some(fc.nat(2)),
      component: some(label),
      placement: some(someOf({ nodeSelector: labels, runtimeClassName: label, extendedResources: fc.constant({ 'nvidia.com/gpu': 1 }) })),
    })
    .map(({ options, asks, ports: mappings, ...drawn }) => {
      const asked = asks === undefined ? undefined : mappings[asks % mappings.length];
      return {
        ...options,
        ...drawn.program,
        ports: mappings,
        component: drawn.component,
        placement: drawn.placement,
        readinessProbe: asked ? Probe.httpGet('/health', { port: asked.targetPort ?? asked.port }) : options.readinessProbe,
        nodeSelector: drawn.placement?.nodeSelector === undefined ? options.nodeSelector : undefined,
      };
    });
