import { Accelerator } from '../../../lib';
import { condition, eventually, isReady } from '../support/api';
import { STORY_LABEL } from '../support/fake-nodes';
import { gpuNodes, PoolScene } from '../support/pools';
import { gpuPool, model, service } from './workloads';

const { NVIDIA_P100, NVIDIA_T4 } = Accelerator;
const scene = new PoolScene('gpu-placement');
const onGpuMachines = { machineType: 'n1-standard-8', gpusPerNode: 1 };

scene.story('models go to nodes with their GPU alone, and pods without a GPU never go there, full as the others are', async () => {
  const cluster = scene.cluster({
    t4: { ...onGpuMachines, maxNodes: 2 },
    p100: { ...onGpuMachines, maxNodes: 1 },
    // the same GPU as t4, for somebody else, and with so much room that the scheduler would rather use it
    other: { machineType: 'n1-standard-32', gpusPerNode: 1, maxNodes: 2 },
    general: { machineType: 'e2-standard-4', maxNodes: 1 },
  });
  const nodes = {
    t4: await scene.addNodes(cluster, 2, 't4', gpuNodes(NVIDIA_T4)),
    p100: await scene.addNodes(cluster, 1, 'p100', gpuNodes(NVIDIA_P100)),
    other: await scene.addNodes(cluster, 2, 'other', gpuNodes(NVIDIA_T4)),
    general: await scene.addNodes(cluster, 1),
  };
  const { file } = scene.written(cluster, (chart) => {
    model(chart, 'on-t4', { pool: gpuPool(chart, NVIDIA_T4, scene.pool('t4'), 2), replicas: 2 });
    model(chart, 'on-p100', { pool: gpuPool(chart, NVIDIA_P100, scene.pool('p100'), 1), replicas: 1 });
    // names no pool, so that of the nodes of this story only taints keep it off
    const tolerations = [{ key: 'story', value: scene.namespace }];
    service(chart, 'anywhere', 'v1', { replicas: 3, tolerations, nodeSelector: { [STORY_LABEL]: scene.namespace } });
  });
  await scene.apply(file);
  const { pods } = await eventually(
    'the scheduler has decided on all pods',
    30,
    async () => ({ pods: await scene.list('pods') }),
    ({ pods: seen }) => seen.length === 6 && seen.every((pod) => isReady(pod) || condition(pod, 'PodScheduled')?.status === 'False'),
  );
  const nodesOf = (instance: string) =>
    pods
      .filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/instance'] === instance)
      .map(({ spec }) => spec.nodeName ?? 'none')
      .sort();
  scene.say(`GPU placement: ${['on-t4', 'on-p100', 'anywhere'].map((name) => `${name} on ${nodesOf(name).join(', ')}`).join('; ')}`);
  expect(nodesOf('on-t4')).toEqual(nodes.t4);
  expect(nodesOf('on-p100')).toEqual(nodes.p100);
  expect(nodesOf('anywhere').sort()).toEqual([...nodes.general, ...nodes.general, 'none'].sort());
  const waiting = pods.find(({ spec }) => spec.nodeName === undefined);
  expect(waiting && condition(waiting, 'PodScheduled')?.message).toMatch(/5 node\(s\) had untolerated taint\(s\)|Insufficient cpu/);
});
