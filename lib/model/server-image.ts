import { ContainerImage } from '../cluster';
import { invalid } from '../private/errors';
import { checkShape } from '../private/shape';
import { absolutePath } from '../private/validate';
import { ServerRelease } from './server-release';

/** An image that you made for TensorFlow Serving. */
export interface CustomServerImage {
  /** The image for pods without a GPU. */
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

/** The server that runs a model: its images with and without a GPU, and which release they hold. */
export class ServerImage {
  /**
   * The project's own images, `tensorflow/serving:VERSION` and `tensorflow/serving:VERSION-gpu`.
   *
   * @param version a full release, for example `2.19.1`.
   * @throws where it is none.
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
    return new ServerImage(
      ContainerImage.fromRegistry(`tensorflow/serving:${version}`),
      ContainerImage.fromRegistry(`tensorflow/serving:${version}-gpu`),
      release,
      BINARY,
      'amd64',
    );
  }

  /**
   * Images that you made, for example with a model in them.
   *
   * @throws where the release or the path is none.
   */
  public static custom(options: CustomServerImage): ServerImage {
    checkShape(
      'ServerImage.custom',
      options,
      { image: ContainerImage, gpuImage: ContainerImage, release: 'text', binary: 'text', architecture: 'text' },
      ['image', 'release'],
    );
    const { image, gpuImage, binary = BINARY, architecture = 'amd64' } = options;
    absolutePath('ServerImage.custom', 'binary', binary);
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
  ) {}

  /**
   * @internal
   */
  public get _release(): ServerRelease {
    return this.release;
  }
}
