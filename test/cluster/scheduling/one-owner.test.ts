import { AutoscaledService, Autoscaling, ContainerImage, type ServingChart } from '../../../lib';
import { eventually } from '../support/api';
import { run, SERVER_SIDE } from '../support/kubectl';
import { CPU_USE } from '../support/load';
import { PoolScene } from '../support/pools';

const scene = new PoolScene('owner');

/** A service under load whose autoscaler grows it to its most at once. */
const service = (owner: { autoscaling?: Autoscaling; replicas?: number }) => (chart: ServingChart) =>
  new AutoscaledService(chart, 'ping', {
    image: ContainerImage.fromRegistry('ping:v1'),
    ports: [{ port: 80, targetPort: 8080 }],
    resources: { requests: { cpu: '100m', memory: '64Mi' } },
    nodePool: scene.pool(),
    podAnnotations: { [CPU_USE]: '400m' },
    ...owner,
  });
const MOST = 4;
const autoscaling = Autoscaling.cpu({ minReplicas: 1, maxReplicas: MOST });

scene.story('what the autoscaler decided outlives applying again and the autoscaler itself', async () => {
  const cluster = scene.cluster();
  await scene.addNodes(cluster, 1);
  const { file } = scene.written(cluster, service({ autoscaling }));
  await scene.apply(file);
  await eventually('the autoscaler scales out', 100, replicas, (count) => count === MOST);
  for (const flags of [[], SERVER_SIDE]) {
    await scene.apply(file, ...flags);
    expect(await replicas()).toBe(MOST);
    expect(run(['diff', ...flags, '--filename', file])).toMatchObject({ code: 0, stdout: '' });
  }
  const without = scene.written(cluster, service({}));
  for (const flags of [[], SERVER_SIDE]) {
    await scene.apply(without.file, ...flags);
    expect(await replicas()).toBe(MOST);
  }
  scene.kubectl('delete', 'horizontalpodautoscaler', 'ping');
  await scene.available();
  expect(await scene.pods('ping')).toHaveLength(MOST);
  scene.say(`one owner: scaled out to ${MOST}; still ${MOST} after applying again in both ways, and after the autoscaler was removed`);
});

async function replicas(): Promise<number> {
  return (await scene.one('deployments', 'ping')).spec.replicas;
}
