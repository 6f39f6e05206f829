import { GRPC, onStage } from '../support/stage';

onStage('scale-out', (stage) => {
  stage.story('after a scale-out gRPC clients spread over all pods, as those connect anew that stayed with one', async () => {
    await stage.play(stage.single());
    await stage.available();
    const load = {
      name: 'grpc',
      mode: 'grpc',
      target: `demo.${stage.namespace}.svc.cluster.local:8500`,
      ...GRPC,
      seconds: 130,
      // many clients, since each connection goes to one pod by chance
      clients: 200,
      pauseMillis: 200,
      // connections that are older than the scale-out leave their pod within 22 s of it
      countAfterSeconds: 45,
    } as const;
    const { grpc } = await stage.load([load], () => void stage.kubectl('scale', 'deployment/demo', '--replicas', '3'));
    const shares = (await stage.pods('demo')).map(({ metadata }) => (grpc.servedBy[metadata.name] ?? 0) / grpc.sent);
    stage.say(`scale-out from 1 to 3: shares of ${grpc.sent} gRPC requests ${shares.map((share) => share.toFixed(3)).join(', ')}`);
    expect(grpc.failed).toBe(0);
    expect(shares).toHaveLength(3);
    for (const share of shares) expect(Math.abs(share - 1 / 3)).toBeLessThan(0.15 / 3);
  });
});
