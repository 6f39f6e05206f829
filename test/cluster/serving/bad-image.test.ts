import { JsonPatch } from 'cdk8s';
import { ContainerImage, ServerImage } from '../../../lib';
import type { KubeObject } from '../../../lib/check';
import { condition, eventually } from '../support/api';
import { isReady } from '../support/scene';
import { onStage } from '../support/stage';

/** Instead of the minutes that a rollout may take, for which no story waits. */
const DEADLINE_SECONDS = 15;

/** Nobody answers there, so that the pull fails at once. */
const NO_IMAGE = ServerImage.custom({ image: ContainerImage.fromRegistry('localhost:9/no-such-image:1'), release: '2.19.1' });

onStage('bad-image', (stage) => {
  stage.story('an image that is not there stops the rollout: the old pods serve on, and the deadline reports it', async () => {
    await stage.play((chart) => void stage.demo(chart));
    await stage.available();
    const old = (await stage.pods('demo')).map(name).sort();
    const host = `demo.${stage.namespace}.svc.cluster.local:8501`;
    const seen = await stage.load(
      [
        {
          name: 'new',
          mode: 'new',
          target: host,
          path: '/v1/models/demo:predict',
          seconds: DEADLINE_SECONDS + 5,
          clients: 1,
          pauseMillis: 20,
        },
      ],
      async () => {
        await stage.play((chart) => {
          const { deployment } = stage.demo(chart, { server: NO_IMAGE }).service;
          deployment.addJsonPatch(JsonPatch.replace('/spec/progressDeadlineSeconds', DEADLINE_SECONDS));
        });
        const began = Date.now();
        const { progress, waiting } = await eventually(
          'the Deployment says that the rollout does not go on, and a pod why',
          DEADLINE_SECONDS + 15,
          async () => ({
            progress: condition(await stage.one('deployments', 'demo'), 'Progressing'),
            waiting: (await stage.pods('demo')).map(waitingReason).filter((reason) => reason !== undefined),
            ready: (await stage.pods('demo')).filter(isReady).map(name).sort(),
          }),
          (now) => {
            expect(now.ready).toEqual(old);
            return now.progress?.status === 'False' && now.waiting.length > 0;
          },
        );
        const seconds = Math.round((Date.now() - began) / 1000);
        stage.say(`bad image: ${progress?.reason} after ${seconds} s, ${waiting.join()}; ${old.length} of ${old.length} old pods ready`);
        expect(progress?.reason).toBe('ProgressDeadlineExceeded');
        expect(waiting.map(String)).toEqual([expect.stringMatching(/^(ErrImagePull|ImagePullBackOff)$/)]);
      },
    );
    stage.say(`bad image: ${seen.new.failed} of ${seen.new.sent} requests failed`);
    expect(seen.new).toMatchObject({ failed: 0 });
  });
});

const name = ({ metadata }: KubeObject) => metadata.name;

function waitingReason({ status }: KubeObject): string | undefined {
  return status.containerStatuses?.[0]?.state?.waiting?.reason;
}
