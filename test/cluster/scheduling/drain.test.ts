import { AutoscaledService, ContainerImage, ModelSource, ServerImage, type ServingChart, TfServingModel } from '../../../lib';
import { eventually, isReady } from '../support/api';
import { kubectl, started } from '../support/kubectl';
import { PoolScene } from '../support/pools';

const scene = new PoolScene('drain');

const small = { requests: { cpu: '500m', memory: '256Mi' } };
const model = (chart: ServingChart, id: string, replicas: number) =>
  new TfServingModel(chart, id, {
    source: ModelSource.inImage('/models/m'),
    server: ServerImage.official('2.19.1'),
    resources: small,
    replicas,
    nodePool: scene.pool(),
  });

scene.story('each node in turn is drained, and never more pods are missing than the budget allows; a single pod moves, too', async () => {
  const cluster = scene.cluster();
  const nodes = await scene.addNodes(cluster, 3);
  await scene.apply(
    scene.written(cluster, (chart) => {
      model(chart, 'three', 3);
      model(chart, 'one', 1);
      new AutoscaledService(chart, 'ping', {
        image: ContainerImage.fromRegistry('ping:v1'),
        ports: [{ port: 80, targetPort: 8080 }],
        resources: small,
        replicas: 2,
        nodePool: scene.pool(),
      });
    }).file,
  );
  await scene.available();
  for (const node of nodes) {
    let fewest = 3;
    const drained = started(['drain', node, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout', '60s']);
    await eventually(
      `${node} is drained, and its pods are ready elsewhere`,
      60,
      async () => {
        const ready = (await scene.pods('three')).filter(isReady);
        fewest = Math.min(fewest, ready.length);
        const left = (await scene.list('pods')).filter(({ spec }) => spec.nodeName === node);
        return { ready: ready.length, left: left.length };
      },
      ({ ready, left }) => ready === 3 && left === 0,
    );
    await drained;
    scene.say(`drain of ${node}: never fewer than ${fewest} of 3 pods`);
    expect(fewest).toBeGreaterThanOrEqual(2);
    kubectl(['uncordon', node]);
  }
});
