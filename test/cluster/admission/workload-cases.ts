import { Duration } from 'cdk8s';
import { k8s } from 'cdk8s-plus-27';
import {
  Autoscaling,
  ContainerImage,
  Exposure,
  Peer,
  Probe,
  type ProbeOptions,
  type ProgramOptions,
  type WorkloadOptions,
} from '../../../lib';
import { type Matrix, only } from './matrix';

const quantity = (text: string) => k8s.Quantity.fromString(text);
const averageValue = { type: 'AverageValue', averageValue: quantity('30') };
const metric = { name: 'queue', selector: { matchLabels: { queue: 'a' } } };
const bounds = { minReplicas: 2, maxReplicas: 5 };

const timing: Required<Omit<ProbeOptions, 'port' | 'successThreshold' | 'terminationGracePeriod'>> = {
  initialDelaySeconds: Duration.seconds(1),
  periodSeconds: Duration.seconds(7),
  timeoutSeconds: Duration.seconds(3),
  failureThreshold: 5,
};
const probes = {
  'a TCP connection': Probe.tcpSocket(timing),
  'an HTTP GET': Probe.httpGet('/health', timing),
  'gRPC health': Probe.grpc(timing),
  'a command': Probe.exec(['/bin/true'], timing),
};

const door = { allowedCidrs: ['203.0.113.0/24', '198.51.100.7/32'] };
const mounted = (volume: Omit<k8s.Volume, 'name'>) => ({
  volumes: [{ name: 'extra', ...volume }],
  volumeMounts: [{ name: 'extra', mountPath: '/extra', readOnly: true }],
});
const variable = (valueFrom: k8s.EnvVarSource) => ({ envVars: [{ name: 'drawn', valueFrom }] });

/** Every prop that all workloads have. */
export const WORKLOAD_CASES: Matrix<WorkloadOptions> = {
  name: { another: { name: 'another' }, 'as long as can be': { name: 'n'.repeat(52) } },
  containerName: { another: { containerName: 'server' } },
  serviceName: { another: { serviceName: 'front' } },
  replicas: { none: { replicas: 0 }, three: { replicas: 3 } },
  autoscaling: {
    'as it is alone': {
      autoscaling: Autoscaling.metrics({ maxReplicas: 3, metrics: [{ type: 'Pods', pods: { metric, target: averageValue } }] }),
    },
    'of all kinds': {
      autoscaling: Autoscaling.metrics({
        ...bounds,
        scaleDownStabilization: Duration.minutes(10),
        behavior: {
          scaleUp: { policies: [{ type: 'Percent', value: 50, periodSeconds: 60 }], selectPolicy: 'Min' },
          scaleDown: { policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }], selectPolicy: 'Max' },
        },
        metrics: [
          {
            type: 'ContainerResource',
            containerResource: { name: 'cpu', container: 'x', target: { type: 'Utilization', averageUtilization: 60 } },
          },
          { type: 'External', external: { metric, target: { type: 'Value', value: quantity('7') } } },
          {
            type: 'Object',
            object: { describedObject: { kind: 'Service', name: 'a', apiVersion: 'v1' }, metric, target: averageValue },
          },
        ],
      }),
    },
  },
  resources: {
    requests: { resources: { requests: { cpu: '1', memory: '1Gi', ephemeralStorage: '1Gi' } } },
    limits: { resources: { limits: { cpu: '2', memory: '4Gi' } } },
    both: { resources: { requests: { cpu: '500m', memory: '3Gi' }, limits: { cpu: '4', memory: '4Gi', ephemeralStorage: '2Gi' } } },
  },
  exposure: {
    'in the cluster': { exposure: Exposure.cluster() },
    'from the network around': { exposure: Exposure.internal(door) },
    'from outside': { exposure: Exposure.external(door) },
    'from everywhere': { exposure: Exposure.external({ allowedCidrs: ['0.0.0.0/0'] }) },
  },
  callers: {
    'of all kinds': {
      callers: [Peer.namespace('web'), Peer.cidr('10.1.0.0/16'), Peer.internet(), Peer.pods({ labels: { app: 'web' }, namespace: 'web' })],
    },
    'any pod of the namespace': { callers: [Peer.pods({ labels: {} })] },
  },
  egress: {
    'two rules': {
      egress: [
        { to: Peer.internet(), ports: [443, 8443] },
        { to: Peer.namespace('kafka'), ports: [9092] },
      ],
    },
  },
  env: { 'texts that YAML knows': { env: { YES: 'yes', NUMBER: '0o7', EMPTY: '', LINES: 'a\nb: c' } } },
  envVars: {
    'a value': { envVars: [{ name: 'drawn', value: 'x' }] },
    'of a Secret': variable({ secretKeyRef: { name: 's', key: 'k' } }),
    'of a ConfigMap': variable({ configMapKeyRef: { name: 's', key: 'k', optional: true } }),
    'of the pod': variable({ fieldRef: { fieldPath: 'status.podIP' } }),
    'of its resources': variable({ resourceFieldRef: { resource: 'limits.cpu' } }),
  },
  envFrom: { both: { envFrom: [{ prefix: 'A_', configMapRef: { name: 'c' } }, { secretRef: { name: 's', optional: true } }] } },
  volumes: {
    'of nothing': mounted({ emptyDir: {} }),
    'in memory': mounted({ emptyDir: { medium: 'Memory', sizeLimit: quantity('64Mi') } }),
    'of a ConfigMap': mounted({ configMap: { name: 'c', items: [{ key: 'a', path: 'b' }] } }),
    'of a Secret': mounted({ secret: { secretName: 's', defaultMode: 0o400 } }),
    'of a claim': mounted({ persistentVolumeClaim: { claimName: 'c', readOnly: true } }),
    projected: mounted({ projected: { sources: [{ configMap: { name: 'c' } }, { secret: { name: 's' } }] } }),
    'of the pod': mounted({ downwardApi: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } }),
  },
  volumeMounts: {
    'twice, below a path': {
      volumes: [{ name: 'v', emptyDir: {} }],
      volumeMounts: [
        { name: 'v', mountPath: '/a', subPath: 'a' },
        { name: 'v', mountPath: '/b', readOnly: true },
      ],
    },
  },
  startupProbe: {
    ...each((startupProbe) => ({ startupProbe })),
    'that ends the program soon': { startupProbe: Probe.tcpSocket({ terminationGracePeriod: Duration.seconds(5) }) },
  },
  readinessProbe: {
    ...each((readinessProbe) => ({ readinessProbe })),
    'that must succeed twice': { readinessProbe: Probe.tcpSocket({ successThreshold: 2 }) },
  },
  livenessProbe: {
    ...each((livenessProbe) => ({ livenessProbe })),
    'that ends the program soon': { livenessProbe: Probe.tcpSocket({ terminationGracePeriod: Duration.seconds(5) }) },
  },
  requestTimeout: { 'ten minutes': { requestTimeout: Duration.minutes(10) } },
  terminationGracePeriod: { 'an hour': { terminationGracePeriod: Duration.hours(1) } },
  nodePool: { declared: only(['gke', 'eks', 'minikube', 'kind'], { nodePool: 'general' }) },
  onePerNode: { yes: { onePerNode: true }, no: { onePerNode: false } },
  nodeSelector: { 'a label': { nodeSelector: { disk: 'ssd' } } },
  tolerations: {
    'of all kinds': {
      tolerations: [
        { key: 'a', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 60 },
        { key: 'b', value: 'c', effect: 'NoSchedule' },
      ],
    },
    anything: { tolerations: [{ operator: 'Exists' }] },
  },
  podLabels: { one: { podLabels: { team: 'vision' } } },
  podAnnotations: { one: { podAnnotations: { 'example.com/a': 'b: c' } } },
  serviceAnnotations: { one: { serviceAnnotations: { 'example.com/a': 'b' } } },
  serviceAccountAnnotations: { one: { serviceAccountAnnotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/models' } } },
  headless: { yes: { headless: true } },
  imagePullSecrets: { two: { imagePullSecrets: ['a', 'b'] } },
  imagePullPolicy: { IfNotPresent: { imagePullPolicy: 'IfNotPresent' }, Never: { imagePullPolicy: 'Never' } },
  runAsUser: { another: { runAsUser: 1000 } },
  runAsGroup: { another: { runAsGroup: 3000 } },
  fsGroup: { another: { fsGroup: 2000 } },
  readOnlyRootFilesystem: { no: { readOnlyRootFilesystem: false } },
  priorityClassName: { one: { priorityClassName: 'system-cluster-critical' } },
  minReadySeconds: { ten: { minReadySeconds: Duration.seconds(10) } },
  maxSurge: { 'a number': { maxSurge: '2' }, 'a percentage': { maxSurge: '30%' } },
  maxUnavailable: { 'a number': { maxUnavailable: '1' }, 'a percentage': { maxUnavailable: '25%', maxSurge: '0' } },
};

/** Every prop that all programs of one's own have. */
export const PROGRAM_CASES: Matrix<ProgramOptions> = {
  ...WORKLOAD_CASES,
  autoscaling: { ...WORKLOAD_CASES.autoscaling, 'on CPU': { autoscaling: Autoscaling.cpu({ ...bounds, averageUtilization: 70 }) } },
  image: {
    built: { image: ContainerImage.fromBuild('ping:v2') },
    'of a registry': { image: ContainerImage.fromRegistry('quay.io/org/ping:v1') },
    'by its digest': { image: ContainerImage.fromRegistry(`quay.io/org/ping@sha256:${'0'.repeat(64)}`) },
  },
  command: { one: { command: ['/bin/serve', '--all'] } },
  args: { 'with a variable': { args: ['--pod=$(HOSTNAME)', '012', ''] } },
  preStopSleep: { none: { preStopSleep: Duration.seconds(0) }, 'half a minute': { preStopSleep: Duration.seconds(30) } },
};

function each<T>(props: (probe: Probe) => T): { [handler: string]: T } {
  return Object.fromEntries(Object.entries(probes).map(([handler, probe]) => [handler, props(probe)]));
}
