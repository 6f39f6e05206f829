import { App } from 'cdk8s';
import fc from 'fast-check';
import {
  Accelerator,
  AutoscaledService,
  type AutoscaledServiceProps,
  Autoscaling,
  Cluster,
  ContainerImage,
  GpuModelPool,
  ModelSource,
  type NodePool,
  Peer,
  ServerImage,
  ServingChart,
  TfServingModel,
} from '../lib';
import { noticesOf } from '../lib/private/notices';
import { type Pods, packed } from '../lib/service/packing';
import { disruptionBudget } from '../lib/service/rollout';

/** Nodes on which pods of yours get exactly these cores and GiB. */
function nodes(name: string, cores: number, memoryGi: number, maxNodes: number): NodePool {
  const pool = { name, maxNodes, free: { milliCpu: cores * 1000, memoryBytes: memoryGi * 2 ** 30 } };
  return pool as unknown as NodePool;
}

describe('packing', () => {
  const GI = 2 ** 30;

  /** The same, pod by pod and node by node. */
  function oneByOne(all: Pods[]): number[] {
    const free = new Map<string, { pool: string; cpu: number; memory: number; gpus: number; taken: Set<Pods> }>();
    for (const { pools } of all) {
      for (const pool of pools) {
        for (let index = 0; index < pool.maxNodes; index++) {
          free.set(`${pool.name}-${index}`, {
            pool: pool.name,
            cpu: pool.free.milliCpu,
            memory: pool.free.memoryBytes,
            gpus: pool.free.gpus ?? 0,
            taken: new Set(),
          });
        }
      }
    }
    const placed = new Map<Pods, number>();
    const order = [...all].sort((a, b) => b.request.milliCpu - a.request.milliCpu || b.request.memoryBytes - a.request.memoryBytes);
    for (const pods of order) {
      const { request, pools, replicas, onePerNode } = pods;
      for (let pod = 0; pod < replicas; pod++) {
        const fits = [...free.values()].filter(
          (node) =>
            pools.some(({ name }) => name === node.pool) &&
            node.cpu >= request.milliCpu &&
            node.memory >= request.memoryBytes &&
            node.gpus >= (request.gpus ?? 0) &&
            !(onePerNode && node.taken.has(pods)),
        );
        if (fits.length === 0) break;
        const emptiest = fits.reduce((best, node) => (node.cpu > best.cpu ? node : best));
        emptiest.cpu -= request.milliCpu;
        emptiest.memory -= request.memoryBytes;
        emptiest.gpus -= request.gpus ?? 0;
        emptiest.taken.add(pods);
        placed.set(pods, (placed.get(pods) ?? 0) + 1);
      }
    }
    return all.map((pods) => placed.get(pods) ?? 0);
  }

  test('places as many pods as putting them on nodes one by one, and never more than there are', () => {
    const workload = fc.record({
      milliCpu: fc.integer({ min: 1, max: 6 }).map((n) => n * 500),
      memory: fc.integer({ min: 1, max: 12 }),
      replicas: fc.integer({ min: 0, max: 12 }),
      onePerNode: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.array(workload, { minLength: 1, maxLength: 5 }), (count, workloads) => {
        const pool = nodes('only', 4, 16, count);
        const all: Pods[] = workloads.map(({ milliCpu, memory, replicas, onePerNode }) => ({
          pools: [pool],
          request: { milliCpu, memoryBytes: memory * GI },
          replicas,
          onePerNode,
        }));
        const result = packed(all);
        expect(all.map((pods) => result.get(pods)?.placed)).toEqual(oneByOne(all));
        const used = all.reduce((sum, pods) => sum + (result.get(pods)?.placed ?? 0) * pods.request.milliCpu, 0);
        expect(used).toBeLessThanOrEqual(count * pool.free.milliCpu);
      }),
    );
  });

  test('what is spare has a place: asking for it too leaves nobody out', () => {
    const pool = nodes('only', 8, 32, 3);
    const sizes = [3000, 1000, 500].map((milliCpu) => ({
      pools: [pool],
      request: { milliCpu, memoryBytes: GI },
      replicas: 3,
      onePerNode: false,
    }));
    const before = packed(sizes);
    for (const pods of sizes) {
      const { spare } = before.get(pods) as { spare: number };
      const more = sizes.map((other) => (other === pods ? { ...other, replicas: other.replicas + spare } : other));
      const after = packed(more);
      expect(more.map((other) => after.get(other)?.placed)).toEqual(more.map(({ replicas }) => replicas));
    }
  });

  test('millions of places are counted without walking over each', () => {
    const pool = nodes('only', 64, 256, 100);
    const started = process.cpuUsage();
    const pods = { pools: [pool], request: { milliCpu: 1, memoryBytes: 2 ** 20 }, replicas: 2 ** 31 - 1, onePerNode: false };
    expect(packed([pods]).get(pods)).toEqual({ placed: 100 * 64_000, spare: 0 });
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(2);
  });
});

const SERVICE: AutoscaledServiceProps = {
  image: ContainerImage.fromRegistry('example.com/ping:1'),
  ports: [{ port: 80, targetPort: 8080 }],
  resources: { requests: { cpu: '1', memory: '1Gi' } },
  callers: [Peer.namespace('web')],
};

function build(cluster: Cluster, fill: (chart: ServingChart) => void) {
  const chart = new ServingChart(new App(), 'models', { cluster });
  fill(chart);
  const objects = chart.toJson();
  const pace = (name: string) =>
    objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name).spec.strategy.rollingUpdate;
  const warnings = noticesOf(chart.node.findAll()).filter(({ kind }) => kind === 'warning');
  return { objects, pace, warnings };
}

describe('the ledger of a cluster', () => {
  const four = () => Cluster.minikube({ cpus: 5, memory: '16Gi' });

  test('a workload that fits alone with room for a surge gets none where another needs that room', () => {
    const alone = build(four(), (chart) => void new AutoscaledService(chart, 'a', { ...SERVICE, replicas: 2 }));
    expect(alone.pace('a')).toEqual({ maxSurge: '25%', maxUnavailable: 0 });
    const both = build(four(), (chart) => {
      new AutoscaledService(chart, 'a', { ...SERVICE, replicas: 2 });
      new AutoscaledService(chart, 'b', { ...SERVICE, replicas: 2 });
    });
    expect(both.pace('a')).toEqual({ maxSurge: 0, maxUnavailable: 1 });
    expect(both.pace('b')).toEqual({ maxSurge: 0, maxUnavailable: 1 });
    expect(both.warnings).toEqual([]);
  });

  test('workloads that fit alone but not together are one warning with the arithmetic, and roll one at a time', () => {
    const { pace, warnings } = build(four(), (chart) => {
      for (const id of ['a', 'b', 'c']) new AutoscaledService(chart, id, { ...SERVICE, replicas: 2 });
    });
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({
      path: 'models',
      text: expect.stringMatching(
        /^all workloads on pool 'nodes' together ask for 6 CPU and 6Gi in 6 pod\(s\), but 1 node\(s\) of pool 'nodes' have 4\.05 CPU and 16094Mi free: 2 pod\(s\) stay Pending, of models\/c$/,
      ),
    });
    for (const id of ['a', 'b', 'c']) expect(pace(id)).toEqual({ maxSurge: 0, maxUnavailable: 1 });
  });

  test('a workload that does not even fit alone is told so itself', () => {
    const { warnings, pace } = build(four(), (chart) => void new AutoscaledService(chart, 'a', { ...SERVICE, replicas: 6 }));
    expect(warnings.map(({ path, text }) => [path, text.slice(0, 33)])).toEqual([['models/a', 'replicas is 6, but only 4 fit: on']]);
    expect(warnings[0].text).toMatch(/replicas 5 to 6 stay Pending$/);
    expect(pace('a')).toEqual({ maxSurge: 0, maxUnavailable: 3 });
  });

  test('a user who allows no pod to be missing gets a surge, and one who allows no surge gets a gap', () => {
    const { pace } = build(four(), (chart) => {
      new AutoscaledService(chart, 'a', { ...SERVICE, replicas: 2, maxUnavailable: '0' });
      new AutoscaledService(chart, 'b', { ...SERVICE, replicas: 2, maxSurge: '0' });
    });
    expect(pace('a')).toEqual({ maxSurge: 1, maxUnavailable: 0 });
    expect(pace('b')).toEqual({ maxSurge: 0, maxUnavailable: 1 });
  });

  test('two apps that share a Cluster object do not share its room', () => {
    const cluster = four();
    const one = () => build(cluster, (chart) => void new AutoscaledService(chart, 'a', { ...SERVICE, replicas: 2 })).pace('a');
    expect([one(), one()]).toEqual([
      { maxSurge: '25%', maxUnavailable: 0 },
      { maxSurge: '25%', maxUnavailable: 0 },
    ]);
  });

  const MODEL = {
    source: ModelSource.inImage('/models/resnet'),
    server: ServerImage.official('2.19.1'),
    resources: { requests: { cpu: '2', memory: '4Gi' } },
    callers: [Peer.namespace('web')],
  };
  const gpus = (chart: ServingChart, maxNodes: number) =>
    new GpuModelPool(chart, 't4', { accelerator: Accelerator.NVIDIA_T4, machineType: 'n1-standard-8', maxNodes });

  test.each([
    ['no GPU is left after all models', 3, { maxSurge: 0, maxUnavailable: 1 }],
    ['a GPU is left after all models', 4, { maxSurge: '25%', maxUnavailable: 0 }],
  ])('models of a GPU pool, where %s', (_, maxNodes, expected) => {
    const { pace, warnings } = build(Cluster.gke({ projectId: 'my-project' }), (chart) => {
      const pool = gpus(chart, maxNodes);
      new TfServingModel(chart, 'a', { ...MODEL, pool, replicas: 2 });
      new TfServingModel(chart, 'b', { ...MODEL, pool, replicas: 1 });
    });
    expect(pace('a')).toEqual(expected);
    expect(warnings).toEqual([]);
  });

  test('models that ask for more GPUs than a pool has are one warning', () => {
    const { warnings } = build(Cluster.gke({ projectId: 'my-project' }), (chart) => {
      const pool = gpus(chart, 2);
      new TfServingModel(chart, 'a', { ...MODEL, pool, replicas: 2 });
      new TfServingModel(chart, 'b', { ...MODEL, pool, replicas: 1 });
    });
    expect(warnings.map(({ text }) => text)).toEqual([
      expect.stringMatching(
        /ask for 6 CPU and 12Gi and 3 GPU in 3 pod\(s\), but 2 node\(s\) of pool 't4' have .* and 2 GPU free: 1 pod\(s\) stay Pending, of models\/b$/,
      ),
    ]);
  });
});

describe('node pools', () => {
  const tainted = () =>
    Cluster.gke({
      projectId: 'my-project',
      nodePools: [
        { name: 'general', machineType: 'e2-standard-4', maxNodes: 1 },
        { name: 'grid', machineType: 'e2-standard-16', maxNodes: 9, taints: [{ key: 'dedicated', value: 'grid', effect: 'NoSchedule' }] },
      ],
    });
  const podOf = (objects: any[], name: string) =>
    objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === name).spec.template.spec;

  test('pods that name a tainted pool tolerate its taint, and others do not count on it', () => {
    const { objects, warnings } = build(tainted(), (chart) => {
      new AutoscaledService(chart, 'on-grid', { ...SERVICE, nodePool: 'grid' });
      new AutoscaledService(chart, 'anywhere', { ...SERVICE, replicas: 4 });
    });
    expect(podOf(objects, 'on-grid').tolerations).toEqual([{ key: 'dedicated', operator: 'Equal', value: 'grid', effect: 'NoSchedule' }]);
    expect(podOf(objects, 'anywhere').tolerations).toBeUndefined();
    expect(warnings.map(({ path }) => path)).toEqual(['models/anywhere']);
  });

  test("a chart's pool is that of its pods, unless they name one, and means nothing on a laptop", () => {
    const pods = (cluster: Cluster) => {
      const chart = new ServingChart(new App(), 'models', { cluster, nodePool: 'grid' });
      new AutoscaledService(chart, 'a', SERVICE);
      new AutoscaledService(chart, 'b', { ...SERVICE, nodePool: 'general' });
      const objects = chart.toJson();
      return ['a', 'b'].map((name) => podOf(objects, name).nodeSelector);
    };
    expect(pods(tainted())).toEqual([{ 'cloud.google.com/gke-nodepool': 'grid' }, { 'cloud.google.com/gke-nodepool': 'general' }]);
    expect(pods(Cluster.kind())).toEqual([undefined, undefined]);
  });

  test('a pool or a taint that is none is refused', () => {
    expect(() => new ServingChart(new App(), 'models', { cluster: tainted(), nodePool: 'gird' })).toThrow(
      /models: .*'nodePool' \("gird"\) is not a declared node pool \(declared: general, grid\)/,
    );
    const taint = (effect: string) => () =>
      Cluster.gke({
        projectId: 'my-project',
        nodePools: [{ name: 'g', machineType: 'e2-standard-4', maxNodes: 1, taints: [{ key: 'k', effect }] }],
      });
    expect(taint('NoSchedule')).not.toThrow();
    expect(taint('Never')).toThrow(/taints\[0\]\.effect' \("Never"\) must be one of NoSchedule, PreferNoSchedule, NoExecute/);
  });
});

describe('disruption budgets', () => {
  const budget = (props: Partial<AutoscaledServiceProps>, maxNodes = 3) => {
    const cluster = Cluster.gke({ projectId: 'my-project', nodePools: [{ name: 'a', machineType: 'n1-standard-4', maxNodes }] });
    const { objects } = build(cluster, (chart) => {
      new AutoscaledService(chart, 'a', { ...SERVICE, resources: { requests: { cpu: '3', memory: '4Gi' } }, ...props });
    });
    return objects.find(({ kind }) => kind === 'PodDisruptionBudget').spec.maxUnavailable;
  };

  test('one pod may go where all have a place', () => {
    expect(budget({ replicas: 3 })).toBe(1);
    expect(budget({ autoscaling: Autoscaling.cpu({ maxReplicas: 3 }) })).toBe(1);
    expect(
      build(Cluster.kind(), (chart) => void new AutoscaledService(chart, 'a', SERVICE)).objects.find(
        ({ kind }) => kind === 'PodDisruptionBudget',
      ).spec.maxUnavailable,
    ).toBe(1);
  });

  test('pods without a place count as missing, and one more may go', () => {
    expect(budget({ replicas: 5 })).toBe(3);
    expect(budget({ autoscaling: Autoscaling.cpu({ maxReplicas: 4 }) })).toBe('26%');
  });

  const SMALL = { resources: { requests: { cpu: '1500m', memory: '4Gi' } } };

  test.each([
    ['the others have places for the pods of a node', { replicas: 4 }, 3, 1],
    ['they have one too few', { replicas: 5 }, 3, 1],
    ['they have none', { replicas: 6 }, 3, 2],
    ['a pod has no place anyway', { replicas: 7 }, 3, 3],
    ['an autoscaler decides the number', { autoscaling: Autoscaling.cpu({ maxReplicas: 6 }) }, 3, '17%'],
    ['there are no others, so that nobody would serve', { replicas: 2 }, 1, 1],
  ])('a node with two places can be drained, where %s', (_, props, maxNodes, expected) => {
    expect(budget({ ...SMALL, ...props }, maxNodes)).toBe(expected);
  });

  test('at every count of an autoscaled workload every node of a full pool can be drained', () => {
    for (const [nodes, perNode] of [2, 3, 5, 8].flatMap((count) => [1, 2, 4, 8].map((places) => [count, places]))) {
      for (let maxReplicas = 1; maxReplicas <= nodes * perNode + 3; maxReplicas++) {
        const total = nodes * perNode;
        const budgetOf = disruptionBudget({ minReplicas: 0, maxReplicas, total, nodes, scarce: false });
        const allowed = (pods: number) =>
          typeof budgetOf === 'number' ? budgetOf : Math.ceil((Number(budgetOf.replace('%', '')) * pods) / 100);
        for (let pods = 1; pods <= maxReplicas; pods++) expect(allowed(pods)).toBeGreaterThanOrEqual(pods - (total - perNode));
        expect(allowed(maxReplicas)).toBe(Math.max(1, maxReplicas - (total - perNode)));
      }
    }
  });

  test('at every count of an autoscaled workload a drain goes on, and takes no more than needed', () => {
    for (let total = 1; total <= 10; total++) {
      for (let maxReplicas = total + 1; maxReplicas <= 20; maxReplicas++) {
        const share = disruptionBudget({ minReplicas: 1, maxReplicas, total, scarce: false });
        const allowedMissing = (replicas: number) => Math.ceil((Number(String(share).replace('%', '')) * replicas) / 100);
        for (let replicas = 1; replicas <= maxReplicas; replicas++) {
          const pending = Math.max(0, replicas - total);
          expect(allowedMissing(replicas)).toBeGreaterThan(pending);
        }
        expect(allowedMissing(maxReplicas)).toBe(maxReplicas - total + 1);
      }
    }
  });
});
