import { Duration } from 'cdk8s';
import { ModelSource } from '../../../lib';
import { condition, eventually } from '../support/api';
import { onStage } from '../support/stage';

onStage('starting', (stage) => {
  stage.story('a load that takes three times as long as was said is waited for', async () => {
    await stage.play(stage.single({ loadTime: Duration.seconds(10), env: { LOAD_SECONDS: '30' } }));
    const seen = await eventually(
      'the pod is ready',
      90,
      async () => ({ ready: await stage.ready(), restarts: await stage.restarts() }),
      ({ ready }) => ready[0] === true,
    );
    expect(seen.restarts).toEqual([0]);
    const [pod] = await stage.pods('demo');
    const started = Date.parse(pod.status.containerStatuses[0].state.running.startedAt);
    const readyAt = Date.parse(condition(pod, 'Ready')?.lastTransitionTime as string);
    expect(readyAt - started).toBeGreaterThanOrEqual(29_000);
  });

  stage.story('a load that fails is a pod that restarts, and its log says why', async () => {
    await stage.play(stage.single({ loadTime: Duration.seconds(5), source: ModelSource.inImage('/models/broken') }));
    const seen = await eventually(
      'the container restarts',
      90,
      async () => ({ ready: await stage.ready(), restarts: await stage.restarts() }),
      ({ restarts }) => restarts[0] > 0,
    );
    expect(seen.ready).toEqual([false]);
    expect(await stage.previousLog()).toContain('failed, try 2 of 2');
  });

  stage.story('a wrong path is never ready, and the events say that it does not start', async () => {
    await stage.play(stage.single({ loadTime: Duration.seconds(5), source: ModelSource.inImage('/models/elsewhere') }));
    await eventually(
      'the container is given up and restarted',
      120,
      () => stage.restarts(),
      ([count]) => count > 0,
    );
    expect(await stage.ready()).toEqual([false]);
    expect(await stage.events()).toContainEqual(expect.stringMatching(/^Startup probe failed: dial tcp .*: connect: connection refused$/));
    expect(await stage.events()).toContain('Container demo failed startup probe, will be restarted');
    expect(await stage.previousLog()).toContain('Could not find base path /models/elsewhere for servable demo');
  });
});
