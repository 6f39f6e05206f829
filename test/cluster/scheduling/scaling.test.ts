import { Duration } from 'cdk8s';
import { Autoscaling, Exposure, ModelSource, ServerImage, TfServingModel } from '../../../lib';
import type { KubeObject } from '../../../lib/check';
import { condition, eventually, isReady } from '../support/api';
import { CPU_USE, setLoad } from '../support/load';
import { fileOf, objectsIn } from '../support/manifests';
import { PoolScene } from '../support/pools';

const scene = new PoolScene('scaling');

/** Shorter than the default of five minutes, for which no suite has time. */
const WINDOW_SECONDS = 10;

scene.story('set-up B grows under load to what fits, as the synthesis said, and comes back after the promised window', async () => {
  const cluster = scene.cluster({ general: { machineType: 'n1-standard-4', minNodes: 1, maxNodes: 3 } });
  await scene.addNodes(cluster, 3);
  const { file, summary } = scene.written(cluster, (chart) => {
    new TfServingModel(chart, 'image-classifier', {
      source: ModelSource.inImage('/models/resnet_101'),
      server: ServerImage.official('2.8.0'),
      resources: { requests: { cpu: '3', memory: '4Gi' } },
      autoscaling: Autoscaling.cpu({
        averageUtilization: 60,
        minReplicas: 1,
        maxReplicas: 4,
        scaleDownStabilization: Duration.seconds(WINDOW_SECONDS),
      }),
      nodePool: scene.pool(),
      podAnnotations: { [CPU_USE]: '3900m' },
      exposure: Exposure.external({ allowedCidrs: ['203.0.113.0/24'] }),
    });
  });
  expectSetUpB(file);
  const { most, fit } = foretold(summary);
  const began = Date.now();
  await scene.apply(file);
  const full = await eventually(
    'all replicas are wanted, and as many run as fit',
    120,
    async () => {
      const pods = await scene.pods('image-classifier');
      return { wanted: await replicas(), running: pods.filter(isReady).length, pending: pods.filter(isUnschedulable).length };
    },
    ({ wanted, running, pending }) => wanted === most && running + pending === most && running >= fit,
  );
  scene.say(
    `scaling: synthesis says ${fit} of ${most} fit; under load ${full.running} run and ${full.pending} stay Pending, ${since(began)} s`,
  );
  expect(full).toEqual({ wanted: most, running: fit, pending: most - fit });
  expect((await scene.events()).join('\n')).toMatch(/Insufficient cpu/);

  const gone = Date.now();
  setLoad(scene, await scene.pods('image-classifier'), '10m');
  await eventually('the first replica goes', 2 * WINDOW_SECONDS + 60, replicas, (count) => count < most);
  const waited = since(gone);
  await eventually(
    'only minReplicas are left',
    60,
    async () => (await scene.pods('image-classifier')).length,
    (count) => count === 1,
  );
  scene.say(
    `scaling: load gone, the first replica went after ${waited} s of a window of ${WINDOW_SECONDS} s, back at 1 after ${since(gone)} s`,
  );
  expect(waited).toBeGreaterThanOrEqual(WINDOW_SECONDS);
});

/** Expects the numbers of the file to be those of set-up B in dist/, but for the window, which is the documented one there. */
function expectSetUpB(file: string): void {
  const [here, there] = [file, fileOf('gke', 'b-autoscaling')].map((path) => {
    const ofKind = (kind: string) => objectsIn(path).find((object) => object.kind === kind)?.spec;
    const { behavior, ...bounds } = ofKind('HorizontalPodAutoscaler');
    const { resources } = ofKind('Deployment').template.spec.containers[0];
    return { bounds, resources, strategy: ofKind('Deployment').strategy, window: behavior.scaleDown.stabilizationWindowSeconds };
  });
  expect(here).toEqual({ ...there, window: WINDOW_SECONDS });
  expect(there.window).toBe(300);
}

/** What the summary of the synthesis says of the pool. */
function foretold(summary: string): { most: number; fit: number } {
  const [, most, fit] = /maxReplicas is (\d+), but only (\d+) fit/.exec(summary) ?? [];
  expect(summary).toContain(`replica ${most} stays Pending`);
  return { most: Number(most), fit: Number(fit) };
}

async function replicas(): Promise<number> {
  return (await scene.one('deployments', 'image-classifier')).spec.replicas;
}

const isUnschedulable = (pod: KubeObject) => condition(pod, 'PodScheduled')?.reason === 'Unschedulable';

const since = (start: number) => Math.round((Date.now() - start) / 100) / 10;
