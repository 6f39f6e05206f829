import { Cluster, ModelSource } from '../../../lib';
import { kubectl } from '../support/kubectl';
import { markNamespaces } from '../support/namespaces';
import { currentRun, RUN_LABEL } from '../support/run';
import { publish, volumeDirectory } from '../support/shared-volume';
import { onStage } from '../support/stage';
import { standInImage } from '../support/stand-in';

/** A volume outlives its namespace, so that it must say whose it is. */
const ofThisRun = () => ({ labels: { [RUN_LABEL]: currentRun().owner } });

onStage(
  'volumes',
  (stage) => {
    stage.story('a model in a directory of the node is served where only restricted pods are let in, also after it moved', async () => {
      const outside = stage.other('outside');
      kubectl(['create', 'namespace', outside]);
      await markNamespaces();
      await publish(outside, stage.node, stage.namespace, 7);
      await publish(outside, stage.node, `${stage.namespace}-moved`, 8);
      const played = async (name: string) => {
        const source = ModelSource.hostPath(`${volumeDirectory(name)}/demo`);
        await stage.apply(stage.written(stage.cluster, stage.withGateway({ replicas: 1, source }), ofThisRun()).file);
        await stage.available();
        return Object.keys((await stage.underLoad(name, async () => {})).new.versions);
      };
      expect(await played(stage.namespace)).toEqual(['7']);
      expect(await played(`${stage.namespace}-moved`)).toEqual(['8']);
    });

    stage.story('a model in an image of its own is served', async () => {
      const source = ModelSource.ociImage(standInImage(), { path: 'models/demo' });
      const cluster = Cluster.kind({ kubernetesVersion: '1.35' });
      const { file } = stage.written(cluster, stage.withGateway({ replicas: 1, source }));
      await stage.apply(file);
      await stage.available();
      const seen = await stage.underLoad('image volume', async () => {});
      expect(Object.keys(seen.new.versions)).toEqual(['1']);
      const [{ spec }] = await stage.pods('demo');
      expect(spec.volumes).toContainEqual({ name: 'models', image: { reference: 'local/stand-in:1', pullPolicy: 'IfNotPresent' } });
    });
  },
  ['outside'],
);
