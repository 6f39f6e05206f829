import { eventually, isReady, post } from '../support/api';
import { onStage } from '../support/stage';
import { CLIENTS } from '../support/stand-in';

onStage('crash', (stage) => {
  stage.story(
    'a server that dies at once, alone or with its pod, fails what it had under way, and callers of the gateway see nothing',
    async () => {
      await stage.play(stage.withGateway());
      await stage.available();
      const [first, second] = (await stage.pods('demo')).map(({ metadata }) => metadata.name);
      const died = await stage.underLoad('container killed', async () => {
        // it dies before it answers
        await post(`api/v1/namespaces/${stage.namespace}/pods/${first}:8501/proxy/crash`).catch(() => undefined);
        await eventually(
          'the container is restarted, and the pod ready',
          20,
          async () => (await stage.allPods()).find(({ metadata }) => metadata.name === first)?.status.containerStatuses[0],
          ({ ready, restartCount }) => ready && restartCount === 1,
        );
      });
      expect(died['gateway-clients'].failed).toBe(0);
      for (const kind of ['grpc', 'keepalive']) expect(died[kind].failed).toBeLessThanOrEqual(CLIENTS);
      const killed = await stage.underLoad('pod killed', async () => {
        stage.kubectl('delete', 'pod', second, '--grace-period=0', '--force');
        await eventually(
          'it is replaced',
          40,
          () => stage.allPods(),
          (pods) => pods.length === 3 && pods.every((pod) => pod.metadata.name !== second && isReady(pod)),
        );
      });
      expect(killed['gateway-clients'].failed).toBe(0);
    },
  );
});
