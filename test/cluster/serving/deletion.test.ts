import { onStage } from '../support/stage';

onStage('deletion', (stage) => {
  stage.story('a pod that is deleted, and one that is killed at once, are not missed', async () => {
    await stage.play(stage.withGateway());
    await stage.available();
    const [first, second] = (await stage.pods('demo')).map(({ metadata }) => metadata.name);
    const deleted = await stage.underLoad('delete', 55, () => void stage.kubectl('delete', 'pod', first, '--wait=false'));
    stage.expectServed(deleted, 1);
    await stage.available();
    const killed = await stage.underLoad('kill', 20, () => void stage.kubectl('delete', 'pod', second, '--grace-period=0', '--force'));
    expect(killed['gateway-clients'].failed).toBe(0);
  });
});
