import { eventually } from '../support/api';
import { onStage } from '../support/stage';
import { seenBy } from '../support/stand-in';

/** Requests after which it counts as seen. */
const ENOUGH = 20_000;

onStage('rollout', (stage) => {
  stage.story('a rollout, here to another configuration, loses no request, and never has fewer pods than promised', async () => {
    await stage.play(stage.withGateway());
    await stage.available();
    let fewest = Number.POSITIVE_INFINITY;
    const seen = await stage.underLoad(
      'rollout',
      async () => {
        await stage.play(
          stage.withGateway({ batching: { maxBatchSize: 8, batchTimeoutMicros: 0, maxEnqueuedBatches: 4, numBatchThreads: 2 } }),
        );
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
        await eventually(
          'enough requests are sent',
          120,
          async () => {
            const seen = await Promise.all(stage.everyKind().map((load) => seenBy(stage.namespace, load)));
            return seen.reduce((sum, { sent }) => sum + sent, 0);
          },
          (sent) => sent >= ENOUGH,
        );
      },
      5,
    );
    stage.say(`rollout: never fewer than ${fewest} of 3 pods`);
    expect(fewest).toBe(3);
    expect(Object.values(seen).reduce((sum, { sent }) => sum + sent, 0)).toBeGreaterThanOrEqual(ENOUGH);
    stage.expectServed(seen, 3);
  });
});
