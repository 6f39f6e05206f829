import { invalid } from '../private/errors';
import { isMovingTag } from '../private/moving-tag';
import { checkShape } from '../private/shape';

const HOST = '[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?(?::\\d+)?';
const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const TAG = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}';
const DIGEST = 'sha256:[0-9a-f]{64}';

/** Grammar of image references. @see https://github.com/distribution/reference */
const REFERENCE = new RegExp(`^(?<name>(?:${HOST}/)?${COMPONENT}(?:/${COMPONENT})*)(?::(?<tag>${TAG}))?(?:@(?<digest>${DIGEST}))?$`);
const RELEASE = new RegExp(`^(?:(?<digest>${DIGEST})|(?<tag>${TAG}))$`);
const REGISTRY = new RegExp(`^${HOST}(?:/${COMPONENT})*$`);

/** Options of an image that you build. */
export interface BuiltImageOptions {
  /**
   * Tag or digest of the build, as a pipeline hands it on: `v1.2.0`, or `sha256:` with 64 hexadecimal digits. An image of
   * a digest is in the cluster's registry already; with a tag in its name besides, it is pushed by that and pulled by
   * the digest.
   *
   * @default - none: the name carries it
   */
  readonly release?: string;
}

/**
 * An image that always means the same bytes: it has a digest, or a tag that is no moving name (`latest`, `nightly-gpu`,
 * `stable`, `main`).
 */
export class ContainerImage {
  /**
   * An image that some registry already serves, pulled under the name given here on every cluster.
   *
   * @param reference for example `tensorflow/serving:2.19.1`, with a tag or a digest.
   * @throws where the reference is malformed, has neither tag nor digest, or has a tag that moves, such as `latest`.
   */
  public static fromRegistry(reference: string): ContainerImage {
    return parse('ContainerImage.fromRegistry', 'reference', reference, false);
  }

  /**
   * An image that you build. Each cluster names it after the place where it finds such images: side-loaded on kind
   * and minikube, or in the cluster's own registry.
   *
   * @param name name as you build it, without a registry: `ping:v1`, or `ping` where `release` has its tag or digest.
   * @throws where the name is malformed, has a registry in front, has no tag or digest, has two, or has a tag that
   *   moves, such as `latest`.
   */
  public static fromBuild(name: string, options: BuiltImageOptions = {}): ContainerImage {
    const where = 'ContainerImage.fromBuild';
    checkShape(where, options, { release: 'text' }, []);
    const image = parse(where, 'name', options.release === undefined ? name : released(where, name, options.release), true);
    const host = image.name.split('/')[0];
    if (image.name.includes('/') && /[.:]|^localhost$/.test(host)) {
      throw invalid(
        where,
        'name',
        name,
        'must not name a registry: each cluster has its own',
        'Leave the registry out, or use ContainerImage.fromRegistry().',
      );
    }
    return image;
  }

  private constructor(
    /** Name without tag and digest. */
    public readonly name: string,
    /** Tag, where there is one. */
    public readonly tag: string | undefined,
    /** Digest, where there is one. */
    public readonly digest: string | undefined,
    /** Whether you build it, so that it must be brought to the cluster. */
    public readonly built: boolean,
  ) {}

  /** The reference as written: name, tag and digest. */
  public get reference(): string {
    return `${this.name}${this.tag ? `:${this.tag}` : ''}${this.digest ? `@${this.digest}` : ''}`;
  }

  /**
   * The same, for a caller with a name of its own in messages.
   *
   * @internal
   */
  public static _parse(where: string, prop: string, reference: string): ContainerImage {
    return parse(where, prop, reference, false);
  }

  /**
   * @internal
   */
  public static _of(name: string, tag: string | undefined, digest: string | undefined, built: boolean): ContainerImage {
    return new ContainerImage(name, tag, digest, built);
  }
}

/** Refuses what is no registry with an optional path, as image names begin with. */
export function checkRegistry(where: string, prop: string, registry: string): void {
  if (typeof registry !== 'string' || !REGISTRY.test(registry)) {
    throw invalid(
      where,
      prop,
      registry,
      "must be a registry with an optional path in lower case, without 'https://' and without a '/' at the end",
      "For example 'gcr.io/my-project'.",
    );
  }
}

/** The reference of a name whose tag or digest is given apart. */
function released(where: string, name: string, release: string): string {
  const { digest, tag } = (typeof release === 'string' && RELEASE.exec(release)?.groups) || {};
  if (digest === undefined && tag === undefined) {
    throw invalid(
      where,
      'release',
      release,
      'is neither a tag nor a digest',
      `Write for example 'v1.2.0', or 'sha256:' with 64 hexadecimal digits.`,
    );
  }
  const parts = typeof name === 'string' ? REFERENCE.exec(name)?.groups : undefined;
  if (parts?.digest !== undefined || (parts?.tag !== undefined && tag !== undefined)) {
    throw invalid(where, 'release', release, `cannot stand beside the one in '${name}'`, 'Leave one of them out.');
  }
  if (tag !== undefined && isMovingTag(tag)) throw moving(where, 'release', release, tag, name);
  return digest === undefined ? `${name}:${tag}` : `${name}@${digest}`;
}

function parse(where: string, prop: string, reference: string, built: boolean): ContainerImage {
  const groups = typeof reference === 'string' && reference.length <= 512 ? REFERENCE.exec(reference)?.groups : undefined;
  if (!groups) {
    const wayOut = built ? "Write for example 'ping:v1', or 'ping' with a 'release'." : "Write for example 'tensorflow/serving:2.19.1'.";
    throw invalid(where, prop, reference, 'is not an image reference', wayOut);
  }
  const { name, tag, digest } = groups;
  if (tag === undefined && digest === undefined) {
    throw invalid(
      where,
      prop,
      reference,
      'has neither tag nor digest, so it means other bytes tomorrow',
      `Pin it, for example '${name}:1.0.0'.`,
    );
  }
  if (tag !== undefined && digest === undefined && isMovingTag(tag)) {
    throw moving(where, prop, reference, tag, name);
  }
  return ContainerImage._of(name, tag, digest, built);
}

function moving(where: string, prop: string, value: string, tag: string, name: string): Error {
  return invalid(
    where,
    prop,
    value,
    `must not have the tag '${tag}': such a tag moves, so a new release would not roll out`,
    `Give each build its own tag, for example '${name}:1.0.0'.`,
  );
}
