import { App, Duration } from 'cdk8s';
import {
  Accelerator,
  Autoscaling,
  Cluster,
  ContainerImage,
  EksNodes,
  GpuModelPool,
  type GpuModelPoolProps,
  LocalGpus,
  ModelSource,
  type NodePoolProps,
  ServerImage,
  ServingChart,
  TfServingModel,
  type TfServingModelProps,
} from '../lib';
import { noticesOf } from '../lib/private/notices';
import { container, GKE, only, podSpec, render, toYaml } from './support/render';

const POOL: GpuModelPoolProps = { accelerator: Accelerator.NVIDIA_T4, maxNodes: 4 };
const AUTOPILOT = Cluster.gke({ projectId: 'my-project', autopilot: true });
const MODEL: TfServingModelProps = {
  source: ModelSource.inImage('/models/resnet'),
  server: ServerImage.official('2.19.1'),
  resources: { requests: { cpu: '2', memory: '4Gi' } },
};

const onPool = (model: Partial<TfServingModelProps> = {}, pool: Partial<GpuModelPoolProps> = {}, cluster = GKE) =>
  render((chart) => {
    new TfServingModel(chart, 'resnet', { ...MODEL, pool: new GpuModelPool(chart, 'gpus', { ...POOL, ...pool }), ...model });
  }, cluster);

test('a model on a GPU pool', () => {
  expect(toYaml([only(onPool(), 'Deployment')])).toMatchSnapshot();
});

test('image, GPUs, selector, toleration and pace follow from the pool alone', () => {
  const objects = onPool({ replicas: 4 });
  expect(container(objects).image).toBe('tensorflow/serving:2.19.1-gpu');
  expect(container(objects).resources.limits['nvidia.com/gpu']).toBe('1');
  expect(podSpec(objects).nodeSelector).toEqual({ 'cloud.google.com/gke-accelerator': 'nvidia-tesla-t4', 'kubernetes.io/arch': 'amd64' });
  expect(podSpec(objects).tolerations).toEqual([{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }]);
  expect(only(objects, 'Deployment').spec.strategy.rollingUpdate).toEqual({ maxSurge: 0, maxUnavailable: 1 });
});

test('with known nodes and room on them new pods come first', () => {
  const pace = (replicas: number) =>
    only(onPool({ replicas }, { machineType: 'n1-standard-8', maxNodes: 4 }), 'Deployment').spec.strategy.rollingUpdate;
  expect(pace(2)).toEqual({ maxSurge: '25%', maxUnavailable: 0 });
  expect(pace(4)).toEqual({ maxSurge: 0, maxUnavailable: 1 });
});

test('Spot nodes are selected and tolerated', () => {
  const pod = podSpec(onPool({}, { spot: true }));
  expect(pod.nodeSelector['cloud.google.com/gke-spot']).toBe('true');
  expect(pod.tolerations).toContainEqual({ key: 'cloud.google.com/gke-spot', operator: 'Equal', value: 'true', effect: 'NoSchedule' });
});

test('models go to the nodes of a declared pool alone, not to others with that GPU, and tolerate its taints', () => {
  const pools = (taints: NodePoolProps['taints']): NodePoolProps[] => [
    { name: 'gpus', machineType: 'n1-standard-8', gpusPerNode: 1, maxNodes: 4, taints },
    { name: 'others', machineType: 'n1-standard-8', gpusPerNode: 1, maxNodes: 4 },
  ];
  const pod = (taints: NodePoolProps['taints']) =>
    podSpec(onPool({}, {}, Cluster.gke({ projectId: 'my-project', nodePools: pools(taints) })));
  const ofGpus = { key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' };
  const dedicated = { key: 'dedicated', value: 'vision', effect: 'NoSchedule' };
  expect(pod([dedicated]).nodeSelector).toMatchObject({
    'cloud.google.com/gke-nodepool': 'gpus',
    'cloud.google.com/gke-accelerator': 'nvidia-tesla-t4',
  });
  expect(pod([dedicated]).tolerations).toEqual([ofGpus, { ...dedicated, operator: 'Equal' }]);
  expect(pod([{ key: 'nvidia.com/gpu', value: 'present', effect: 'NoSchedule' }]).tolerations).toEqual([ofGpus]);
});

test.each([
  [EksNodes.MANAGED_NODE_GROUPS, { 'eks.amazonaws.com/nodegroup': 'gpus' }],
  [EksNodes.KARPENTER, { 'karpenter.k8s.aws/instance-gpu-name': 't4' }],
  [EksNodes.AUTO_MODE, { 'eks.amazonaws.com/instance-gpu-name': 't4' }],
])('EKS with %s selects by its own labels', (nodes, selector) => {
  expect(podSpec(onPool({}, {}, Cluster.eks({ nodes }))).nodeSelector).toEqual({ ...selector, 'kubernetes.io/arch': 'amd64' });
});

describe('on one machine', () => {
  test('a GPU is refused with the ways out', () => {
    expect(() => onPool({}, {}, Cluster.kind())).toThrow(
      /models\/gpus: kind cannot meet the need for a GPU \(NVIDIA T4\).*LocalGpus.CPU_STAND_IN.*LocalGpus.AVAILABLE/,
    );
  });

  test('a stand-in runs the CPU variant, and says so', () => {
    let said: string[] = [];
    const objects = render(
      (chart) => {
        const pool = new GpuModelPool(chart, 'gpus', POOL);
        new TfServingModel(chart, 'resnet', { ...MODEL, pool });
        said = noticesOf([pool]).map(({ text }) => text);
      },
      Cluster.kind({ gpus: LocalGpus.CPU_STAND_IN }),
    );
    expect(container(objects).image).toBe('tensorflow/serving:2.19.1');
    expect(container(objects).resources.limits).not.toHaveProperty('nvidia.com/gpu');
    expect(said).toEqual(['there is no NVIDIA T4 on kind: models of this pool run their CPU variant here, without a GPU']);
  });

  test('GPUs that are there are asked for without labels, which nobody sets there', () => {
    const objects = onPool({}, {}, Cluster.minikube({ gpus: LocalGpus.AVAILABLE }));
    expect(container(objects).resources.limits['nvidia.com/gpu']).toBe('1');
    expect(podSpec(objects).nodeSelector).toEqual({ 'kubernetes.io/arch': 'amd64' });
  });
});

test('models that ask for more GPUs than there are, are told which stays Pending', () => {
  render((chart) => {
    const pool = new GpuModelPool(chart, 'gpus', POOL);
    new TfServingModel(chart, 'first', { ...MODEL, pool, replicas: 3 });
    const second = new TfServingModel(chart, 'second', { ...MODEL, pool, replicas: 2 });
    expect(noticesOf([second])[0].text).toBe(
      "GPUs: the models of pool 'models/gpus' may ask for 5 in all (3 before this one, 2 here), but its nodes have 4; the rest stays Pending",
    );
  });
});

test.each<[string, () => unknown, RegExp]>([
  ['more GPUs than a node has', () => onPool({ gpus: 2 }), /'gpus' \(2\) is more than a node of pool 'models\/gpus' has \(1\)/],
  ['half a GPU', () => onPool({ gpus: 0.5 }), /'gpus' \(0.5\)/],
  [
    'an accelerator that GKE does not have',
    () => onPool({}, { accelerator: Accelerator.NVIDIA_A10G }),
    /GKE has no accelerator 'NVIDIA A10G'/,
  ],
  [
    'an image without GPU support',
    () => onPool({ server: ServerImage.custom({ image: ContainerImage.fromRegistry('x:1'), release: '2.19.1' }) }),
    /'server' \("x:1"\) has no image with GPU support/,
  ],
  [
    'scaling by CPU',
    () => onPool({ autoscaling: Autoscaling.cpu({ maxReplicas: 2 }) }),
    /'autoscaling'.*says nothing about a model on a GPU/,
  ],
  ['no nodes', () => onPool({}, { maxNodes: 0 }), /'maxNodes' \(0\)/],
  [
    'more nodes at least than at most',
    () => onPool({}, { minNodes: 5 }),
    /models\/gpus: 'minNodes' \(5\) must be a whole number from 0 to 4/,
  ],
  [
    'a machine type that nobody knows',
    () => onPool({}, { machineType: 'n1-standard-3' }),
    /models\/gpus: Cluster.gke: 'machineType' \("n1-standard-3"\) is not a machine type.*say what a node has in a pool/,
  ],
  [
    'a machine without GPUs',
    () => onPool({}, { machineType: 'e2-standard-8' }),
    /'machineType' \("e2-standard-8"\) does not carry NVIDIA T4: it has no GPUs/,
  ],
  ['a machine of another GPU', () => onPool({}, { machineType: 'g2-standard-8' }), /does not carry NVIDIA T4: it has nvidia-l4/],
  [
    'a machine of a larger GPU of the same name',
    () => onPool({}, { accelerator: Accelerator.NVIDIA_A100_40GB, machineType: 'p4de.24xlarge' }, Cluster.eks()),
    /'machineType' \("p4de.24xlarge"\) does not carry NVIDIA A100 40GB: it has a100 with 80 GiB/,
  ],
  [
    'other GPUs than are built in',
    () => onPool({}, { accelerator: Accelerator.NVIDIA_L4, machineType: 'g2-standard-24', gpusPerNode: 1 }),
    /'gpusPerNode' \(1\) is not what a g2-standard-24 has built in \(2\)/,
  ],
  ['three GPUs on one machine', () => onPool({}, { machineType: 'n1-standard-8', gpusPerNode: 3 }), /'gpusPerNode' \(3\)/],
  ['an accelerator with half a memory', () => Accelerator.custom({ name: 'X', memoryGib: 0.5 }), /'memoryGib' \(0.5\)/],
  ['an accelerator that is a text', () => Accelerator.custom('NVIDIA T4' as never), /Accelerator.custom: 'props' \("NVIDIA T4"\)/],
  [
    'an accelerator that Autopilot does not have',
    () => onPool({}, { accelerator: Accelerator.NVIDIA_V100 }, AUTOPILOT),
    /GKE Autopilot has no accelerator 'NVIDIA V100'/,
  ],
  [
    'a number of GPUs that Autopilot does not give',
    () => onPool({ gpus: 3 }, { gpusPerNode: 4 }, AUTOPILOT),
    /'gpus' \(3\) is not a number of NVIDIA T4 that this cluster gives to a pod. Choose one of 1, 2, 4/,
  ],
  ['an accelerator without a name', () => Accelerator.custom({ name: '' }), /'name' \(""\)/],
])('fails on %s', (_, make, message) => {
  expect(make).toThrow(message);
});

test('an accelerator of your own', () => {
  const accelerator = Accelerator.custom({ name: 'NVIDIA B200', gkeName: 'nvidia-b200' });
  expect(podSpec(onPool({}, { accelerator })).nodeSelector['cloud.google.com/gke-accelerator']).toBe('nvidia-b200');
});

test.each<[string, Partial<GpuModelPoolProps>, Cluster, number]>([
  ['attached', { machineType: 'n1-standard-8', gpusPerNode: 4 }, GKE, 4],
  ['attached, one by default', { machineType: 'custom-8-16384' }, GKE, 1],
  ['built in', { accelerator: Accelerator.NVIDIA_L4, machineType: 'g2-standard-48' }, GKE, 4],
  ['built in, on EC2', { accelerator: Accelerator.NVIDIA_A100_80GB, machineType: 'p4de.24xlarge' }, Cluster.eks(), 8],
  ['of a kind that nobody knows', { accelerator: Accelerator.custom({ name: 'X', gkeName: 'x-1' }) }, GKE, 1],
  ['on a node of this machine', { gpusPerNode: 2 }, Cluster.minikube({ cpus: 8, memory: '32Gi', gpus: LocalGpus.AVAILABLE }), 2],
  ['on Autopilot', { gpusPerNode: 4 }, AUTOPILOT, 4],
  [
    'on Autopilot, newer than this library',
    { accelerator: Accelerator.custom({ name: 'X', gkeName: 'x-1' }), gpusPerNode: 3 },
    AUTOPILOT,
    3,
  ],
])('all GPUs of a node can be asked for: %s', (_, pool, cluster, gpus) => {
  expect(container(onPool({ gpus }, pool, cluster)).resources.limits['nvidia.com/gpu']).toBe(String(gpus));
  expect(() => onPool({ gpus: gpus + 1 }, pool, cluster)).toThrow(/is more than a node of pool 'models\/gpus' has/);
});

describe('a pool that the cluster declares too', () => {
  const declaring = (nodes: Partial<NodePoolProps>) =>
    Cluster.gke({
      projectId: 'my-project',
      nodePools: [{ name: 'gpus', machineType: 'n1-standard-8', maxNodes: 4, gpusPerNode: 2, ...nodes }],
    });

  test('is the one that the models run on', () => {
    expect(container(onPool({ gpus: 2 }, {}, declaring({}))).resources.limits['nvidia.com/gpu']).toBe('2');
    expect(() => onPool({ gpus: 3 }, {}, declaring({}))).toThrow(/has \(2\)/);
    const cpu = { resources: { requests: { cpu: '8', memory: '4Gi' } } };
    expect(() => onPool(cpu, {}, declaring({}))).toThrow(/fit on no declared node \(gpus: one n1-standard-8 node/);
    expect(container(onPool(cpu, {}, declaring({ machineType: 'n1-standard-16' }))).resources.requests.cpu).toBe('8');
  });

  test('may be of a machine whose size only the declaration knows', () => {
    const cluster = declaring({ machineType: 'z9-giga-8', cpu: '8', memory: '32Gi' });
    expect(container(onPool({ gpus: 2 }, { machineType: 'z9-giga-8' }, cluster)).resources.limits['nvidia.com/gpu']).toBe('2');
    expect(() => onPool({ resources: { requests: { cpu: '9', memory: '4Gi' } } }, {}, cluster)).toThrow(/one z9-giga-8 node has 8 CPU/);
  });

  test.each<[string, Partial<NodePoolProps>, Partial<GpuModelPoolProps>, RegExp]>([
    ['another size', { maxNodes: 3 }, {}, /'maxNodes' \(4\) contradicts pool 'gpus' of the cluster's 'nodePools' \(3\)/],
    ['another least size', {}, { minNodes: 1 }, /'minNodes' \(1\) contradicts/],
    ['another machine', {}, { machineType: 'n1-standard-4' }, /'machineType' \("n1-standard-4"\) contradicts/],
    ['other GPUs', {}, { gpusPerNode: 1 }, /'gpusPerNode' \(1\) contradicts/],
    ['no GPUs', { gpusPerNode: 0 }, {}, /'poolName' \("gpus"\) is declared without GPUs/],
    ['GPUs of another kind', {}, { accelerator: Accelerator.NVIDIA_L4 }, /does not carry NVIDIA L4: it has nvidia-tesla-t4, /],
  ])('is refused with %s', (_, nodes, pool, message) => {
    expect(() => onPool({}, pool, declaring(nodes))).toThrow(message);
  });
});

test('a pool serves the models of its own cluster only', () => {
  const app = new App();
  const [first, second] = ['first', 'second'].map((name) => Cluster.kind({ name, gpus: LocalGpus.CPU_STAND_IN }));
  const pool = new GpuModelPool(new ServingChart(app, 'a', { cluster: first }), 'gpus', POOL);
  const beside = new ServingChart(app, 'b', { cluster: first });
  expect(new TfServingModel(beside, 'resnet', { ...MODEL, pool }).host).toBe('resnet.b.svc.cluster.local');
  const elsewhere = new ServingChart(app, 'c', { cluster: second });
  expect(() => new TfServingModel(elsewhere, 'resnet', { ...MODEL, pool })).toThrow(
    /c\/resnet: 'pool' \("a\/gpus"\) is a pool of cluster 'first', but the model is written for cluster 'second'/,
  );
});

test.each<[string, string, Partial<TfServingModelProps>, string[]]>([
  ['fits', '16Gi', {}, []],
  ['is larger than a GPU', '17Gi', {}, ['modelMemory: 17Gi is more than the 16Gi of one GPU, and a model runs on one']],
  [
    'is larger than a GPU while versions are swapped',
    '9Gi',
    { source: ModelSource.gcs('gs://bucket/resnet', { pollInterval: Duration.minutes(1) }) },
    ['modelMemory: 2 x 9Gi = 18Gi is more than the 16Gi of one GPU, and a model runs on one'],
  ],
])('a model that %s', (_, modelMemory, model, said) => {
  render((chart) => {
    const pool = new GpuModelPool(chart, 'gpus', POOL);
    const resources = { requests: { cpu: '2', memory: '21Gi' } };
    const resnet = new TfServingModel(chart, 'resnet', { ...MODEL, resources, pool, modelMemory, ...model });
    expect(noticesOf([resnet]).flatMap(({ kind, text }) => (kind === 'warning' ? [text] : []))).toEqual(said);
  });
});
