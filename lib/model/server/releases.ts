import { ServerRelease } from './server-release';

/** What the project's images of a line of releases are made of. */
export interface ImageFacts {
  /** Release of Ubuntu in the image for CPUs. */
  readonly ubuntu: string;
  /** Whether the image for CPUs has the certificates of authorities, without which no bucket can be read. */
  readonly certificates: boolean;
  /** What the image for GPUs has besides, where there is one. */
  readonly gpu?: GpuFacts;
}

/** What an image for GPUs has. */
export interface GpuFacts {
  /** Generation of CUDA. */
  readonly cuda: string;
  /** Generation of cuDNN. */
  readonly cudnn: string;
}

/** What all of the project's images have in common. */
export const PROJECT_IMAGES = {
  repository: 'tensorflow/serving',
  binary: '/usr/bin/tensorflow_model_server',
  /** A script that sets four flags of its own and does not hand on signals; this library starts the server itself. */
  entryPoint: '/usr/bin/tf_serving_entrypoint.sh',
  shell: '/bin/bash',
  /** Nothing in them needs it, so that pods run as another one. */
  user: 'root',
  architecture: 'amd64',
  /** Ends the tag of an image for GPUs. They have curl and compilers besides, those for CPUs have neither. */
  gpuSuffix: '-gpu',
};

/** A line of releases that share a minor version. */
interface Line {
  /** Those that have images, oldest first. */
  readonly releases: string[];
  readonly facts: ImageFacts;
}

const CUDA_9: GpuFacts = { cuda: '9.0', cudnn: '7' };
const CUDA_10_0: GpuFacts = { cuda: '10.0', cudnn: '7.4' };
const CUDA_10_1: GpuFacts = { cuda: '10.1', cudnn: '7.6' };
const CUDA_11_0: GpuFacts = { cuda: '11.0', cudnn: '8.0' };
const CUDA_11_2: GpuFacts = { cuda: '11.2', cudnn: '8.1' };
const CUDA_11_8: GpuFacts = { cuda: '11.8', cudnn: '8.6' };
const CUDA_12_2: GpuFacts = { cuda: '12.2', cudnn: '8.9' };
const CUDA_12_5: GpuFacts = { cuda: '12.5', cudnn: '9.3' };

/** Facts of a line whose images read buckets. */
const on = (ubuntu: string, gpu?: GpuFacts): ImageFacts => ({ ubuntu, certificates: true, gpu });

/**
 * Releases of TensorFlow Serving that have images, oldest first: the one place to add a release.
 *
 * @see https://github.com/tensorflow/serving/tree/master/tensorflow_serving/tools/docker
 * @see https://pypi.org/project/tensorflow-serving-api/#history
 * @see https://www.tensorflow.org/install/source#gpu
 */
const LINES: readonly Line[] = [
  { releases: ['1.8.0'], facts: on('16.04') },
  // https://github.com/kubeflow/kubeflow/issues/1299
  { releases: ['1.9.0', '1.9.1'], facts: { ubuntu: '16.04', certificates: false } },
  { releases: ['1.10.0'], facts: { ubuntu: '16.04', certificates: false, gpu: CUDA_9 } },
  { releases: ['1.10.1'], facts: on('16.04', CUDA_9) },
  { releases: ['1.11.0', '1.11.1'], facts: on('16.04', CUDA_9) },
  { releases: ['1.12.0', '1.12.3'], facts: on('16.04', CUDA_9) },
  { releases: ['1.13.0', '1.13.1'], facts: on('18.04', CUDA_10_0) },
  { releases: ['1.14.0'], facts: on('18.04', CUDA_10_0) },
  { releases: ['1.15.0'], facts: on('18.04', CUDA_10_0) },
  { releases: ['2.0.0'], facts: on('18.04', CUDA_10_0) },
  { releases: ['2.1.0', '2.1.4'], facts: on('18.04', CUDA_10_1) },
  { releases: ['2.2.0', '2.2.2', '2.2.3'], facts: on('18.04', CUDA_10_1) },
  { releases: ['2.3.0', '2.3.3', '2.3.4'], facts: on('18.04', CUDA_10_1) },
  { releases: ['2.4.0', '2.4.1', '2.4.2', '2.4.3', '2.4.4'], facts: on('18.04', CUDA_11_0) },
  { releases: ['2.5.1', '2.5.2', '2.5.3', '2.5.4'], facts: on('18.04', CUDA_11_2) },
  { releases: ['2.6.0', '2.6.1', '2.6.2', '2.6.3', '2.6.5'], facts: on('18.04', CUDA_11_2) },
  { releases: ['2.7.0', '2.7.3', '2.7.4'], facts: on('18.04', CUDA_11_2) },
  { releases: ['2.8.0', '2.8.2', '2.8.3', '2.8.4'], facts: on('18.04', CUDA_11_2) },
  { releases: ['2.9.0', '2.9.1', '2.9.2', '2.9.3'], facts: on('18.04', CUDA_11_2) },
  { releases: ['2.10.0', '2.10.1'], facts: on('18.04', CUDA_11_2) },
  { releases: ['2.11.0', '2.11.1'], facts: on('18.04', CUDA_11_2) },
  { releases: ['2.12.1', '2.12.2'], facts: on('20.04', CUDA_11_8) },
  { releases: ['2.13.0', '2.13.1'], facts: on('20.04', CUDA_11_8) },
  { releases: ['2.14.0', '2.14.1'], facts: on('20.04', CUDA_11_8) },
  { releases: ['2.15.1'], facts: on('20.04', CUDA_12_2) },
  { releases: ['2.16.1'], facts: on('20.04', CUDA_12_2) },
  { releases: ['2.17.0', '2.17.1'], facts: on('20.04', CUDA_12_2) },
  { releases: ['2.18.0', '2.18.1'], facts: on('20.04', CUDA_12_2) },
  { releases: ['2.19.0', '2.19.1'], facts: on('20.04', CUDA_12_2) },
  { releases: ['2.20.0'], facts: on('22.04', CUDA_12_5) },
];

/** Releases that one may look for in vain, and why. */
const MISSING: { readonly [version: string]: string } = {
  '2.5.0': 'was never released',
  // https://github.com/tensorflow/serving/issues/2136
  '2.12.0': 'was withdrawn by its makers on the day after',
  '2.15.0': 'was never released',
};

/** Releases that have images, oldest first. */
export const RELEASES: readonly string[] = LINES.flatMap(({ releases }) => releases);

/** What the images of a release are made of, where the release is known. */
export function imageFacts(version: string): ImageFacts | undefined {
  return LINES.find(({ releases }) => releases.includes(version))?.facts;
}

/** Why there are no images of a release, where that is known. */
export function whyMissing(version: string): string | undefined {
  return MISSING[version];
}

/** The release that comes closest to one that is unknown: the next one of its line, else the last one before it. */
export function closestRelease(version: ServerRelease): string {
  const line = RELEASES.filter((known) => known.replace(/\d+$/, '') === version.toString().replace(/\d+$/, ''));
  const later = line.find((known) => ServerRelease.parse('releases', 'version', known).atLeast(version.toString()));
  const earlier = RELEASES.filter((known) => version.atLeast(known));
  return later ?? line.at(-1) ?? earlier.at(-1) ?? RELEASES[0];
}
