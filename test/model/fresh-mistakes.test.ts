import { Duration } from 'cdk8s';
import {
  Cluster,
  ModelSource,
  ModelSwitch,
  ModelVersions,
  Probe,
  ServerImage,
  type ServingChart,
  TfServingModel,
  type TfServingModelProps,
} from '../../lib';
import { check } from '../../lib/check';
import { noticesOf } from '../../lib/private/notices';
import { GKE, only, render, warningsOf } from '../support/render';

/** What users write who try everything. */
const MODEL: TfServingModelProps = {
  source: ModelSource.inImage('/models/ranker'),
  server: ServerImage.official('2.19.1'),
  resources: { requests: { cpu: '1', memory: '4Gi' } },
};
const model = (chart: ServingChart, id: string, props: Partial<TfServingModelProps> = {}) =>
  new TfServingModel(chart, id, { ...MODEL, ...props });
const ARCHIVE = { sha256: '0'.repeat(64), version: 7 };
const archive = (size: string) => ModelSource.archive('https://models.example.com/ranker-7.tar.gz', { ...ARCHIVE, size });

test.each(['ReadWriteOncePod', 'ReadWriteOnce'])('two models with one claim that is %s are reported', (accessMode) => {
  const warnings: string[] = [];
  render((chart) => {
    const source = ModelSource.persistentVolumeClaim('models', { accessMode });
    const both = ['a', 'b'].map((id) => model(chart, id, { source }));
    warnings.push(...warningsOf(both).filter((text) => text.includes('uses it too')));
  });
  expect(warnings).toHaveLength(2);
  expect(warnings[0]).toMatch(/^source: the claim 'models' is for one (pod|node), and 'models\/b' uses it too/);
});

test('a volume that the model does not fit into is refused', () => {
  const making = (source: ModelSource) => () => render((chart) => model(chart, 'a', { source, modelSize: '500Mi' }), Cluster.eks());
  expect(making(archive('100Mi'))).toThrow(/'source' \("size 100Mi"\) has less room than the 500Mi that a version takes/);
  expect(making(ModelSource.s3('s3://bucket/a', { size: '600Mi', versions: [1, 2] }))).toThrow(/less room than 2 x 500Mi/);
  expect(making(ModelSource.s3('s3://bucket/a', { size: '600Mi', pollInterval: Duration.minutes(5) }))).toThrow(/less room than 2 x 500Mi/);
  expect(making(archive('1Gi'))).not.toThrow();
});

test.each<[string, Partial<TfServingModelProps>, Partial<TfServingModelProps>]>([
  ['versionLabels', { versions: ModelVersions.specific(1), versionLabels: { stable: 1 } }, { versions: ModelVersions.specific(1) }],
  ['otherModels', { otherModels: [{ modelName: 'z', source: ModelSource.inImage('/models/z') }] }, {}],
  ['tls', { tls: { secretName: 'a' } }, { tls: { secretName: 'a', clientCertificates: true } }],
])('models of a switch that differ in %s are refused', (what, blue, green) => {
  const making = () =>
    render((chart) => {
      const [active, idle] = [blue, green].map((props, index) => model(chart, `m${index}`, { modelName: 'ranker', ...props }));
      new ModelSwitch(chart, 'front', { active, idle: [idle] });
    });
  expect(making).toThrow(new RegExp(`has the ${what} .* callers would lose the model with the switch`));
});

test('the certificate behind a switch must be for the name of the switch', () => {
  const said: string[] = [];
  render((chart) => {
    const blue = model(chart, 'blue', { tls: { secretName: 'blue-tls' } });
    said.push(...noticesOf([new ModelSwitch(chart, 'front', { active: blue })]).map(({ text, detail }) => `${text} # ${detail}`));
  });
  expect(said).toContain(
    'kubectl -n models get secret blue-tls # must hold a certificate for front.models.svc.cluster.local too, by which callers of the switch know blue',
  );
});

test('a model where the file of TLS is to be is refused', () => {
  const source = ModelSource.inImage('/etc/tfs-tls/m');
  expect(() => render((chart) => model(chart, 'a', { source, tls: { secretName: 'a' } }))).toThrow(
    /is hidden by \/etc\/tfs-tls, where 'tls' has its file/,
  );
});

test('a probe that asks for a model of another name is reported', () => {
  const readinessProbe = Probe.httpGet('/v1/models/zzz/metadata', { port: 8501 });
  let warnings: string[] = [];
  render((chart) => {
    warnings = warningsOf([model(chart, 'a', { readinessProbe })]);
  });
  expect(warnings).toEqual([expect.stringMatching(/^readinessProbe: it asks for a model 'zzz', which the server does not have/)]);
});

test('more versions than a source brings are refused', () => {
  const making = (versions: ModelVersions) => () => render((chart) => model(chart, 'a', { source: archive('1Gi'), versions }));
  expect(making(ModelVersions.latest(2))).toThrow(/'versions' \("latest\(2\)"\) are more than the source brings: 7/);
  expect(making(ModelVersions.all())).not.toThrow();
});

test('the deadline that is described is the one that is written, with the download', () => {
  let described = '';
  const objects = render((chart) => {
    described = model(chart, 'a', { source: archive('1Gi') }).describe();
  }, GKE);
  const { progressDeadlineSeconds } = only(objects, 'Deployment').spec;
  expect(described).toContain(`progress deadline  ${progressDeadlineSeconds} s`);
  expect(described).toContain('download           600 s');
});

test('programs of the library that follow a bucket are not held against the user', () => {
  const source = ModelSource.s3('s3://bucket/a', { size: '1Gi', pollInterval: Duration.minutes(5) });
  const objects = render((chart) => model(chart, 'a', { source }), Cluster.eks());
  expect(check(objects).filter(({ path }) => path.includes('initContainers'))).toEqual([]);
});
