import { ContainerImage } from '../../cluster';
import { invalid } from '../../private/errors';
import { hasOwn } from '../../private/own';
import { checkShape, type Shape } from '../../private/shape';
import { absolutePath } from '../../private/validate';
import { literal } from '../source/paths';
import { ServerRelease } from './server-release';

/** An image that you made for TensorFlow Serving. */
export interface CustomServerImage {
  /**
   * The image for pods without a GPU. On GKE a model in a bucket needs `/bin/bash` in it, which waits for the pod's token
   * before the server starts; so do several models, versions or labels, for which it asks whether all of them are loaded.
   */
  readonly image: ContainerImage;

  /**
   * The image for pods with a GPU.
   *
   * @default - none: the model cannot go on a GPU pool
   */
  readonly gpuImage?: ContainerImage;

  /** Release of TensorFlow Serving in the images, for example `2.19.1`: a server ignores flags that it does not know. */
  readonly release: string;

  /**
   * Path of the server in the images. It is always called directly, so that an image needs no entry point.
   *
   * @default '/usr/bin/tensorflow_model_server'
   */
  readonly binary?: string;

  /**
   * CPU architecture of the images.
   *
   * @default 'amd64'
   */
  readonly architecture?: string;
}

const BINARY = '/usr/bin/tensorflow_model_server';

/** Releases of the project from which there are images, and images with GPU support. */
const FIRST_IMAGE = '1.8.0';
const FIRST_GPU_IMAGE = '1.10.0';

/** Releases that were never tagged, with those to take instead. */
const NEVER_RELEASED: { [version: string]: string } = { '2.5.0': '2.5.1', '2.15.0': '2.15.1' };

/**
 * Images for CPUs that cannot check the certificate of a bucket.
 *
 * @see https://github.com/kubeflow/kubeflow/issues/1299
 */
const WITHOUT_CERTIFICATES = ['1.9.0', '1.9.1', '1.10.0'];

const CUSTOM_SHAPE: Shape<CustomServerImage> = {
  image: ContainerImage,
  gpuImage: ContainerImage,
  release: 'text',
  binary: 'text',
  architecture: 'text',
};

/** The server that runs a model: its images with and without a GPU, and which release they hold. */
export class ServerImage {
  /**
   * The project's own images, `tensorflow/serving:VERSION` and `tensorflow/serving:VERSION-gpu`.
   *
   * @param version a full release, for example `2.19.1`.
   * @throws where it is none, or has no image.
   */
  public static official(version: string): ServerImage {
    const release = ServerRelease.parse('ServerImage.official', 'version', version);
    if (version.split('.').length !== 3) {
      throw invalid(
        'ServerImage.official',
        'version',
        version,
        'must name a full release: shorter tags move',
        `For example '${version}.0'.`,
      );
    }
    if (!release.atLeast(FIRST_IMAGE) || (release.atLeast('1.16.0') && !release.atLeast('2.0.0'))) {
      throw invalid(
        'ServerImage.official',
        'version',
        version,
        `has no image: the project has them of ${FIRST_IMAGE} to 1.15, and from 2.0.0 on`,
        "Use another release, or your own image with 'ServerImage.custom'.",
      );
    }
    if (hasOwn(NEVER_RELEASED, version)) {
      throw invalid('ServerImage.official', 'version', version, 'was never released', `Use '${NEVER_RELEASED[version]}'.`);
    }
    return new ServerImage(
      ContainerImage.fromRegistry(`tensorflow/serving:${version}`),
      release.atLeast(FIRST_GPU_IMAGE) ? ContainerImage.fromRegistry(`tensorflow/serving:${version}-gpu`) : undefined,
      release,
      BINARY,
      'amd64',
      !WITHOUT_CERTIFICATES.includes(version),
    );
  }

  /**
   * Images that you made, for example with a model in them.
   *
   * @throws where the release or the path is none.
   */
  public static custom(options: CustomServerImage): ServerImage {
    checkShape('ServerImage.custom', options, CUSTOM_SHAPE, ['image', 'release']);
    const { image, gpuImage, binary = BINARY, architecture = 'amd64' } = options;
    literal('ServerImage.custom', 'binary', absolutePath('ServerImage.custom', 'binary', binary));
    if (binary.endsWith('/')) {
      throw invalid(
        'ServerImage.custom',
        'binary',
        binary,
        'must be the path of a program, not of a directory',
        `For example '${BINARY}'.`,
      );
    }
    if (!['amd64', 'arm64'].includes(architecture)) {
      throw invalid('ServerImage.custom', 'architecture', architecture, 'must be amd64 or arm64', 'Leave it out for amd64.');
    }
    return new ServerImage(image, gpuImage, ServerRelease.parse('ServerImage.custom', 'release', options.release), binary, architecture);
  }

  private constructor(
    /** The image for pods without a GPU. */
    public readonly image: ContainerImage,
    /** The image for pods with a GPU. */
    public readonly gpuImage: ContainerImage | undefined,
    private readonly release: ServerRelease,
    /** Path of the server in the images. */
    public readonly binary: string,
    /** CPU architecture of the images. */
    public readonly architecture: string,
    private readonly trustsBuckets: boolean = true,
  ) {}

  /**
   * @internal
   */
  public get _release(): ServerRelease {
    return this.release;
  }

  /**
   * Whether the image for CPUs can check the certificate of a bucket.
   *
   * @internal
   */
  public get _trustsBuckets(): boolean {
    return this.trustsBuckets;
  }
}
