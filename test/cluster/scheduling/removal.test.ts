import * as path from 'node:path';
import { AutoscaledService, Cluster, ContainerImage, ModelSource, ServerImage, ServingChart, TfServingModel } from '../../../lib';
import { eventually } from '../support/api';
import { inventory } from '../support/inventory';
import { get, kubectl } from '../support/kubectl';
import { clusters, folderOf, keyOf, objectsIn } from '../support/manifests';
import { Scene } from '../support/scene';

const scene = new Scene('removal');
const cluster = Cluster.kind();
const small = { requests: { cpu: '100m', memory: '64Mi' } };

const ping = (chart: ServingChart, id: string) =>
  new AutoscaledService(chart, id, {
    image: ContainerImage.fromRegistry('ping:v1'),
    ports: [{ port: 80, targetPort: 8080 }],
    resources: small,
  });
const model = (chart: ServingChart, numBatchThreads = 2) =>
  new TfServingModel(chart, 'model', {
    source: ModelSource.inImage('/models/m'),
    server: ServerImage.official('2.19.1'),
    resources: small,
    batching: { maxBatchSize: 8, batchTimeoutMicros: 0, maxEnqueuedBatches: 2, numBatchThreads },
  });

scene.story('deleting a file leaves nothing of it behind, in the namespace or outside', async () => {
  const { file } = scene.written(cluster, (chart) => {
    model(chart);
    ping(chart, 'ping');
  });
  await scene.apply(file);
  await podsAre(2);
  const before = await ours();
  kubectl(['delete', '--filename', file]);
  const left = await eventually('nothing is left', 60, ours, (found) => found.length === 0);
  scene.say(`removal: ${before.length} objects of ${objectsIn(file).length} written, and ${left.length} after kubectl delete`);
  expect(before.length).toBeGreaterThan(objectsIn(file).length);
});

scene.story('in a namespace of others exactly our objects go, by deleting the file', async () => {
  kubectl(['create', 'namespace', scene.namespace]);
  scene.kubectl('create', 'configmap', 'of-others', '--from-literal=a=b');
  scene.kubectl('create', 'deployment', 'of-others', '--image=other', '--replicas=0');
  const ofTheCluster = [`configmaps/${scene.namespace}/kube-root-ca.crt`, `serviceaccounts/${scene.namespace}/default`];
  const others = await eventually('the others are there', 30, ours, (found) =>
    [...ofTheCluster, `replicasets/${scene.namespace}/of-others`].every((name) => found.some((key) => key.startsWith(name))),
  );
  const { file } = scene.written(cluster, (chart) => ping(chart, 'ping'), { createNamespace: false });
  await scene.apply(file);
  await podsAre(1);
  kubectl(['delete', '--filename', file]);
  const left = await eventually('ours are gone', 60, ours, (found) => found.length <= others.length);
  scene.say(`removal: beside ${others.length} objects of others, all of ours go and all of theirs stay`);
  expect(left).toEqual(others);
});

scene.story('pruning by our labels deletes what was taken out of the chart, and nothing of another chart', async () => {
  const both = (chart: ServingChart) => {
    model(chart);
    ping(chart, 'ping');
    ping(
      new ServingChart(chart.node.scope as ServingChart, `${scene.namespace}-2`, { namespace: scene.namespace, createNamespace: false }),
      'second',
    );
  };
  const first = scene.written(cluster, both).file;
  const second = path.join(path.dirname(first), `${scene.namespace}-2.k8s.yaml`);
  await scene.apply(first);
  await scene.apply(second);
  // ping is taken out, and the model's configuration changes
  const next = scene.written(cluster, (chart) => model(chart, 4)).file;
  const [before, after] = [first, next].map((file) => objectsIn(file).map(keyOf));
  const gone = before.filter((key) => !after.includes(key));
  const said = prune(next, first);
  scene.say(`removal: of ${before.length} objects ${gone.length} were taken out, and pruning by part-of deletes ${said.length}`);
  expect(said).toHaveLength(gone.length);
  const left = [first, second].flatMap((file) => get('--filename', file).map(keyOf));
  const kept = [...before.filter((key) => !gone.includes(key)), ...objectsIn(second).map(keyOf)];
  expect(left.sort()).toEqual(kept.sort());
  // the model's configuration of before, whose name has another hash
  expect(gone.some((key) => key.includes('/ConfigMap/'))).toBe(true);
});

/** Applies a file as a pipeline does that prunes by our labels, and returns what kubectl says to have deleted. */
function prune(file: string, earlier: string): string[] {
  const kinds = [
    ...new Set(objectsIn(earlier).map(({ apiVersion, kind }) => `${apiVersion.includes('/') ? apiVersion : `core/${apiVersion}`}/${kind}`)),
  ];
  const selector = `app.kubernetes.io/part-of=${scene.namespace},app.kubernetes.io/managed-by=cdk8s-model-serving`;
  const allowed = kinds.map((kind) => `--prune-allowlist=${kind}`);
  const said = kubectl(['apply', '--prune', '--selector', selector, ...allowed, '--filename', file]);
  return said.split('\n').filter((line) => line.endsWith(' pruned'));
}

/** Everything in the namespace, and whatever else carries its chart's label. */
const ours = () => inventory(scene.namespace, `app.kubernetes.io/part-of=${scene.namespace}`);

async function podsAre(count: number): Promise<void> {
  await eventually(
    'the pods are made',
    60,
    async () => (await scene.list('pods')).length,
    (made) => made === count,
  );
}

test.each(clusters())('every object of dist/%s carries the labels by which pruning finds it', (name) => {
  const labels = objectsIn(folderOf(name)).map((object) => ({ key: keyOf(object), labels: object.metadata.labels }));
  const expected = expect.objectContaining({
    'app.kubernetes.io/part-of': expect.any(String),
    'app.kubernetes.io/managed-by': 'cdk8s-model-serving',
  });
  expect(labels).toEqual(labels.map(({ key }) => ({ key, labels: expected })));
});
