import { Duration } from 'cdk8s';
import { Cluster, ModelSource } from '../../../lib';
import { eventually } from '../support/api';
import { onStage } from '../support/stage';

/** How long a pod goes on serving inside of a cluster, while its address is being taken away. */
const DRAIN_SECONDS = 10;

onStage('scripts', (stage) => {
  stage.story(
    'where pods cannot sleep by themselves before they stop, a program of the image does, as any user and on a read-only root',
    async () => {
      const oldCluster = Cluster.kind({ kubernetesVersion: '1.29' });
      await stage.apply(stage.written(oldCluster, stage.withGateway({ replicas: 1 })).file);
      await stage.available();
      const [pod] = await stage.pods('gateway');
      expect(pod.spec.containers[0].lifecycle.preStop.exec.command).toEqual(['sleep', String(DRAIN_SECONDS)]);
      const begun = Date.now();
      stage.kubectl('delete', 'pod', pod.metadata.name, '--wait=false');
      await eventually(
        'the pod is gone',
        40,
        async () => (await stage.list('pods')).map(({ metadata }) => metadata.name),
        (names) => !names.includes(pod.metadata.name),
      );
      const seconds = (Date.now() - begun) / 1000;
      stage.say(`a hook that runs a program: gone after ${seconds.toFixed(0)} s`);
      expect(seconds).toBeGreaterThanOrEqual(DRAIN_SECONDS);
      expect((await stage.events()).filter((event) => event.includes('PreStopHook'))).toEqual([]);
    },
  );

  stage.story('a model that waits for a token in vain says so, as any user and on a read-only root', async () => {
    const gke = Cluster.gke({ projectId: 'my-project', imageRegistry: 'gcr.io/my-project' });
    const source = ModelSource.gcs('gs://my-bucket/demo');
    await stage.apply(stage.written(gke, stage.single({ source, loadTime: Duration.seconds(5) })).file);
    const gate = await eventually(
      'the program before the server has given up',
      240,
      async () => {
        const { state, lastState } = (await stage.pods('demo'))[0]?.status.initContainerStatuses?.[0] ?? { state: {}, lastState: {} };
        return state.terminated ?? lastState.terminated;
      },
      (terminated) => terminated !== undefined,
    );
    expect(gate.exitCode).toBe(1);
    // what `kubectl describe pod` shows
    expect(gate.message).toContain('is Workload Identity on, and does a network policy let the pod through?');
  });
});
