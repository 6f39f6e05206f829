import {
  Accelerator,
  AutoscaledService,
  Autoscaling,
  Cluster,
  ContainerImage,
  Exposure,
  GpuModelPool,
  ModelGateway,
  ModelSource,
  Peer,
  Route,
  ServerImage,
  type ServingChart,
  TfServingModel,
} from '../../../lib';
import type { KubeObject } from '../../../lib/check';
import { eventually } from '../support/api';
import { get, run, SERVER_SIDE } from '../support/kubectl';
import { keyOf, objectsIn } from '../support/manifests';
import { Scene } from '../support/scene';

const scene = new Scene('no-drift');

const small = { requests: { cpu: '100m', memory: '64Mi' } };
const exposure = Exposure.external({ allowedCidrs: ['203.0.113.0/24'] });

/** One of everything, with and without what is left out most often: an empty list is where drift hides. */
function everything(chart: ServingChart): void {
  const server = ServerImage.official('2.19.1');
  const gpus = new GpuModelPool(chart, 'gpus', { accelerator: Accelerator.NVIDIA_T4, machineType: 'n1-standard-8', maxNodes: 2 });
  new TfServingModel(chart, 'bare', { source: ModelSource.inImage('/models/m'), server, resources: small });
  new TfServingModel(chart, 'on-gpu', { source: ModelSource.gcs('gs://bucket/m'), server, resources: small, pool: gpus, replicas: 2 });
  const model = new TfServingModel(chart, 'claimed', {
    source: ModelSource.persistentVolumeClaim('models', { path: 'm' }),
    server,
    resources: { requests: small.requests, limits: { cpu: '0.5', memory: '0.125Gi' } },
    autoscaling: Autoscaling.cpu({ minReplicas: 2, maxReplicas: 5 }),
    batching: { maxBatchSize: 32, batchTimeoutMicros: 1000, maxEnqueuedBatches: 8, numBatchThreads: 2 },
    headless: true,
    scrapers: [Peer.namespace('monitoring')],
    callers: [Peer.namespace('web'), Peer.cidr('10.1.0.0/16')],
  });
  new ModelGateway(chart, 'gateway', {
    image: ContainerImage.fromBuild('gateway:v1'),
    targetPort: 8080,
    model,
    resources: small,
    env: { HOME: '/tmp', EMPTY: '' },
    routes: [
      Route.ingress({ ingressClassName: 'nginx', controllerNamespace: 'ingress-nginx', host: 'm.example.com', tlsSecretName: 'tls' }),
    ],
    egress: [{ to: Peer.internet(), ports: [443] }],
  });
  new AutoscaledService(chart, 'shown', {
    image: ContainerImage.fromRegistry('ping:v1'),
    ports: [{ port: 80, targetPort: 8080 }],
    resources: small,
    exposure,
    serviceAccountAnnotations: { team: 'a' },
    podLabels: { tier: 'web' },
    tolerations: [{ key: 'a', operator: 'Exists' }],
  });
  new AutoscaledService(chart, 'bare-service', {
    image: ContainerImage.fromRegistry('ping:v1'),
    ports: [{ port: 80, targetPort: 8080 }],
    resources: small,
    env: {},
    callers: [],
    egress: [],
    imagePullSecrets: [],
    tolerations: [],
    nodeSelector: {},
    args: [],
    volumes: [],
    replicas: 0,
  });
}

scene.story('of every construct nothing is left to change after it was applied, and applying again changes nothing', async () => {
  const cluster = Cluster.gke({ projectId: 'my-project', imageRegistry: 'gcr.io/my-project' });
  const { file } = scene.written(cluster, everything);
  await scene.apply(file);
  const objects = objectsIn(file).length;
  await settled(file);

  const again = await scene.apply(file);
  const changed = again.stdout.split('\n').filter((line) => line !== '' && !line.endsWith(' unchanged'));
  scene.say(
    `no drift: a second apply says unchanged for ${objects - changed.length} of ${objects} objects; the others: ${kindsOf(changed)}`,
  );
  // kubectl sends their selector at every apply, as the patch strategy of its type wants, and the server stores no change
  expect(changed.filter((line) => !line.startsWith('poddisruptionbudget.policy/'))).toEqual([]);
  await unchangedBy(file, []);

  await scene.apply(file, ...SERVER_SIDE);
  await settled(file);
  await unchangedBy(file, SERVER_SIDE);
  scene.say(`no drift: ${objects} objects keep generation and resource version at one more apply in both ways, and kubectl diff is empty`);
});

/** Expects that applying a file once more changes no stored object, and that kubectl sees no difference to it. */
async function unchangedBy(file: string, flags: string[]): Promise<void> {
  const before = versions(file);
  await scene.apply(file, ...flags);
  expect(versions(file)).toEqual(before);
  expect(run(['diff', ...flags, '--filename', file])).toMatchObject({ code: 0, stdout: '' });
}

/** Waits until the controllers have seen the objects, so that what changes afterwards changes by applying. */
async function settled(file: string): Promise<void> {
  await eventually(
    'the controllers have seen everything',
    60,
    () => get('--filename', file).filter(({ kind }) => kind === 'Deployment' || kind === 'PodDisruptionBudget'),
    (seen) => seen.every(({ metadata, status }) => status?.observedGeneration === (metadata as { generation?: number }).generation),
  );
}

/** What tells a change of each object: where controllers write a status, the resource version says nothing about the rest. */
function versions(file: string): Map<string, unknown> {
  return new Map(get('--filename', file).map((object) => [keyOf(object), versionOf(object)]));
}

function versionOf({ kind, metadata, spec }: KubeObject): unknown {
  const { generation, resourceVersion } = metadata as { generation?: number; resourceVersion?: string };
  return generation ?? (kind === 'HorizontalPodAutoscaler' ? spec : resourceVersion);
}

function kindsOf(lines: string[]): string {
  const kinds = lines.map((line) => line.split('/')[0]);
  return [...new Set(kinds)].map((kind) => `${kinds.filter((other) => other === kind).length} ${kind}`).join(', ') || 'none';
}
