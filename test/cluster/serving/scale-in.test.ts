import { Duration } from 'cdk8s';
import { Autoscaling, type TfServingModelProps } from '../../../lib';
import { eventually } from '../support/api';
import { onStage } from '../support/stage';

/** Far above what the pods use, so that the autoscaler wants the fewest. */
const idle = (minReplicas: number): Partial<TfServingModelProps> => ({
  replicas: undefined,
  resources: { requests: { cpu: '300m', memory: '48Mi' } },
  autoscaling: Autoscaling.cpu({ minReplicas, maxReplicas: 3, averageUtilization: 95, scaleDownStabilization: Duration.seconds(0) }),
});

onStage('scale-in', (stage) => {
  stage.story('pods that the autoscaler takes away are not missed', async () => {
    await stage.play(stage.withGateway(idle(3)));
    await eventually(
      'the autoscaler has made three pods',
      90,
      () => stage.ready(),
      (ready) => ready.length === 3 && ready.every(Boolean),
    );
    const seen = await stage.underLoad('scale-in', async () => {
      await stage.play(stage.withGateway(idle(1)));
      await eventually(
        'one pod is left',
        75,
        () => stage.allPods(),
        (pods) => pods.length === 1,
      );
    });
    stage.expectServed(seen, 2);
  });
});
