import { check, type Finding, type KubeObject } from '../lib/check';
import { RULES } from '../lib/check/checker';

const namespace = 'models';
const labels = { app: 'resnet' };

const deployment = (change: (pod: any, spec: any) => void = () => {}, name = 'resnet'): KubeObject => {
  const container = {
    name: 'server',
    image: 'tensorflow/serving:2.19.1',
    ports: [{ name: 'grpc', containerPort: 8500 }],
    resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '1Gi' } },
    readinessProbe: { tcpSocket: { port: 8500 } },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  };
  const pod = {
    containers: [container],
    securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
  };
  const spec = { selector: { matchLabels: { ...labels } }, template: { metadata: { labels: { ...labels } }, spec: pod } };
  change(pod, spec);
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace }, spec };
};

const object = (apiVersion: string, kind: string, name: string, spec?: object, more: object = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, ...(kind === 'Namespace' ? {} : { namespace }) },
  ...(spec ? { spec } : {}),
  ...more,
});

const service = (spec: object = {}, annotations = {}) => ({
  ...object('v1', 'Service', 'resnet', { selector: labels, ports: [{ name: 'grpc', port: 8500, targetPort: 'grpc' }], ...spec }),
  metadata: { name: 'resnet', namespace, annotations },
});
const hpa = (spec: object = {}, name = 'resnet') =>
  object('autoscaling/v2', 'HorizontalPodAutoscaler', name, {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'resnet' },
    minReplicas: 1,
    maxReplicas: 4,
    metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } }],
    ...spec,
  });
const pdb = (spec: object) => object('policy/v1', 'PodDisruptionBudget', 'resnet', { selector: { matchLabels: labels }, ...spec });
const restricted = {
  ...object('v1', 'Namespace', namespace),
  metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
};
const claim = (mode: string) => object('v1', 'PersistentVolumeClaim', 'models', { accessModes: [mode] });
const mounting = (pod: any) => Object.assign(pod, { volumes: [{ name: 'models', persistentVolumeClaim: { claimName: 'models' } }] });

const GOOD: KubeObject[] = [restricted, deployment(), service(), hpa(), pdb({ maxUnavailable: 1 })];

test('objects without mistakes have no findings', () => {
  expect(check(GOOD)).toEqual([]);
});

/** A good and a bad set of objects a rule; each bad one is found by its rule alone. */
const CASES: { [rule: string]: { bad: KubeObject[][]; good?: KubeObject[][] } } = {
  'removed-api-version': {
    bad: [[{ ...deployment(), apiVersion: 'extensions/v1beta1' }], [{ ...hpa(), apiVersion: 'autoscaling/v2beta2' }, deployment()]],
  },
  'duplicate-object': {
    bad: [[deployment(), deployment()]],
    good: [[object('v1', 'ConfigMap', 'a'), { ...object('v1', 'ConfigMap', 'a'), metadata: { name: 'a', namespace: 'other' } }]],
  },
  'null-value': { bad: [[object('v1', 'ConfigMap', 'a', undefined, { data: { key: null } })]] },
  'selector-mismatch': {
    bad: [
      [deployment((_, spec) => Object.assign(spec.template.metadata.labels, { app: 'other' }))],
      [deployment((_, spec) => Object.assign(spec, { selector: undefined }))],
    ],
    good: [[deployment((_, spec) => Object.assign(spec, { selector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] } }))]],
  },
  'unpinned-image': {
    bad: ['tensorflow/serving', 'tensorflow/serving:latest', 'localhost:5000/x', ''].map((image) => [
      deployment((pod) => Object.assign(pod.containers[0], { image })),
    ]),
    good: [[deployment((pod) => Object.assign(pod.containers[0], { image: `x@sha256:${'a'.repeat(64)}` }))]],
  },
  'missing-requests': { bad: [[deployment((pod) => Object.assign(pod.containers[0], { resources: { limits: { memory: '1Gi' } } }))]] },
  'no-readiness-probe': {
    bad: [[deployment((pod) => delete pod.containers[0].readinessProbe)]],
    good: [[deployment((pod) => Object.assign(pod.containers[0], { readinessProbe: undefined, ports: [] }))]],
  },
  'shell-entry-point': {
    bad: [[deployment((pod) => Object.assign(pod.containers[0], { command: ['/bin/sh', '-c', 'tensorflow_model_server'] }))]],
    good: [[deployment((pod) => Object.assign(pod.containers[0], { command: ['/bin/bash', 'start.sh'] }))]],
  },
  'pod-security-restricted': {
    bad: [
      [restricted, deployment((pod) => delete pod.containers[0].securityContext.allowPrivilegeEscalation)],
      [restricted, deployment((pod) => Object.assign(pod.containers[0].securityContext.capabilities, { drop: ['all'] }))],
      [restricted, deployment((pod) => Object.assign(pod, { volumes: [{ name: 'x', hostPath: { path: '/x' } }] }))],
      [restricted, deployment((pod) => Object.assign(pod, { hostNetwork: true }))],
      [restricted, deployment((pod) => delete pod.securityContext.seccompProfile)],
      [restricted, deployment((pod) => Object.assign(pod.securityContext, { runAsUser: 0 }))],
      [restricted, deployment((pod) => Object.assign(pod.containers[0].securityContext, { privileged: true }))],
      [restricted, deployment((pod) => Object.assign(pod.containers[0].securityContext.capabilities, { add: ['SYS_ADMIN'] }))],
    ],
    good: [[deployment((pod) => Object.assign(pod, { hostNetwork: true }))]],
  },
  'runs-as-root': { bad: [[deployment((pod) => Object.assign(pod, { securityContext: {} }))]] },
  'autoscaler-without-target': {
    bad: [[hpa()]],
    good: [[hpa({ scaleTargetRef: { apiVersion: 'example.com/v1', kind: 'Model', name: 'x' }, metrics: [] })]],
  },
  'two-autoscalers': {
    bad: [
      [deployment(), hpa(), hpa({}, 'other')],
      [deployment(), hpa(), object('keda.sh/v1alpha1', 'ScaledObject', 'other', { scaleTargetRef: { name: 'resnet' } })],
    ],
  },
  'replicas-beside-autoscaler': { bad: [[deployment((_, spec) => Object.assign(spec, { replicas: 2 })), hpa()]] },
  'utilization-without-request': {
    bad: [[deployment((pod) => Object.assign(pod.containers[0], { resources: { requests: { memory: '1Gi' } } })), hpa()]],
  },
  'budget-blocks-drain': {
    bad: [
      [deployment(), pdb({ maxUnavailable: 0 })],
      [deployment(), pdb({ minAvailable: 1 })],
      [deployment(), hpa({ minReplicas: 2 }), pdb({ minAvailable: 2 })],
      [deployment(), pdb({ minAvailable: '100%' })],
    ],
    good: [[deployment(), hpa({ minReplicas: 2 }), pdb({ minAvailable: 1 })]],
  },
  'single-node-volume': {
    bad: [
      [claim('ReadWriteOnce'), deployment((pod, spec) => [mounting(pod), Object.assign(spec, { replicas: 2 })])],
      [claim('ReadWriteOnce'), deployment(mounting), hpa()],
    ],
    good: [
      [claim('ReadOnlyMany'), deployment((pod, spec) => [mounting(pod), Object.assign(spec, { replicas: 2 })])],
      [claim('ReadWriteOnce'), deployment(mounting)],
    ],
  },
  'service-without-pods': { bad: [[deployment(), service({ selector: { app: 'other' } })]], good: [[service({ selector: undefined })]] },
  'target-port-unknown': {
    bad: [
      [deployment(), service({ ports: [{ port: 80, targetPort: 'http' }] })],
      [deployment(), service({ ports: [{ port: 9000 }] })],
    ],
    good: [[deployment(), service({ ports: [{ port: 8500 }] })]],
  },
  'open-load-balancer': {
    bad: [[deployment(), service({ type: 'LoadBalancer' })]],
    good: [
      [deployment(), service({ type: 'LoadBalancer', loadBalancerSourceRanges: ['203.0.113.0/24'] })],
      [deployment(), service({ type: 'LoadBalancer' }, { 'networking.gke.io/load-balancer-type': 'Internal' })],
    ],
  },
  'node-port-taken': {
    bad: [
      [
        deployment(),
        service({ type: 'NodePort', ports: [{ port: 8500, nodePort: 30080 }] }),
        { ...service({ type: 'NodePort', ports: [{ port: 8500, nodePort: 30080 }] }), metadata: { name: 'second', namespace } },
      ],
    ],
  },
  'route-to-nowhere': {
    bad: [
      [object('networking.k8s.io/v1', 'Ingress', 'x', { rules: [{ http: { paths: [{ backend: { service: { name: 'nowhere' } } }] } }] })],
    ],
    good: [
      [
        deployment(),
        service(),
        object('networking.k8s.io/v1', 'Ingress', 'x', { rules: [{ http: { paths: [{ backend: { service: { name: 'resnet' } } }] } }] }),
      ],
    ],
  },
  'swapped-serving-ports': { bad: [[deployment(), service({ ports: [{ name: 'http', port: 8500, targetPort: 'grpc' }] })]] },
  'config-map-missing': {
    bad: [
      [deployment((pod) => Object.assign(pod, { volumes: [{ name: 'c', configMap: { name: 'gone' } }] }))],
      [deployment((pod) => Object.assign(pod.containers[0], { envFrom: [{ configMapRef: { name: 'gone' } }] }))],
    ],
    good: [
      [
        object('v1', 'ConfigMap', 'there'),
        deployment((pod) => Object.assign(pod, { volumes: [{ name: 'c', configMap: { name: 'there' } }] })),
      ],
    ],
  },
  'config-map-sub-path': {
    bad: [
      [
        object('v1', 'ConfigMap', 'there'),
        deployment((pod) => {
          pod.volumes = [{ name: 'c', configMap: { name: 'there' } }];
          pod.containers[0].volumeMounts = [{ name: 'c', mountPath: '/etc/c/x', subPath: 'x' }];
        }),
      ],
    ],
  },
  'service-account-missing': {
    bad: [[deployment((pod) => Object.assign(pod, { serviceAccountName: 'gone' }))]],
    good: [[object('v1', 'ServiceAccount', 'there'), deployment((pod) => Object.assign(pod, { serviceAccountName: 'there' }))]],
  },
};

test('every rule has its cases', () => {
  expect(Object.keys(CASES).sort()).toEqual(RULES.map(({ id }) => id).sort());
});

/** Findings that follow of necessity from another rule's bad case. */
const COMPANIONS: { [rule: string]: string[] } = {
  'utilization-without-request': ['missing-requests'],
  'removed-api-version': ['duplicate-object'],
};

describe.each(RULES)('$id', ({ id, severity }) => {
  test.each(CASES[id].bad.map((objects, index) => [index + 1, objects] as const))(
    'finds mistake %d, and nothing else is wrong',
    (_, objects) => {
      const findings = check(objects);
      expect(findings.map(({ rule }: Finding) => rule)).toContain(id);
      expect(findings.filter(({ rule }) => rule !== id && !COMPANIONS[id]?.includes(rule))).toEqual([]);
      const finding = findings.find(({ rule }) => rule === id) as Finding;
      expect(finding.severity).toBe(severity);
      expect(finding.path).not.toBe('');
      expect(finding.message).not.toMatch(/undefined|\[object/);
      expect(finding.fix).toMatch(/\.$/);
    },
  );

  test('leaves what is right alone', () => {
    for (const objects of CASES[id].good ?? [GOOD]) expect(check(objects)).toEqual([]);
  });
});
