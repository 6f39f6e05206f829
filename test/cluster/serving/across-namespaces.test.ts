import { ServingChart } from '../../../lib';
import { eventually } from '../support/api';
import { onStage } from '../support/stage';

onStage(
  'across',
  (stage) => {
    const files = (round: string) =>
      stage.writtenFrom(stage.cluster, (site) => {
        const model = stage.demo(new ServingChart(site, stage.namespace), { replicas: 2, env: { ROUND: round } });
        stage.gateway(new ServingChart(site, stage.other('front')), model);
      }).folder;

    stage.story('a gateway finds a model of another namespace by its name, through a rollout of the model', async () => {
      await stage.apply(files('1'));
      await stage.available();
      const before = (await stage.allPods()).map(({ metadata }) => metadata.name);
      const target = `gateway.${stage.other('front')}.svc.cluster.local:80`;
      const seen = await stage.load([{ name: 'gateway-clients', mode: 'keepalive', target }], async () => {
        await stage.apply(files('2'));
        await eventually(
          'all pods are new',
          120,
          () => stage.allPods(),
          (pods) => pods.length === 2 && pods.every(({ metadata }) => !before.includes(metadata.name)),
        );
      });
      stage.sayAll('gateway of another namespace, rollout', seen);
      expect(seen['gateway-clients'].failed).toBe(0);
      expect(seen['gateway-clients'].sent).toBeGreaterThan(1000);
    });
  },
  ['front'],
);
