import { eventually, isReady } from '../support/api';
import { GRPC, onStage } from '../support/stage';
import { forget } from '../support/stand-in';

/** By when a connection is told to leave: the library's age and the tenth that gRPC adds by chance. */
const LONGEST_CONNECTION_SECONDS = 22;

onStage('scale-out', (stage) => {
  stage.story('after a scale-out gRPC clients spread over all pods, as those connect anew that stayed with one', async () => {
    await stage.play(stage.single());
    await stage.available();
    const load = {
      name: 'grpc',
      mode: 'grpc',
      target: `demo.${stage.namespace}.svc.cluster.local:8500`,
      ...GRPC,
      // many clients that connect anew several times, since each connection goes to one pod by chance
      clients: 400,
      pauseMillis: 2000,
    } as const;
    const { grpc } = await stage.load([load], async () => {
      stage.kubectl('scale', 'deployment/demo', '--replicas', '3');
      await eventually(
        'there are three pods',
        60,
        () => stage.pods('demo'),
        (pods) => pods.length === 3 && pods.every(isReady),
      );
      const scaledAt = Date.now();
      const since = (seconds: number) => Date.now() - scaledAt > seconds * 1000;
      await eventually('older connections are gone', 60, () => since(LONGEST_CONNECTION_SECONDS), Boolean);
      await forget(stage.namespace, load);
      await eventually('every client has connected anew three times', 120, () => since(4 * LONGEST_CONNECTION_SECONDS), Boolean);
    });
    const shares = (await stage.pods('demo')).map(({ metadata }) => (grpc.servedBy[metadata.name] ?? 0) / grpc.sent);
    stage.say(`scale-out from 1 to 3: shares of ${grpc.sent} gRPC requests ${shares.map((share) => share.toFixed(3)).join(', ')}`);
    expect(grpc.failed).toBe(0);
    expect(shares).toHaveLength(3);
    for (const share of shares) expect(Math.abs(share - 1 / 3)).toBeLessThan(0.15 / 3);
  });
});
