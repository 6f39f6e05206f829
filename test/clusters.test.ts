import { App } from 'cdk8s';
import {
  AutoscaledService,
  Cluster,
  ContainerImage,
  EksNodes,
  Exposure,
  type LocalClusterProps,
  LocalGpus,
  type NodePoolProps,
  ServingChart,
} from '../lib';
import { eksReserved, gkeReserved } from '../lib/cluster/allocatable';
import { ec2MachineSize, gceMachineSize } from '../lib/cluster/machine-types';
import { container, render } from './support/render';

const MIB = 2 ** 20;
const GIB = 2 ** 30;

describe('images', () => {
  const imageOn = (cluster: Cluster, image: ContainerImage) => {
    const objects = render((chart) => {
      new AutoscaledService(chart, 'ping', { image, ports: [{ port: 80 }], resources: { requests: { cpu: '1', memory: '1Gi' } } });
    }, cluster);
    const { image: reference, imagePullPolicy } = container(objects);
    return [reference, imagePullPolicy];
  };

  test.each([
    ['kind', Cluster.kind(), 'ping:v1'],
    ['kind with its registry', Cluster.kind({ registry: true }), 'localhost:5001/ping:v1'],
    ['minikube', Cluster.minikube(), 'ping:v1'],
    ['minikube with its registry', Cluster.minikube({ registry: true }), 'localhost:5000/ping:v1'],
    [
      'GKE',
      Cluster.gke({ projectId: 'p', imageRegistry: 'us-central1-docker.pkg.dev/p/models' }),
      'us-central1-docker.pkg.dev/p/models/ping:v1',
    ],
    [
      'EKS',
      Cluster.eks({ imageRepository: '1.dkr.ecr.eu-west-1.amazonaws.com/models' }),
      '1.dkr.ecr.eu-west-1.amazonaws.com/models:ping-v1',
    ],
  ])('an image that you build on %s', (_, cluster, reference) => {
    expect(imageOn(cluster, ContainerImage.fromBuild('ping:v1'))).toEqual([reference, 'IfNotPresent']);
    expect(imageOn(cluster, ContainerImage.fromRegistry('tensorflow/serving:2.19.1'))).toEqual([
      'tensorflow/serving:2.19.1',
      'IfNotPresent',
    ]);
  });

  test('fails where a cluster has no place for images that you build', () => {
    const image = ContainerImage.fromBuild('ping:v1');
    expect(() => imageOn(Cluster.gke({ projectId: 'p' }), image)).toThrow(
      /models\/ping: Cluster.gke: 'imageRegistry' \(undefined\) must say where 'ping:v1' is pushed to/,
    );
    expect(() => imageOn(Cluster.eks(), image)).toThrow(/'imageRepository'/);
  });

  const digest = `sha256:${'a'.repeat(64)}`;
  test.each(['ping:v1', 'team/ping:v1', `ping@${digest}`, `localhost:5000/a/b:1@${digest}`, 'gcr.io/p/x:1.2-gpu'])(
    '%s is pinned',
    (reference) => {
      expect(ContainerImage.fromRegistry(reference).reference).toBe(reference);
    },
  );

  test.each([
    ['ping', /has neither tag nor digest/],
    ['ping:latest', /must not have the tag 'latest'/],
    ['localhost:5000/ping', /has neither tag nor digest/],
    ['Ping:v1', /is not an image reference/],
    ['ping :v1', /is not an image reference/],
    ['', /is not an image reference/],
    [`ping@sha256:${'a'.repeat(63)}`, /is not an image reference/],
  ])('%j is refused', (reference, message) => {
    expect(() => ContainerImage.fromRegistry(reference)).toThrow(message);
  });

  test('an image that you build names no registry', () => {
    expect(() => ContainerImage.fromBuild('gcr.io/p/ping:v1')).toThrow(/must not name a registry/);
    expect(() => ContainerImage.fromBuild('localhost/ping:v1')).toThrow(/must not name a registry/);
    expect(ContainerImage.fromBuild('team/ping:v1').reference).toBe('team/ping:v1');
  });
});

describe('what a node leaves to pods', () => {
  test.each([
    // capacity in vCPU and GiB, and what the tiers of the documentation keep back of them
    [1, 3.75, 60, 960],
    [4, 15, 80, 1024 + 819.2 + 716.8],
    [8, 30, 90, 1024 + 819.2 + 819.2 + 0.06 * 14 * 1024],
    [96, 360, 310, 1024 + 819.2 + 819.2 + 0.06 * 112 * 1024 + 0.02 * 232 * 1024],
  ])('GKE keeps its tiers of %d vCPU and %d GiB', (vcpus, gib, milli, mib) => {
    const reserved = gkeReserved({ milliCpu: vcpus * 1000, memoryBytes: gib * GIB });
    expect(reserved.milliCpu).toBe(milli);
    expect(reserved.memoryBytes / MIB).toBeCloseTo(mib + 100, 0);
  });

  test('EKS keeps memory by the pods that a node may carry', () => {
    expect(eksReserved({ milliCpu: 4000, memoryBytes: 16 * GIB }, 58)).toEqual({ milliCpu: 80, memoryBytes: (255 + 11 * 58 + 100) * MIB });
  });

  test.each([
    ['n1-standard-4', 4, 15 * 1024],
    ['n1-highmem-4', 4, 26 * 1024],
    ['e2-custom-2-4096', 2, 4096],
    ['custom-6-20480', 6, 20480],
    ['g2-standard-8', 8, 32 * 1024],
    ['a2-highgpu-1g', 12, 85 * 1024],
  ])('%s has %d vCPU and %d MiB', (type, vcpus, memoryMib) => {
    expect(gceMachineSize(type)).toEqual({ vcpus, memoryMib });
  });

  test('machine types that are not known have no size', () => {
    expect(gceMachineSize('z9-mega-4')).toBeUndefined();
    expect(gceMachineSize('constructor')).toBeUndefined();
    expect(ec2MachineSize('m5.xlarge')).toEqual({ vcpus: 4, memoryMib: 16 * 1024 });
    expect(ec2MachineSize('c5.9xlarge')).toEqual({ vcpus: 36, memoryMib: 72 * 1024 });
    expect(ec2MachineSize('m5')).toBeUndefined();
  });

  test('one pod of three cores fits a node of four, and the whole node is what one pod may ask for', () => {
    const cluster = Cluster.gke({ projectId: 'p', nodePools: [{ name: 'pool', machineType: 'n1-standard-4', maxNodes: 3 }] });
    const pool = cluster.nodePool('pool');
    expect(pool.podsPerNode({ milliCpu: 3000, memoryBytes: 4 * GIB })).toBe(1);
    expect(pool.podsPerNode({ milliCpu: 1000, memoryBytes: 4 * GIB })).toBe(2);
    expect(pool.podsPerNode({ milliCpu: 1000, memoryBytes: GIB, gpus: 1 })).toBe(0);
    expect(pool.wholeNode()).toEqual({ cpu: '3620m', memory: '12192Mi' });
  });
});

describe('declarations that cannot be', () => {
  const pool = (props: Partial<NodePoolProps>) => () =>
    Cluster.gke({ projectId: 'p', nodePools: [{ name: 'pool', machineType: 'n1-standard-4', maxNodes: 3, ...props }] });
  const kind = (props: LocalClusterProps) => () => Cluster.kind(props);
  test.each([
    [
      'an unknown machine type',
      pool({ machineType: 'z9-mega-4' }),
      /'nodePools.pool.machineType' \("z9-mega-4"\).*cpu: '4', memory: '16Gi'/,
    ],
    ['no nodes', pool({ maxNodes: 0 }), /'nodePools.pool.maxNodes' \(0\)/],
    ['more nodes at least than at most', pool({ minNodes: 4 }), /'nodePools.pool.minNodes' \(4\)/],
    ['a pool name that is none', pool({ name: 'Pool' }), /'nodePools.name' \("Pool"\)/],
    [
      'pools on Autopilot',
      () => Cluster.gke({ projectId: 'p', autopilot: true, nodePools: [{ name: 'a', machineType: 'n1-standard-4', maxNodes: 1 }] }),
      /cannot be declared on Autopilot/,
    ],
    ['a registry with a protocol', () => Cluster.gke({ projectId: 'p', imageRegistry: 'https://gcr.io/p' }), /'imageRegistry'/],
    ['no project', () => Cluster.gke({ projectId: '' }), /'projectId' \(""\)/],
    ['a cluster name that is none', kind({ name: 'My Cluster' }), /'name' \("My Cluster"\)/],
    ['half a CPU', kind({ cpus: 0.5 }), /'cpus' \(0.5\)/],
    ['an ancient Kubernetes', kind({ kubernetesVersion: '1.19' }), /'kubernetesVersion' \("1.19"\)/],
  ])('fails on %s', (_, make, message) => {
    expect(make).toThrow(message);
  });

  test('sizes that are told count where the machine type is not known', () => {
    const cluster = Cluster.gke({
      projectId: 'p',
      nodePools: [{ name: 'pool', machineType: 'z9-mega-4', cpu: '4', memory: '16Gi', maxNodes: 1 }],
    });
    expect(cluster.nodePool('pool').allocatable.milliCpu).toBe(3920);
  });
});

test('EKS selects pools by the labels of what makes its nodes', () => {
  const selector = (nodes: EksNodes) => {
    const cluster = Cluster.eks({ nodes, nodePools: [{ name: 'cpu', machineType: 'm5.xlarge', maxNodes: 2 }] });
    return cluster._dialect.nodePoolSelector(cluster.nodePool('cpu'));
  };
  expect(selector(EksNodes.MANAGED_NODE_GROUPS)).toEqual({ 'eks.amazonaws.com/nodegroup': 'cpu' });
  expect(selector(EksNodes.KARPENTER)).toEqual({ 'karpenter.sh/nodepool': 'cpu' });
});

test('what reaches a service is the command of the platform', () => {
  const exposure = Exposure.external({ allowedCidrs: ['203.0.113.0/24'] });
  const address = { namespace: 'e', service: 'ping', port: 80 };
  const reach = (cluster: Cluster, how = exposure) => cluster._dialect.reachCommands(how, address);
  expect(reach(Cluster.kind())).toEqual(['kubectl -n e port-forward service/ping 8080:80']);
  expect(reach(Cluster.minikube())).toEqual(['minikube service ping --namespace e --url']);
  expect(reach(Cluster.minikube({ name: 'lab', loadBalancer: true }))).toEqual(['minikube tunnel', 'kubectl -n e get service ping']);
  expect(reach(Cluster.eks())).toEqual(['kubectl -n e get service ping --watch']);
  expect(reach(Cluster.gke({ projectId: 'p' }), Exposure.cluster())).toEqual(['kubectl -n e port-forward service/ping 8080:80']);
});

test('the cluster of a construct is the nearest one above it', () => {
  const cluster = Cluster.kind({ gpus: LocalGpus.AVAILABLE });
  const chart = new ServingChart(new App(), 'models', { cluster });
  expect(Cluster.of(chart)).toBe(cluster);
  expect(Cluster.isNamed(new App())).toBe(false);
  expect(Cluster.of(new App()).name).toBe('kubernetes');
});
