import { ApiObject, App } from 'cdk8s';
import type { TfServingModelProps } from '../../lib';
import { Accelerator, Autoscaling, Cluster, GpuModelPool, ModelSource, ServerImage, ServingChart, TfServingModel } from '../../lib';
import { check } from '../../lib/check';
import { GKE, only, podSpec } from '../support/render';

const REQUIRED = { server: ServerImage.official('2.19.1'), resources: { requests: { cpu: '1', memory: '2Gi' } } };

function objects(accessMode: string, cluster: Cluster, props: Partial<TfServingModelProps> | ((chart: ServingChart) => object) = {}) {
  const chart = new ServingChart(new App(), 'models', { cluster });
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'models' } };
  new ApiObject(chart, 'claim', { ...claim, spec: { accessModes: [accessMode] } });
  const source = ModelSource.persistentVolumeClaim('models', { accessMode });
  new TfServingModel(chart, 'resnet', { ...REQUIRED, source, ...(typeof props === 'function' ? props(chart) : props) });
  return chart.toJson();
}
const making =
  (...args: Parameters<typeof objects>) =>
  () =>
    objects(...args);

const pace = (...args: Parameters<typeof objects>) => only(objects(...args), 'Deployment').spec.strategy.rollingUpdate;
const affinity = (...args: Parameters<typeof objects>) => podSpec(objects(...args)).affinity;
const findings = (...args: Parameters<typeof objects>) => check(objects(...args)).map(({ rule }) => rule);

const TOGETHER = {
  podAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: [
      {
        labelSelector: { matchLabels: { 'app.kubernetes.io/name': 'tensorflow-serving', 'app.kubernetes.io/instance': 'resnet' } },
        topologyKey: 'kubernetes.io/hostname',
      },
    ],
  },
};

/** Clusters and pools that have one node for the model. */
const POOLED = Cluster.gke({
  projectId: 'my-project',
  nodePools: [
    { name: 'one', machineType: 'e2-standard-8', maxNodes: 1 },
    { name: 'many', machineType: 'e2-standard-8', maxNodes: 5 },
  ],
});
const ONE_NODE: [string, Cluster, Partial<TfServingModelProps>][] = [
  ['kind', Cluster.kind(), {}],
  ['minikube', Cluster.minikube({ nodes: 1 }), {}],
  ['a pool of one node', POOLED, { nodePool: 'one' }],
];
const MANY_NODES: [string, Cluster, Partial<TfServingModelProps>][] = [
  ['kind with workers', Cluster.kind({ nodes: 2 }), {}],
  ['a cluster of unknown size', GKE, {}],
  ['a larger pool', POOLED, { nodePool: 'many' }],
  ['a cluster with a small pool that is not named', POOLED, {}],
];

describe('a ReadWriteOnce volume', () => {
  test.each(ONE_NODE)('goes with several pods on %s, all on that node, and no rollout interrupts them', (_, cluster, props) => {
    expect(affinity('ReadWriteOnce', cluster, { ...props, replicas: 3 })).toEqual(TOGETHER);
    expect(pace('ReadWriteOnce', cluster, props).maxUnavailable).toBe(0);
    expect(making('ReadWriteOnce', cluster, { ...props, autoscaling: Autoscaling.cpu({ maxReplicas: 3 }) })).not.toThrow();
    expect(findings('ReadWriteOnce', cluster, { ...props, replicas: 3 })).toEqual([]);
    expect(findings('ReadWriteOnce', cluster, props)).toEqual([]);
  });

  test.each(MANY_NODES)('goes with one pod on %s, which makes room before its successor comes', (_, cluster, props) => {
    expect(making('ReadWriteOnce', cluster, { ...props, replicas: 2 })).toThrow(
      /'replicas' \(2\) cannot be above 1: a ReadWriteOnce volume is for one node/,
    );
    expect(pace('ReadWriteOnce', cluster, props)).toEqual({ maxSurge: 0, maxUnavailable: 1 });
    expect(affinity('ReadWriteOnce', cluster, props)).toBeUndefined();
    expect(findings('ReadWriteOnce', cluster, props)).toEqual([]);
  });

  test('goes with one pod where no two may share a node', () => {
    expect(making('ReadWriteOnce', Cluster.kind(), { onePerNode: true, replicas: 2 })).toThrow(/a ReadWriteOnce volume is for one node/);
    expect(pace('ReadWriteOnce', Cluster.kind(), { onePerNode: true })).toEqual({ maxSurge: 0, maxUnavailable: 1 });
  });

  test('goes with several pods on a pool of GPUs with one node', () => {
    const onPool = (maxNodes: number) => (chart: ServingChart) => {
      const facts = { machineType: 'n1-standard-32', gpusPerNode: 4, maxNodes };
      return { pool: new GpuModelPool(chart, 'gpus', { accelerator: Accelerator.NVIDIA_T4, ...facts }), replicas: 2 };
    };
    expect(affinity('ReadWriteOnce', GKE, onPool(1))).toEqual(TOGETHER);
    expect(making('ReadWriteOnce', GKE, onPool(2))).toThrow(/a ReadWriteOnce volume is for one node/);
  });
});

describe('a ReadWriteOncePod volume', () => {
  test.each([...ONE_NODE, ...MANY_NODES])('goes with one pod on %s, which makes room before its successor comes', (_, cluster, props) => {
    expect(pace('ReadWriteOncePod', cluster, props)).toEqual({ maxSurge: 0, maxUnavailable: 1 });
    expect(affinity('ReadWriteOncePod', cluster, props)).toBeUndefined();
    expect(findings('ReadWriteOncePod', cluster, props)).toEqual([]);
    expect(making('ReadWriteOncePod', cluster, { ...props, replicas: 2 })).toThrow(
      /'replicas' \(2\) cannot be above 1: a ReadWriteOncePod volume is for one pod/,
    );
  });

  test('is refused with rollouts that start the next pod first', () => {
    expect(making('ReadWriteOncePod', GKE, { maxSurge: '25%' })).toThrow(
      /'maxSurge' \("25%"\) must be 0: a second pod would wait for ever/,
    );
    expect(making('ReadWriteOncePod', GKE, { maxSurge: '0%' })).not.toThrow();
    expect(making('ReadWriteOncePod', GKE, { maxUnavailable: '0' })).toThrow(/'maxUnavailable'/);
  });
});

test('a volume for many goes with any number of pods, wherever they are', () => {
  for (const mode of ['ReadOnlyMany', 'ReadWriteMany']) {
    expect(affinity(mode, Cluster.kind(), { replicas: 3 })).toBeUndefined();
    expect(findings(mode, GKE, { replicas: 3 })).toEqual([]);
  }
});

test('a word that is no access mode is refused with those that are', () => {
  expect(() => ModelSource.persistentVolumeClaim('models', { accessMode: 'RWO' })).toThrow(
    /must be one of ReadOnlyMany, ReadWriteMany, ReadWriteOnce, ReadWriteOncePod/,
  );
});
