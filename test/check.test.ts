import type { Finding } from '../lib';
import { check, type KubeObject } from '../lib/check';
import { RULES } from '../lib/check/checker';

const namespace = 'models';
const labels = { app: 'resnet' };

const deployment = (change: (pod: any, spec: any) => void = () => {}, name = 'resnet'): KubeObject => {
  const own = { app: name };
  const container = {
    name: 'server',
    image: 'tensorflow/serving:2.19.1',
    ports: [{ name: 'grpc', containerPort: 8500 }],
    resources: { requests: { cpu: '1', memory: '1Gi' }, limits: { memory: '1Gi' } },
    readinessProbe: { tcpSocket: { port: 8500 } },
    lifecycle: { preStop: { sleep: { seconds: 10 } } },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
  };
  const pod = {
    containers: [container],
    terminationGracePeriodSeconds: 45,
    securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
  };
  const spec = { selector: { matchLabels: { ...own } }, template: { metadata: { labels: { ...own } }, spec: pod } };
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
const policy = (ingress: object[] | undefined, more: object = {}) =>
  object('networking.k8s.io/v1', 'NetworkPolicy', 'resnet', { podSelector: { matchLabels: labels }, ingress, ...more });
/** A second workload, whose pods the selectors of the first may find too. */
const canary = (selector: object, podLabels: object) =>
  deployment((_, spec) => Object.assign(spec, { selector, template: { ...spec.template, metadata: { labels: podLabels } } }), 'canary');
const restricted = {
  ...object('v1', 'Namespace', namespace),
  metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
};
const claim = (mode: string) => object('v1', 'PersistentVolumeClaim', 'models', { accessModes: [mode] });
/** Lets a pod be only where others are. */
const together = (pod: any, whom: object | 'nobody' = { matchLabels: { app: 'resnet' } }, topologyKey = 'kubernetes.io/hostname') => {
  const term = whom === 'nobody' ? { topologyKey } : { topologyKey, labelSelector: whom };
  return Object.assign(pod, { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } } });
};
const mounting = (pod: any) => Object.assign(pod, { volumes: [{ name: 'models', persistentVolumeClaim: { claimName: 'models' } }] });

const GPU = 'nvidia.com/gpu';
/** A pod that asks for GPUs as it should, with what a case changes. */
const onGpu = (limits: object, requests: object = {}, more: object = {}) =>
  deployment((pod, spec) => {
    pod.tolerations = [{ key: GPU, operator: 'Exists' }];
    spec.strategy = { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } };
    pod.containers[0].resources = { requests: { cpu: '1', memory: '1Gi', ...requests }, limits: { memory: '1Gi', ...limits } };
    Object.assign(pod.containers[0], { image: 'tensorflow/serving:2.19.1-gpu' }, more);
  });
const running = (...command: string[]) => deployment((pod) => Object.assign(pod.containers[0], { command }));
const probing = (livenessProbe: object, container: object = {}) =>
  deployment((pod) => Object.assign(pod.containers[0], { livenessProbe: { tcpSocket: { port: 8500 }, ...livenessProbe }, ...container }));
const onNodes = (...values: string[]) => {
  const matchExpressions = [{ key: 'cloud.google.com/gke-accelerator', operator: 'In', values }];
  return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } } } };
};
const calling = (value: string) => deployment((pod) => Object.assign(pod.containers[0], { env: [{ name: 'HOST', value }] }));
const balancer = (loadBalancerSourceRanges: string[] | undefined, annotations = {}) =>
  service({ type: 'LoadBalancer', loadBalancerSourceRanges }, annotations);
const nodePort = () => service({ type: 'NodePort' });
const recreated = (spec: any) => Object.assign(spec, { strategy: { type: 'Recreate' } });

const GOOD: KubeObject[] = [restricted, deployment(), service(), hpa(), pdb({ maxUnavailable: 1 })];

test('objects without mistakes have no findings', () => {
  expect(check(GOOD)).toEqual([]);
});

/** A good and a bad set of objects a rule; each bad one is found by its rule alone. */
const CASES: { [rule: string]: { bad: KubeObject[][]; good?: KubeObject[][] } } = {
  'not-an-object': {
    bad: [
      [{ kind: 'ConfigMap', metadata: { name: 'a' } } as KubeObject],
      [{ apiVersion: 'v1', metadata: { name: 'a' } } as KubeObject],
      [{ apiVersion: 'v1', kind: 'ConfigMap' } as KubeObject],
      [{ ...object('v1', 'ConfigMap', 'a'), metadata: { namespace } } as unknown as KubeObject],
    ],
    good: [[{ ...object('v1', 'ConfigMap', 'a'), metadata: { generateName: 'a-' } } as unknown as KubeObject]],
  },
  'wrong-type': {
    bad: [
      [deployment((_, spec) => Object.assign(spec, { replicas: '2' }))],
      [deployment((pod) => Object.assign(pod.containers[0], { env: [{ name: 'PORT', value: 8500 }] }))],
      [{ ...object('v1', 'ConfigMap', 'a'), metadata: { name: 'a', labels: { enabled: true } } } as unknown as KubeObject],
      [deployment((pod) => Object.assign(pod, { volumes: {} }))],
      ['text' as unknown as KubeObject],
      [[] as unknown as KubeObject],
    ],
    good: [
      [deployment((pod) => Object.assign(pod.containers[0].resources, { requests: { cpu: 1, memory: '1Gi' } }))],
      [object('serving.knative.dev/v1', 'Service', 'a', { selector: 5, ports: 'of another kind' })],
    ],
  },
  'removed-api-version': {
    bad: [[{ ...deployment(), apiVersion: 'extensions/v1beta1' }], [{ ...hpa(), apiVersion: 'autoscaling/v2beta2' }, deployment()]],
  },
  'duplicate-object': {
    bad: [[deployment(), deployment()]],
    good: [
      [object('v1', 'ConfigMap', 'a'), { ...object('v1', 'ConfigMap', 'a'), metadata: { name: 'a', namespace: 'other' } }],
      [object('v1', 'ConfigMap', 'a'), object('example.com/v1', 'ConfigMap', 'a')],
    ],
  },
  'null-value': { bad: [[object('v1', 'ConfigMap', 'a', undefined, { data: { key: null } })]] },
  'selector-mismatch': {
    bad: [
      [deployment((_, spec) => Object.assign(spec.template.metadata.labels, { app: 'other' }))],
      [deployment((_, spec) => Object.assign(spec, { selector: undefined }))],
    ],
    good: [[deployment((_, spec) => Object.assign(spec, { selector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] } }))]],
  },
  'selector-of-two-workloads': {
    bad: [
      [deployment(), canary({ matchLabels: labels }, { ...labels, track: 'canary' })],
      [
        deployment(
          (_, spec) =>
            Object.assign(spec.selector, { matchLabels: { a: '1', b: '2' } }) &&
            Object.assign(spec.template.metadata, { labels: { a: '1', b: '2' } }),
        ),
        canary({ matchLabels: { b: '2', a: '1' } }, { a: '1', b: '2' }),
      ],
    ],
    good: [
      [deployment(), deployment(() => {}, 'canary')],
      [deployment(), { ...deployment(), metadata: { name: 'resnet', namespace: 'other' } }],
    ],
  },
  'selector-finds-other-pods': {
    bad: [
      [deployment(), canary({ matchLabels: { ...labels, track: 'canary' } }, { ...labels, track: 'canary' })],
      [deployment(), canary({ matchExpressions: [{ key: 'app', operator: 'Exists' }] }, { app: 'canary' })],
    ],
    good: [
      [deployment(), canary({ matchExpressions: [{ key: 'track', operator: 'Exists' }] }, { app: 'canary', track: 'canary' })],
      [
        deployment((_, spec) => Object.assign(spec.selector, { matchExpressions: [{ key: 'track', operator: 'DoesNotExist' }] })),
        canary({ matchLabels: { ...labels, track: 'canary' } }, { ...labels, track: 'canary' }),
      ],
    ],
  },
  'service-of-two-workloads': {
    bad: [
      [
        deployment((_, spec) => {
          spec.selector.matchLabels = { track: 'stable' };
          spec.template.metadata.labels.track = 'stable';
        }),
        canary({ matchLabels: { track: 'canary' } }, { ...labels, track: 'canary' }),
        service(),
      ],
    ],
    good: [[deployment(), canary({ matchLabels: { track: 'canary' } }, { app: 'canary', track: 'canary' }), service()]],
  },
  'unpinned-image': {
    bad: [
      'tensorflow/serving',
      'tensorflow/serving:latest',
      'x:latest-gpu',
      'x:2.19-latest',
      'x:nightly',
      'x:Latest',
      'x:devel',
      'x:stable-alpine',
      'x:main',
      'x:master',
      'localhost:5000/x',
      'x@sha256:abc',
      '',
    ].map((image) => [deployment((pod) => Object.assign(pod.containers[0], { image }))]),
    good: [`x@sha256:${'a'.repeat(64)}`, `x:latest@sha256:${'a'.repeat(64)}`, 'x:2.19.1-devel', 'x:main-3f2a1b9', 'x:nightly-20240101'].map(
      (image) => [deployment((pod) => Object.assign(pod.containers[0], { image }))],
    ),
  },
  'missing-requests': { bad: [[deployment((pod) => Object.assign(pod.containers[0], { resources: { limits: { memory: '1Gi' } } }))]] },
  'no-readiness-probe': {
    bad: [[deployment((pod) => delete pod.containers[0].readinessProbe)]],
    good: [[deployment((pod) => Object.assign(pod.containers[0], { readinessProbe: undefined, ports: [] }))]],
  },
  'shell-entry-point': {
    bad: [
      ['/bin/sh', '-c', 'tensorflow_model_server'],
      ['bash', '-ec', 'serve'],
      ['sh', '-lc', 'serve'],
      ['/usr/bin/bash', '-c', 'serve'],
      ['/usr/bin/env', 'bash', '-c', 'serve'],
      ['env', 'A=1', '-u', 'sh', '-c', 'serve'],
      ['env', '-S', 'bash -c serve'],
      ['busybox', 'sh', '-c', 'serve'],
      ['bash', '--login', '-o', 'pipefail', '-c', 'exec a; serve'],
    ]
      .map((command) => [running(...command)])
      .concat([[deployment((pod) => Object.assign(pod.containers[0], { command: ['sh'], args: ['-c', 'serve'] }))]]),
    good: [
      ['/bin/bash', 'start.sh', '-c'],
      ['env', 'A=1', 'serve', '-c'],
      ['env'],
      ['/bin/sh', '-c', 'prepare && exec serve \\\n  --port=8500'],
      ['serve', 'sh', '-c'],
    ]
      .map((command) => [running(...command)])
      .concat([
        [
          deployment((pod) =>
            Object.assign(pod, { initContainers: [{ ...pod.containers[0], name: 'prepare', command: ['sh', '-c', 'prepare'] }] }),
          ),
        ],
      ]),
  },
  'batching-not-enabled': {
    bad: [
      [running('serve', '--batching_parameters_file=/x')],
      [running('serve', '--enable_batching=false', '--batching_parameters_file=/x')],
      [running('serve', '--enable_batching', '--enable_batching=false', '--batching_parameters_file=/x')],
    ],
    good: [
      [running('serve', '--enable_batching', '--batching_parameters_file=/x')],
      [running('serve', '--batching_parameters_file=/x', '--enable_batching=true')],
    ],
  },
  'model-path-relative': {
    bad: [[running('serve', '--model_base_path=models/resnet')]],
    good: ['/models/resnet', 'gs://bucket/resnet', '$(MODEL_PATH)'].map((path) => [running('serve', `--model_base_path=${path}`)]),
  },
  'model-path-is-version': {
    bad: ['/models/resnet/1', 'gs://bucket/resnet/0001/'].map((path) => [running('serve', `--model_base_path=${path}`)]),
    good: ['/models/resnet-50', 'gs://bucket/1/resnet'].map((path) => [running('serve', `--model_base_path=${path}`)]),
  },
  'model-on-s3': {
    bad: [
      [running('serve', '--model_base_path=s3://bucket/resnet')],
      [
        deployment((pod) =>
          Object.assign(pod.containers[0], { image: 'docker.io/tensorflow/serving:2.7.0', args: ['--model_base_path=s3://b/r'] }),
        ),
      ],
      [deployment((pod) => Object.assign(pod.containers[0], { env: [{ name: 'MODEL_BASE_PATH', value: 's3://bucket' }] }))],
      [
        deployment((pod) =>
          Object.assign(pod.containers[0], { args: ['--model_base_path=$(FROM)/resnet'], env: [{ name: 'FROM', value: 's3://bucket' }] }),
        ),
      ],
    ],
    good: [
      [running('serve', '--model_base_path=gs://bucket/resnet')],
      [running('serve', '--model_base_path=$(UNKNOWN)')],
      [deployment((pod) => Object.assign(pod.containers[0], { image: 'tensorflow/serving:2.6.5', args: ['--model_base_path=s3://b/r'] }))],
      [deployment((pod) => Object.assign(pod.containers[0], { image: 'x:1', env: [{ name: 'MODEL_BASE_PATH', value: 's3://bucket' }] }))],
    ],
  },
  'liveness-without-startup': {
    bad: [
      [probing({ initialDelaySeconds: 30, periodSeconds: 30 })],
      [probing({})],
      [probing({ initialDelaySeconds: 279 })],
      [probing({}, { image: 'example.com/resnet:1', command: ['/usr/bin/tensorflow_model_server'] })],
      [probing({}, { image: 'example.com/resnet:1', args: ['exec tensorflow_model_server --port=8500'] })],
      [probing({}, { image: 'example.com/tensorflow-serving-1.8gpu:1' })],
    ],
    good: [
      [probing({ initialDelaySeconds: 280 })],
      [probing({ periodSeconds: 60, failureThreshold: 6 })],
      [probing({}, { startupProbe: { tcpSocket: { port: 8500 }, failureThreshold: 60 } })],
      [probing({ tcpSocket: undefined, exec: { command: ['pgrep', 'tensorflow_mode'] } })],
      [probing({}, { image: 'example.com/ping:1' })],
      [probing({}, { image: 'example.com/tensorflow-serving-client:1' })],
    ],
  },
  'device-amount': {
    bad: [
      [onGpu({}, { [GPU]: '1' }, { image: 'x:1' })],
      [onGpu({ [GPU]: '0.5' })],
      [onGpu({ [GPU]: '2' }, { [GPU]: '1' })],
      [onGpu({ 'google.com/tpu': '500m' }, {}, { image: 'x:1' })],
    ],
    good: [[onGpu({ [GPU]: 1 }, { [GPU]: '1' })], [onGpu({ 'storage.kubernetes.io/x': '0.5' }, {}, { image: 'x:1' })]],
  },
  'gpu-without-toleration': {
    bad: [
      [
        (() => {
          const bad = onGpu({ [GPU]: '1' });
          bad.spec.template.spec.tolerations = [{ key: 'spot', operator: 'Exists' }];
          return bad;
        })(),
      ],
    ],
    good: [[onGpu({ [GPU]: '1' })]],
  },
  'gpu-image': {
    bad: [
      [onGpu({ [GPU]: '1' }, {}, { image: 'tensorflow/serving:2.19.1' })],
      [onGpu({}, {}, { image: 'docker.io/tensorflow/serving:2.19.1-gpu' })],
    ],
    good: [[onGpu({ [GPU]: '1' }, {}, { image: 'example.com/my-serving:1' })]],
  },
  'gpu-rollout': {
    bad: [
      [Object.assign(onGpu({ [GPU]: '1' }), {})].map((bad) => {
        bad.spec.strategy = undefined;
        return bad;
      }),
      [onGpu({ [GPU]: '1' })].map((bad) => {
        bad.spec.replicas = 10;
        bad.spec.strategy = { rollingUpdate: { maxSurge: 1, maxUnavailable: '5%' } };
        return bad;
      }),
    ],
    good: [
      [onGpu({ [GPU]: '1' })].map((good) => {
        good.spec.replicas = 4;
        good.spec.strategy = { type: 'RollingUpdate' };
        return good;
      }),
      [onGpu({ [GPU]: '1' })].map((good) => recreated(good.spec) && good),
      [onGpu({ [GPU]: '1' })].map((good) => {
        good.spec.strategy.rollingUpdate = { maxSurge: 1, maxUnavailable: 0 };
        return good;
      }),
    ],
  },
  'no-disruption-budget': {
    bad: [
      [deployment((_, spec) => Object.assign(spec, { replicas: 2 })), service()],
      [deployment(), service(), hpa()],
    ],
    good: [
      [deployment((_, spec) => Object.assign(spec, { replicas: 2 }))],
      [deployment(), service()],
      [
        deployment((_, spec) => Object.assign(spec, { replicas: 2 })),
        service(),
        pdb({ selector: { matchExpressions: [] }, maxUnavailable: 1 }),
      ],
    ],
  },
  'stops-at-once': {
    bad: [
      [
        deployment((pod) => {
          pod.terminationGracePeriodSeconds = undefined;
          pod.containers[0].lifecycle = undefined;
        }),
        service(),
      ],
    ],
    good: [[deployment((pod) => delete pod.terminationGracePeriodSeconds), service()]],
  },
  'grace-within-hook': {
    bad: [
      [deployment((pod) => Object.assign(pod, { terminationGracePeriodSeconds: 10 }))],
      [
        deployment((pod) => {
          pod.terminationGracePeriodSeconds = undefined;
          pod.containers[0].lifecycle.preStop = { exec: { command: ['/bin/sleep', '30'] } };
        }),
      ],
    ],
    good: [[deployment((pod) => Object.assign(pod.containers[0].lifecycle.preStop, { sleep: { seconds: 44 } }))]],
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
      [deployment(), pdb({ maxUnavailable: '0%' })],
      [deployment(), hpa(), pdb({ minAvailable: '50%' })],
      [deployment(), hpa({ minReplicas: 3 }), pdb({ minAvailable: '67%' })],
    ],
    good: [
      [deployment(), hpa({ minReplicas: 2 }), pdb({ minAvailable: 1 })],
      [deployment(), hpa(), pdb({ maxUnavailable: '1%' })],
      [deployment(), hpa({ minReplicas: 2 }), pdb({ minAvailable: '50%' })],
      [{ ...deployment(), kind: 'DaemonSet' }, pdb({ minAvailable: 1 })],
    ],
  },
  'budget-without-effect': {
    bad: [
      [deployment((_, spec) => Object.assign(spec, { replicas: 2 })), pdb({ minAvailable: '0%' })],
      [deployment(), hpa(), pdb({ minAvailable: 0 })],
    ],
    good: [
      [deployment((_, spec) => Object.assign(spec, { replicas: 2 })), pdb({ minAvailable: '1%' })],
      [deployment((_, spec) => Object.assign(spec, { replicas: 4 })), pdb({ maxUnavailable: 4 })],
      [deployment(), hpa(), pdb({ maxUnavailable: '76%' })],
      [deployment(), pdb({ minAvailable: 0 })],
    ],
  },
  'two-budgets': {
    bad: [
      [
        deployment(),
        hpa(),
        pdb({ maxUnavailable: 1 }),
        object('policy/v1', 'PodDisruptionBudget', 'all', { selector: {}, maxUnavailable: 1 }),
      ],
      [
        deployment(),
        hpa(),
        pdb({ maxUnavailable: 1 }),
        object('policy/v1', 'PodDisruptionBudget', 'second', {
          selector: { matchExpressions: [{ key: 'app', operator: 'In', values: ['resnet', 'canary'] }] },
          maxUnavailable: 1,
        }),
      ],
    ],
    good: [
      [
        deployment(),
        pdb({ maxUnavailable: 1 }),
        object('policy/v1', 'PodDisruptionBudget', 'others', {
          selector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['resnet'] }] },
          maxUnavailable: 1,
        }),
        object('policy/v1', 'PodDisruptionBudget', 'nothing', { maxUnavailable: 1 }),
      ],
    ],
  },
  'single-node-volume': {
    bad: [
      [claim('ReadWriteOnce'), deployment((pod, spec) => [mounting(pod), Object.assign(spec, { replicas: 2 })])],
      [claim('ReadWriteOnce'), deployment(mounting), hpa()],
      [claim('ReadWriteOncePod'), { ...deployment(mounting), kind: 'DaemonSet' }],
      [
        claim('ReadWriteOnce'),
        deployment(mounting),
        object('keda.sh/v1alpha1', 'ScaledObject', 'x', { scaleTargetRef: { name: 'resnet' }, maxReplicaCount: 2 }),
      ],
    ],
    good: [
      [claim('ReadOnlyMany'), deployment((pod, spec) => [mounting(pod), Object.assign(spec, { replicas: 2 })])],
      [claim('ReadWriteOnce'), deployment((pod, spec) => [mounting(pod), recreated(spec)])],
      [claim('ReadWriteOnce'), deployment((pod, spec) => [mounting(pod), together(pod), Object.assign(spec, { replicas: 2 })])],
    ],
  },
  'single-node-volume-rollout': {
    bad: [
      [claim('ReadWriteOnce'), deployment(mounting)],
      [claim('ReadWriteOncePod'), deployment((pod) => [mounting(pod), together(pod)])],
      [claim('ReadWriteOnce'), deployment((pod) => [mounting(pod), together(pod, { matchLabels: { app: 'others' } })])],
      [claim('ReadWriteOnce'), deployment((pod) => [mounting(pod), together(pod, 'nobody')])],
      [claim('ReadWriteOnce'), deployment((pod) => [mounting(pod), together(pod, {}, 'topology.kubernetes.io/zone')])],
    ],
    good: [
      [
        claim('ReadWriteOnce'),
        deployment((pod, spec) => [
          mounting(pod),
          Object.assign(spec, { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } }),
        ]),
      ],
      [claim('ReadWriteMany'), deployment(mounting)],
      [claim('ReadWriteOnce'), deployment((pod) => [mounting(pod), together(pod)])],
      [claim('ReadWriteOnce'), deployment((pod) => [mounting(pod), together(pod, {})])],
    ],
  },
  'single-node-volume-shared': {
    bad: [
      [
        claim('ReadWriteOnce'),
        deployment((pod, spec) => [mounting(pod), recreated(spec)], 'writer'),
        deployment((pod, spec) => [mounting(pod), recreated(spec)]),
      ],
    ],
    good: [[claim('ReadWriteMany'), deployment(mounting, 'writer'), deployment(mounting)]],
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
    bad: [
      balancer(undefined),
      balancer([]),
      balancer(['0.0.0.0/0']),
      balancer(['0.0.0.0/1', '128.0.0.0/1']),
      balancer(['203.0.113.0/24', '32.0.0.0/7']),
      balancer(['::/0']),
      balancer(['2000::/4', '3000::/4']),
      balancer(undefined, { 'service.beta.kubernetes.io/load-balancer-source-ranges': '0.0.0.0/0' }),
      balancer(undefined, { 'service.beta.kubernetes.io/aws-load-balancer-scheme': 'internet-facing' }),
      balancer(undefined, {
        'networking.gke.io/load-balancer-type': 'External',
        'cloud.google.com/load-balancer-type': 'Internal',
      }),
    ].map((open) => [deployment(), open]),
    good: [
      balancer(['203.0.113.0/24']),
      balancer(['3.0.0.0/8', '10.0.0.0/8', '172.16.0.0/12']),
      balancer(['2001:db8::/32', 'fc00::/7']),
      balancer(undefined, { 'service.beta.kubernetes.io/load-balancer-source-ranges': '203.0.113.0/24, 198.51.100.0/24' }),
      balancer(undefined, { 'networking.gke.io/load-balancer-type': 'Internal' }),
      balancer(undefined, { 'service.beta.kubernetes.io/aws-load-balancer-scheme': 'internal' }),
      balancer(undefined, { 'service.beta.kubernetes.io/azure-load-balancer-internal': 'true' }),
    ].map((closed) => [deployment(), closed]),
  },
  'open-node-port': {
    bad: [
      [deployment(), nodePort()],
      [deployment(), nodePort(), policy([], { podSelector: { matchLabels: { app: 'other' } } })],
      [deployment(), nodePort(), policy(undefined, { policyTypes: ['Egress'] })],
      [deployment(), nodePort(), policy([{}])],
      [deployment(), nodePort(), policy([{ ports: [{ port: 8500 }] }])],
      [deployment(), nodePort(), policy([{ ports: [{ port: 'grpc' }] }])],
      [deployment(), nodePort(), policy([{ ports: [{ port: 8000, endPort: 9000 }] }])],
      [deployment(), nodePort(), policy([{ from: [{ podSelector: {} }] }, { from: [] }])],
    ],
    good: [
      [deployment(), nodePort(), policy([{ from: [{ ipBlock: { cidr: '203.0.113.0/24' } }], ports: [{ port: 8500 }] }])],
      [deployment(), nodePort(), policy([{ from: [{ ipBlock: { cidr: '0.0.0.0/0' } }] }])],
      [deployment(), nodePort(), policy(undefined)],
      [
        deployment(),
        nodePort(),
        policy([{ ports: [{ port: 9090 }, { port: 8500, protocol: 'UDP' }, { port: 'http' }, { port: 8000, endPort: 8499 }] }]),
      ],
      [deployment(), nodePort(), policy([], { podSelector: {} })],
      [deployment(), nodePort(), object('cilium.io/v2', 'CiliumNetworkPolicy', 'resnet')],
      [deployment(), service()],
    ],
  },
  'node-port-taken': {
    bad: [
      [
        deployment(),
        service({ type: 'NodePort', ports: [{ port: 8500, nodePort: 30080 }] }),
        { ...service({ type: 'NodePort', ports: [{ port: 8500, nodePort: 30080 }] }), metadata: { name: 'second', namespace } },
        policy([]),
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
  'address-to-nowhere': {
    bad: [
      [calling('gone.models.svc.cluster.local:8500')],
      [calling('resnet.default.svc:8500'), service()],
      [calling('http://resnet.models.svc.cluster.local:9999/v1'), service()],
    ],
    good: [
      [calling('resnet.models.svc.cluster.local:8500'), service()],
      [calling('http://resnet.models.svc/v1'), service()],
      [calling('other.team.svc.cluster.local:80')],
      [calling('example.com'), service()],
    ],
  },
  'retired-registry': {
    bad: ['gcr.io/kubeflow/model-server:1.0', 'gcr.io/kubeflow-images-public/tensorflow-serving-1.8:1', 'k8s.gcr.io/pause:3.1'].map(
      (image) => [deployment((pod) => Object.assign(pod.containers[0], { image }))],
    ),
    good: ['gcr.io/my-project/kubeflow/model-server:1.0', 'registry.k8s.io/pause:3.10'].map((image) => [
      deployment((pod) => Object.assign(pod.containers[0], { image })),
    ]),
  },
  'retired-accelerator': {
    bad: [
      [deployment((pod) => Object.assign(pod, { nodeSelector: { 'cloud.google.com/gke-accelerator': 'nvidia-tesla-k80' } }))],
      [deployment((pod) => Object.assign(pod, { nodeSelector: { 'nvidia.com/gpu.product': 'Tesla-K80' } }))],
      [deployment((pod) => Object.assign(pod, onNodes('nvidia-tesla-k80')))],
    ],
    good: [
      [deployment((pod) => Object.assign(pod, { nodeSelector: { 'cloud.google.com/gke-accelerator': 'nvidia-tesla-t4' } }))],
      [deployment((pod) => Object.assign(pod, onNodes('nvidia-tesla-k80', 'nvidia-tesla-t4')))],
    ],
  },
};

test('a model on S3 is a doubt where nothing says which release the image holds', () => {
  const [finding, ...others] = check([
    deployment((pod) =>
      Object.assign(pod.containers[0], { image: 'example.com/serving:1', args: ['--model_base_path=s3://bucket/resnet'] }),
    ),
  ]);
  expect(finding).toMatchObject({ rule: 'model-on-s3', severity: 'warning', message: expect.stringContaining('s3://bucket/resnet') });
  expect(others).toEqual([]);
});

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
