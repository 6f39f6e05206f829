import * as fc from 'fast-check';
import { Accelerator, Cluster, EksNodes, type GpuModelPoolProps, LocalGpus, type NodePoolProps, type NodeTaint } from '../../lib';
import { cidr, label, labels, some, someOf, truth } from './arbitrary-values';

/** A cluster, and what an app must know of it to ask only for what it has. */
export interface Site {
  readonly cluster: Cluster;
  /** Accelerators that it offers. */
  readonly accelerators: Accelerator[];
  /** What a pool of GPUs with the id `gpus` must say. */
  readonly gpuNodes: Partial<GpuModelPoolProps>;
}

const kubernetesVersion = some(fc.constantFrom('1.27', '1.29.4', '1.30', '1.34', '1.36'));
const taint: fc.Arbitrary<NodeTaint> = fc.record({
  key: label,
  value: some(label),
  effect: fc.constantFrom('NoSchedule', 'PreferNoSchedule', 'NoExecute'),
});

/** Nodes on which every drawn pod fits. */
const nodePool = (machineType: string): fc.Arbitrary<Omit<NodePoolProps, 'name'>> =>
  fc
    .record({
      size: fc.constantFrom<Partial<NodePoolProps>>({ machineType }, { cpu: '16', memory: '64Gi' }, { machineType, memory: '32Gi' }),
      minNodes: some(fc.constantFrom(0, 1)),
      maxNodes: fc.integer({ min: 1, max: 30 }),
      taints: some(fc.array(taint, { maxLength: 2 })),
      systemCpu: some(fc.constantFrom('100m', '1')),
      systemMemory: some(fc.constantFrom('200Mi', '1Gi')),
    })
    .map(({ size, ...rest }) => ({ ...size, ...rest }));
const nodePools = (machineType: string) =>
  some(
    fc.array(nodePool(machineType), { maxLength: 2 }).map((pools) => pools.map((pool, index) => ({ name: `declared-${index}`, ...pool }))),
  );

const { NVIDIA_T4, NVIDIA_L4, NVIDIA_V100, NVIDIA_P100, NVIDIA_A10G } = Accelerator;
const CUSTOM = Accelerator.custom({ name: 'NVIDIA B200', gkeName: 'nvidia-b300', karpenterName: 'b300' });

const local = (make: typeof Cluster.kind): fc.Arbitrary<Site> =>
  fc
    .record({
      gpus: some(fc.constantFrom(...Object.values(LocalGpus))),
      size: fc.constantFrom({}, { cpus: 8, memory: '16Gi' }, { cpus: 8 }),
      rest: someOf({
        name: label,
        registry: truth,
        loadBalancer: truth,
        nodes: fc.integer({ min: 1, max: 4 }),
        hostCidrs: fc.array(cidr, { maxLength: 2 }),
        kubernetesVersion,
      }),
    })
    .map(({ gpus, size, rest }) => ({
      cluster: make({ gpus, ...size, ...rest }),
      accelerators: gpus === undefined || gpus === LocalGpus.REFUSE ? [] : [NVIDIA_T4, NVIDIA_P100, CUSTOM],
      gpuNodes: {},
    }));

/** Nodes with four T4: the pool declared with the cluster, or its machine type said by the pool of GPUs, or neither. */
const t4Nodes = (machineType: string) => {
  const facts = { machineType, gpusPerNode: 4, maxNodes: 3 };
  return fc.constantFrom(
    { declared: [], said: undefined },
    { declared: [], said: facts },
    { declared: [{ name: 'gpus', ...facts }], said: { maxNodes: 3 } },
    { declared: [{ name: 'gpus', ...facts }], said: { ...facts, minNodes: 0 } },
  );
};

const gke: fc.Arbitrary<Site> = fc
  .record({
    t4: t4Nodes('n1-standard-32'),
    pools: nodePools('n1-standard-8'),
    rest: someOf({
      name: label,
      projectNumber: fc.constant('123456789012'),
      googleServiceAccount: fc.constant('reader@my-project.iam.gserviceaccount.com'),
      kubernetesVersion,
    }),
  })
  .map(({ t4, pools, rest }) => ({
    cluster: Cluster.gke({ projectId: 'my-project', imageRegistry: 'gcr.io/p', nodePools: [...(pools ?? []), ...t4.declared], ...rest }),
    accelerators: t4.said === undefined ? [NVIDIA_T4, NVIDIA_L4, NVIDIA_V100, NVIDIA_P100, CUSTOM] : [NVIDIA_T4],
    gpuNodes: t4.said ?? {},
  }));

const autopilot: fc.Arbitrary<Site> = kubernetesVersion.map((version) => ({
  cluster: Cluster.gke({ projectId: 'my-project', imageRegistry: 'gcr.io/p', autopilot: true, kubernetesVersion: version }),
  accelerators: [NVIDIA_T4, NVIDIA_L4, CUSTOM],
  gpuNodes: {},
}));

const eks: fc.Arbitrary<Site> = fc
  .record({
    t4: t4Nodes('g4dn.12xlarge'),
    pools: nodePools('m5.2xlarge'),
    rest: someOf({ name: label, nodes: fc.constantFrom(...Object.values(EksNodes)), kubernetesVersion }),
  })
  .map(({ t4, pools, rest }) => ({
    cluster: Cluster.eks({
      imageRepository: '1.dkr.ecr.eu-west-1.amazonaws.com/m',
      nodePools: [...(pools ?? []), ...t4.declared],
      ...rest,
    }),
    accelerators: t4.said === undefined ? [NVIDIA_T4, NVIDIA_L4, NVIDIA_V100, NVIDIA_A10G, CUSTOM] : [NVIDIA_T4],
    gpuNodes: t4.said ?? {},
  }));

export const site = fc.oneof(local(Cluster.kind), local(Cluster.minikube), gke, autopilot, eks);

export const siteWithGpus = fc.oneof(
  local(Cluster.kind).filter(({ accelerators }) => accelerators.length > 0),
  gke,
  autopilot,
  eks,
);

/** Name of a pool for pods without GPUs, or none where the cluster has none. */
export function poolOf({ cluster }: Site, choice: number | undefined): string | undefined {
  // a cluster on one machine takes any name, which means nothing there
  if (cluster.local) return choice === undefined ? undefined : 'anywhere';
  const names = cluster.nodePools.map(({ name }) => name).filter((name) => name !== 'gpus');
  return choice === undefined ? undefined : names[choice % Math.max(1, names.length)];
}

/** Props of the chart, with which of the declared pools is its own. */
export const chartProps = fc.record({
  poolChoice: some(fc.nat(1)),
  props: someOf({
    namespace: label,
    createNamespace: truth,
    podSecurity: fc.constantFrom('restricted', 'baseline', 'privileged'),
    labels,
  }),
});

/** A pool of GPUs that the site has, and the number of them that a pod may ask for. */
export const gpuPool = (at: Site): fc.Arbitrary<{ pool: GpuModelPoolProps; gpus: number | undefined }> =>
  fc
    .record({
      accelerator: fc.constantFrom(...at.accelerators),
      gpusPerNode: some(fc.constantFrom(1, 2, 4)),
      gpus: some(fc.constantFrom(1, 2, 4)),
      nodes: fc.tuple(fc.nat(3), fc.integer({ min: 3, max: 8 })),
      rest: someOf({ spot: truth, runtimeClassName: label, minNodes: fc.constant(0) }),
    })
    .map(({ accelerator, gpusPerNode, gpus, nodes: [minNodes, maxNodes], rest }) => {
      const pool = { accelerator, minNodes, maxNodes, gpusPerNode, ...rest, ...at.gpuNodes };
      const declared = at.gpuNodes.maxNodes !== undefined;
      if (declared) Object.assign(pool, { gpusPerNode: 4, minNodes: at.gpuNodes.minNodes });
      return { pool, gpus: gpus === undefined ? undefined : Math.min(gpus, pool.gpusPerNode ?? 1) };
    });
