import { App, Chart, Duration, JsonPatch } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import {
  AutoscaledService,
  type AutoscaledServiceProps,
  Autoscaling,
  Cluster,
  ContainerImage,
  type CpuAutoscaling,
  EksNodes,
  Exposure,
  HashedConfigMap,
  ModelSource,
  Peer,
  Probe,
  ServerImage,
  ServingChart,
  TfServingModel,
} from '../lib';
import { noticesOf } from '../lib/private/notices';
import { rolloutPace } from '../lib/service/rollout';
import { container, GKE, only, podSpec, render, toYaml } from './support/render';

const REQUIRED: AutoscaledServiceProps = {
  image: ContainerImage.fromRegistry('example.com/ping:1.0'),
  ports: [{ port: 80, targetPort: 9696 }],
  resources: { requests: { cpu: '500m', memory: '128Mi' } },
};

const service = (props: Partial<AutoscaledServiceProps> = {}, cluster = GKE) =>
  render((chart) => {
    new AutoscaledService(chart, 'ping', { ...REQUIRED, ...props });
  }, cluster);

const making =
  (props: Partial<AutoscaledServiceProps>, cluster = GKE) =>
  () =>
    service(props, cluster);

test('a service with the required props only', () => {
  expect(toYaml(service())).toMatchSnapshot();
});

test('an exposed, autoscaled service', () => {
  const objects = service({
    autoscaling: Autoscaling.cpu({ minReplicas: 2, maxReplicas: 9, averageUtilization: 80 }),
    exposure: Exposure.external({ allowedCidrs: ['203.0.113.0/24'] }),
    readinessProbe: Probe.httpGet('/health', { periodSeconds: Duration.seconds(5) }),
    headless: true,
  });
  expect(toYaml(objects)).toMatchSnapshot();
});

describe('labels and names', () => {
  test('selectors of all objects are the labels of the pods', () => {
    const objects = service({ autoscaling: Autoscaling.cpu({ maxReplicas: 2 }) });
    const labels = { 'app.kubernetes.io/name': 'ping', 'app.kubernetes.io/instance': 'ping' };
    expect(only(objects, 'Deployment').spec.selector.matchLabels).toEqual(labels);
    expect(only(objects, 'Deployment').spec.template.metadata.labels).toEqual(labels);
    expect(only(objects, 'Service').spec.selector).toEqual(labels);
    expect(only(objects, 'PodDisruptionBudget').spec.selector.matchLabels).toEqual(labels);
    expect(only(objects, 'NetworkPolicy').spec.podSelector.matchLabels).toEqual(labels);
  });

  test('labels of the user stand on the pods and never in selectors', () => {
    const objects = service({ podLabels: { team: 'vision' } });
    expect(only(objects, 'Deployment').spec.template.metadata.labels.team).toBe('vision');
    expect(only(objects, 'Deployment').spec.selector.matchLabels).not.toHaveProperty('team');
    expect(making({ podLabels: { 'app.kubernetes.io/name': 'x' } })).toThrow(/'podLabels'.*cannot change in a cluster/);
  });

  test('names come from the ids below the chart, without a hash', () => {
    const objects = render((chart) => {
      new AutoscaledService(new Construct(chart, 'vision'), 'ping', REQUIRED);
    });
    expect(only(objects, 'Deployment').metadata.name).toBe('vision-ping');
  });

  test('fails on ids that cannot be names', () => {
    for (const id of ['Ping', 'my_ping', '1ping', 'p'.repeat(53), 'a.b']) {
      expect(() => render((chart) => void new AutoscaledService(chart, id, REQUIRED))).toThrow(
        /cannot be the name of an object.*set 'name'/,
      );
    }
  });
});

describe('one owner of replicas', () => {
  test('replicas are written only where they are asked for', () => {
    expect(only(service(), 'Deployment').spec).not.toHaveProperty('replicas');
    expect(only(service({ replicas: 3 }), 'Deployment').spec.replicas).toBe(3);
  });

  test('an autoscaler keeps replicas out of the Deployment', () => {
    const objects = service({ autoscaling: Autoscaling.cpu({ maxReplicas: 4 }) });
    expect(only(objects, 'Deployment').spec).not.toHaveProperty('replicas');
    expect(only(objects, 'HorizontalPodAutoscaler').spec).toMatchObject({ minReplicas: 1, maxReplicas: 4 });
  });

  test('the pace of scaling is what the API has, and the window for going down is said once', () => {
    const behaviorOf = (options: Partial<CpuAutoscaling>) =>
      only(service({ autoscaling: Autoscaling.cpu({ maxReplicas: 4, ...options }) }), 'HorizontalPodAutoscaler').spec.behavior;
    expect(behaviorOf({})).toEqual({ scaleDown: { stabilizationWindowSeconds: 300 } });
    const scaleUp = { stabilizationWindowSeconds: 60, policies: [{ type: 'Pods', value: 1, periodSeconds: 60 }] };
    expect(behaviorOf({ behavior: { scaleUp, scaleDown: { selectPolicy: 'Min' } }, scaleDownStabilization: Duration.minutes(10) })).toEqual(
      {
        scaleUp,
        scaleDown: { stabilizationWindowSeconds: 600, selectPolicy: 'Min' },
      },
    );
    expect(behaviorOf({ behavior: { scaleDown: { stabilizationWindowSeconds: 30 } } })).toEqual({
      scaleDown: { stabilizationWindowSeconds: 30 },
    });
    const twice = { behavior: { scaleDown: { stabilizationWindowSeconds: 30 } }, scaleDownStabilization: Duration.minutes(10) };
    expect(() => behaviorOf(twice)).toThrow(
      /'behavior.scaleDown.stabilizationWindowSeconds' \(30\) stands beside 'scaleDownStabilization'/,
    );
    expect(() => behaviorOf({ behavior: { scaleup: {} } } as object)).toThrow(/'behavior.scaleup' .* Did you mean 'scaleUp'\?/);
  });

  test('fails with replicas and an autoscaler', () => {
    expect(making({ replicas: 2, autoscaling: Autoscaling.cpu({ maxReplicas: 4 }) })).toThrow(/'replicas' \(2\) cannot stand/);
  });

  test('an autoscaler of cdk8s-plus takes over, and a second one is refused', () => {
    const objects = render((chart) => {
      const target = new AutoscaledService(chart, 'ping', REQUIRED);
      new kplus.HorizontalPodAutoscaler(chart, 'hpa', { target, maxReplicas: 5 });
      expect(target.hasAutoscaler).toBe(true);
      expect(() => new kplus.HorizontalPodAutoscaler(chart, 'hpa2', { target, maxReplicas: 5 })).toThrow(/an autoscaler already owns/);
      chart.node.tryRemoveChild('hpa2');
    });
    expect(only(objects, 'HorizontalPodAutoscaler').spec.scaleTargetRef.name).toBe('ping');
  });

  test('fails on bounds that contradict each other', () => {
    expect(() => Autoscaling.cpu({ minReplicas: 5, maxReplicas: 3 })).toThrow("'minReplicas' (5) must not be above 'maxReplicas' (3)");
    expect(() => Autoscaling.cpu({ maxReplicas: 0 })).toThrow(/'maxReplicas' \(0\)/);
    expect(() => Autoscaling.cpu({ maxReplicas: 2, averageUtilization: 0 })).toThrow(/'averageUtilization' \(0\)/);
    expect(() => Autoscaling.cpu({ maxReplicas: 2, scaleDownStabilization: Duration.hours(2) })).toThrow(/'scaleDownStabilization'/);
    expect(() => Autoscaling.metrics({ maxReplicas: 2, metrics: [] })).toThrow(/'metrics'/);
  });
});

describe('resources', () => {
  test('memory limit and request are equal unless both are given, CPU has no limit', () => {
    expect(container(service()).resources).toEqual({ requests: { cpu: '500m', memory: '128Mi' }, limits: { memory: '128Mi' } });
    expect(container(service({ resources: { limits: { cpu: '1', memory: '512Mi' } } })).resources).toEqual({
      requests: { cpu: '1', memory: '512Mi' },
      limits: { cpu: '1', memory: '512Mi' },
    });
    const both = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '4', memory: '4Gi' } };
    expect(container(service({ resources: both })).resources).toEqual(both);
  });

  test.each([
    ['no CPU', { requests: { memory: '1Gi' } }, /must name CPU and memory/],
    ['no memory', { limits: { cpu: '1' } }, /must name CPU and memory/],
    ['1GB', { requests: { cpu: '1', memory: '1GB' } }, /'resources.requests.memory' \("1GB"\) must be a memory quantity/],
    ['half a byte', { requests: { cpu: '1', memory: '512m' } }, /between 1Mi and 64Ti/],
    ['500 million cores', { requests: { cpu: '500M', memory: '1Gi' } }, /'resources.requests.cpu'/],
    ['a request above its limit', { requests: { cpu: '2', memory: '1Gi' }, limits: { cpu: '1' } }, /must not be above the limit \(1\)/],
    ['memory above its limit', { requests: { cpu: '2', memory: '2Gi' }, limits: { memory: '1Gi' } }, /must not be above the limit/],
  ])('fails on %s', (_, resources, message) => {
    expect(making({ resources })).toThrow(message);
  });
});

describe('security', () => {
  test('the pod meets Pod Security restricted and carries no token', () => {
    const pod = podSpec(service());
    expect(pod.securityContext).toEqual({
      runAsNonRoot: true,
      runAsUser: 10001,
      runAsGroup: 10001,
      fsGroup: 10001,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(pod.containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    });
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(pod.enableServiceLinks).toBe(false);
    expect(pod.volumes).toEqual([{ name: 'tmp', emptyDir: {} }]);
  });

  test('fails on root', () => {
    expect(making({ runAsUser: 0 })).toThrow(/'runAsUser' \(0\) must not be root/);
  });

  test('any pod of a namespace may call it, without an empty selector, which no server stores', () => {
    const { spec } = only(service({ callers: [Peer.pods({ labels: {}, namespace: 'web' })] }), 'NetworkPolicy');
    expect(spec.ingress[0].from).toEqual([
      { podSelector: {}, namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'web' } } },
    ]);
  });

  test('nobody may call it and it may call nothing but DNS, unless said otherwise', () => {
    const { spec } = only(service(), 'NetworkPolicy');
    expect(spec.policyTypes).toEqual(['Ingress', 'Egress']);
    // no rule lets nobody in, and an empty list of them would differ from what a server stores at every apply
    expect(spec).not.toHaveProperty('ingress');
    expect(spec.egress).toHaveLength(1);
    expect(spec.egress[0].ports).toEqual([
      { port: 53, protocol: 'UDP' },
      { port: 53, protocol: 'TCP' },
    ]);
  });

  test('named callers and destinations are let through, on the published ports only', () => {
    const { spec } = only(
      service({
        ports: [
          { port: 80, targetPort: 9696 },
          { name: 'metrics', port: 9102, published: false },
        ],
        callers: [Peer.namespace('monitoring'), Peer.pods({ labels: { app: 'x' }, namespace: 'other' }), Peer.cidr('10.1.0.0/16')],
        egress: [{ to: Peer.internet(), ports: [443] }],
      }),
      'NetworkPolicy',
    );
    expect(spec.ingress).toEqual([
      {
        from: [
          { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } },
          {
            podSelector: { matchLabels: { app: 'x' } },
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'other' } },
          },
          { ipBlock: { cidr: '10.1.0.0/16' } },
        ],
        ports: [{ port: 9696, protocol: 'TCP' }],
      },
    ]);
    expect(spec.egress[1].ports).toEqual([{ port: 443, protocol: 'TCP' }]);
    expect(spec.egress[1].to[0].ipBlock.except).toContain('169.254.0.0/16');
  });

  test('peers of cdk8s-plus are taken, and ours are taken by cdk8s-plus', () => {
    const objects = render((chart) => {
      const ours = new AutoscaledService(chart, 'ping', {
        ...REQUIRED,
        callers: [
          Peer.of(kplus.Pods.select(chart, 'Clients', { labels: { app: 'client' } })),
          Peer.of(kplus.NetworkPolicyIpBlock.ipv4(chart, 'Net', '10.2.0.0/16')),
          Peer.of(kplus.Pods.all(chart, 'AllPods')),
        ],
      });
      new kplus.NetworkPolicy(chart, 'theirs', { egress: { rules: [{ peer: ours, ports: [kplus.NetworkPolicyPort.tcp(9696)] }] } });
      new kplus.Service(chart, 'extra', { selector: ours, ports: [{ port: 81, targetPort: 9696 }] });
    });
    const [ours, theirs] = objects.filter(({ kind }) => kind === 'NetworkPolicy');
    expect(ours.spec.ingress[0].from).toEqual([
      { podSelector: { matchLabels: { app: 'client' } } },
      { ipBlock: { cidr: '10.2.0.0/16' } },
      { podSelector: {} },
    ]);
    expect(theirs.spec.egress[0].to[0].podSelector.matchLabels).toEqual({
      'app.kubernetes.io/instance': 'ping',
      'app.kubernetes.io/name': 'ping',
    });
    expect(objects.find(({ kind, spec }) => kind === 'Service' && spec.ports[0].port === 81)?.spec.selector).toEqual({
      'app.kubernetes.io/instance': 'ping',
      'app.kubernetes.io/name': 'ping',
    });
  });
});

describe('exposure', () => {
  const open = Exposure.external({ allowedCidrs: ['203.0.113.0/24'] });

  test('inside the cluster only by default', () => {
    expect(only(service(), 'Service').spec.type).toBe('ClusterIP');
  });

  test.each([
    ['GKE', GKE],
    ['EKS', Cluster.eks()],
    ['EKS Auto Mode', Cluster.eks({ nodes: EksNodes.AUTO_MODE })],
  ])('a load balancer of %s lets in the named networks only, and so does the network policy', (_, cluster) => {
    const objects = service({ exposure: open }, cluster);
    expect(only(objects, 'Service').spec).toMatchObject({
      type: 'LoadBalancer',
      loadBalancerSourceRanges: ['203.0.113.0/24'],
      externalTrafficPolicy: 'Local',
    });
    expect(only(objects, 'NetworkPolicy').spec.ingress[0].from).toEqual([{ ipBlock: { cidr: '203.0.113.0/24' } }]);
  });

  test('an internal load balancer on GKE and EKS', () => {
    const internal = Exposure.internal({ allowedCidrs: ['10.0.0.0/8'] });
    expect(only(service({ exposure: internal }), 'Service').metadata.annotations).toEqual({
      'networking.gke.io/load-balancer-type': 'Internal',
    });
    const eks = only(service({ exposure: internal }, Cluster.eks()), 'Service');
    expect(eks.metadata.annotations?.['service.beta.kubernetes.io/aws-load-balancer-scheme']).toBe('internal');
    expect(eks.spec.loadBalancerClass).toBe('service.k8s.aws/nlb');
  });

  test('a node port on kind and minikube, with the number that was asked for', () => {
    const exposure = Exposure.external({ allowedCidrs: ['203.0.113.0/24'], nodePort: 30080 });
    for (const cluster of [Cluster.kind(), Cluster.minikube()]) {
      const { spec } = only(service({ exposure }, cluster), 'Service');
      expect(spec.type).toBe('NodePort');
      expect(spec.ports[0].nodePort).toBe(30080);
      expect(spec).not.toHaveProperty('externalTrafficPolicy');
    }
  });

  test('fails without saying who may come', () => {
    expect(() => Exposure.external({ allowedCidrs: [] })).toThrow(/'allowedCidrs' \(\[\]\) must name the networks/);
    expect(() => Exposure.external({ allowedCidrs: ['10.0.0.1'] })).toThrow("Did you mean '10.0.0.1/32'?");
    expect(() => Exposure.internal({ allowedCidrs: ['10.0.0.0/33'] })).toThrow(/allowedCidrs\[0\]/);
    expect(() => Exposure.external({ allowedCidrs: ['10.0.0.0/8'], nodePort: 80 })).toThrow(/'nodePort' \(80\)/);
  });

  test('fails where no cluster says how it is written', () => {
    const build = () => {
      const chart = new Chart(new App(), 'plain');
      new AutoscaledService(chart, 'ping', { ...REQUIRED, exposure: open });
    };
    expect(build).toThrow(/plain\/ping: exposure: 'exposure'.*Cluster.kind\(\)/);
  });
});

describe('start, stop and rollout', () => {
  test('it leaves the Service before its program is told to stop', () => {
    const pod = podSpec(service({ requestTimeout: Duration.seconds(60) }));
    expect(pod.containers[0].lifecycle).toEqual({ preStop: { sleep: { seconds: 10 } } });
    expect(pod.terminationGracePeriodSeconds).toBe(10 + 60 + 5);
  });

  test('on a Kubernetes without the sleep action the hook runs a program', () => {
    const old = Cluster.gke({ projectId: 'my-project', kubernetesVersion: '1.29' });
    expect(container(service({}, old)).lifecycle).toEqual({ preStop: { exec: { command: ['sleep', '10'] } } });
  });

  test('the deadline for progress is longer than the start-up budget', () => {
    const startupProbe = Probe.httpGet('/', { periodSeconds: Duration.seconds(10), failureThreshold: 90 });
    const objects = service({ startupProbe });
    expect(only(objects, 'Deployment').spec.progressDeadlineSeconds).toBe(900 + 300);
  });

  test('a disruption budget never blocks a drain', () => {
    expect(only(service({ replicas: 1 }), 'PodDisruptionBudget').spec).toMatchObject({
      maxUnavailable: 1,
      unhealthyPodEvictionPolicy: 'AlwaysAllow',
    });
  });

  test('pods are spread softly, or strictly one a node', () => {
    expect(podSpec(service()).topologySpreadConstraints.map((c: { whenUnsatisfiable: string }) => c.whenUnsatisfiable)).toEqual([
      'ScheduleAnyway',
      'ScheduleAnyway',
    ]);
    const strict = service({ onePerNode: true, replicas: 2 });
    expect(podSpec(strict).affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey).toBe(
      'kubernetes.io/hostname',
    );
    expect(only(strict, 'Deployment').spec.strategy.rollingUpdate).toEqual({ maxSurge: 0, maxUnavailable: 1 });
  });

  test.each([
    ['unknown nodes', { minReplicas: 3, maxReplicas: 3, scarce: false }, { maxSurge: '25%', maxUnavailable: 0 }],
    ['unknown scarce nodes', { minReplicas: 3, maxReplicas: 3, scarce: true }, { maxSurge: 0, maxUnavailable: 1 }],
    ['plenty of room', { minReplicas: 4, maxReplicas: 4, total: 8, scarce: true }, { maxSurge: '25%', maxUnavailable: 0 }],
    ['one spare place', { minReplicas: 8, maxReplicas: 8, total: 9, scarce: false }, { maxSurge: 1, maxUnavailable: 0 }],
    ['full nodes', { minReplicas: 8, maxReplicas: 8, total: 8, scarce: false }, { maxSurge: 0, maxUnavailable: 1 }],
    ['more pods than places', { minReplicas: 4, maxReplicas: 4, total: 3, scarce: false }, { maxSurge: 0, maxUnavailable: 2 }],
    [
      'an autoscaler that can fill the nodes',
      { minReplicas: 1, maxReplicas: 4, total: 3, scarce: false },
      { maxSurge: 1, maxUnavailable: '50%' },
    ],
  ])('the pace of a rollout with %s', (_, room, pace) => {
    expect(rolloutPace(room)).toEqual(pace);
  });

  test('at every count an autoscaler can reach, a full set of nodes still lets a rollout go on', () => {
    for (let total = 2; total <= 12; total++) {
      for (let maxReplicas = total; maxReplicas <= 20; maxReplicas++) {
        const { maxUnavailable } = rolloutPace({ minReplicas: 1, maxReplicas, total, scarce: false });
        const percent = Number(String(maxUnavailable).replace('%', ''));
        for (let replicas = total; replicas <= maxReplicas; replicas++) {
          const running = Math.min(replicas, total);
          const mustRun = replicas - Math.floor((percent * replicas) / 100);
          expect(mustRun).toBeLessThan(running);
        }
        expect(Math.floor(percent / 100)).toBeLessThanOrEqual(1);
      }
    }
  });

  test('fails where no pod could ever be replaced', () => {
    expect(making({ maxSurge: '0', maxUnavailable: '0%' })).toThrow(/no pod could ever be replaced/);
    expect(making({ maxSurge: '120%' })).toThrow(/'maxSurge' \("120%"\)/);
  });
});

describe('what fits', () => {
  const cluster = Cluster.gke({ projectId: 'my-project', nodePools: [{ name: 'small', machineType: 'n1-standard-4', maxNodes: 3 }] });

  test('a request that no node can take is refused with the arithmetic', () => {
    expect(making({ resources: { requests: { cpu: '4', memory: '1Gi' } } }, cluster)).toThrow(
      /models\/ping: 'resources' \(4 CPU and 1Gi\) fit on no declared node \(small: one n1-standard-4 node has 4 CPU and 15Gi; the kubelet leaves 3920m and 12353Mi/,
    );
  });

  test('pods select the pool that they are meant for', () => {
    const objects = service({ nodePool: 'small' }, cluster);
    expect(podSpec(objects).nodeSelector).toEqual({ 'cloud.google.com/gke-nodepool': 'small' });
    expect(making({ nodePool: 'large' }, cluster)).toThrow(/'nodePool' \("large"\) is not a declared node pool \(declared: small\)/);
    expect(podSpec(service({ nodePool: 'large' }, Cluster.kind())).nodeSelector).toBeUndefined();
  });
});

describe('escape hatches', () => {
  test('a patch on an object applies as it stands, also for fields newer than the types', () => {
    const objects = render((chart) => {
      const { deployment } = new AutoscaledService(chart, 'ping', REQUIRED);
      deployment.addJsonPatch(
        JsonPatch.add('/spec/template/spec/containers/0/resources/limits/example.com~1fpga', 1),
        JsonPatch.add('/spec/template/spec/containers/0/restartPolicy', 'Never'),
      );
    });
    expect(container(objects).resources.limits['example.com/fpga']).toBe(1);
    expect(container(objects).restartPolicy).toBe('Never');
  });
});

test.each<[string, Partial<AutoscaledServiceProps>, RegExp]>([
  ['no ports', { ports: [] }, /'ports' \(\[\]\) must hold at least one port/],
  ['a port of 0', { ports: [{ port: 0 }] }, /'ports\[0\].port' \(0\)/],
  ['a target port of 70000', { ports: [{ port: 80, targetPort: 70000 }] }, /'ports\[0\].targetPort' \(70000\)/],
  ['a port name of 16 characters', { ports: [{ port: 80, name: 'a'.repeat(16) }] }, /'ports\[0\].name'/],
  ['two ports of one name', { ports: [{ port: 80 }, { port: 81 }] }, /'ports.name' \("http"\) stands twice/],
  [
    'a service name without room for its twin',
    { serviceName: 'p'.repeat(60), headless: true },
    /'serviceName'.*-headless', which may have 63/,
  ],
  ['one port twice', { ports: [{ port: 80 }, { port: 80, name: 'b', targetPort: 81 }] }, /'ports.port' \(80\) stands twice/],
  ['no published port', { ports: [{ port: 80, published: false }] }, /must publish at least one port/],
  ['replicas of -1', { replicas: -1 }, /'replicas' \(-1\)/],
  ['replicas of 1.5', { replicas: 1.5 }, /'replicas' \(1.5\)/],
  ['replicas of NaN', { replicas: Number.NaN }, /'replicas' \(NaN\)/],
  ['a name with capitals', { name: 'Ping' }, /'name' \("Ping"\) must be a DNS label/],
  ['a service name that starts with a digit', { serviceName: '1ping' }, /'serviceName'/],
  ['an environment variable with a space', { env: { 'A B': 'x' } }, /'env' \("A B"\)/],
  ['an environment value that is a number', { env: { A: 1 as unknown as string } }, /'env.A' \(1\) must be a text/],
  ['an environment value with a NUL', { env: { A: 'x\u0000' } }, /'env.A' \("x\\u0000"\)/],
  ['one variable in two places', { env: { A: '1' }, envVars: [{ name: 'A' }] }, /also stands in 'env'/],
  ['one variable twice', { envVars: [{ name: 'A' }, { name: 'A' }] }, /'envVars\[1\].name' \("A"\) stands twice/],
  [
    'a variable with two values',
    { envVars: [{ name: 'A', value: '1', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }] },
    /'envVars\[0\].value' \("1"\) cannot stand beside 'valueFrom'/,
  ],
  ['a variable from nowhere', { envVars: [{ name: 'A', valueFrom: {} }] }, /'envVars\[0\].valueFrom' \({}\) must have exactly one of/],
  [
    'variables from two places',
    { envFrom: [{ configMapRef: { name: 'a' }, secretRef: { name: 'b' } }] },
    /'envFrom\[0\]'.*must have exactly one of configMapRef, secretRef/,
  ],
  [
    'a toleration with Exists and a value',
    { tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] },
    /'tolerations\[0\].value' \("b"\)/,
  ],
  ['a toleration of no taint', { tolerations: [{ effect: 'NoSchedule' }] }, /'tolerations\[0\].key' \(undefined\) must name a taint/],
  ['a toleration of an unknown effect', { tolerations: [{ key: 'a', effect: 'NoStart' }] }, /'tolerations\[0\].effect' \("NoStart"\)/],
  [
    'a toleration that ends without an eviction',
    { tolerations: [{ key: 'a', effect: 'NoSchedule', tolerationSeconds: 5 }] },
    /'tolerations\[0\].tolerationSeconds' \(5\) goes with the effect NoExecute only/,
  ],
  ['a label value with a slash', { podLabels: { a: 'gs://x' } }, /'podLabels.a'/],
  ['a label key with a space', { podLabels: { 'a b': 'x' } }, /'podLabels key'/],
  ['a pull policy of its own', { imagePullPolicy: 'Sometimes' }, /'imagePullPolicy' \("Sometimes"\)/],
  [
    'a volume that is mounted but not there',
    { volumeMounts: [{ name: 'x', mountPath: '/x' }] },
    /'volumeMounts\[0\].name' \("x"\) names no volume/,
  ],
  ['a volume that holds nothing', { volumes: [{ name: 'x' }] }, /'volumes\[0\]'.*must say what it holds/],
  ['a volume of two kinds', { volumes: [{ name: 'x', emptyDir: {}, secret: { secretName: 's' } }] }, /'volumes\[0\]'.*one source only/],
  ...['/tmp/', '/tmp', '//tmp/.'].map((mountPath): [string, Partial<AutoscaledServiceProps>, RegExp] => [
    `a mount over ${mountPath}`,
    { volumeMounts: [{ name: 'tmp', mountPath }] },
    /'volumeMounts\[0\].mountPath' \(".*"\) is the scratch directory/,
  ]),
  ...['/', '/proc', '/proc/sys', '/dev/', '/sys'].map((mountPath): [string, Partial<AutoscaledServiceProps>, RegExp] => [
    `a mount over ${mountPath}`,
    { volumeMounts: [{ name: 'tmp', mountPath }] },
    /'volumeMounts\[0\].mountPath' \(".*"\) would hide what the container runtime puts there/,
  ]),
  [
    'one path written in two ways',
    {
      volumeMounts: [
        { name: 'tmp', mountPath: '/data' },
        { name: 'tmp', mountPath: '/data/' },
      ],
    },
    /'volumeMounts\[1\].mountPath' \("\/data\/"\) is mounted twice/,
  ],
  ...['../up', '/etc', 'a/../..'].map((subPath): [string, Partial<AutoscaledServiceProps>, RegExp] => [
    `the part ${subPath} of a volume`,
    { volumeMounts: [{ name: 'tmp', mountPath: '/data', subPath }] },
    /'volumeMounts\[0\].subPath' \(".*"\) must be a path inside the volume/,
  ]),
  ['a second /tmp', { volumes: [{ name: 'tmp', emptyDir: {} }] }, /'volumes\[0\].name' \("tmp"\)/],
  [
    'a start-up probe that wants two successes',
    { startupProbe: Probe.httpGet('/', { successThreshold: 2 }) },
    /'startupProbe.successThreshold' \(2\) must be 1/,
  ],
  [
    'readiness that ends a program',
    { readinessProbe: Probe.httpGet('/', { terminationGracePeriod: Duration.seconds(5) }) },
    /'readinessProbe.terminationGracePeriod' \("5 s"\) means nothing/,
  ],
  [
    'a start-up of months',
    { startupProbe: Probe.tcpSocket({ periodSeconds: Duration.hours(1), failureThreshold: 1000 }) },
    /'startupProbe' \("3600000 s"\) must decide within 30 days/,
  ],
  [
    'a probe of a port that is none',
    { livenessProbe: Probe.tcpSocket({ port: 8080 }) },
    /'livenessProbe.port' \(8080\) is no port of the container \(it has 9696\)/,
  ],
  ['an argument with a control character', { args: ['a\u0007'] }, /'args\[0\]'/],
  ['a program with a control character', { command: ['a', 'b\u0007'] }, /'command\[1\]'/],
])('fails on %s', (_, props, message) => {
  expect(making(props)).toThrow(message);
  expect(making(props)).toThrow(/^models\/ping: '/);
});

describe('a ConfigMap with its content in its name', () => {
  const configMap = (data: { [key: string]: string }) =>
    only(
      render((chart) => {
        new HashedConfigMap(chart, 'config', { name: 'config', data });
      }),
      'ConfigMap',
    );

  test('another content is another name, the same content the same', () => {
    const first = configMap({ a: '1', b: '2' });
    expect(first.metadata.name).toMatch(/^config-[0-9a-f]{8}$/);
    expect(configMap({ b: '2', a: '1' }).metadata.name).toBe(first.metadata.name);
    expect(configMap({ a: '1', b: '3' }).metadata.name).not.toBe(first.metadata.name);
  });

  test('fails on keys and sizes that Kubernetes refuses', () => {
    expect(() => configMap({ 'a/b': '' })).toThrow(/'data key' \("a\/b"\)/);
    expect(() => configMap({ a: 'x'.repeat(1_048_577) })).toThrow(/must be at most 1048576 bytes/);
    expect(() => configMap({})).toThrow(/'data' \({}\) must hold something/);
    expect(() => configMap({ a: Buffer.from('x') as never })).toThrow(/'data.a'.*must be a text/);
    expect(() => configMap(JSON.parse('{"__proto__": "x"}'))).toThrow(/'data key' \("__proto__"\)/);
  });
});

test('a ConfigMap of which kubectl can keep no copy is reported', () => {
  const warnings = (size: number) => {
    let texts: string[] = [];
    render((chart) => {
      texts = noticesOf([new HashedConfigMap(chart, 'config', { name: 'c'.repeat(54), data: { a: 'x'.repeat(size) } })]).map(
        ({ text }) => text,
      );
      expect(() => new HashedConfigMap(chart, 'long', { name: 'c'.repeat(55), data: { a: '' } })).toThrow(/'name'.*at most 54 characters/);
    });
    return texts;
  };
  expect(warnings(200_000)).toEqual([]);
  expect(warnings(200_001)).toEqual([expect.stringMatching(/'kubectl apply' can keep a copy of/)]);
});

test('a chart of another app takes the service without a cluster', () => {
  const chart = new Chart(new App(), 'plain');
  const ping = new AutoscaledService(chart, 'ping', REQUIRED);
  // kubectl apply -n decides the namespace
  expect(ping.host).toBe('ping');
  expect(chart.toJson().map(({ kind }: { kind: string }) => kind)).toEqual([
    'ServiceAccount',
    'NetworkPolicy',
    'Service',
    'Deployment',
    'PodDisruptionBudget',
  ]);
});

test('a cluster is attached before the chart has children', () => {
  const chart = new ServingChart(new App(), 'models');
  expect(() => Cluster.kind().attachTo(chart)).toThrow(/already has children/);
});

test('the address of all pods has the port on which they listen', () => {
  render((chart) => {
    const ping = new AutoscaledService(chart, 'ping', { ...REQUIRED, headless: true });
    const { port, targetPort } = REQUIRED.ports[0];
    expect(ping.address()).toBe(`ping.models.svc.cluster.local:${port}`);
    expect(ping.headlessAddress()).toBe(`ping-headless.models.svc.cluster.local:${targetPort}`);
    expect(() => ping.headlessAddress('grpc')).toThrow(/'port' \("grpc"\) is no port of the Service \(it has http\)/);
    const plain = new AutoscaledService(chart, 'plain', REQUIRED);
    expect(plain.headlessHost).toBeUndefined();
    expect(() => plain.headlessAddress()).toThrow(/'headless' \(undefined\) must be true/);
  });
});

test('constructs of cdk8s-plus take a model or a gateway for its service', () => {
  const objects = render((chart) => {
    const target = new TfServingModel(chart, 'resnet', {
      source: ModelSource.inImage('/models/resnet'),
      server: ServerImage.official('2.19.1'),
      resources: { requests: { cpu: '1', memory: '1Gi' } },
    });
    new kplus.HorizontalPodAutoscaler(chart, 'hpa', { target, maxReplicas: 3 });
    expect(target.hasAutoscaler).toBe(true);
    new AutoscaledService(chart, 'web', { ...REQUIRED, egress: [{ to: Peer.of(target), ports: [8500] }] });
  });
  expect(only(objects, 'HorizontalPodAutoscaler').spec.scaleTargetRef.name).toBe('resnet');
  const policy = objects.find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'web');
  expect(policy?.spec.egress[1].to[0].podSelector.matchLabels).toMatchObject({ 'app.kubernetes.io/instance': 'resnet' });
});

test('the container may have another name than its workload, which the autoscaler then measures', () => {
  const objects = service({
    containerName: 'server',
    minReadySeconds: Duration.seconds(7),
    autoscaling: Autoscaling.cpu({ maxReplicas: 2 }),
  });
  expect(container(objects).name).toBe('server');
  expect(only(objects, 'HorizontalPodAutoscaler').spec.metrics[0].containerResource.container).toBe('server');
  expect(only(objects, 'Deployment').spec.minReadySeconds).toBe(7);
  expect(container(service()).name).toBe('ping');
  expect(making({ containerName: 'Server' })).toThrow(/'containerName' \("Server"\)/);
});

test('a placement has a pool that a cluster gave', () => {
  const cluster = Cluster.gke({ projectId: 'my-project', nodePools: [{ name: 'a', machineType: 'e2-standard-4', maxNodes: 1 }] });
  expect(making({ placement: { nodePool: 'a' as never } }, cluster)).toThrow(/'placement\.nodePool' \("a"\) must be a NodePool/);
  expect(making({ placement: { nodePool: cluster.nodePool('a') } }, cluster)).not.toThrow();
});

describe('what the API server does not keep is not written, so that applying again changes nothing', () => {
  test('empty lists and empty values', () => {
    const { args, command, envFrom, env } = container(service({ args: [], command: [], envFrom: [], env: { EMPTY: '' } }));
    expect({ args, command, envFrom, env }).toEqual({ env: [{ name: 'EMPTY' }] });
  });

  test.each([
    ['1024Mi', '1Gi'],
    ['1536Mi', '1536Mi'],
    ['0.5Gi', '512Mi'],
    ['1000M', '1G'],
    ['1.5G', '1500M'],
    ['1073741824', '1073741824'],
    ['1.5e9', '1500e6'],
  ])('another writing of an amount: %s', (memory, kept) => {
    expect(container(service({ resources: { requests: { cpu: '1', memory } } })).resources.requests.memory).toBe(kept);
  });
});
