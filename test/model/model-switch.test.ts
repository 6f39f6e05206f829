import { Testing } from 'cdk8s';
import * as kplus from 'cdk8s-plus-27';
import {
  AutoscaledService,
  Cluster,
  ContainerImage,
  ModelGateway,
  ModelSource,
  ModelSwitch,
  type ModelSwitchProps,
  Peer,
  ServerImage,
  ServingApp,
  ServingChart,
  ServingProtocol,
  TfServingModel,
  type TfServingModelProps,
} from '../../lib';
import { check, type KubeObject } from '../../lib/check';
import { isError } from '../../lib/check/checker';
import { noticesOf } from '../../lib/private/notices';
import { only, render, toYaml } from '../support/render';

const MODEL: TfServingModelProps = {
  modelName: 'ranker',
  source: ModelSource.inImage('/models/ranker'),
  server: ServerImage.official('2.19.1'),
  resources: { requests: { cpu: '1', memory: '1Gi' } },
};
const model = (chart: ServingChart, id: string, props: Partial<TfServingModelProps> = {}) =>
  new TfServingModel(chart, id, { ...MODEL, ...props });

/** Blue and green behind one name, with what is built around them. */
function behind(answering: 'blue' | 'green', around: (front: ModelSwitch, chart: ServingChart) => void = () => {}): KubeObject[] {
  return render((chart) => {
    const models = { blue: model(chart, 'blue'), green: model(chart, 'green', { server: ServerImage.official('2.20.0') }) };
    const active = models[answering];
    const idle = [answering === 'blue' ? models.green : models.blue];
    around(new ModelSwitch(chart, 'ranker', { active, idle }), chart);
  });
}

const service = (objects: KubeObject[], name: string) =>
  only(
    objects.filter(({ metadata }) => metadata.name === name),
    'Service',
  );
const policy = (objects: KubeObject[], name: string) =>
  only(
    objects.filter(({ metadata }) => metadata.name === name),
    'NetworkPolicy',
  ).spec;

test('one Service leads to the pods of the model that answers', () => {
  const objects = behind('blue');
  expect(check(objects).filter(isError)).toEqual([]);
  expect(toYaml([service(objects, 'ranker')])).toMatchSnapshot();
});

test('a switch changes the selector of that Service, and nothing else', () => {
  const [before, after] = [behind('blue'), behind('green')];
  const changed = after.filter((object, index) => JSON.stringify(object) !== JSON.stringify(before[index]));
  expect(changed).toEqual([service(after, 'ranker')]);
  const { selector, ...same } = service(after, 'ranker').spec;
  expect(selector['app.kubernetes.io/instance']).toBe('green');
  expect(same).toEqual({ ...service(before, 'ranker').spec, selector: undefined });
});

test('a gateway keeps its address through a switch, and both models let it in before', () => {
  const gateway = (front: ModelSwitch, chart: ServingChart) => {
    const image = ContainerImage.fromBuild('gateway:v1');
    new ModelGateway(chart, 'gateway', { model: front, image, targetPort: 8080, resources: { requests: { cpu: '1', memory: '1Gi' } } });
  };
  const [before, after] = [behind('blue', gateway), behind('green', gateway)];
  const environment = (objects: KubeObject[]) =>
    only(
      objects.filter(({ metadata }) => metadata.name === 'gateway'),
      'Deployment',
    ).spec.template.spec.containers[0].env;
  expect(environment(before)).toEqual([
    { name: 'TF_SERVING_HOST', value: 'ranker.models.svc.cluster.local:8500' },
    { name: 'TF_SERVING_MODEL_NAME', value: 'ranker' },
  ]);
  expect(environment(after)).toEqual(environment(before));
  const of = (instance: string) =>
    expect.objectContaining({ podSelector: { matchLabels: expect.objectContaining({ 'app.kubernetes.io/instance': instance }) } });
  for (const objects of [before, after]) {
    for (const name of ['blue', 'green']) expect(policy(objects, name).ingress[0].from).toEqual([of('gateway')]);
    expect(policy(objects, 'gateway').egress.flatMap(({ to }: { to?: object[] }) => to)).toEqual(
      expect.arrayContaining([of('blue'), of('green')]),
    );
  }
});

test('callers are let in to both models, and have the addresses of the switch', () => {
  let front: ModelSwitch | undefined;
  const objects = behind('blue', (made) => {
    front = made;
    made.allowFrom(Peer.namespace('web'));
  });
  for (const name of ['blue', 'green']) expect(policy(objects, name).ingress).toHaveLength(1);
  expect(front?.grpcAddress).toBe('ranker.models.svc.cluster.local:8500');
  expect(front?.restUrl).toBe('http://ranker.models.svc.cluster.local:8501/v1/models/ranker');
});

test('it stands for the pods of all its models in the policies of others', () => {
  const objects = behind('blue', (front, chart) => {
    new AutoscaledService(chart, 'caller', {
      image: ContainerImage.fromBuild('caller:v1'),
      ports: [{ port: 80 }],
      resources: { requests: { cpu: '1', memory: '1Gi' } },
      egress: [{ to: Peer.of(front), ports: [8500] }],
    });
  });
  expect(policy(objects, 'caller').egress.at(-1).to[0].podSelector).toEqual({
    matchLabels: { 'app.kubernetes.io/name': 'tensorflow-serving' },
    matchExpressions: [{ key: 'app.kubernetes.io/instance', operator: 'In', values: ['blue', 'green'] }],
  });
});

test('constructs of cdk8s-plus take it for the model that answers', () => {
  const objects = behind('blue', (front, chart) => {
    new kplus.HorizontalPodAutoscaler(chart, 'hpa', { target: front, maxReplicas: 3 });
  });
  expect(only(objects, 'HorizontalPodAutoscaler').spec.scaleTargetRef).toMatchObject({ kind: 'Deployment', name: 'blue' });
});

test('it says what must have happened before the next switch', () => {
  let commands: string[] = [];
  behind('blue', (front) => {
    commands = noticesOf([front]).map(({ text }) => text);
  });
  expect(commands).toEqual(['kubectl -n models rollout status deployment/green']);
});

describe('models that callers could tell apart', () => {
  const switching =
    (green: Partial<TfServingModelProps>, props: Partial<ModelSwitchProps> = {}) =>
    () =>
      render((chart) => {
        new ModelSwitch(chart, 'ranker', { active: model(chart, 'blue'), idle: [model(chart, 'green', green)], ...props });
      });

  test.each<[string, Partial<TfServingModelProps>, RegExp]>([
    [
      'by their names',
      { modelName: 'other' },
      /'idle\[0\]' \("models\/green"\) has the modelName "other" where 'models\/blue' has "ranker"/,
    ],
    ['by the port of gRPC', { grpcPort: 9000 }, /has the grpcPort 9000 where 'models\/blue' has 8500/],
    ['by the port of REST', { restPort: 9001 }, /has the restPort 9001/],
    ['by their protocols', { protocols: [ServingProtocol.GRPC] }, /has the protocols \["grpc"\]/],
  ])('are refused: %s', (_, green, message) => {
    expect(switching(green)).toThrow(message);
  });

  test('the order of their protocols tells nothing', () => {
    expect(switching({ protocols: [ServingProtocol.REST, ServingProtocol.GRPC] })).not.toThrow();
  });

  test('a model that stands twice, a name that a model has, and models elsewhere are refused', () => {
    const made = (build: (chart: ServingChart) => ModelSwitchProps) => () =>
      render((chart) => void new ModelSwitch(chart, 'ranker', build(chart)));
    expect(
      made((chart) => {
        const blue = model(chart, 'blue');
        return { active: blue, idle: [blue] };
      }),
    ).toThrow(/'idle\[0\]' \("models\/blue"\) stands twice/);
    expect(made((chart) => ({ active: model(chart, 'blue', { serviceName: 'ranker' }) }))).toThrow(
      /'name' \("ranker"\) is the name of the Service/,
    );
    const elsewhere = (chart: ServingChart) => new ServingChart(chart, 'elsewhere', { namespace: 'elsewhere' });
    expect(made((chart) => ({ active: model(elsewhere(chart), 'blue') }))).toThrow(/'active' .*is in namespace 'elsewhere'/);
    expect(made((chart) => ({ active: model(chart, 'blue'), idle: [model(elsewhere(chart), 'green')] }))).toThrow(
      /has the namespace "elsewhere"/,
    );
  });

  test('one on another cluster is refused', () => {
    const app = new ServingApp({ outdir: Testing.app().outdir });
    const [here, there] = [Cluster.kind(), Cluster.minikube()].map(
      (cluster) => new ServingChart(app.on(cluster), 'models', { namespace: 'm' }),
    );
    const blue = model(here, 'blue');
    expect(() => new ModelSwitch(there, 'ranker', { active: blue })).toThrow(/'active' .*is on another cluster/);
    expect(() => new ModelSwitch(here, 'ranker', { active: blue, idle: [model(there, 'green')] })).toThrow(
      /'idle\[0\]' .*is on another cluster/,
    );
  });
});
