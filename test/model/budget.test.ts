import { Duration } from 'cdk8s';
import * as fc from 'fast-check';
import {
  Accelerator,
  Cluster,
  Exposure,
  GpuModelPool,
  type GpuModelPoolProps,
  ModelSource,
  Probe,
  ServerImage,
  TfServingModel,
  type TfServingModelProps,
} from '../../lib';
import { loadSeconds, type ModelWeight, memoryNeed, startupSeconds, versionsMemory } from '../../lib/model/serving/budget';
import { LOCAL_MODEL } from '../support/local-model';
import { container, GKE, only, podSpec, render, warningsOf } from '../support/render';

const MIB = 2 ** 20;
const MODEL: TfServingModelProps = {
  source: ModelSource.inImage('/models/ranker'),
  server: ServerImage.official('2.19.1'),
  resources: { requests: { cpu: '2' } },
  modelSize: '500Mi',
};
const FOLLOWED = ModelSource.gcs('gs://bucket/ranker', { pollInterval: Duration.minutes(1), keyFileSecretName: 'key' });

const model = (props: Partial<TfServingModelProps> = {}, cluster = GKE) =>
  render((chart) => void new TfServingModel(chart, 'ranker', { ...MODEL, ...props }), cluster);

const made = (props: Partial<TfServingModelProps> = {}, pool?: Partial<GpuModelPoolProps>): TfServingModel => {
  let found: TfServingModel | undefined;
  render((chart) => {
    const gpus = pool && new GpuModelPool(chart, 'gpus', { accelerator: Accelerator.NVIDIA_T4, maxNodes: 2, ...pool });
    found = new TfServingModel(chart, 'ranker', { ...MODEL, pool: gpus, ...props });
  });
  return found as TfServingModel;
};

const memoryOf = (props: Partial<TfServingModelProps>) => {
  const { requests, limits } = container(model(props)).resources;
  return [requests.memory, limits.memory];
};
const startup = (props: Partial<TfServingModelProps>, cluster = GKE) => {
  const { periodSeconds, failureThreshold } = container(model(props, cluster)).startupProbe;
  return periodSeconds * failureThreshold;
};

describe('memory', () => {
  test('follows from the size where the resources leave it out, as request and limit alike', () => {
    // 1.2 x 500 + 0.5 x 500 + 256 + 2 x 128, in steps of 64
    expect(memoryOf({})).toEqual(['1408Mi', '1408Mi']);
    expect(memoryOf({ resources: { limits: { cpu: '2' } } })).toEqual(['1408Mi', '1408Mi']);
    expect(memoryOf({ resources: { requests: { cpu: '500m' } } })).toEqual(['1280Mi', '1280Mi']);
  });

  test('is enough for two versions where the server swaps them', () => {
    expect(memoryOf({ source: FOLLOWED })).toEqual(['1984Mi', '1984Mi']);
  });

  test('follows from what one version was measured to take', () => {
    expect(memoryOf({ modelSize: undefined, modelMemory: '700Mi' })).toEqual(['1216Mi', '1216Mi']);
    // what loading takes for a while is still estimated
    expect(memoryOf({ modelMemory: '700Mi' })).toEqual(['1472Mi', '1472Mi']);
  });

  test('that is said stands', () => {
    expect(memoryOf({ resources: { requests: { cpu: '2', memory: '3Gi' } } })).toEqual(['3Gi', '3Gi']);
    expect(memoryOf({ resources: { requests: { cpu: '2' }, limits: { memory: '5Gi' } } })).toEqual(['5Gi', '5Gi']);
  });

  test('that no two versions fit into is refused with the sum', () => {
    expect(() => model({ source: FOLLOWED, resources: { requests: { cpu: '2', memory: '1Gi' } } })).toThrow(
      'models/ranker: \'resources.limits.memory\' ("1Gi") is less than the 2 x 1.2 x 500Mi = 1200Mi that both versions take while the ' +
        'server swaps them. Raise it to 1984Mi (1200Mi + 250Mi + 256Mi + 256Mi, in steps of 64Mi), or leave out ' +
        "'pollInterval' so that a new version is a rollout.",
    );
  });

  test('that the versions fit into, but not what is worked out besides, is reported with the sum', () => {
    const warnings = (memory: string) => warningsOf([made({ resources: { requests: { cpu: '2', memory } } })]);
    expect(warnings('1408Mi')).toEqual([]);
    expect(warnings('1407Mi')).toEqual([
      expect.stringMatching(/^resources: 1407Mi of memory is less than the 1408Mi that are .* \(600Mi \+ 250Mi \+ 256Mi \+ 256Mi/),
    ]);
  });

  test('must still be said where nothing is known of the size', () => {
    expect(() => model({ modelSize: undefined })).toThrow(
      /'resources' .* must name CPU and memory.*follows from the size of every model: say 'modelSize'/,
    );
  });

  test('that no node has is refused as any other', () => {
    const cluster = Cluster.kind({ cpus: 4, memory: '2Gi' });
    expect(memoryOf({ modelSize: '300Mi' })).toEqual(['1Gi', '1Gi']);
    expect(() => model({ modelSize: '300Mi' }, cluster)).not.toThrow();
    expect(() => model({ modelSize: '4Gi' }, cluster)).toThrow(/\(2 CPU and 7488Mi\) fit on no declared node/);
  });
});

describe('memory of a GPU', () => {
  test.each<[string, Partial<TfServingModelProps>, RegExp[]]>([
    ['that the model fits into', { modelSize: '13Gi', resources: { requests: { cpu: '2' } } }, []],
    ['that it does not', { modelSize: '14Gi' }, [/^modelSize: 1\.2 x 14Gi = 17204Mi is more than the 16Gi of one GPU/]],
    [
      'of which the server takes a share',
      { modelSize: '13Gi', flags: { perProcessGpuMemoryFraction: 0.5 } },
      [/^modelSize: 1\.2 x 13Gi = 15975Mi is more than the 0\.5 x 16Gi of one GPU/],
    ],
    [
      'that two versions do not fit into',
      { modelSize: '7Gi', source: FOLLOWED },
      [/^modelSize: 2 x 1\.2 x 7Gi = 17204Mi is more than the 16Gi of one GPU/],
    ],
  ])('%s', (_, props, said) => {
    expect(warningsOf([made(props, {})])).toEqual(said.map((text) => expect.stringMatching(text)));
  });
});

describe('start', () => {
  test.each<[string, Partial<TfServingModelProps>, Cluster, number]>([
    // 60 s + 1000 / rate, three times as long, and a period
    ['an image', {}, GKE, 3 * 70 + 5],
    ['a bucket of its own cloud', { source: ModelSource.gcs('gs://bucket/m') }, GKE, 3 * 100 + 5],
    ['a bucket of another', { source: ModelSource.gcs('gs://bucket/m', { keyFileSecretName: 'key' }) }, Cluster.eks(), 3 * 160 + 5],
    ['a volume', { source: ModelSource.persistentVolumeClaim('models') }, GKE, 3 * 70 + 5],
    ['a volume that nodes share', { source: ModelSource.persistentVolumeClaim('models') }, Cluster.eks(), 3 * 80 + 5],
    ['what its user measured', { loadThroughput: '500Mi' }, GKE, 3 * 62 + 5],
  ])('has time to read the model from %s', (_, props, cluster, seconds) => {
    expect(startup({ modelSize: '1000Mi', ...props }, cluster)).toBe(seconds % 5 === 0 ? seconds : seconds + 5 - (seconds % 5));
  });

  test('takes as long as its user says', () => {
    expect(startup({ loadTime: Duration.seconds(10) })).toBe(35);
    expect(startup({ modelSize: undefined, modelMemory: '1Gi' })).toBe(905);
  });

  test('the deadline of the rollout is above its budget', () => {
    for (const props of [{}, { modelSize: '20Gi' }, { loadTime: Duration.hours(1) }]) {
      expect(only(model(props), 'Deployment').spec.progressDeadlineSeconds).toBe(startup(props) + 300);
    }
  });

  test.each<[string, Partial<TfServingModelProps>, RegExp]>([
    [
      'a rate without a size',
      { modelSize: undefined, modelMemory: '1Gi', loadThroughput: '1Gi' },
      /'loadThroughput' .* says nothing without/,
    ],
    [
      'a rate beside a time',
      { loadTime: Duration.minutes(1), loadThroughput: '1Gi' },
      /'loadThroughput' .* cannot stand beside 'loadTime'/,
    ],
    [
      'more than a day',
      { modelSize: '60Ti' },
      /'modelSize' \("60Ti"\) would take 60 s \+ .* \/ 100Mi a second = 629206 s to load, .*'400Mi'/,
    ],
  ])('%s is refused', (_, props, message) => {
    expect(() => model(props)).toThrow(message);
  });
});

describe('a server with several models', () => {
  const weight = (name: string, mebibytes: number, versionsAtOnce = 1): ModelWeight => ({
    name,
    sizeBytes: mebibytes * MIB,
    versionsAtStart: 1,
    versionsAtOnce,
  });

  test('needs memory for all of them', () => {
    const need = memoryNeed([weight('a', 100, 2), weight('b', 50)], { cores: 1, gpu: false });
    expect(need?.versions).toEqual({ value: 300 * MIB, how: '2 x 1.2 x 100Mi (a) + 1.2 x 50Mi (b)' });
    expect(need?.loading).toEqual({ value: 75 * MIB, how: '0.5 x 100Mi (a) + 0.5 x 50Mi (b)' });
    expect(need?.total.value).toBe(768 * MIB);
  });

  test('reads them all before it opens its ports', () => {
    expect(loadSeconds([weight('a', 100), { ...weight('b', 50), versionsAtStart: 2 }], 10 * MIB)).toEqual({
      value: 80,
      how: '60 s + (100Mi (a) + 2 x 50Mi (b)) / 10Mi a second',
    });
  });

  test('is unknown where one of them is', () => {
    const unknown: ModelWeight = { name: 'c', versionsAtStart: 1, versionsAtOnce: 1 };
    expect(memoryNeed([weight('a', 1), unknown], { cores: 1, gpu: false })).toBeUndefined();
    expect(versionsMemory([weight('a', 1), unknown])).toBeUndefined();
    expect(loadSeconds([weight('a', 1), unknown], MIB)).toBeUndefined();
  });
});

test('the sums are never smaller than their parts, and never shrink with them', () => {
  const size = fc.integer({ min: MIB, max: 2 ** 40 });
  fc.assert(
    fc.property(size, size, fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 64 }), fc.boolean(), (a, b, versions, cores, gpu) => {
      const of = (sizeBytes: number) =>
        memoryNeed([{ name: 'm', sizeBytes, versionsAtStart: 1, versionsAtOnce: versions }], { cores, gpu });
      const need = of(a);
      if (need === undefined) throw new Error('a size is known');
      const parts = [need.versions, need.loading, need.server, need.requests].reduce((sum, { value }) => sum + value, 0);
      expect(need.total.value).toBeGreaterThanOrEqual(parts);
      expect(need.total.value - parts).toBeLessThan(64 * MIB);
      expect(need.versions.value).toBeGreaterThanOrEqual(versions * a);
      expect(Math.sign((of(b)?.total.value ?? 0) - need.total.value) * Math.sign(b - a)).toBeGreaterThanOrEqual(0);
    }),
  );
});

test('the start-up budget is longer than every load that is tried', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 86_400 }), fc.nat(100), fc.nat(10_000_000), (load, retries, interval) => {
      const { value } = startupSeconds(load, retries, interval);
      expect(value % 5).toBe(0);
      expect(value).toBeGreaterThan(load * (retries + 1) + (retries * interval) / 1e6);
      expect(value).toBeGreaterThan(3 * load);
    }),
  );
});

describe('what a model describes', () => {
  test.each<[string, Partial<TfServingModelProps>, Partial<GpuModelPoolProps> | undefined]>([
    ['a size alone', {}, undefined],
    ['versions that the server swaps', { source: FOLLOWED, modelMemory: '700Mi' }, undefined],
    ['nothing known', { modelSize: undefined, resources: { requests: { cpu: '1', memory: '2Gi' } } }, undefined],
    ['a local copy', { modelSize: undefined, localCopy: LOCAL_MODEL }, undefined],
    ['a GPU', { modelSize: '3Gi', resources: { requests: { cpu: '4' } } }, {}],
    [
      'all of it said',
      {
        resources: { requests: { cpu: '2', memory: '4Gi' }, limits: { memory: '5Gi' } },
        loadTime: Duration.minutes(2),
        startupProbe: Probe.tcpSocket({ periodSeconds: Duration.seconds(10), failureThreshold: 60 }),
        requestTimeout: Duration.seconds(20),
        terminationGracePeriod: Duration.seconds(90),
        exposure: Exposure.external({ allowedCidrs: ['203.0.113.0/24'] }),
      },
      undefined,
    ],
  ])('with %s', (_, props, pool) => {
    expect(made(props, pool).describe()).toMatchSnapshot();
  });

  test('is what is written', () => {
    const props = { source: FOLLOWED, requestTimeout: Duration.seconds(45) };
    const objects = model(props);
    const rows = new Map(
      made(props)
        .describe()
        .split('\n')
        .slice(1, -1)
        .map((line) => line.trim().split(/ {2,}/))
        .map(([what, value]) => [what, value]),
    );
    expect(rows.get('memory request')).toBe(container(objects).resources.requests.memory);
    expect(rows.get('memory limit')).toBe(container(objects).resources.limits.memory);
    expect(rows.get('start-up budget')).toBe(`${startup(props)} s`);
    expect(rows.get('progress deadline')).toBe(`${only(objects, 'Deployment').spec.progressDeadlineSeconds} s`);
    expect(rows.get('grace period')).toBe(`${podSpec(objects).terminationGracePeriodSeconds} s`);
  });
});
