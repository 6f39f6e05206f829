import { eventually } from '../support/api';
import { onStage } from '../support/stage';

onStage('hanging', (stage) => {
  stage.story('a server that hangs leaves its Service, and is restarted', async () => {
    await stage.play(stage.single({ env: { HANG_AFTER_SECONDS: '15' } }));
    await eventually(
      'the pod is ready',
      60,
      () => stage.ready(),
      ([is]) => is === true,
    );
    await eventually(
      'the pod is out of its Service',
      90,
      () => stage.ready(),
      ([is]) => is === false,
    );
    await eventually(
      'the container is restarted',
      150,
      () => stage.restarts(),
      ([count]) => count > 0,
    );
    const why = 'Container demo failed liveness probe, will be restarted';
    await eventually(
      'an event says why',
      30,
      () => stage.events(),
      (events) => events.includes(why),
    );
  });
});
