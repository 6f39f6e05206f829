import { Duration } from 'cdk8s';
import type { Construct } from 'constructs';
import {
  Accelerator,
  AutoscaledService,
  Autoscaling,
  Cluster,
  ContainerImage,
  Exposure,
  GpuModelPool,
  LocalGpus,
  ModelGateway,
  ModelSource,
  Peer,
  Route,
  ServerImage,
  ServingApp,
  ServingChart,
  ServingProtocol,
  TfServingModel,
} from './lib';

/** Who may call the exposed services: put your own networks here. */
const exposure = Exposure.external({ allowedCidrs: ['203.0.113.0/24'] });

/** Tag or digest of the experiment's image, from the pipeline that builds it; a new one rolls out. */
const release = process.env.MODEL_RELEASE || 'v1.0.0';

/** ResNet-50 on gRPC 9000, baked into an image without an entry point; on GPUs; and read from a bucket, refreshing itself. */
export function resnetTutorial(site: Construct, cluster: Cluster): void {
  const common = {
    name: 'resnet-deployment',
    serviceName: 'resnet-service',
    modelName: 'resnet',
    server: ServerImage.custom({
      image: ContainerImage.fromBuild('resnet-server-cpu:v1'),
      gpuImage: ContainerImage.fromBuild('resnet-server-gpu:v1'),
      release: '2.19.1',
    }),
    source: ModelSource.inImage('/resnet_servable/'),
    protocols: [ServingProtocol.GRPC],
    grpcPort: 9000,
    requestTimeout: Duration.seconds(60),
    resources: { requests: { cpu: '1', memory: '2Gi' } },
    replicas: cluster.local ? 1 : 5,
    exposure,
  };
  new TfServingModel(new ServingChart(site, 'a-resnet', { nodePool: 'general' }), 'resnet', common);

  const gpuChart = new ServingChart(site, 'a-resnet-gpu');
  const pool = new GpuModelPool(gpuChart, 'gpus', { accelerator: Accelerator.NVIDIA_T4, machineType: 'n1-standard-8', maxNodes: 5 });
  new TfServingModel(gpuChart, 'resnet', { ...common, pool });

  const bucket = ModelSource.gcs('gs://my-project-bucket/resnet', { pollInterval: Duration.minutes(1), keyFileSecretName: 'gcs-key' });
  const liveChart = new ServingChart(site, 'a-resnet-live', { nodePool: 'general' });
  new TfServingModel(liveChart, 'resnet', { ...common, source: bucket, modelMemory: '512Mi' });
}

/** ResNet-101 that an autoscaler drives to the limit of its node pool. */
export function autoscalingLab(site: Construct): void {
  new TfServingModel(new ServingChart(site, 'b-autoscaling'), 'image-classifier', {
    modelName: 'image_classifier',
    source: ModelSource.gcs('gs://my-project-bucket/resnet_101', { keyFileSecretName: 'gcs-key' }),
    envConfigMapName: 'tfserving-configs',
    server: ServerImage.official('2.8.0'),
    resources: { requests: { cpu: '3', memory: '4Gi' } },
    autoscaling: Autoscaling.cpu({ averageUtilization: 60, minReplicas: 1, maxReplicas: 4 }),
    nodePool: 'default-pool',
    exposure,
  });
}

/** Inception on gRPC 9000, and a web page in front of it behind Traefik. */
export function inception(site: Construct, cluster: Cluster): void {
  const chart = new ServingChart(site, 'c-inception', { nodePool: 'general' });
  const model = new TfServingModel(chart, 'inception', {
    name: 'inception-deployment',
    serviceName: 'inception-service',
    source: ModelSource.inImage('/serving/inception-export'),
    server: ServerImage.custom({ image: ContainerImage.fromBuild('tensorflow-serving-inception:v1'), release: '2.19.1' }),
    protocols: [ServingProtocol.GRPC],
    grpcPort: 9000,
    resources: { requests: { cpu: '1', memory: '2Gi' } },
    replicas: cluster.local ? 1 : 3,
    exposure,
  });
  new ModelGateway(chart, 'ui', {
    name: 'inception-ui-deployment',
    serviceName: 'inception-ui',
    image: ContainerImage.fromBuild('image-classifier-ui:v1'),
    command: ['npm', 'start'],
    env: { HOME: '/tmp' },
    port: 8080,
    targetPort: 8080,
    model,
    resources: { requests: { cpu: '100m', memory: '256Mi' } },
    routes: [Route.ingress({ ingressClassName: 'traefik', path: '/inception', controllerNamespace: 'traefik' })],
  });
}

/** Fifteen ways to spend sixteen vCPUs on ResNet-50: nodes, vCPUs, memory, inter-op threads, batching. */
export function experimentGrid(site: Construct, cluster: Cluster): void {
  const shapes = [
    { n: 8, c: 2, r: 4 },
    { n: 4, c: 4, r: 8 },
    { n: 2, c: 8, r: 16 },
    { n: 2, c: 8, r: 64 },
    { n: 2, c: 8, r: 64, batching: { maxBatchSize: 128, batchTimeoutMicros: 0, maxEnqueuedBatches: 2, numBatchThreads: 2 } },
  ];
  for (const { n, c, r, batching } of shapes) {
    for (const interop of [2, 4, 8]) {
      const pool = cluster.local ? undefined : cluster.nodePool(`grid-${c}c-${r}r`);
      new TfServingModel(new ServingChart(site, `d-${n}n-${c}c-${r}r-interop${interop}${batching ? '-batch' : ''}`), 'tfs-server', {
        modelName: 'resnet',
        source: ModelSource.inImage('/models/resnet'),
        server: ServerImage.custom({ image: ContainerImage.fromBuild('tfserving-resnet', { release }), release: '2.8.0' }),
        flags: { tensorflowInterOpParallelism: interop, tensorflowIntraOpParallelism: c },
        batching,
        configMapName: 'tfs-config',
        resources: { requests: pool?.wholeNode() ?? { cpu: '500m', memory: '1Gi' } },
        replicas: cluster.local ? 1 : n,
        onePerNode: true,
        nodePool: `grid-${c}c-${r}r`,
        exposure,
      });
    }
  }
}

/** A ping service, a clothing classifier, and the gateway that turns picture addresses into its requests. */
export function clothingClassifier(site: Construct, nodePool: string): void {
  const chart = new ServingChart(site, 'e-clothing', { nodePool });
  new AutoscaledService(chart, 'ping', {
    name: 'ping-deployment',
    serviceName: 'ping-service',
    image: ContainerImage.fromBuild('ping:v1'),
    ports: [{ port: 80, targetPort: 9696 }],
    resources: { limits: { cpu: '500m', memory: '128Mi' } },
    exposure,
  });
  const model = new TfServingModel(chart, 'tf-serving-model', {
    modelName: 'clothing-model',
    source: ModelSource.inImage('/models/clothing-model'),
    server: ServerImage.custom({ image: ContainerImage.fromBuild('zoomcamp-10-model:v1'), release: '2.7.0' }),
    protocols: [ServingProtocol.GRPC],
    resources: { limits: { cpu: '1', memory: '512Mi' } },
    replicas: 2,
  });
  new ModelGateway(chart, 'gateway', {
    image: ContainerImage.fromBuild('zoomcamp-10-gateway:v2'),
    model,
    targetPort: 9696,
    resources: { limits: { cpu: '100m', memory: '128Mi' } },
    replicas: 5,
    egress: [{ to: Peer.internet(), ports: [80, 443] }],
    exposure,
  });
}

/** The clusters that the reference app is written for. */
export function clusters(): Cluster[] {
  const taints = [{ key: 'dedicated', value: 'grid', effect: 'NoSchedule' }];
  return [
    Cluster.minikube({ registry: true, cpus: 4, memory: '8096Mi', gpus: LocalGpus.CPU_STAND_IN }),
    // an image that is loaded into the nodes has no digest, one from the registry has
    Cluster.kind({ gpus: LocalGpus.CPU_STAND_IN, registry: release.startsWith('sha256:') }),
    Cluster.gke({
      projectId: 'my-project',
      imageRegistry: 'us-central1-docker.pkg.dev/my-project/models',
      nodePools: [
        { name: 'default-pool', machineType: 'n1-standard-4', minNodes: 1, maxNodes: 3 },
        { name: 'general', machineType: 'e2-standard-8', minNodes: 1, maxNodes: 3 },
        { name: 'grid-2c-4r', machineType: 'e2-custom-2-4096', maxNodes: 24, taints },
        { name: 'grid-4c-8r', machineType: 'e2-custom-4-8192', maxNodes: 12, taints },
        { name: 'grid-8c-16r', machineType: 'e2-custom-8-16384', maxNodes: 6, taints },
        { name: 'grid-8c-64r', machineType: 'e2-custom-8-65536', maxNodes: 12, taints },
      ],
    }),
  ];
}

/** The whole reference app. */
export function referenceApp(app = new ServingApp()): ServingApp {
  for (const cluster of clusters()) {
    const site = app.on(cluster);
    resnetTutorial(site, cluster);
    autoscalingLab(site);
    inception(site, cluster);
    experimentGrid(site, cluster);
    clothingClassifier(site, 'general');
  }
  const eks = Cluster.eks({
    imageRepository: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/mlzoomcamp-images',
    nodePools: [{ name: 'ng-m5-xlarge', machineType: 'm5.xlarge', minNodes: 1, maxNodes: 1 }],
  });
  clothingClassifier(app.on(eks), 'ng-m5-xlarge');
  return app;
}

if (require.main === module) referenceApp().synth();
