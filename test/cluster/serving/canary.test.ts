import { ModelSource, ModelVersions } from '../../../lib';
import { eventually } from '../support/api';
import { kubectl } from '../support/kubectl';
import { markNamespaces } from '../support/namespaces';
import { CLAIM, makeVolume, publish } from '../support/shared-volume';
import { onStage } from '../support/stage';
import { seenBy } from '../support/stand-in';

onStage(
  'canary',
  (stage) => {
    stage.story('a canary whose version is missing is never ready and says why, and the old pods serve on until it is there', async () => {
      const outside = stage.other('outside');
      kubectl(['create', 'namespace', outside]);
      await markNamespaces();
      await publish(outside, stage.node, stage.namespace, 1);
      const source = ModelSource.persistentVolumeClaim(CLAIM, { path: 'demo' });
      const release = (versions: number[], versionLabels: { [label: string]: number }) =>
        stage.play(stage.single({ source, versions: ModelVersions.specific(...versions), versionLabels }));
      await release([1], { stable: 1 });
      await makeVolume(stage.namespace);
      await stage.available();
      const clients = (label: string) => ({
        name: label,
        mode: 'new' as const,
        target: `demo.${stage.namespace}.svc.cluster.local:8501`,
        path: `/v1/models/demo/labels/${label}:predict`,
      });
      const old = (await stage.pods('demo')).map(({ metadata }) => metadata.name);
      const seen = await stage.load([clients('stable')], async () => {
        await release([1, 2], { stable: 1, canary: 2 });
        await eventually(
          'the reason is told',
          60,
          () => stage.events(),
          (events) => events.some((event) => event.includes('Not ready: /v1/models/demo/labels/canary/metadata answers HTTP/1.')),
        );
        expect((await stage.ready()).filter((ready) => ready)).toHaveLength(1);
        await publish(outside, stage.node, stage.namespace, 2);
        const [waiting] = (await stage.pods('demo')).filter(({ metadata }) => !old.includes(metadata.name));
        stage.kubectl('delete', 'pod', waiting.metadata.name, '--grace-period=0', '--force');
        await stage.available();
        await eventually(
          'the old pod is gone',
          90,
          async () => (await stage.allPods()).map(({ metadata }) => metadata.name),
          (names) => names.every((name) => !old.includes(name)),
        );
      });
      stage.sayAll('canary', seen);
      expect(seen.stable.failed).toBe(0);
      const canary = await stage.load([clients('canary')], async () => {
        await eventually(
          'clients of the canary are served',
          30,
          () => seenBy(stage.namespace, clients('canary')),
          ({ sent }) => sent > 20,
        );
      });
      expect(canary.canary.failed).toBe(0);
      expect(Object.keys(canary.canary.versions)).toEqual(['2']);
    });
  },
  ['outside'],
);
