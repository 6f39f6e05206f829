import { Cluster, ModelSource } from '../../../lib';
import { eventually } from '../support/api';
import { kubectl } from '../support/kubectl';
import { markNamespaces } from '../support/namespaces';
import { currentRun, RUN_LABEL } from '../support/run';
import { publish, volumeDirectory } from '../support/shared-volume';
import { onStage, REST } from '../support/stage';
import { seenBy, standInImage } from '../support/stand-in';

onStage(
  'volumes',
  (stage) => {
    const clients = { name: 'new', mode: 'new', target: `demo.${stage.namespace}.svc.cluster.local:8501`, ...REST } as const;
    const served = async (cluster: Cluster, source: ModelSource) => {
      // a volume outlives its namespace, so that it must say whose it is
      const labels = { [RUN_LABEL]: currentRun().owner };
      await stage.apply(stage.written(cluster, stage.single({ source }), { labels }).file);
      await stage.available();
    };

    stage.story('a model in a directory of the node is served by restricted pods, and moves to another directory unnoticed', async () => {
      const outside = stage.other('outside');
      kubectl(['create', 'namespace', outside]);
      await markNamespaces();
      const [first, second] = [stage.namespace, `${stage.namespace}-moved`];
      await publish(outside, stage.node, first, 7);
      await publish(outside, stage.node, second, 8);
      const from = (name: string) => served(stage.cluster, ModelSource.hostPath(`${volumeDirectory(name)}/demo`));
      await from(first);
      const seen = await stage.load([clients], async () => {
        await from(second);
        const versions = async () => Object.keys((await seenBy(stage.namespace, clients)).versions);
        await eventually('clients get the other version', 60, versions, (got) => got.includes('8'));
      });
      stage.sayAll('another volume', seen);
      expect(seen.new.failed).toBe(0);
      expect(Object.keys(seen.new.versions)).toEqual(['7', '8']);
    });

    stage.story('a model in an image of its own is served', async () => {
      const image = standInImage();
      await served(Cluster.kind({ kubernetesVersion: '1.35' }), ModelSource.ociImage(image, { path: 'models/demo' }));
      const seen = await stage.load([clients], async () => {});
      stage.sayAll('image volume', seen);
      expect(seen.new.failed).toBe(0);
      expect(Object.keys(seen.new.versions)).toEqual(['1']);
      const [{ spec }] = await stage.pods('demo');
      expect(spec.volumes).toContainEqual({ name: 'models', image: { reference: image.reference, pullPolicy: 'IfNotPresent' } });
    });
  },
  ['outside'],
);
