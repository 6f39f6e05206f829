import { Duration } from 'cdk8s';
import {
  Accelerator,
  Cluster,
  type GcsSourceOptions,
  GpuModelPool,
  ModelSource,
  ModelVersions,
  type ServedModel,
  ServerImage,
  TfServingModel,
  type TfServingModelProps,
} from '../../../lib';
import { check } from '../../../lib/check';
import { isError } from '../../../lib/check/checker';
import { noticesOf } from '../../../lib/private/notices';
import { container, flag, GKE, only, podSpec, render, toYaml, warningsOf } from '../../support/render';

const KIND = Cluster.kind();
const RANKER: TfServingModelProps = {
  source: ModelSource.inImage('/models/ranker'),
  server: ServerImage.official('2.19.1'),
  resources: { requests: { cpu: '2', memory: '4Gi' } },
};
const DETECTOR: ServedModel = { modelName: 'detector', source: ModelSource.inImage('/models/detector') };

const serving = (otherModels: ServedModel[], props: Partial<TfServingModelProps> = {}, cluster = KIND) =>
  render((chart) => void new TfServingModel(chart, 'ranker', { ...RANKER, otherModels, ...props }), cluster);
const making =
  (otherModels: ServedModel[], props: Partial<TfServingModelProps> = {}, cluster = KIND) =>
  () =>
    serving(otherModels, props, cluster);
const list = (objects: ReturnType<typeof serving>): string => only(objects, 'ConfigMap').data['models_config.txt'];
const basePaths = (objects: ReturnType<typeof serving>) => [...list(objects).matchAll(/base_path: "(.*)"/g)].map(([, path]) => path);
const claim = (name: string, path?: string) => ModelSource.persistentVolumeClaim(name, { path });
const bucket = (name: string, options: GcsSourceOptions = {}) => ModelSource.gcs(`gs://bucket/${name}`, options);

test('three models in one server, one with a canary', () => {
  const objects = serving(
    [
      { modelName: 'detector', source: claim('models', 'detector') },
      {
        modelName: 'embedder',
        source: claim('embeddings'),
        versions: ModelVersions.specific(7, 8),
        versionLabels: { stable: 7, canary: 8 },
      },
    ],
    { source: claim('models', 'ranker') },
  );
  expect(check(objects).filter(isError)).toEqual([]);
  expect(toYaml(objects.filter(({ kind }) => ['Deployment', 'ConfigMap'].includes(kind)))).toMatchSnapshot();
});

test('an empty list is as none', () => {
  expect(serving([])).toEqual(serving([], { otherModels: undefined }));
});

test('readiness covers all of them', () => {
  const { command } = container(serving([DETECTOR, { ...DETECTOR, modelName: 'd2', source: ModelSource.inImage('/models/d2') }]))
    .readinessProbe.exec;
  expect(command[2].match(/^ask .*$/gm)).toEqual([
    "ask '/v1/models/ranker/metadata'",
    "ask '/v1/models/detector/metadata'",
    "ask '/v1/models/d2/metadata'",
  ]);
});

test('the shared fate is said', () => {
  let warnings: string[] = [];
  render((chart) => {
    warnings = warningsOf([new TfServingModel(chart, 'ranker', { ...RANKER, otherModels: [DETECTOR] })]);
  });
  expect(warnings).toEqual([
    'otherModels: where the directory of one of 2 models is missing, the server loads none of them, nor a new version of any',
  ]);
});

describe('sources', () => {
  test('one claim is mounted once, another one beside it, and a single one where it always was', () => {
    const objects = serving(
      [
        { modelName: 'detector', source: claim('models', 'detector') },
        { modelName: 'embedder', source: claim('embeddings', 'team/embedder') },
      ],
      { source: claim('models', 'ranker') },
    );
    expect(basePaths(objects)).toEqual(['/mnt/models/ranker', '/mnt/models/detector', '/mnt/models-2/team/embedder']);
    const { volumes, containers } = podSpec(objects);
    expect(volumes.filter(({ name }: { name: string }) => name.startsWith('models'))).toEqual([
      { name: 'models', persistentVolumeClaim: { claimName: 'models', readOnly: true } },
      { name: 'models-2', persistentVolumeClaim: { claimName: 'embeddings', readOnly: true } },
    ]);
    expect(containers[0].volumeMounts.filter(({ name }: { name: string }) => name.startsWith('models'))).toEqual([
      { name: 'models', mountPath: '/mnt/models', readOnly: true },
      { name: 'models-2', mountPath: '/mnt/models-2', readOnly: true },
    ]);
  });

  test('both claims must be there, and each is asked for once', () => {
    let commands: string[] = [];
    render((chart) => {
      const otherModels = [
        { modelName: 'detector', source: claim('b', 'detector') },
        { modelName: 'far', source: claim('b', 'far') },
      ];
      const model = new TfServingModel(chart, 'ranker', { ...RANKER, source: claim('a'), otherModels });
      commands = noticesOf([model])
        .filter(({ kind }) => kind === 'access')
        .map(({ text }) => text);
    });
    expect(commands).toEqual(['kubectl -n models get persistentvolumeclaim a', 'kubectl -n models get persistentvolumeclaim b']);
  });

  test('two buckets are waited for once on GKE, and each grant is named', () => {
    let commands: string[] = [];
    const objects = render((chart) => {
      const otherModels = [
        { modelName: 'detector', source: bucket('detector') },
        { modelName: 'far', source: ModelSource.gcs('gs://another/far') },
      ];
      const model = new TfServingModel(chart, 'ranker', { ...RANKER, source: bucket('ranker'), otherModels });
      commands = noticesOf([model])
        .filter(({ kind }) => kind === 'access')
        .map(({ text }) => text.replace(/ --role.*/, ''));
    }, GKE);
    expect(podSpec(objects).initContainers).toHaveLength(1);
    expect(commands).toEqual([
      'gcloud storage buckets add-iam-policy-binding gs://bucket',
      'gcloud storage buckets add-iam-policy-binding gs://another',
    ]);
    const alone = render((chart) => void new TfServingModel(chart, 'ranker', { ...RANKER, source: bucket('ranker') }), GKE);
    expect(only(objects, 'NetworkPolicy')).toEqual(only(alone, 'NetworkPolicy'));
  });

  test('one key reads all buckets, and two keys are refused', () => {
    const keyed = (key: string) => [{ modelName: 'detector', source: bucket('detector', { keyFileSecretName: key }) }];
    const source = bucket('ranker', { keyFileSecretName: 'key-a' });
    expect(podSpec(serving(keyed('key-a'), { source })).volumes).toContainEqual({ name: 'gcs-key', secret: { secretName: 'key-a' } });
    expect(making(keyed('key-b'), { source })).toThrow(
      /'otherModels\[0\].source' .*key-b.*needs the volume 'gcs-key' to be another one than model 'ranker' does .*key-a/,
    );
  });

  test('a claim for one node keeps the whole server to one pod', () => {
    const source = ModelSource.persistentVolumeClaim('models', { accessMode: 'ReadWriteOncePod' });
    expect(making([{ modelName: 'detector', source }], { replicas: 2 })).toThrow(/'replicas' \(2\) cannot be above 1/);
  });

  test.each<[string, ModelSource, ModelSource]>([
    ['the same', ModelSource.inImage('/models/x'), ModelSource.inImage('/models/x/')],
    ['one in the other', ModelSource.inImage('/models/x'), ModelSource.inImage('/models/x/y')],
    ['the other in the one', bucket('x/y'), bucket('x')],
    ['the root of the claim', claim('models'), claim('models', 'x')],
  ])('fails on directories that overlap: %s', (_, one, other) => {
    expect(making([{ modelName: 'detector', source: other }], { source: one }, GKE)).toThrow(
      /'otherModels\[0\].source'.*overlaps the directory of model 'ranker'/,
    );
  });

  test('directories whose names begin alike do not overlap', () => {
    expect(making([{ modelName: 'detector', source: bucket('xy') }], { source: bucket('x') }, GKE)).not.toThrow();
  });

  test('the directory of the configuration files may hide none of them', () => {
    expect(making([DETECTOR], { configDirectory: '/models/detector' })).toThrow(/overlaps the directory of the model, \/models\/detector/);
  });
});

describe('following', () => {
  const followed = (name: string, minutes: number) => bucket(name, { pollInterval: Duration.minutes(minutes) });
  const detector = (source: ModelSource, versions?: ModelVersions) => [{ modelName: 'detector', source, versions }];
  const from = (source: ModelSource) => ({ source });

  test('one interval is that of the server', () => {
    expect(flag(serving(detector(followed('b', 5)), from(followed('a', 5)), GKE), 'file_system_poll_wait_seconds')).toBe('300');
  });

  test('two intervals are refused', () => {
    expect(making(detector(followed('b', 10)), from(followed('a', 5)), GKE)).toThrow(
      /'otherModels\[0\].source' \("pollInterval of 600 s"\) cannot stand beside model 'ranker', for which the server looks every 300 s/,
    );
  });

  test('what must not be followed is pinned or in the image', () => {
    expect(making(detector(bucket('b')), from(followed('a', 5)), GKE)).toThrow(
      /'otherModels\[0\].source' \("no pollInterval"\).*name its versions/,
    );
    expect(making(detector(followed('b', 5)), from(bucket('a')), GKE)).toThrow(/'source' \("no pollInterval"\)/);
    expect(making(detector(bucket('b'), ModelVersions.specific(1)), from(followed('a', 5)), GKE)).not.toThrow();
    expect(making([DETECTOR], from(followed('a', 5)), GKE)).not.toThrow();
  });
});

describe('memory', () => {
  const sized = (modelMemory?: string, versions?: ModelVersions) => [{ ...DETECTOR, modelMemory, versions }];

  test('is that of all together', () => {
    expect(making(sized('2Gi', ModelVersions.specific(1, 2)), { modelMemory: '1Gi' })).toThrow(
      /is less than the 1Gi \(ranker\) \+ 2 x 2Gi \(detector\) = 5Gi that the models take\. Raise it to 5632Mi/,
    );
    expect(making(sized('2Gi'), { modelMemory: '2Gi' })).not.toThrow();
    expect(making(sized(), { modelMemory: '4Gi' })).not.toThrow();
  });

  test('is said against that of a GPU', () => {
    let warnings: string[] = [];
    render((chart) => {
      const pool = new GpuModelPool(chart, 'gpus', { accelerator: Accelerator.NVIDIA_T4, machineType: 'n1-standard-8', maxNodes: 2 });
      const resources = { requests: { cpu: '2', memory: '20Gi' } };
      const model = new TfServingModel(chart, 'ranker', { ...RANKER, resources, pool, modelMemory: '9Gi', otherModels: sized('8Gi') });
      warnings = warningsOf([model]).filter((text) => text.startsWith('modelMemory'));
    }, GKE);
    expect(warnings).toEqual([
      'modelMemory: 9Gi (ranker) + 8Gi (detector) = 17Gi is more than the 16Gi of one GPU, and a model runs on one',
    ]);
  });
});

test.each<[string, Partial<ServedModel>, RegExp]>([
  ['the name of the first model', { modelName: 'ranker' }, /'otherModels\[0\].modelName' \("ranker"\) is the name of another model/],
  ['a name that URLs change', { modelName: 'a/b' }, /'otherModels\[0\].modelName' \("a\/b"\)/],
  ['a label without versions', { versionLabels: { a: 1 } }, /'otherModels\[0\].versionLabels'/],
  ['a typo', { version: 1 } as never, /'otherModels\[0\].version'.*Did you mean 'versions'/],
])('fails on %s', (_, other, message) => {
  expect(making([{ ...DETECTOR, ...other }])).toThrow(message);
});

test('fails on variables with the name of one model', () => {
  expect(making([DETECTOR], { envConfigMapName: 'env' })).toThrow(/cannot stand beside 'otherModels'/);
});
