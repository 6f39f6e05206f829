import { Cluster, ServingApp } from '../../../lib';
import type { KubeObject } from '../../../lib/check';
import { referenceApp } from '../../../main';
import { condition, eventually, listIn } from '../support/api';
import { addNodes, deleteNodes, type FakeNode, nodesOf, refuseOtherNodes, sizeOf } from '../support/fake-nodes';
import { kubectl } from '../support/kubectl';
import { fileOf, objectsIn } from '../support/manifests';
import { claimNamespaces, markNamespaces, namespacesGone, namespacesOf, releaseNamespaces } from '../support/namespaces';
import { explained } from '../support/trouble';

/** Label of the nodes. */
const STORY = 'readiness';

/** Pods of each chart by Deployment. */
const PODS: Record<string, Record<string, number>> = {
  'b-autoscaling': { 'image-classifier': 1 },
  'd-2n-8c-64r-interop2': { 'tfs-server': 2 },
  'e-clothing': { gateway: 5, 'ping-deployment': 1, 'tf-serving-model': 2 },
};

const REFERENCE_CHARTS = referenceApp(new ServingApp({ summary: false })).charts;

/** Size of a node of a pool in main.ts. */
function sizeIn(cluster: string, pool: string): Pick<FakeNode, 'cpu' | 'memory'> {
  const chart = REFERENCE_CHARTS.find(({ node }) => node.path === `${cluster}/e-clothing`);
  if (chart === undefined) throw new Error(`main.ts writes no e-clothing for ${cluster}`);
  return sizeOf(Cluster.of(chart).nodePool(pool));
}

/** Nodes of each cluster, or of one chart there, sized as main.ts says or, for kind, as one machine is. */
const NODES: Record<string, FakeNode[]> = {
  kind: [{ name: 'fake-kind', cpu: '8', memory: '32Gi', labels: zone('kind') }],
  minikube: [{ name: 'fake-minikube', ...sizeIn('minikube', 'nodes'), labels: zone('minikube') }],
  gke: ['us-central1-a', 'us-central1-b'].map((name) => ({
    name: `fake-default-pool-${name}`,
    ...sizeIn('gke', 'default-pool'),
    labels: { ...zone(name), 'cloud.google.com/gke-nodepool': 'default-pool' },
  })),
  'gke/e-clothing': ['us-central1-a', 'us-central1-b'].map((name) => ({
    name: `fake-general-${name}`,
    ...sizeIn('gke', 'general'),
    labels: { ...zone(name), 'cloud.google.com/gke-nodepool': 'general' },
  })),
  // pods that take a whole node each, which nobody else may have
  'gke/d-2n-8c-64r-interop2': ['a', 'b'].map((name) => ({
    name: `fake-grid-8c-64r-${name}`,
    ...sizeIn('gke', 'grid-8c-64r'),
    labels: { ...zone('us-central1-a'), 'cloud.google.com/gke-nodepool': 'grid-8c-64r' },
  })),
  eks: [
    {
      name: 'fake-ng-m5-xlarge',
      ...sizeIn('eks', 'ng-m5-xlarge'),
      labels: { ...zone('eu-west-1a'), 'eks.amazonaws.com/nodegroup': 'ng-m5-xlarge' },
    },
  ],
};

/** Whether what is written becomes Ready on nodes of the size for which it was written. */
export function readinessStories(): void {
  afterEach(async () => {
    await namespacesGone(releaseNamespaces());
    deleteNodes(STORY);
  });

  test.each([
    ['kind', 'b-autoscaling'],
    ['kind', 'e-clothing'],
    ['minikube', 'b-autoscaling'],
    ['minikube', 'e-clothing'],
    ['gke', 'b-autoscaling'],
    ['gke', 'e-clothing'],
    ['gke', 'd-2n-8c-64r-interop2'],
    ['eks', 'e-clothing'],
  ])('on %s, all pods of %s become Ready on nodes of its size', async (cluster, chart) => {
    const namespaces = await claim(cluster, chart);
    await explained(namespaces, async () => {
      await addNodes(STORY, NODES[`${cluster}/${chart}`] ?? NODES[cluster]);
      await apply(cluster, chart);
      await allReady(namespaces, PODS[chart]);
    });
  });

  test('on gke, b-autoscaling waits for a node of its own pool', async () => {
    const namespaces = await claim('gke', 'b-autoscaling');
    await explained(namespaces, async () => {
      await addNodes(STORY, [
        { name: 'fake-highmem', cpu: '3920m', memory: '24Gi', labels: { 'cloud.google.com/gke-nodepool': 'highmem' } },
      ]);
      await apply('gke', 'b-autoscaling');
      const [reason] = await eventually(
        'the scheduler refuses the pod',
        60,
        async () => (await listIn(namespaces, 'pods')).map((pod) => condition(pod, 'PodScheduled')),
        ([scheduled]) => scheduled?.status === 'False',
      );
      expect(reason).toMatchObject({
        reason: 'Unschedulable',
        message: expect.stringContaining("didn't match Pod's node affinity/selector"),
      });
    });
  });
}

/** Takes the cluster for a chart: deletes what an earlier run left, and refuses what others made. */
async function claim(cluster: string, chart: string): Promise<string[]> {
  const namespaces = namespacesOf(objectsIn(fileOf(cluster, chart)));
  await claimNamespaces(namespaces);
  deleteNodes(STORY);
  await refuseOtherNodes(STORY);
  return namespaces;
}

/** Applies the file of a chart. */
async function apply(cluster: string, chart: string): Promise<void> {
  try {
    kubectl(['apply', '--validate=strict', '--filename', fileOf(cluster, chart)]);
  } finally {
    await markNamespaces();
  }
}

/** Waits until Deployments are Available with exactly these pods, all Ready, on nodes of these tests. */
async function allReady(namespaces: string[], pods: Record<string, number>): Promise<void> {
  await eventually(
    `Deployments are Available with these pods: ${JSON.stringify(pods)}`,
    45,
    async () =>
      Object.fromEntries((await listIn(namespaces, 'deployments')).map((deployment) => [deployment.metadata.name, rolledOut(deployment)])),
    (seen) => Object.keys(seen).length === Object.keys(pods).length && Object.entries(pods).every(([name, count]) => seen[name] === count),
  );
  const nodes = (await nodesOf(STORY)).map(({ metadata }) => metadata.name);
  const seen = (await listIn(namespaces, 'pods')).map((pod) => ({
    ready: condition(pod, 'Ready')?.status,
    onOwnNode: nodes.includes(pod.spec.nodeName),
  }));
  const total = Object.values(pods).reduce((sum, count) => sum + count, 0);
  expect(seen).toEqual(Array(total).fill({ ready: 'True', onOwnNode: true }));
}

/** Replicas of a Deployment where it is Available and nothing of its rollout is left to do. */
function rolledOut(deployment: KubeObject): number | string {
  const { replicas, updatedReplicas, readyReplicas, availableReplicas } = deployment.status;
  const wanted: number = deployment.spec.replicas;
  const done = [replicas, updatedReplicas, readyReplicas, availableReplicas].every((count) => count === wanted);
  return done && condition(deployment, 'Available')?.status === 'True' ? wanted : `${readyReplicas ?? 0} of ${wanted} Ready`;
}

/** Label of a node's zone. */
function zone(name: string): Record<string, string> {
  return { 'topology.kubernetes.io/zone': name };
}
