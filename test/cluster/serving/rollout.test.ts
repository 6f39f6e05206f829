import { eventually } from '../support/api';
import { onStage } from '../support/stage';

onStage('rollout', (stage) => {
  stage.story('a rollout loses no request, and never has fewer pods than promised', async () => {
    await stage.play(stage.withGateway());
    await stage.available();
    let fewest = Number.POSITIVE_INFINITY;
    const seen = await stage.underLoad('rollout', 110, async () => {
      await stage.play(stage.withGateway({ env: { ROUND: '2' } }));
      await eventually(
        'the old pods are gone',
        180,
        async () => {
          const { availableReplicas = 0, updatedReplicas, unavailableReplicas = 0 } = (await stage.one('deployments', 'demo')).status;
          fewest = Math.min(fewest, availableReplicas);
          return { updatedReplicas, unavailableReplicas, pods: (await stage.allPods()).length };
        },
        ({ updatedReplicas, unavailableReplicas, pods }) => updatedReplicas === 3 && unavailableReplicas === 0 && pods === 3,
      );
    });
    stage.say(`rollout: never fewer than ${fewest} of 3 pods`);
    expect(fewest).toBe(3);
    expect(Object.values(seen).reduce((sum, { sent }) => sum + sent, 0)).toBeGreaterThanOrEqual(20_000);
    stage.expectServed(seen, 3);
  });
});
