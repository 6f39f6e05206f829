import { Duration, JsonPatch } from 'cdk8s';
import { ContainerImage, ServerImage } from '../../../lib';
import type { KubeObject } from '../../../lib/check';
import { condition, eventually, isReady, read } from '../support/api';
import { onStage } from '../support/stage';

/** Instead of the minutes that a rollout may take, for which no story waits. */
const DEADLINE_SECONDS = 10;

/** Nobody answers there, so that the pull fails at once. */
const NO_IMAGE = ServerImage.custom({ image: ContainerImage.fromRegistry('localhost:9/no-such-image:1'), release: '2.19.1' });

/** Pods that are gone soon when the story is over. */
const PODS = { replicas: 2, terminationGracePeriod: Duration.seconds(5) };

onStage('bad-image', (stage) => {
  stage.story('an image that is not there stops the rollout: the old pods serve on, and the deadline reports it', async () => {
    await stage.play((chart) => void stage.demo(chart, PODS));
    await stage.available();
    const old = (await stage.pods('demo')).map(name).sort();

    await stage.play((chart) => {
      const { deployment } = stage.demo(chart, { ...PODS, server: NO_IMAGE }).service;
      deployment.addJsonPatch(JsonPatch.replace('/spec/progressDeadlineSeconds', DEADLINE_SECONDS));
    });
    const began = Date.now();
    let answers = 0;
    const { progress, waiting } = await eventually(
      'the Deployment says that the rollout does not go on, and a pod why',
      DEADLINE_SECONDS + 15,
      async () => {
        // through the Service, as clients come; throws where nobody answers
        await read(`api/v1/namespaces/${stage.namespace}/services/demo:http/proxy/v1/models/demo`);
        answers++;
        const pods = await stage.pods('demo');
        expect(pods.filter(isReady).map(name).sort()).toEqual(old);
        return {
          progress: condition(await stage.one('deployments', 'demo'), 'Progressing'),
          waiting: pods.flatMap((pod) => waitingReason(pod) ?? []),
        };
      },
      (seen) => seen.progress?.status === 'False' && seen.waiting.length > 0,
    );
    const seconds = Math.round((Date.now() - began) / 1000);
    stage.say(
      `bad image: ${progress?.reason} after ${seconds} s, ${waiting.join()}; ${old.length} of ${old.length} old pods ready, ${answers} of ${answers} requests answered`,
    );
    expect(progress?.reason).toBe('ProgressDeadlineExceeded');
    expect(waiting).toEqual([expect.stringMatching(/^(ErrImagePull|ImagePullBackOff)$/)]);
  });
});

const name = ({ metadata }: KubeObject) => metadata.name;

function waitingReason({ status }: KubeObject): string | undefined {
  return status.containerStatuses?.[0]?.state?.waiting?.reason;
}
