import { eventually, post } from '../support/api';
import { onStage } from '../support/stage';

onStage('deletion', (stage) => {
  stage.story('a pod that is deleted, and one that is evicted as a drain does it, are not missed', async () => {
    await stage.play(stage.withGateway());
    await stage.available();
    const [first, second] = (await stage.pods('demo')).map(({ metadata }) => metadata.name);
    const seen = await stage.underLoad('delete and evict', async () => {
      stage.kubectl('delete', 'pod', first, '--wait=false');
      const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: second, namespace: stage.namespace } };
      await eventually(
        'the budget lets the second pod go',
        40,
        () =>
          post(`api/v1/namespaces/${stage.namespace}/pods/${second}/eviction`, eviction).then(
            () => 'evicted',
            (refused) => String(refused),
          ),
        (answer) => answer === 'evicted',
      );
      await eventually(
        'both are gone, and replaced',
        50,
        () => stage.allPods(),
        (pods) => pods.length === 3 && pods.every(({ metadata }) => metadata.name !== first && metadata.name !== second),
      );
    });
    stage.expectServed(seen, 2);
  });
});
