import { hasOwn } from '../private/own';
import { groupOf, type KubeObject } from './kube-object';

/** Kind of a field: one of the names, a list `[kind]`, or a map of fields, of which `*` stands for those not named. */
type Shape = 'text' | 'number' | 'truth' | 'scalar' | 'object' | 'any' | readonly [Shape] | { readonly [field: string]: Shape };

const WORDS: { [shape: string]: string } = {
  text: 'a text',
  number: 'a number',
  truth: 'true or false',
  scalar: 'a text or a number',
  object: 'an object',
};

const LABELS: Shape = { '*': 'text' };
const SELECTOR: Shape = { matchLabels: LABELS, matchExpressions: [{ key: 'text', operator: 'text', values: ['text'] }] };
const REFERENCE: Shape = { name: 'text', optional: 'truth' };
const SECURITY: Shape = {
  runAsNonRoot: 'truth',
  runAsUser: 'number',
  privileged: 'truth',
  allowPrivilegeEscalation: 'truth',
  capabilities: { add: ['text'], drop: ['text'] },
  seccompProfile: { type: 'text' },
};

const CONTAINER: Shape = {
  name: 'text',
  image: 'text',
  command: ['text'],
  args: ['text'],
  restartPolicy: 'text',
  ports: [{ name: 'text', containerPort: 'number', protocol: 'text' }],
  env: [{ name: 'text', value: 'text' }],
  envFrom: [{ configMapRef: REFERENCE }],
  resources: { requests: { '*': 'scalar' }, limits: { '*': 'scalar' } },
  readinessProbe: 'object',
  startupProbe: 'object',
  livenessProbe: { initialDelaySeconds: 'number', periodSeconds: 'number', failureThreshold: 'number', exec: 'object' },
  lifecycle: { preStop: { sleep: { seconds: 'number' }, exec: { command: ['text'] }, httpGet: 'object', tcpSocket: 'object' } },
  securityContext: SECURITY,
  volumeMounts: [{ name: 'text', mountPath: 'text', subPath: 'text' }],
};

const POD: Shape = {
  containers: [CONTAINER],
  initContainers: [CONTAINER],
  volumes: [{ name: 'text', configMap: REFERENCE, persistentVolumeClaim: { claimName: 'text' }, '*': 'any' }],
  securityContext: SECURITY,
  serviceAccountName: 'text',
  hostNetwork: 'truth',
  hostPID: 'truth',
  hostIPC: 'truth',
  nodeSelector: { '*': 'text' },
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ values: ['text'] }] }] },
    },
    podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'text', labelSelector: SELECTOR }] },
  },
  tolerations: [{ key: 'text', operator: 'text', value: 'text', effect: 'text' }],
  terminationGracePeriodSeconds: 'number',
};

const WORKLOAD: Shape = {
  spec: {
    replicas: 'number',
    selector: SELECTOR,
    strategy: { type: 'text', rollingUpdate: { maxSurge: 'scalar', maxUnavailable: 'scalar' } },
    template: { metadata: { labels: LABELS, annotations: { '*': 'text' } }, spec: POD },
  },
};

const INGRESS: Shape = { spec: { rules: [{ http: { paths: [{ backend: { service: { name: 'text' } } }] } }] } };

const NETWORK_POLICY: Shape = {
  spec: {
    podSelector: SELECTOR,
    policyTypes: ['text'],
    ingress: [{ from: ['object'], ports: [{ port: 'scalar', endPort: 'number', protocol: 'text' }] }],
  },
};

const SCALE_TARGET: Shape = { apiVersion: 'text', kind: 'text', name: 'text' };

/** What rules read of the kinds that they know, by API group and kind. */
const SHAPES = new Map<string, Shape>([
  ['apps/Deployment', WORKLOAD],
  ['apps/StatefulSet', WORKLOAD],
  ['apps/DaemonSet', WORKLOAD],
  ['extensions/Deployment', WORKLOAD],
  ['extensions/DaemonSet', WORKLOAD],
  [
    '/Service',
    {
      spec: {
        type: 'text',
        selector: LABELS,
        loadBalancerSourceRanges: ['text'],
        ports: [{ name: 'text', port: 'number', targetPort: 'scalar', nodePort: 'number', protocol: 'text' }],
      },
    },
  ],
  ['networking.k8s.io/Ingress', INGRESS],
  ['extensions/Ingress', INGRESS],
  [
    'autoscaling/HorizontalPodAutoscaler',
    {
      spec: {
        scaleTargetRef: SCALE_TARGET,
        minReplicas: 'number',
        maxReplicas: 'number',
        metrics: [{ type: 'text', resource: { name: 'text', target: { type: 'text' } } }],
      },
    },
  ],
  ['keda.sh/ScaledObject', { spec: { scaleTargetRef: SCALE_TARGET, minReplicaCount: 'number', maxReplicaCount: 'number' } }],
  ['policy/PodDisruptionBudget', { spec: { minAvailable: 'scalar', maxUnavailable: 'scalar', selector: SELECTOR } }],
  ['networking.k8s.io/NetworkPolicy', NETWORK_POLICY],
  ['/PersistentVolumeClaim', { spec: { accessModes: ['text'] } }],
  ['/ConfigMap', {}],
  ['/ServiceAccount', {}],
  ['/Namespace', {}],
]);

const IDENTITY: Shape = {
  apiVersion: 'text',
  kind: 'text',
  metadata: { name: 'text', generateName: 'text', namespace: 'text', labels: LABELS, annotations: { '*': 'text' } },
};

/** A value of a kind that the API refuses. */
export interface Misfit {
  readonly path: string;
  readonly value: unknown;
  /** What it must be, in words. */
  readonly wanted: string;
}

/** Whether rules know the fields of the object's kind; kinds of the same name in other API groups are other kinds. */
export function isKnown(object: { readonly apiVersion: string; readonly kind: string }): boolean {
  return SHAPES.has(`${groupOf(object)}/${object.kind}`);
}

/** Reads any value as a Kubernetes object: fields of a wrong kind are left out, and told. */
export function readObject(value: unknown): { object: KubeObject; misfits: Misfit[] } {
  const misfits: Misfit[] = [];
  // biome-ignore lint/suspicious/noExplicitAny: it has just been given this shape
  const identity = conform(value, IDENTITY, '', misfits) as any;
  const { apiVersion = '', kind = '', metadata = {} } = identity;
  const shape = SHAPES.get(`${groupOf({ apiVersion })}/${kind}`);
  const known = shape === undefined ? {} : (conform(value, shape, '', misfits) as object);
  return { object: { ...known, apiVersion, kind, metadata: { ...metadata, name: metadata.name ?? '' } }, misfits };
}

function conform(value: unknown, shape: Shape, path: string, misfits: Misfit[]): unknown {
  if (shape === 'any') return value;
  if (value === undefined || value === null) return undefined;
  const misfit = (wanted: string) => {
    misfits.push({ path: path === '' ? '$' : path, value, wanted });
    return undefined;
  };
  if (typeof shape === 'string') return matches(value, shape) ? value : misfit(WORDS[shape]);
  if (isList(shape)) {
    if (!Array.isArray(value)) return misfit('a list');
    // a placeholder keeps the positions of the others
    return Array.from(value, (item, index) => conform(item, shape[0], `${path}[${index}]`, misfits) ?? placeholder(shape[0]));
  }
  if (!matches(value, 'object')) return misfit(WORDS.object) ?? (path === '' ? {} : undefined);
  const fields: [string, unknown][] = [];
  for (const [key, child] of Object.entries(value as object)) {
    const kind = hasOwn(shape, key) ? shape[key] : shape['*'];
    if (kind === undefined) continue;
    const read = conform(child, kind, path === '' ? key : `${path}.${key}`, misfits);
    if (read !== undefined) fields.push([key, read]);
  }
  return Object.fromEntries(fields);
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape);
}

function placeholder(shape: Shape): unknown {
  return shape === 'text' ? '' : {};
}

function matches(value: unknown, shape: string): boolean {
  switch (shape) {
    case 'text':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number';
    case 'truth':
      return typeof value === 'boolean';
    case 'scalar':
      return typeof value === 'string' || typeof value === 'number';
    default:
      return typeof value === 'object' && value !== null && !Array.isArray(value);
  }
}
