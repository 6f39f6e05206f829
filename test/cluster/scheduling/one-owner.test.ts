import { AutoscaledService, Autoscaling, ContainerImage, type ServingChart } from '../../../lib';
import { eventually } from '../support/api';
import { run, shell } from '../support/kubectl';
import { CPU_USE } from '../support/load';
import { PoolScene } from '../support/pools';
import type { Written } from '../support/scene';

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

const SERVER_SIDE = ['--server-side', '--force-conflicts'];

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

describe.each([
  ['client-side', []],
  ['server-side', SERVER_SIDE],
])('from a fixed number to an autoscaler, %s', (way, flags) => {
  const FIXED = 3;

  /** A release with a fixed number runs, and the next one with an autoscaler is written. */
  async function handOver(): Promise<{ next: Written; before: string[] }> {
    const cluster = scene.cluster();
    await scene.addNodes(cluster, 1);
    const { file, outdir } = scene.written(cluster, service({ replicas: FIXED }));
    await scene.apply(file, ...flags);
    await scene.available();
    return { next: scene.written(cluster, service({ autoscaling }), {}, outdir), before: await podNames() };
  }

  scene.story('the command that the synthesis prints keeps every pod', async () => {
    const { next, before } = await handOver();
    const command = commandIn(next.summary, way === 'server-side');
    expect(shell(command)).toMatchObject({ code: 0 });
    await scene.apply(next.file, ...flags);
    await eventually('the autoscaler has seen the pods', 60, hpaSees, (seen) => seen >= FIXED);
    const kept = await podNames();
    scene.say(
      `one owner: replicas ${FIXED}, then an autoscaler, ${way}: with the printed command ${before.filter((name) => kept.includes(name)).length} of ${FIXED} pods stay`,
    );
    expect(kept).toEqual(expect.arrayContaining(before));
  });

  scene.story('without it the count falls to one, as the synthesis says', async () => {
    const { next, before } = await handOver();
    expect(next.summary).toContain(`Deployment ping had ${FIXED} replicas in the file that this one replaces`);
    const applied = Date.now();
    await scene.apply(next.file, ...flags);
    const fewest = await replicas();
    await eventually('the autoscaler raises it again', 60, replicas, (count) => count >= FIXED);
    const seconds = Math.round((Date.now() - applied) / 100) / 10;
    scene.say(
      `one owner: replicas ${FIXED}, then an autoscaler, ${way}: without the command ${fewest} of ${before.length} for ${seconds} s`,
    );
    expect(fewest).toBe(1);
  });
});

/** The command in a warning of the synthesis, for one of the two ways to apply. */
function commandIn(summary: string, serverSide: boolean): string {
  const [command] = summary.split('\n').filter((line) => line.includes(serverSide ? '--field-manager=hand-over' : 'edit-last-applied'));
  return command;
}

async function replicas(): Promise<number> {
  return (await scene.one('deployments', 'ping')).spec.replicas;
}

async function podNames(): Promise<string[]> {
  return (await scene.pods('ping')).map(({ metadata }) => metadata.name);
}

async function hpaSees(): Promise<number> {
  return (await scene.one('horizontalpodautoscalers', 'ping')).status?.currentReplicas ?? 0;
}
