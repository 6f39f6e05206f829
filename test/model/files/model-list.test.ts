import { type ListedModel, modelListFile, uncertainLabels, VersionPolicy } from '../../../lib/model/files/model-list';
import { ServerRelease } from '../../../lib/model/server/server-release';

const RELEASE = ServerRelease.parse('test', 'release', '2.19.1');
const RANKER = { name: 'ranker', basePath: '/models/ranker' };
const written = (models: ListedModel[], release = RELEASE) => modelListFile('app', models, release);

test('models with their versions and labels', () => {
  const models: ListedModel[] = [
    { ...RANKER, basePath: 'gs://bucket/ranker', versions: VersionPolicy.specific([42, 43]), labels: { stable: 42, canary: 43 } },
    { name: 'tagger', basePath: '/models/tagger', versions: VersionPolicy.latest(2) },
    { name: 'all', basePath: '/models/all', versions: VersionPolicy.all(), labels: {} },
    { name: 'newest', basePath: '/models/newest' },
  ];
  expect(written(models)).toBe(`model_config_list {
  config {
    name: "ranker"
    base_path: "gs://bucket/ranker"
    model_platform: "tensorflow"
    model_version_policy {
      specific {
        versions: 42
        versions: 43
      }
    }
    version_labels {
      key: "stable"
      value: 42
    }
    version_labels {
      key: "canary"
      value: 43
    }
  }
  config {
    name: "tagger"
    base_path: "/models/tagger"
    model_platform: "tensorflow"
    model_version_policy {
      latest { num_versions: 2 }
    }
  }
  config {
    name: "all"
    base_path: "/models/all"
    model_platform: "tensorflow"
    model_version_policy {
      all {
      }
    }
  }
  config {
    name: "newest"
    base_path: "/models/newest"
    model_platform: "tensorflow"
  }
}
`);
});

test('versions up to the largest number that JavaScript does not round', () => {
  const largest = Number.MAX_SAFE_INTEGER;
  expect(written([{ ...RANKER, versions: VersionPolicy.specific([largest]), labels: { stable: largest } }])).toContain(
    'versions: 9007199254740991',
  );
});

test.each<[string, () => unknown, string]>([
  ['no version', () => VersionPolicy.specific([]), "'versions' ([])"],
  ['a single number', () => VersionPolicy.specific(42 as unknown as number[]), "'versions' (42)"],
  ['version 0', () => VersionPolicy.specific([1, 0]), "'versions[1]' (0)"],
  ['a negative version', () => VersionPolicy.specific([-1]), "'versions[0]' (-1)"],
  ['a fraction', () => VersionPolicy.specific([1.5]), "'versions[0]' (1.5)"],
  ['a text', () => VersionPolicy.specific(['42' as unknown as number]), '\'versions[0]\' ("42")'],
  ['a version that is rounded', () => VersionPolicy.specific([1.7e18]), 'JavaScript rounds'],
  ['a version twice', () => VersionPolicy.specific([42, 43, 42]), "'versions[2]' (42) stands twice"],
  ['a hole among versions', () => VersionPolicy.specific(new Array(1)), "'versions[0]'"],
  ['no newest version', () => VersionPolicy.latest(0), "'count' (0)"],
])('%s is refused', (_, policy, message) => {
  expect(policy).toThrow(message);
});

test.each<[string, ListedModel[], string]>([
  ['no model', [], "'models' ([])"],
  ['a model without a path', [{ name: 'ranker' } as ListedModel], "'models[0].basePath'"],
  ['a misspelt prop', [{ ...RANKER, label: {} } as ListedModel], "Did you mean 'labels'?"],
  ['a name with a slash', [{ ...RANKER, name: 'a/b' }], "'models[0].name'"],
  ['one name twice', [RANKER, { ...RANKER, basePath: '/other' }], '\'models[1].name\' ("ranker") is the name of two models'],
  ['a relative path', [{ ...RANKER, basePath: 'models/ranker' }], "'models[0].basePath'"],
  ['a label with a dash', [{ ...RANKER, labels: { 'can-ary': 1 } }], '\'models[0].labels\' ("can-ary")'],
  ['an empty label', [{ ...RANKER, labels: { '': 1 } }], "'models[0].labels'"],
  ['a label on version 0', [{ ...RANKER, labels: { canary: 0 } }], "'models[0].labels.canary' (0)"],
  ['a label on a rounded version', [{ ...RANKER, labels: { canary: 2 ** 60 } }], 'JavaScript rounds'],
  [
    'a label on a version that is not served',
    [{ ...RANKER, versions: VersionPolicy.specific([42]), labels: { canary: 43 } }],
    "'models[0].labels.canary' (43) is none of the versions that are served: 42",
  ],
])('%s is refused', (_, models, message) => {
  expect(() => written(models)).toThrow(message);
});

test('labels need a release that can start with them', () => {
  const old = ServerRelease.parse('test', 'release', '1.14.0');
  expect(() => written([{ ...RANKER, labels: { stable: 1 } }], old)).toThrow('need TensorFlow Serving 1.15.0');
  expect(written([{ ...RANKER, labels: {} }], old)).not.toContain('version_labels');
});

test('labels are uncertain where versions are not named', () => {
  const labels = { stable: 1 };
  expect(uncertainLabels([RANKER, { ...RANKER, versions: VersionPolicy.specific([1]), labels }])).toEqual([]);
  expect(
    uncertainLabels([
      { ...RANKER, labels },
      { ...RANKER, versions: VersionPolicy.all(), labels: { canary: 2 } },
    ]),
  ).toEqual(['stable', 'canary']);
});
