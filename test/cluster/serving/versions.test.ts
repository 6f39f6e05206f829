import { Duration } from 'cdk8s';
import { ModelSource } from '../../../lib';
import { eventually, read } from '../support/api';
import { kubectl } from '../support/kubectl';
import { markNamespaces } from '../support/namespaces';
import { CLAIM, makeVolume, publish } from '../support/shared-volume';
import { onStage } from '../support/stage';
import { seenBy } from '../support/stand-in';

onStage(
  'versions',
  (stage) => {
    stage.story('a new version on a volume is served by the pods that run, and no request waits for it', async () => {
      const outside = stage.other('outside');
      kubectl(['create', 'namespace', outside]);
      await markNamespaces();
      await publish(outside, stage.node, stage.namespace, 1);
      const source = ModelSource.persistentVolumeClaim(CLAIM, { path: 'demo', pollInterval: Duration.seconds(1) });
      const { file } = stage.written(stage.cluster, stage.withGateway({ replicas: 2, source, env: { LOAD_SECONDS: '4' } }));
      await stage.apply(file);
      await makeVolume(stage.namespace);
      await stage.available();
      const pods = await stage.pods('demo');
      const seen = await stage.underLoad('version change', async () => {
        await publish(outside, stage.node, stage.namespace, 2);
        await eventually(
          'both pods serve it',
          60,
          () => Promise.all(pods.map(({ metadata }) => servedVersion(stage.namespace, metadata.name))),
          (versions) => versions.every((version) => version === '2'),
        );
        await eventually(
          'all clients have seen it',
          30,
          () => Promise.all(stage.everyKind().map((load) => seenBy(stage.namespace, load))),
          (all) => all.every(({ versions }) => '2' in versions),
        );
      });
      stage.expectServed(seen, 0);
      for (const { versions } of Object.values(seen)) {
        expect(Object.keys(versions)).toEqual(['1', '2']);
      }
      expect(await stage.restarts()).toEqual([0, 0]);
    });
  },
  ['outside'],
);

/** Version of the model that a pod answers with. */
async function servedVersion(namespace: string, pod: string): Promise<string> {
  const { model_version_status: states } = (await read(`api/v1/namespaces/${namespace}/pods/${pod}:8501/proxy/v1/models/demo`)) as {
    model_version_status: { version: string; state: string }[];
  };
  return states.find(({ state }) => state === 'AVAILABLE')?.version as string;
}
