import { Duration } from 'cdk8s';
import {
  Autoscaling,
  ContainerImage,
  ModelSource,
  ModelVersions,
  ServerImage,
  ServingProtocol,
  TfServingModel,
  type TfServingModelProps,
} from '../../../lib';
import type { KubeObject } from '../../../lib/check';
import { container, flag, only, podSpec, render, warningsOf } from '../../support/render';

const BUCKET = ModelSource.gcs('gs://bucket/ranker');
const FOLLOWED = ModelSource.gcs('gs://bucket/ranker', { pollInterval: Duration.minutes(5) });
const RANKER: TfServingModelProps = {
  source: BUCKET,
  server: ServerImage.official('2.19.1'),
  resources: { requests: { cpu: '2', memory: '4Gi' } },
};
const ranker = (props: Partial<TfServingModelProps> = {}) =>
  render((chart) => void new TfServingModel(chart, 'ranker', { ...RANKER, ...props }));
const making = (props: Partial<TfServingModelProps>) => () => ranker(props);
const custom = (release: string) => ServerImage.custom({ image: ContainerImage.fromRegistry('example.com/server:1'), release });

const files = (objects: KubeObject[]) => only(objects, 'ConfigMap').data as { [file: string]: string };
const list = (objects: KubeObject[]) => files(objects)['models_config.txt'];
const readiness = (objects: KubeObject[]) => container(objects).readinessProbe;
/** Paths that the readiness script asks for. */
const asked = (objects: KubeObject[]) =>
  [...readiness(objects).exec.command[2].matchAll(/^(ask(?:_versions)?) '(.*)'$/gm)].map(([, how, path]) => `${how} ${path}`);

describe('versions', () => {
  test('the newest one is what the server does by itself: it needs no file, said or not', () => {
    const objects = ranker({ versions: ModelVersions.latest() });
    expect(objects).toEqual(ranker());
    expect(flag(objects, 'model_name')).toBe('ranker');
    expect(list(objects)).toBeUndefined();
  });

  test('a pinned one stands in the list of models, which takes the place of the flags', () => {
    const objects = ranker({ versions: ModelVersions.specific(42) });
    expect(list(objects)).toBe(
      [
        'model_config_list {',
        '  config {',
        '    name: "ranker"',
        '    base_path: "gs://bucket/ranker"',
        '    model_platform: "tensorflow"',
        '    model_version_policy {',
        '      specific {',
        '        versions: 42',
        '      }',
        '    }',
        '  }',
        '}',
        '',
      ].join('\n'),
    );
    expect(flag(objects, 'model_config_file')).toBe('/etc/tfs-config/models_config.txt');
    for (const unread of ['model_name', 'model_base_path', 'model_config_file_poll_wait_seconds']) {
      expect(flag(objects, unread)).toBeUndefined();
    }
    expect(flag(objects, 'file_system_poll_wait_seconds')).toBe('0');
  });

  test('another pin is another ConfigMap, and so a rollout', () => {
    const name = (version: number) => only(ranker({ versions: ModelVersions.specific(version) }), 'ConfigMap').metadata.name;
    expect(name(43)).not.toBe(name(42));
    expect(podSpec(ranker({ versions: ModelVersions.specific(43) })).volumes).toContainEqual({
      name: 'config',
      configMap: { name: name(43) },
    });
  });

  test.each<[string, ModelVersions, string]>([
    [
      'several, in one order',
      ModelVersions.specific(43, 9007199254740991, 0),
      'specific {\n        versions: 0\n        versions: 43\n        versions: 9007199254740991\n      }',
    ],
    ['the newest two', ModelVersions.latest(2), 'latest { num_versions: 2 }'],
    ['all', ModelVersions.all(), 'all {\n      }'],
  ])('%s', (_, versions, text) => {
    expect(list(ranker({ versions }))).toContain(`    model_version_policy {\n      ${text}\n    }\n`);
  });

  test.each<[string, () => unknown, RegExp]>([
    ['no version', () => ModelVersions.specific(), /^ModelVersions.specific: 'versions' .*must name at least one version/],
    ['one twice', () => ModelVersions.specific(1, 2, 1), /'versions' \(1\) stands twice/],
    ['half a version', () => ModelVersions.specific(1.5), /must be a whole number/],
    ['a negative one', () => ModelVersions.specific(-1), /must be a whole number from 0/],
    ['a text', () => ModelVersions.specific('42' as never), /must be a whole number/],
    ['nanoseconds, which JavaScript rounds', () => ModelVersions.specific(2 ** 60), /above 2\^53 - 1.*another version would be asked for/],
    ['the newest none', () => ModelVersions.latest(0), /^ModelVersions.latest: 'count' \(0\)/],
  ])('fails on %s', (_, make, message) => {
    expect(make).toThrow(message);
  });

  test('fails where pinned versions are to be followed', () => {
    expect(making({ source: FOLLOWED, versions: ModelVersions.specific(42) })).toThrow(
      /'versions' \("specific\(42\)"\).*'pollInterval' of the source finds nothing to do/,
    );
    expect(making({ source: FOLLOWED, versions: ModelVersions.latest(2) })).not.toThrow();
  });

  test("fails beside variables with the model's name, which a server with a list does not read", () => {
    const envConfigMapName = 'tfserving-configs';
    expect(making({ envConfigMapName, versions: ModelVersions.specific(42) })).toThrow(
      /'envConfigMapName' \("tfserving-configs"\) cannot stand beside 'versions'/,
    );
    expect(making({ envConfigMapName, versions: ModelVersions.latest() })).not.toThrow();
  });

  test('live reloads of the list are refused, since a change of it is a rollout', () => {
    expect(making({ extraFlags: ['--model_config_file_poll_wait_seconds=60'] })).toThrow(
      /ConfigMap that is named by its content.*a rollout/,
    );
  });

  test('the memory of all that are loaded at once must be there', () => {
    const limits = (memory: string) => ({ resources: { requests: { cpu: '1', memory } }, modelMemory: '1Gi' });
    const three = { versions: ModelVersions.specific(1, 2, 3) };
    expect(making({ ...limits('2Gi'), ...three })).toThrow(/is less than the 3 x 1Gi = 3Gi that the model takes\. Raise it to 3456Mi/);
    expect(making({ ...limits('3Gi'), ...three })).not.toThrow();
    const newest = { source: FOLLOWED, versions: ModelVersions.latest(2) };
    expect(making({ ...limits('2Gi'), ...newest })).toThrow(/3 x 1Gi = 3Gi that all versions take while the server swaps them/);
    expect(making({ ...limits('512Mi'), versions: ModelVersions.all() })).toThrow(/is less than the 1Gi that the model takes/);
  });

  const warned = (props: Partial<TfServingModelProps>) => {
    let warnings: string[] = [];
    render((chart) => {
      const model = new TfServingModel(chart, 'ranker', { ...RANKER, ...props });
      warnings = warningsOf([model]).filter((text) => /versions|otherModels/i.test(text));
    });
    return warnings;
  };

  test('several pods that each take the newest version they find are pointed out', () => {
    const differ = [expect.stringContaining('versions: each pod serves the newest version that it finds when it starts')];
    expect(warned({ replicas: 2 })).toEqual(differ);
    expect(warned({ autoscaling: Autoscaling.cpu({ maxReplicas: 3 }) })).toEqual(differ);
    expect(warned({ replicas: 1 })).toEqual([]);
    expect(warned({ replicas: 2, versions: ModelVersions.specific(42) })).toEqual([]);
    expect(warned({ replicas: 2, source: ModelSource.inImage('/models/ranker') })).toEqual([]);
    expect(warned({ replicas: 2, source: FOLLOWED, modelMemory: '1Gi' })).toEqual([]);
  });

  test('all versions are pointed out, since nobody knows how many they become', () => {
    expect(warned({ versions: ModelVersions.all() })).toEqual([expect.stringContaining('every version that the source holds is loaded')]);
  });
});

describe('labels', () => {
  const both = { versions: ModelVersions.specific(42, 43), versionLabels: { stable: 42, canary: 43 } };

  test('a canary: two versions in every pod, and clients choose by label', () => {
    const objects = ranker(both);
    expect(list(objects)).toContain(
      '    version_labels {\n      key: "canary"\n      value: 43\n    }\n    version_labels {\n      key: "stable"\n      value: 42\n    }\n',
    );
    expect(flag(objects, 'allow_version_labels_for_unavailable_models')).toBe('true');
    expect(asked(objects)).toEqual(['ask /v1/models/ranker/labels/canary/metadata', 'ask /v1/models/ranker/labels/stable/metadata']);
  });

  test('a label moves by a rollout: pods of the new release load both versions first, and are asked for both labels', () => {
    const before = ranker(both);
    const after = ranker({ ...both, versionLabels: { stable: 43, canary: 43 } });
    // nothing of the running pods changes: they keep their own file, and the server is never told to read it again
    const names = [before, after].map((objects) => only(objects, 'ConfigMap').metadata.name);
    expect(new Set(names).size).toBe(2);
    expect(flag(after, 'model_config_file_poll_wait_seconds')).toBeUndefined();
    // a new pod takes no request before what each label names has been loaded, and the version without a label too
    expect(asked(after)).toEqual([
      'ask /v1/models/ranker/labels/canary/metadata',
      'ask /v1/models/ranker/labels/stable/metadata',
      'ask /v1/models/ranker/versions/42/metadata',
    ]);
    expect(only(after, 'Deployment').spec.strategy.rollingUpdate).toMatchObject({ maxUnavailable: 0 });
  });

  test('the same labels in another order are the same files', () => {
    expect(ranker({ ...both, versionLabels: { canary: 43, stable: 42 } })).toEqual(ranker(both));
  });

  test('without labels the flag is not there', () => {
    expect(flag(ranker({ versions: ModelVersions.specific(42, 43) }), 'allow_version_labels_for_unavailable_models')).toBeUndefined();
  });

  test.each<[string, Partial<TfServingModelProps>, RegExp]>([
    [
      'a version that is not served',
      { versions: ModelVersions.specific(42), versionLabels: { canary: 43 } },
      /'versionLabels.canary' \(43\) is none of the versions that are served \(42\)/,
    ],
    ['the newest version', { versionLabels: { stable: 42 } }, /'versionLabels'.*nobody knows.*latest\(1\).*ModelVersions.specific\(42\)/],
    ['all versions', { versions: ModelVersions.all(), versionLabels: { a: 1, b: 1 } }, /all\(\).*ModelVersions.specific\(1\)/],
    ['a label that URLs cannot carry', { versions: ModelVersions.specific(1), versionLabels: { 'a/b': 1 } }, /letters, digits and '_'/],
    ['a release that would exit', { ...both, server: custom('1.14') }, /'versionLabels'.*need TensorFlow Serving 1.15.0: 1.14.0 exits/],
    ['the flag by hand', { extraFlags: ['--allow_version_labels_for_unavailable_models=true'] }, /belongs to the prop 'versionLabels'/],
  ])('fails on %s', (_, props, message) => {
    expect(making(props)).toThrow(message);
  });
});

describe('readiness', () => {
  const path = (props: Partial<TfServingModelProps>) => readiness(ranker(props)).httpGet?.path;

  test('one question is asked by the kubelet itself', () => {
    const metadata = '/v1/models/ranker/metadata';
    expect(path({})).toBe(metadata);
    expect(path({ versions: ModelVersions.specific(42) })).toBe(metadata);
    expect(path({ versions: ModelVersions.specific(42), versionLabels: { stable: 42 } })).toBe('/v1/models/ranker/labels/stable/metadata');
    expect(path({ source: FOLLOWED, versions: ModelVersions.latest(2) })).toBe(metadata);
    expect(path({ source: FOLLOWED, versions: ModelVersions.all() })).toBe(metadata);
  });

  test('several questions by a script, within the time of the probe', () => {
    const objects = ranker({ versions: ModelVersions.specific(42, 43), restPort: 9001 });
    expect(asked(objects)).toEqual(['ask /v1/models/ranker/versions/42/metadata', 'ask /v1/models/ranker/versions/43/metadata']);
    const { exec, timeoutSeconds } = readiness(objects);
    expect(exec.command[2]).toContain('/dev/tcp/127.0.0.1/9001');
    expect(exec.command[2]).toContain(`left = ${timeoutSeconds - 1} - SECONDS`);
  });

  test('versions whose numbers nobody knows must all be available', () => {
    expect(asked(ranker({ versions: ModelVersions.all() }))).toEqual(['ask_versions /v1/models/ranker']);
    expect(asked(ranker({ versions: ModelVersions.latest(2) }))).toEqual(['ask_versions /v1/models/ranker']);
  });

  test('REST before 2.3 knows no labels: the versions are asked', () => {
    const objects = ranker({
      server: custom('2.2.0'),
      versions: ModelVersions.specific(42, 43),
      versionLabels: { stable: 42, canary: 43 },
    });
    expect(asked(objects)).toEqual(['ask /v1/models/ranker/versions/42/metadata', 'ask /v1/models/ranker/versions/43/metadata']);
  });

  test('a release that cannot tell is asked whether it listens', () => {
    const probe = readiness(ranker({ server: custom('1.11.0'), versions: ModelVersions.specific(42, 43) }));
    expect(probe).toMatchObject({ tcpSocket: { port: 8500 } });
    expect(probe.exec).toBeUndefined();
  });
});

describe('addresses', () => {
  const model = (props: Partial<TfServingModelProps> = {}) => {
    let made: TfServingModel | undefined;
    render((chart) => {
      made = new TfServingModel(chart, 'ranker', {
        ...RANKER,
        versions: ModelVersions.specific(42, 43),
        versionLabels: { stable: 42 },
        otherModels: [{ modelName: 'detector', source: ModelSource.inImage('/models/detector') }],
        ...props,
      });
    });
    return made as TfServingModel;
  };
  const host = 'http://ranker.models.svc.cluster.local:8501';

  test('of a model, a version and a label', () => {
    const { restUrl } = model();
    expect(restUrl).toBe(`${host}/v1/models/ranker`);
    expect(model().restUrlOf({ version: 43 })).toBe(`${host}/v1/models/ranker/versions/43`);
    expect(model().restUrlOf({ label: 'stable' })).toBe(`${host}/v1/models/ranker/labels/stable`);
    expect(model().restUrlOf({ modelName: 'detector', version: 7 })).toBe(`${host}/v1/models/detector/versions/7`);
  });

  test.each<[string, object, RegExp]>([
    ['a model that is not there', { modelName: 'other' }, /'target.modelName' \("other"\) is no model. Known are: ranker, detector/],
    ['a version that is not there', { version: 44 }, /'target.version' \(44\).*Known are: 42, 43/],
    ['a label that is not there', { label: 'toString' }, /'target.label' \("toString"\).*Known are: stable/],
    ['a label of another model', { modelName: 'detector', label: 'stable' }, /'target.label'.*There are none/],
    ['both', { version: 42, label: 'stable' }, /'target.version' \(42\) cannot stand beside 'label'/],
    ['something else', { name: 'x' }, /'target.name'.*Known are: modelName, version, label/],
  ])('fails on %s', (_, target, message) => {
    expect(() => model().restUrlOf(target)).toThrow(message);
  });

  test('fails on a label where REST does not know them, and on REST where there is none', () => {
    expect(() => model({ server: custom('2.2.0') }).restUrlOf({ label: 'stable' })).toThrow(
      /is unknown to REST before TensorFlow Serving 2.3.0/,
    );
    expect(() => model({ protocols: [ServingProtocol.GRPC] }).restUrlOf({})).toThrow(/'port' \("http"\)/);
  });
});
