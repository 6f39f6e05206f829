import { ContainerImage } from '../../cluster';
import { invalid } from '../../private/errors';
import { checkShape, type Shape } from '../../private/shape';
import { absolutePath } from '../../private/validate';
import { literal } from '../source/paths';
import { closestRelease, type ImageFacts, imageFacts, PROJECT_IMAGES, RELEASES, whyMissing } from './releases';
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

/** What references of images leave open. */
export interface ServerReferenceOptions {
  /**
   * The image for pods with a GPU, for example `tensorflow/serving:2.19.1-gpu@sha256:…`. It must hold the same release.
   *
   * @default - the first image, where its tag ends in `-gpu`; else none: the model cannot go on a GPU pool
   */
  readonly gpuReference?: string;

  /**
   * Release of TensorFlow Serving in the images, where their tags do not say one that this library knows.
   *
   * @default - the one that the tags say
   */
  readonly release?: string;
}

const CUSTOM_SHAPE: Shape<CustomServerImage> = {
  image: ContainerImage,
  gpuImage: ContainerImage,
  release: 'text',
  binary: 'text',
  architecture: 'text',
};

const REFERENCE_SHAPE: Shape<ServerReferenceOptions> = { gpuReference: 'text', release: 'text' };

/** What is decided of the images. */
interface Decided {
  readonly image: ContainerImage;
  readonly gpuImage?: ContainerImage;
  readonly release: ServerRelease;
  readonly binary: string;
  readonly architecture: string;
  /** What is known of them, where they are the project's own. */
  readonly facts?: ImageFacts;
  readonly project: boolean;
}

/** The server that runs a model: its images with and without a GPU, and which release they hold. */
export class ServerImage {
  /**
   * The project's own images, `tensorflow/serving:VERSION` and `tensorflow/serving:VERSION-gpu`.
   *
   * @param version a full release, for example `2.19.1`.
   * @throws where it is none, or none that is known to have images: one that is newer than this library is said with
   * `ServerImage.fromReference` and its option `release`.
   */
  public static official(version: string): ServerImage {
    const where = 'ServerImage.official';
    const release = ServerRelease.parse(where, 'version', version);
    if (version.split('.').length !== 3) {
      throw invalid(where, 'version', version, 'must name a full release: shorter tags move', `For example '${closestRelease(release)}'.`);
    }
    const facts = imageFacts(version);
    if (facts === undefined) throw unknown(where, 'version', version, release);
    const named = (suffix: string) => ContainerImage.fromRegistry(`${PROJECT_IMAGES.repository}:${version}${suffix}`);
    return ofProject(named(''), facts.gpu && named(PROJECT_IMAGES.gpuSuffix), release);
  }

  /**
   * The project's images by their references, from Docker Hub or a mirror: with a tag, a digest or both. An image whose tag
   * ends in `-gpu` serves pods without a GPU too.
   *
   * @param reference for example `tensorflow/serving:2.19.1@sha256:…`.
   * @throws where a reference is none or not of `tensorflow/serving`, its tag moves, or nothing says which release it holds.
   */
  public static fromReference(reference: string, options: ServerReferenceOptions = {}): ServerImage {
    const where = 'ServerImage.fromReference';
    checkShape(where, options, REFERENCE_SHAPE, []);
    const stated = options.release === undefined ? undefined : ServerRelease.parse(where, 'release', options.release);
    const first = referenced(where, 'reference', reference, stated);
    if (options.gpuReference === undefined) return ofProject(first.image, first.gpu ? first.image : undefined, first.release);
    const second = referenced(where, 'gpuReference', options.gpuReference, stated);
    if (second.release.toString() !== first.release.toString()) {
      const rule = `holds release ${second.release}, but the image for CPUs ${first.release}`;
      throw invalid(where, 'gpuReference', options.gpuReference, rule, 'Name two images of one release.');
    }
    return ofProject(first.image, second.image, first.release);
  }

  /**
   * Images that you made, for example with a model in them.
   *
   * @throws where the release or the path is none.
   */
  public static custom(options: CustomServerImage): ServerImage {
    const where = 'ServerImage.custom';
    checkShape(where, options, CUSTOM_SHAPE, ['image', 'release']);
    const { image, gpuImage, binary = PROJECT_IMAGES.binary, architecture = PROJECT_IMAGES.architecture } = options;
    literal(where, 'binary', absolutePath(where, 'binary', binary));
    if (binary.endsWith('/')) {
      const wayOut = `For example '${PROJECT_IMAGES.binary}'.`;
      throw invalid(where, 'binary', binary, 'must be the path of a program, not of a directory', wayOut);
    }
    if (!['amd64', 'arm64'].includes(architecture)) {
      throw invalid(where, 'architecture', architecture, 'must be amd64 or arm64', 'Leave it out for amd64.');
    }
    const release = ServerRelease.parse(where, 'release', options.release);
    return new ServerImage({ image, gpuImage, release, binary, architecture, project: false });
  }

  /** The image for pods without a GPU. */
  public readonly image: ContainerImage;
  /** The image for pods with a GPU. */
  public readonly gpuImage: ContainerImage | undefined;
  /** Release of TensorFlow Serving in the images. */
  public readonly release: string;
  /** Path of the server in the images. */
  public readonly binary: string;
  /** CPU architecture of the images. */
  public readonly architecture: string;
  /** Release of Ubuntu in the project's image for CPUs, where it is known. */
  public readonly ubuntu: string | undefined;
  /** Generation of CUDA in the project's image for GPUs, where it is known. */
  public readonly cuda: string | undefined;
  /** Generation of cuDNN in the project's image for GPUs, where it is known. */
  public readonly cudnn: string | undefined;

  private constructor(private readonly decided: Decided) {
    this.image = decided.image;
    this.gpuImage = decided.gpuImage;
    this.release = decided.release.toString();
    this.binary = decided.binary;
    this.architecture = decided.architecture;
    this.ubuntu = decided.facts?.ubuntu;
    this.cuda = decided.facts?.gpu?.cuda;
    this.cudnn = decided.facts?.gpu?.cudnn;
  }

  /**
   * @internal
   */
  public static _of(decided: Decided): ServerImage {
    return new ServerImage(decided);
  }

  /**
   * @internal
   */
  public get _release(): ServerRelease {
    return this.decided.release;
  }

  /**
   * Whether the image for CPUs can check the certificate of a bucket.
   *
   * @internal
   */
  public get _trustsBuckets(): boolean {
    return this.decided.facts?.certificates ?? true;
  }

  /**
   * Whether the project built the images, so that nothing is in them that only other builds have.
   *
   * @internal
   */
  public get _project(): boolean {
    return this.decided.project;
  }
}

function ofProject(image: ContainerImage, gpuImage: ContainerImage | undefined, release: ServerRelease): ServerImage {
  const { binary, architecture } = PROJECT_IMAGES;
  return ServerImage._of({ image, gpuImage, release, binary, architecture, facts: imageFacts(release.toString()), project: true });
}

const TAG = new RegExp(`^(?<version>\\d+\\.\\d+\\.\\d+)?(?<rest>.*?)(?<gpu>${PROJECT_IMAGES.gpuSuffix})?$`);

/** An image of the project by its reference, with the release that its tag or its user says. */
function referenced(where: string, prop: string, reference: string, stated: ServerRelease | undefined) {
  const image = ContainerImage._parse(where, prop, reference);
  const { repository } = PROJECT_IMAGES;
  if (image.name !== repository && !image.name.endsWith(`/${repository}`)) {
    throw invalid(where, prop, reference, `is no image of ${repository}`, "Use ServerImage.custom() for an image of another's.");
  }
  const { version, rest, gpu } = TAG.exec(image.tag ?? '')?.groups ?? {};
  const tagged = version !== undefined && rest === '' ? version : undefined;
  if (stated !== undefined) {
    if (tagged !== undefined && tagged !== stated.toString()) {
      if (prop !== 'reference') {
        throw invalid(
          where,
          prop,
          reference,
          `holds release ${tagged}, where 'release' says ${stated}`,
          'Name an image of the same release.',
        );
      }
      throw invalid(where, 'release', stated.toString(), `contradicts the tag of ${reference}`, 'Leave it out.');
    }
    return { image, gpu: gpu !== undefined, release: stated };
  }
  if (tagged === undefined) {
    const example = `release: '${RELEASES.at(-1)}'`;
    throw invalid(where, prop, reference, 'does not say which release it holds', `Say it, for example ${example}.`);
  }
  const release = ServerRelease.parse(where, prop, tagged);
  if (imageFacts(tagged) === undefined) throw unknown(where, prop, reference, release);
  return { image, gpu: gpu !== undefined, release };
}

function unknown(where: string, prop: string, value: string, release: ServerRelease): Error {
  const version = release.toString();
  const closest = closestRelease(release);
  const missing = whyMissing(version);
  if (missing !== undefined) return invalid(where, prop, value, missing, `Use '${closest}'.`);
  const stated = `ServerImage.fromReference('${PROJECT_IMAGES.repository}:${version}', { release: '${version}' })`;
  const wayOut = `Did you mean '${closest}'? A newer one than this library knows is ${stated}.`;
  return invalid(where, prop, value, 'is no release of which this library knows that it has images', wayOut);
}
