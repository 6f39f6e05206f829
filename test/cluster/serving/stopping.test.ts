import { Duration } from 'cdk8s';
import type { ModelGatewayProps, ServingChart, TfServingModelProps } from '../../../lib';
import { eventually } from '../support/api';
import { GRPC, onStage, REST, type Stage } from '../support/stage';
import type { Load, Seen } from '../support/stand-in';

/** Ways in which a server can stop, each with what is said of it. */
const MODELS: Record<string, { how: string; props: Partial<TfServingModelProps> }> = {
  model: { how: 'model, as it is by default: killed once every client has had the time to leave', props: {} },
  'model-hasty': {
    how: 'model with a terminationGracePeriod of 5 s: killed while clients are still there',
    props: { terminationGracePeriod: Duration.seconds(5) },
  },
};
const GATEWAYS: Record<string, { how: string; props: Partial<ModelGatewayProps> }> = {
  gateway: { how: 'gateway, as it is by default: waits until its address is out of use, then ends its requests', props: {} },
  'gateway-hasty': {
    how: 'gateway with a preStopSleep of 0 s: ends while its address is in use',
    props: { preStopSleep: Duration.seconds(0) },
  },
};
const ALL = { ...MODELS, ...GATEWAYS };

onStage('stopping', (stage) => {
  stage.story('of the ways to stop that the library offers, the default ones lose no request', async () => {
    await stage.play(build(stage));
    await stage.available();
    const ways = Object.keys(ALL);
    const stopped: Record<string, number> = {};
    const seen = await stage.load(
      ways.flatMap((way) => loadsOf(stage, way)),
      async () => {
        const pods = await Promise.all(ways.map(async (way) => (await stage.pods(way))[0].metadata.name));
        const begun = Date.now();
        stage.kubectl('delete', 'pod', ...pods, '--wait=false');
        await eventually(
          'all are gone',
          120,
          async () => {
            const left = (await stage.list('pods')).map(({ metadata }) => metadata.name);
            pods.forEach((pod, index) => {
              if (!left.includes(pod)) stopped[ways[index]] ??= Math.round((Date.now() - begun) / 1000);
            });
            return Object.keys(stopped);
          },
          ({ length }) => length === ways.length,
        );
      },
    );
    for (const way of ways) stage.say(`${ALL[way].how}: gone after ${stopped[way]} s, ${told(seen, way)}`);
    expect(seen['model-new'].failed + seen['model-grpc'].failed).toBe(0);
    expect(seen['gateway-new'].failed + seen['gateway-keepalive'].failed).toBe(0);
  });
});

function build(stage: Stage): (chart: ServingChart) => void {
  return (chart) => {
    const models = Object.entries(MODELS).map(([name, { props }]) => stage.demo(chart, { replicas: 2, modelName: 'demo', ...props }, name));
    for (const [name, { props }] of Object.entries(GATEWAYS)) stage.gateway(chart, models[0], props, name);
  };
}

function loadsOf({ namespace }: Stage, way: string): Load[] {
  const host = `${way}.${namespace}.svc.cluster.local`;
  if (way in GATEWAYS) return (['new', 'keepalive'] as const).map((mode) => ({ name: `${way}-${mode}`, mode, target: `${host}:80` }));
  return [
    { name: `${way}-new`, mode: 'new', target: `${host}:8501`, ...REST },
    { name: `${way}-keepalive`, mode: 'keepalive', target: `${host}:8501`, ...REST },
    { name: `${way}-grpc`, mode: 'grpc', target: `${host}:8500`, ...GRPC },
  ];
}

function told(seen: Record<string, Seen>, way: string): string {
  const ofWay = Object.entries(seen).filter(([name]) => name.replace(/-[a-z]+$/, '') === way);
  return ofWay.map(([name, { sent, failed }]) => `${name.slice(way.length + 1)} ${failed} of ${sent} failed`).join(', ');
}
