import {
  Accelerator,
  Cluster,
  GpuModelPool,
  LocalGpus,
  ModelSource,
  ServerImage,
  TfServingModel,
  type TfServingModelProps,
} from '../../../lib';
import { closestRelease, imageFacts, RELEASES } from '../../../lib/model/server/releases';
import { ServerRelease } from '../../../lib/model/server/server-release';
import { container, GKE, render, warningsOf } from '../../support/render';

const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const OTHER = `sha256:${'f'.repeat(64)}`;
const release = (text: string) => ServerRelease.parse('test', 'release', text);

describe('the table of releases', () => {
  test('goes up, names each release once and in full, and can be read', () => {
    expect(new Set(RELEASES).size).toBe(RELEASES.length);
    RELEASES.forEach((version, index) => {
      expect(release(version).toString()).toBe(version);
      if (index > 0) expect(release(RELEASES[index - 1]).atLeast(version)).toBe(false);
    });
  });

  test('says what images are made of', () => {
    expect(imageFacts('2.19.1')).toEqual({ ubuntu: '20.04', certificates: true, gpu: { cuda: '12.2', cudnn: '8.9' } });
    expect(imageFacts('2.20.0')).toMatchObject({ ubuntu: '22.04', gpu: { cuda: '12.5' } });
    expect(imageFacts('1.10.0')).toMatchObject({ certificates: false });
    expect(imageFacts('2.19.2')).toBeUndefined();
  });

  test.each([
    ['2.5.0', '2.5.1'],
    ['2.8.1', '2.8.2'],
    ['2.19.9', '2.19.1'],
    ['2.99.0', RELEASES.at(-1)],
    ['1.16.0', '1.15.0'],
    ['0.1.0', '1.8.0'],
  ])('%s is closest to %s', (unknown, closest) => {
    expect(closestRelease(release(unknown))).toBe(closest);
  });
});

describe('official images', () => {
  test.each(RELEASES)('there is one of %s', (version) => {
    const server = ServerImage.official(version);
    expect(server.image.reference).toBe(`tensorflow/serving:${version}`);
    expect(server.gpuImage?.reference).toBe(
      version.startsWith('1.8') || version.startsWith('1.9') ? undefined : `tensorflow/serving:${version}-gpu`,
    );
    expect(server.release).toBe(version);
  });

  test('tell what they are made of', () => {
    expect(ServerImage.official('2.12.1')).toMatchObject({ ubuntu: '20.04', cuda: '11.8', cudnn: '8.6', architecture: 'amd64' });
  });

  test.each([
    ['latest', /must be a release of TensorFlow Serving/],
    ['nightly', /must be a release of TensorFlow Serving/],
    ['2.019.1', /must be a release/],
    ['2.19', /must name a full release: shorter tags move/],
    ['2.5.0', /was never released\. Use '2\.5\.1'\.$/],
    ['2.12.0', /was withdrawn by its makers on the day after\. Use '2\.12\.1'\.$/],
    ['2.15.0', /was never released\. Use '2\.15\.1'\.$/],
    ['1.7.0', /no release of which this library knows .* Did you mean '1\.8\.0'\?/],
    ['1.16.0', /Did you mean '1\.15\.0'\?/],
    ['2.19.2', /Did you mean '2\.19\.1'\?/],
    [
      '3.0.0',
      /Did you mean '2\.20\.0'\? A newer one .* ServerImage\.fromReference\('tensorflow\/serving:3\.0\.0', \{ release: '3\.0\.0' \}\)\.$/,
    ],
  ])('there is none of %s', (version, message) => {
    expect(() => ServerImage.official(version)).toThrow(message);
  });
});

describe('images by reference', () => {
  test.each([
    ['a tag', 'tensorflow/serving:2.19.1', undefined],
    ['a tag and a digest', `tensorflow/serving:2.19.1@${DIGEST}`, undefined],
    ['a tag for GPUs, which serves both', 'tensorflow/serving:2.19.1-gpu', 'tensorflow/serving:2.19.1-gpu'],
    ['a tag for GPUs and a digest', `tensorflow/serving:2.19.1-gpu@${DIGEST}`, `tensorflow/serving:2.19.1-gpu@${DIGEST}`],
    ['a mirror', 'registry.example.com:5000/hub/tensorflow/serving:2.19.1', undefined],
  ])('%s says the release', (_, reference, gpuReference) => {
    const server = ServerImage.fromReference(reference);
    expect(server).toMatchObject({ release: '2.19.1', ubuntu: '20.04', cuda: '12.2', binary: '/usr/bin/tensorflow_model_server' });
    expect(server.image.reference).toBe(reference);
    expect(server.gpuImage?.reference).toBe(gpuReference);
  });

  test('both images are pinned by their digests', () => {
    const gpuReference = `tensorflow/serving@${OTHER}`;
    const server = ServerImage.fromReference(`tensorflow/serving@${DIGEST}`, { gpuReference, release: '2.19.1' });
    const image = (pool: boolean) =>
      container(
        render((chart) => {
          const gpus = new GpuModelPool(chart, 'gpus', { accelerator: Accelerator.NVIDIA_T4, maxNodes: 2 });
          new TfServingModel(chart, 'resnet', { ...MODEL, server, pool: pool ? gpus : undefined });
        }),
      ).image;
    expect([image(false), image(true)]).toEqual([`tensorflow/serving@${DIGEST}`, gpuReference]);
  });

  test.each([
    ['a release of tomorrow', 'tensorflow/serving:2.21.0'],
    ['a tag that moves, pinned', `tensorflow/serving:latest@${DIGEST}`],
    ['a nightly', 'tensorflow/serving:nightly-20261101'],
    ['half a release', 'tensorflow/serving:2.21'],
  ])('%s is taken where its release is said', (_, reference) => {
    expect(() => ServerImage.fromReference(reference)).toThrow(
      /'reference'.*(Say it, for example release: '2\.20\.0'|\{ release: '2\.21\.0' \})/,
    );
    const server = ServerImage.fromReference(reference, { release: '2.21.0' });
    expect(server).toMatchObject({ release: '2.21.0', ubuntu: undefined, cuda: undefined });
  });

  test.each<[string, string, object, RegExp]>([
    ['latest', 'tensorflow/serving:latest', { release: '2.19.1' }, /'reference' .* must not have the tag 'latest'/],
    ['no tag', 'tensorflow/serving', {}, /has neither tag nor digest/],
    ['a digest alone', `tensorflow/serving@${DIGEST}`, {}, /does not say which release it holds\. Say it, for example release:/],
    ['images of another', 'bitnami/tensorflow-serving:2.19.1', {}, /is no image of tensorflow\/serving\. Use ServerImage\.custom\(\)/],
    ['a look-alike', 'example.com/mytensorflow/serving:2.19.1', {}, /is no image of tensorflow\/serving/],
    [
      'two releases',
      'tensorflow/serving:2.19.1',
      { gpuReference: 'tensorflow/serving:2.18.0-gpu' },
      /'gpuReference'.*holds release 2\.18\.0/,
    ],
    ['another release than the tag', 'tensorflow/serving:2.19.1', { release: '2.18.0' }, /'release' \("2\.18\.0"\) contradicts the tag/],
    ['a release that never was', 'tensorflow/serving:2.5.0', {}, /was never released\. Use '2\.5\.1'/],
    ['no reference', 'a b', {}, /is not an image reference/],
  ])('fails on %s', (_, reference, options, message) => {
    expect(() => ServerImage.fromReference(reference, options)).toThrow(message);
  });
});

const MODEL: TfServingModelProps = {
  source: ModelSource.inImage('/models/resnet'),
  server: ServerImage.official('2.19.1'),
  resources: { requests: { cpu: '2', memory: '4Gi' } },
};

describe('images and the generation of GPUs', () => {
  const said = (accelerator: Accelerator, server: ServerImage, cluster = GKE) => {
    let warnings: string[] = [];
    render((chart) => {
      const pool = new GpuModelPool(chart, 'gpus', { accelerator, maxNodes: 2 });
      warnings = warningsOf([new TfServingModel(chart, 'resnet', { ...MODEL, server, pool })]);
    }, cluster);
    return warnings;
  };
  const blackwell = [Accelerator.NVIDIA_B200, Accelerator.NVIDIA_RTX_PRO_6000];

  test.each(['2.19.1', '2.20.0'])('no official image of %s runs on Blackwell', (version) => {
    for (const accelerator of blackwell) {
      expect(() => said(accelerator, ServerImage.official(version))).toThrow(
        /'server' \("tensorflow\/serving:.*-gpu"\) has CUDA 12\.\d, but NVIDIA .* needs CUDA 12\.8: every request would fail/,
      );
    }
  });

  test('an image of your own, or of a release that is not known, may', () => {
    const image = ServerImage.fromReference('tensorflow/serving:2.21.0-gpu', { release: '2.21.0' });
    for (const accelerator of blackwell) expect(said(accelerator, image)).toEqual([]);
  });

  test('an image without programs for a GPU is reported, where it can compile them', () => {
    expect(said(Accelerator.NVIDIA_H100_80GB, ServerImage.official('2.11.1'))).toEqual([
      expect.stringMatching(/^server: its image has CUDA 11\.2, but NVIDIA H100 80GB with its compute capability 9\.0 needs CUDA 11\.8/),
    ]);
    expect(said(Accelerator.NVIDIA_A100_40GB, ServerImage.official('2.3.0'))).toHaveLength(1);
  });

  test.each([
    ['T4', Accelerator.NVIDIA_T4, '1.10.1'],
    ['A100', Accelerator.NVIDIA_A100_40GB, '2.4.1'],
    ['L4', Accelerator.NVIDIA_L4, '2.11.1'],
    ['H100', Accelerator.NVIDIA_H100_80GB, '2.12.1'],
    ['H200', Accelerator.NVIDIA_H200_141GB, '2.19.1'],
    ['a GPU of unknown capability', Accelerator.custom({ name: 'X100', gkeName: 'x100' }), '2.19.1'],
    ['a generation that is not known', Accelerator.custom({ name: 'X100', gkeName: 'x100', computeCapability: '15.0' }), '2.19.1'],
  ])('nothing is said of %s', (_, accelerator, version) => {
    expect(said(accelerator, ServerImage.official(version))).toEqual([]);
  });

  test('nor where the CPU variant runs in its place', () => {
    const cluster = Cluster.kind({ gpus: LocalGpus.CPU_STAND_IN });
    expect(said(Accelerator.NVIDIA_B200, ServerImage.official('2.19.1'), cluster)).toEqual([]);
  });
});
