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
  ServerImage,
  TfServingModel,
  type TfServingModelProps,
} from '../lib';
import { noticesOf } from '../lib/private/notices';
import { container, GKE, only, podSpec, render, toYaml } from './support/render';

const POOL: GpuModelPoolProps = { accelerator: Accelerator.NVIDIA_T4, maxNodes: 4 };
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
  ['an accelerator without a name', () => Accelerator.custom({ name: '' }), /'name' \(""\)/],
])('fails on %s', (_, make, message) => {
  expect(make).toThrow(message);
});

test('an accelerator of your own', () => {
  const accelerator = Accelerator.custom({ name: 'NVIDIA B200', gkeName: 'nvidia-b200' });
  expect(podSpec(onPool({}, { accelerator })).nodeSelector['cloud.google.com/gke-accelerator']).toBe('nvidia-b200');
});
