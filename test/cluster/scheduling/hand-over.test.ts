import { AutoscaledService, Autoscaling, Cluster, ContainerImage, type ServingChart } from '../../../lib';
import { eventually } from '../support/api';
import { SERVER_SIDE, shell } from '../support/kubectl';
import { Scene, type Written } from '../support/scene';

const scene = new Scene('hand-over');
const cluster = Cluster.kind();

const FIXED = 3;

const service = (owner: { autoscaling?: Autoscaling; replicas?: number }) => (chart: ServingChart) =>
  new AutoscaledService(chart, 'ping', {
    image: ContainerImage.fromRegistry('ping:v1'),
    ports: [{ port: 80, targetPort: 8080 }],
    resources: { requests: { cpu: '100m', memory: '64Mi' } },
    ...owner,
  });

describe.each([
  ['client-side', []],
  ['server-side', SERVER_SIDE],
])('from a fixed number to an autoscaler, %s', (way, flags) => {
  /** A release with a fixed number has its pods (no node need run them), and the next one with an autoscaler is written. */
  async function handOver(): Promise<{ next: Written; before: string[] }> {
    const { file, outdir } = scene.written(cluster, service({ replicas: FIXED }));
    await scene.apply(file, ...flags);
    const before = await eventually('the pods are made', 30, podNames, (names) => names.length === FIXED);
    return {
      next: scene.written(cluster, service({ autoscaling: Autoscaling.cpu({ maxReplicas: 4 }) }), {}, outdir),
      before,
    };
  }

  scene.story('the command that the synthesis prints keeps every pod', async () => {
    const { next, before } = await handOver();
    const command = commandIn(next.summary, way === 'server-side');
    expect(shell(command)).toMatchObject({ code: 0 });
    await scene.apply(next.file, ...flags);
    await eventually('the autoscaler has seen the pods', 60, hpaSees, (seen) => seen >= FIXED);
    const kept = await podNames();
    scene.say(
      `hand-over from replicas ${FIXED} to an autoscaler, ${way}: with the printed command ${before.filter((name) => kept.includes(name)).length} of ${FIXED} pods stay`,
    );
    expect(kept).toEqual(expect.arrayContaining(before));
  });

  scene.story('without it the count falls to one, as the synthesis says', async () => {
    const { next, before } = await handOver();
    expect(next.summary).toContain(`Deployment ping had ${FIXED} replicas in the file that this one replaces`);
    await scene.apply(next.file, ...flags);
    const wanted = (await scene.one('deployments', 'ping')).spec.replicas;
    const left = await eventually('pods go', 30, podNames, (names) => names.length < FIXED);
    scene.say(
      `hand-over from replicas ${FIXED} to an autoscaler, ${way}: without the command ${wanted} of ${before.length} is wanted, ${left.length} left`,
    );
    expect(wanted).toBe(1);
  });
});

/** The command in a warning of the synthesis, for one of the two ways to apply. */
function commandIn(summary: string, serverSide: boolean): string {
  const [command] = summary.split('\n').filter((line) => line.includes(serverSide ? '--field-manager=hand-over' : 'edit-last-applied'));
  return command;
}

async function podNames(): Promise<string[]> {
  return (await scene.pods('ping')).map(({ metadata }) => metadata.name);
}

async function hpaSees(): Promise<number> {
  return (await scene.one('horizontalpodautoscalers', 'ping')).status?.currentReplicas ?? 0;
}
