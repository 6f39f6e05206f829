import { eventually, isReady, post } from '../support/api';
import { onStage, type Stage } from '../support/stage';
import { CLIENTS, type Seen, seenBy } from '../support/stand-in';

onStage('crash', (stage) => {
  stage.story(
    'a server that dies at once, alone or with its pod, fails what it had under way, and callers of the gateway see nothing',
    async () => {
      await stage.play(stage.withGateway());
      await stage.available();
      const died = await stage.underLoad('container killed', async () => {
        const pod = await busiest(stage);
        // it dies before it answers
        await post(`api/v1/namespaces/${stage.namespace}/pods/${pod}:8501/proxy/crash`).catch(() => undefined);
        await eventually(
          'the container is restarted, and the pod ready',
          30,
          async () => (await stage.allPods()).find(({ metadata }) => metadata.name === pod)?.status.containerStatuses[0],
          ({ ready, restartCount }) => ready && restartCount === 1,
        );
      });
      expect(died['gateway-clients'].failed).toBe(0);
      for (const kind of ['new', 'grpc', 'keepalive']) expect(cutOff(died[kind])).toBeLessThanOrEqual(CLIENTS);
      const killed = await stage.underLoad('pod killed', async () => {
        const pod = await busiest(stage);
        stage.kubectl('delete', 'pod', pod, '--grace-period=0', '--force');
        await eventually(
          'it is replaced',
          40,
          () => stage.allPods(),
          (pods) => pods.length === 3 && pods.every(({ metadata }) => metadata.name !== pod) && pods.every(isReady),
        );
      });
      expect(killed['gateway-clients'].failed).toBe(0);
    },
  );
});

/** Requests that were under way; others found nobody on the port, until the node had seen that the container is gone. */
function cutOff({ failures }: Seen): number {
  return Object.entries(failures).reduce((sum, [why, count]) => (/connection refused/.test(why) ? sum : sum + count), 0);
}

/** The pod that serves most of what comes through the gateway. */
async function busiest(stage: Stage): Promise<string> {
  const [, , , clients] = stage.everyKind();
  const { servedBy } = await eventually(
    'the clients of the gateway are served',
    30,
    () => seenBy(stage.namespace, clients),
    ({ sent }) => sent > 100,
  );
  return Object.entries(servedBy).sort(([, few], [, many]) => many - few)[0][0];
}
