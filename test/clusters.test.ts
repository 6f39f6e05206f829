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
import { ec2Machine, ec2MaxPods } from '../lib/cluster/ec2-machines';
import { gceMachine } from '../lib/cluster/gce-machines';
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
      Cluster.gke({ projectId: 'my-project', imageRegistry: 'us-central1-docker.pkg.dev/my-project/models' }),
      'us-central1-docker.pkg.dev/my-project/models/ping:v1',
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
    expect(() => imageOn(Cluster.gke({ projectId: 'my-project' }), image)).toThrow(
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

describe('a release from outside', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const gke = Cluster.gke({ projectId: 'my-project', imageRegistry: 'gcr.io/my-project' });
  const eks = Cluster.eks({ imageRepository: '1.dkr.ecr.eu-west-1.amazonaws.com/models' });
  const answer = (cluster: Cluster, name: string, release: string) => {
    const { reference, command } = cluster._dialect.image(ContainerImage.fromBuild(name, { release }));
    return [reference, command];
  };

  test.each<[string, Cluster, string, string, string, string | undefined]>([
    ['a tag on kind', Cluster.kind(), 'resnet', 'v2', 'resnet:v2', 'kind load docker-image resnet:v2 --name kind'],
    [
      'a tag on GKE',
      gke,
      'resnet',
      'v2',
      'gcr.io/my-project/resnet:v2',
      'docker tag resnet:v2 gcr.io/my-project/resnet:v2 && docker push gcr.io/my-project/resnet:v2',
    ],
    ['a digest on GKE', gke, 'resnet', digest, `gcr.io/my-project/resnet@${digest}`, undefined],
    ['a digest in the registry of kind', Cluster.kind({ registry: true }), 'resnet', digest, `localhost:5001/resnet@${digest}`, undefined],
    ['a digest on EKS', eks, 'team/resnet', digest, `1.dkr.ecr.eu-west-1.amazonaws.com/models@${digest}`, undefined],
    [
      'a tag and a digest on GKE',
      gke,
      'resnet:v2',
      digest,
      `gcr.io/my-project/resnet:v2@${digest}`,
      'docker tag resnet:v2 gcr.io/my-project/resnet:v2 && docker push gcr.io/my-project/resnet:v2',
    ],
    [
      'a tag and a digest on EKS',
      eks,
      'team/resnet:v2',
      digest,
      `1.dkr.ecr.eu-west-1.amazonaws.com/models:team-resnet-v2@${digest}`,
      'docker tag team/resnet:v2 1.dkr.ecr.eu-west-1.amazonaws.com/models:team-resnet-v2 && docker push 1.dkr.ecr.eu-west-1.amazonaws.com/models:team-resnet-v2',
    ],
  ])('%s', (_, cluster, name, release, reference, command) => {
    expect(answer(cluster, name, release)).toEqual([reference, command]);
  });

  test.each([
    ['resnet', 'sha256:abc', /'release' \("sha256:abc"\) is neither a tag nor a digest/],
    ['resnet', '', /'release' \(""\) is neither a tag nor a digest/],
    ['resnet', 'v1 && id', /is neither a tag nor a digest/],
    ['resnet', 'latest', /must not have the tag 'latest'/],
    ['resnet:v1', 'v2', /'release' \("v2"\) cannot stand beside the one in 'resnet:v1'/],
    [`resnet@${digest}`, digest, /cannot stand beside the one in/],
    ['Resnet', 'v1', /'name' \("Resnet:v1"\) is not an image reference/],
    [`resnet:${digest}`, undefined, /is not an image reference. Write for example 'ping:v1', or 'ping' with a 'release'/],
  ])('%j with %j is refused', (name, release, message) => {
    expect(() => ContainerImage.fromBuild(name, { release })).toThrow(message);
  });

  test('a digest is refused where images are loaded into nodes, which lose it', () => {
    for (const name of ['resnet', 'resnet:v1']) {
      expect(() => answer(Cluster.minikube(), name, digest)).toThrow(
        /Cluster.minikube: 'image' \("resnet.*has a digest, which an image that is loaded.*Cluster.minikube\({ registry: true }\)/,
      );
    }
  });

  test('a name that ECR would not take as a tag is refused', () => {
    expect(answer(eks, 'a'.repeat(100), 'b'.repeat(27))[0]).toMatch(/:a+-b+$/);
    expect(() => answer(eks, 'a'.repeat(100), 'b'.repeat(28))).toThrow(/becomes a tag of more than 128 characters/);
  });
});

describe('what a node leaves to pods', () => {
  const gkeNode = (machineType: string) =>
    Cluster.gke({ projectId: 'my-project', nodePools: [{ name: 'pool', machineType, maxNodes: 3 }] }).nodePool('pool');
  const eksNode = (machineType: string) => Cluster.eks({ nodePools: [{ name: 'pool', machineType, maxNodes: 3 }] }).nodePool('pool');

  test.each([
    // vCPU, GiB, what the tiers of the documentation keep of them, what the kernel keeps
    [1, 3.75, 60, 960, 60 + 16 + 64 + 8 + 6.72],
    [4, 15, 80, 1024 + 819.2 + 716.8, 240 + 16 + 64 + 26.88],
    [8, 30, 90, 1024 + 819.2 + 819.2 + 0.06 * 14 * 1024, 480 + 16 + 64 + 53.76],
    [96, 360, 310, 1024 + 819.2 + 819.2 + 0.06 * 112 * 1024 + 0.02 * 232 * 1024, 5760 + 16 + 64 + 248],
  ])('GKE keeps its tiers of %d vCPU and %d GiB, and the kernel its part', (vcpus, gib, milli, tiers, kernel) => {
    const reserved = gkeReserved({ milliCpu: vcpus * 1000, memoryBytes: gib * GIB });
    expect(reserved.milliCpu).toBe(milli);
    expect(reserved.memoryBytes / MIB).toBeCloseTo(tiers + kernel + 100, 0);
  });

  test('EKS keeps memory by the pods that a node may carry, of what the instance shows', () => {
    expect(eksReserved({ milliCpu: 4000, memoryBytes: 16 * GIB }, 58)).toEqual({
      milliCpu: 80,
      memoryBytes: Math.ceil(0.075 * 16 * GIB) + (255 + 11 * 58 + 100) * MIB,
    });
  });

  // status.allocatable of real nodes, in bytes
  // https://github.com/2i2c-org/infrastructure/blob/main/deployer/commands/generate/resource_allocation/node-capacity-info.json
  test.each([
    ['n1-highmem-4', gkeNode, 3920, 23829102592],
    ['n2-highmem-4', gkeNode, 3920, 29783904256],
    ['n2-highmem-32', gkeNode, 31850, 257783492608],
    ['r5.xlarge', eksNode, 3920, 32123604992],
    ['r5.4xlarge', eksNode, 15890, 130451771392],
  ])('no more is promised of an %s than real ones have', (type, node, milli, measured) => {
    const { allocatable } = node(type);
    expect(allocatable.milliCpu).toBe(milli);
    expect(allocatable.memoryBytes).toBeLessThanOrEqual(measured);
    expect(allocatable.memoryBytes).toBeGreaterThan(0.94 * measured);
  });

  test.each([
    ['n1-standard-4', 4, 15 * 1024],
    ['n1-highmem-4', 4, 26 * 1024],
    ['n2-highmem-128', 128, 864 * 1024],
    ['c2-standard-30', 30, 120 * 1024],
    ['e2-custom-2-4096', 2, 4096],
    ['custom-6-20480', 6, 20480],
    ['n1-custom-1-3840', 1, 3840],
    ['n2-custom-36-36864', 36, 36864],
    ['n2-custom-4-65536-ext', 4, 65536],
    ['g2-standard-8', 8, 32 * 1024],
    ['a2-highgpu-1g', 12, 85 * 1024],
    ['a3-highgpu-8g', 208, 1872 * 1024],
  ])('%s has %d vCPU and %d MiB', (type, vcpus, memoryMib) => {
    expect(gceMachine(type)).toMatchObject({ vcpus, memoryMib });
  });

  test.each([
    ['m5.xlarge', 4, 16, 58],
    ['c5.9xlarge', 36, 72, 234],
    ['m5.12xlarge', 48, 192, 234],
    ['r5.16xlarge', 64, 512, 737],
    ['m5.24xlarge', 96, 384, 737],
    ['c5.metal', 96, 192, 737],
    ['m7i.metal-24xl', 96, 384, 737],
    ['c6i.32xlarge', 128, 256, 737],
    ['g4dn.xlarge', 4, 16, 29],
    ['p5.48xlarge', 192, 2048, 100],
  ])('%s has %d vCPU, %d GiB and addresses for %d pods', (type, vcpus, gib, pods) => {
    expect(ec2Machine(type)).toMatchObject({ vcpus, memoryMib: gib * 1024 });
    expect(ec2MaxPods(type, vcpus)).toBe(pods);
  });

  test.each([
    ...[
      'z9-mega-4',
      'constructor',
      'n1-standard-0',
      'n1-standard-4000',
      'n1-standard-04',
      'n1-standard-3',
      'e2-standard-3',
      'e2-highmem-32',
    ],
    ...[
      'g2-standard-6',
      'a2-highgpu-3g',
      'e2-custom-3-4096',
      'e2-custom-2-4097',
      'e2-custom-2-32768',
      'n1-custom-96-1024',
      'c2-custom-4-8192',
    ],
  ])('%s is no machine type of Compute Engine', (type) => {
    expect(gceMachine(type)).toBeUndefined();
  });

  test.each(['m5', 'm5.3xlarge', 'c5.16xlarge', 'm5.metal-24xl', 'g4dn.24xlarge', 'x1.large', 'm5.toString', 'm5.xlarge.large'])(
    '%s is no instance type of EC2',
    (type) => {
      expect(ec2Machine(type)).toBeUndefined();
    },
  );

  test('one pod of three cores fits a node of four, and three nodes take three', () => {
    const pool = gkeNode('n1-standard-4');
    expect(pool.podsPerNode({ milliCpu: 3000, memoryBytes: 4 * GIB })).toBe(1);
    expect(pool.podsPerNode({ milliCpu: 1000, memoryBytes: 4 * GIB })).toBe(2);
    expect(pool.podsPerNode({ milliCpu: 1000, memoryBytes: GIB, gpus: 1 })).toBe(0);
  });

  test.each([
    [gkeNode('n1-standard-4'), '3370m', '11616Mi'],
    [gkeNode('e2-custom-8-65536'), '7360m', '57872Mi'],
    [eksNode('m5.xlarge'), '3570m', '13776Mi'],
  ])('a pod of a whole node fits beside the platform and a small DaemonSet', (pool, cpu, memory) => {
    expect(pool.wholeNode()).toEqual({ cpu, memory });
    const request = { milliCpu: Number.parseInt(cpu, 10), memoryBytes: Number.parseInt(memory, 10) * MIB };
    const { allocatable, systemPods } = pool;
    expect(allocatable.milliCpu - systemPods.milliCpu - request.milliCpu).toBeGreaterThanOrEqual(100);
    expect(allocatable.memoryBytes - systemPods.memoryBytes - request.memoryBytes).toBeGreaterThanOrEqual(128 * MIB);
    expect(pool.podsPerNode(request)).toBe(1);
  });

  test('the GPUs of a machine are those that it has built in', () => {
    expect(gkeNode('g2-standard-24').allocatable.gpus).toBe(2);
    expect(gkeNode('n1-standard-8').allocatable.gpus).toBe(0);
    expect(eksNode('g4dn.12xlarge').allocatable.gpus).toBe(4);
  });
});

describe('declarations that cannot be', () => {
  const pool = (props: Partial<NodePoolProps>) => () =>
    Cluster.gke({ projectId: 'my-project', nodePools: [{ name: 'pool', machineType: 'n1-standard-4', maxNodes: 3, ...props }] });
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
      () =>
        Cluster.gke({ projectId: 'my-project', autopilot: true, nodePools: [{ name: 'a', machineType: 'n1-standard-4', maxNodes: 1 }] }),
      /cannot be declared on Autopilot/,
    ],
    ['a registry with a protocol', () => Cluster.gke({ projectId: 'my-project', imageRegistry: 'https://gcr.io/p' }), /'imageRegistry'/],
    ['no project', () => Cluster.gke({ projectId: '' }), /'projectId' \(""\)/],
    ['a cluster name that is none', kind({ name: 'My Cluster' }), /'name' \("My Cluster"\)/],
    ['half a CPU', kind({ cpus: 0.5 }), /'cpus' \(0.5\)/],
    ['a machine type of an odd size', pool({ machineType: 'n1-standard-3' }), /"n1-standard-3"\) is not a machine type.*known: N1, N2.*A3/],
    [
      'GPUs on a machine without any',
      pool({ machineType: 'e2-standard-4', gpusPerNode: 1 }),
      /'nodePools.pool.gpusPerNode' \(1\) cannot be attached/,
    ],
    ['a number of GPUs that N1 has not', pool({ gpusPerNode: 3 }), /'nodePools.pool.gpusPerNode' \(3\).*Choose one of 1, 2, 4, 8/],
    [
      'GPUs that are built in otherwise',
      pool({ machineType: 'a2-highgpu-4g', gpusPerNode: 2 }),
      /'nodePools.pool.gpusPerNode' \(2\).*built in \(4\)/,
    ],
    [
      'a node too small for any pod',
      pool({ cpu: '500m', memory: '16Gi' }),
      /'nodePools.pool.memory' \("16Gi"\) leaves nothing for pods: one n1-standard-4 node has 500m/,
    ],
    [
      'a machine too small for any pod',
      pool({ systemCpu: '4' }),
      /'nodePools.pool.machineType' \("n1-standard-4"\) leaves nothing for pods/,
    ],
    ['a laptop too small for any pod', kind({ cpus: 1, memory: '2Gi' }), /Cluster.kind: 'memory' \("2Gi"\) leaves nothing for pods/],
    [
      'two pools of one name',
      () => Cluster.eks({ nodePools: [1, 2].map((maxNodes) => ({ name: 'a', machineType: 'm5.large', maxNodes })) }),
      /'nodePools.name' \("a"\) is declared twice/,
    ],
    ['a pool that is none', () => Cluster.eks({ nodePools: ['m5.large'] as never }), /'nodePools' .* must be a list of objects/],
    [
      'a pool without a size',
      () => Cluster.eks({ nodePools: [{ name: 'a' }] as never }),
      /'nodePools\[0\].maxNodes' \(undefined\) must be a number/,
    ],
    ['a pool with a number of cores', pool({ cpu: 4 as never }), /'nodePools\[0\].cpu' \(4\) must be a text/],
    ['a short project', () => Cluster.gke({ projectId: 'p' }), /'projectId' \("p"\) must be the ID of a Google Cloud project/],
    ['a project that is a command', () => Cluster.gke({ projectId: "my-project'; id '" }), /'projectId'/],
    ['a project number in words', () => Cluster.gke({ projectId: 'my-project', projectNumber: 'seven' }), /'projectNumber' \("seven"\)/],
    [
      'a service account that is a command',
      () => Cluster.gke({ projectId: 'my-project', googleServiceAccount: '$(id)@my-project.iam.gserviceaccount.com' }),
      /'googleServiceAccount'/,
    ],
    [
      'a service account without a domain',
      () => Cluster.gke({ projectId: 'my-project', googleServiceAccount: 'reader' }),
      /'googleServiceAccount' \("reader"\)/,
    ],
    [
      'a registry with two dots',
      () => Cluster.gke({ projectId: 'my-project', imageRegistry: 'gcr.io/a..b' }),
      /'imageRegistry' \("gcr.io\/a..b"\)/,
    ],
    ['a repository with a tag', () => Cluster.eks({ imageRepository: '1.dkr.ecr.eu-west-1.amazonaws.com/m:v1' }), /'imageRepository'/],
    [
      'nodes of another making',
      () => Cluster.eks({ nodes: 'fargate' as never }),
      /'nodes' \("fargate"\) is no EksNodes. Write EksNodes.MANAGED_NODE_GROUPS, .* or EksNodes.AUTO_MODE/,
    ],
    ['GPUs of another making', kind({ gpus: 'none' as never }), /'gpus' \("none"\) is no LocalGpus. Write LocalGpus.REFUSE/],
    ['a registry that is a text', kind({ registry: 'yes' as never }), /'registry' \("yes"\) must be true or false/],
    [
      'an address for a network',
      kind({ hostCidrs: ['172.17.0.1'] }),
      /'hostCidrs\[0\]' \("172.17.0.1"\) must be a network.*172.17.0.1\/32/,
    ],
    ['a memory that is no quantity', kind({ memory: 'lots' }), /Cluster.kind: 'memory' \("lots"\)/],
    ['no props', () => Cluster.minikube(null as never), /Cluster.minikube: 'props' \(null\)/],
    [
      'a Kubernetes that is not there yet',
      kind({ kubernetesVersion: '1.43' }),
      /'kubernetesVersion' \("1.43"\) must be a Kubernetes minor from 1.27 to 1.40/,
    ],
    ['a Kubernetes that never will be', kind({ kubernetesVersion: '2.0' }), /'kubernetesVersion' \("2.0"\)/],
    ['an ancient Kubernetes', kind({ kubernetesVersion: '1.19' }), /'kubernetesVersion' \("1.19"\)/],
  ])('fails on %s', (_, make, message) => {
    expect(make).toThrow(message);
  });

  test('sizes that are told count where the machine type is not known', () => {
    const cluster = Cluster.gke({
      projectId: 'my-project',
      nodePools: [{ name: 'pool', machineType: 'z9-mega-4', cpu: '4', memory: '16Gi', maxNodes: 1 }],
    });
    expect(cluster.nodePool('pool').allocatable.milliCpu).toBe(3920);
  });
});

test.each([
  Cluster.gke({ projectId: 'my-project', projectNumber: '123456789012', kubernetesVersion: '1.40' }),
  Cluster.gke({ projectId: 'example.com:my-project', imageRegistry: 'gcr.io/example.com/my-project' }),
  Cluster.gke({ projectId: 'my-project', googleServiceAccount: '123456789012-compute@developer.gserviceaccount.com' }),
  Cluster.eks({ nodes: EksNodes.AUTO_MODE, imageRepository: 'localhost:5000/models' }),
  Cluster.kind({ cpus: 2, memory: '4Gi', hostCidrs: ['10.88.0.0/16', 'fd00::/8'], kubernetesVersion: '1.27.3' }),
])('declarations that can be', (cluster) => {
  expect(cluster.kubernetesMinor).toBeGreaterThanOrEqual(27);
});

test('who acts as a Google service account is told both commands', () => {
  const account = { namespace: 'vision', serviceAccount: 'resnet' };
  const commands = (googleServiceAccount?: string) =>
    Cluster.gke({ projectId: 'my-project', googleServiceAccount })
      ._dialect.gcsAccess(account)
      .commands.map(({ command }) => command);
  expect(commands('reader@my-project.iam.gserviceaccount.com')).toEqual([
    "gcloud iam service-accounts add-iam-policy-binding reader@my-project.iam.gserviceaccount.com --role=roles/iam.workloadIdentityUser --member='serviceAccount:my-project.svc.id.goog[vision/resnet]'",
    "gcloud storage buckets add-iam-policy-binding gs://BUCKET --role=roles/storage.objectViewer --member='serviceAccount:reader@my-project.iam.gserviceaccount.com'",
  ]);
  expect(commands()).toEqual([expect.stringContaining("--member='principal://")]);
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
  expect(reach(Cluster.gke({ projectId: 'my-project' }), Exposure.cluster())).toEqual(['kubectl -n e port-forward service/ping 8080:80']);
});

test('the cluster of a construct is the nearest one above it', () => {
  const cluster = Cluster.kind({ gpus: LocalGpus.AVAILABLE });
  const chart = new ServingChart(new App(), 'models', { cluster });
  expect(Cluster.of(chart)).toBe(cluster);
  expect(Cluster.isNamed(new App())).toBe(false);
  expect(Cluster.of(new App()).name).toBe('kubernetes');
});
