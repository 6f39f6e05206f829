import { invalid } from '../private/errors';
import { isMovingTag } from '../private/moving-tag';

const REFERENCE =
  /^(?<name>(?:[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?(?::\d+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*)(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/;

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
    return parse('ContainerImage.fromRegistry', reference, false);
  }

  /**
   * An image that you build. Each cluster names it after the place where it finds such images: side-loaded on kind
   * and minikube, or in the cluster's own registry.
   *
   * @param name name and tag as you build it, for example `ping:v1`, without a registry.
   * @throws where the name is malformed, has a registry in front, has no tag, or has one that moves, such as `latest`.
   */
  public static fromBuild(name: string): ContainerImage {
    const image = parse('ContainerImage.fromBuild', name, true);
    const host = image.name.split('/')[0];
    if (image.name.includes('/') && /[.:]|^localhost$/.test(host)) {
      throw invalid(
        'ContainerImage.fromBuild',
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
   * @internal
   */
  public static _of(name: string, tag: string | undefined, digest: string | undefined, built: boolean): ContainerImage {
    return new ContainerImage(name, tag, digest, built);
  }
}

function parse(where: string, reference: string, built: boolean): ContainerImage {
  const groups = typeof reference === 'string' && reference.length <= 512 ? REFERENCE.exec(reference)?.groups : undefined;
  if (!groups) {
    throw invalid(
      where,
      built ? 'name' : 'reference',
      reference,
      'is not an image reference',
      "Write for example 'tensorflow/serving:2.19.1'.",
    );
  }
  const { name, tag, digest } = groups;
  if (tag === undefined && digest === undefined) {
    throw invalid(
      where,
      built ? 'name' : 'reference',
      reference,
      'has neither tag nor digest, so it means other bytes tomorrow',
      `Pin it, for example '${name}:1.0.0'.`,
    );
  }
  if (tag !== undefined && digest === undefined && isMovingTag(tag)) {
    throw invalid(
      where,
      built ? 'name' : 'reference',
      reference,
      `must not have the tag '${tag}': such a tag moves, so a new release would not roll out`,
      `Give each build its own tag, for example '${name}:1.0.0'.`,
    );
  }
  return ContainerImage._of(name, tag, digest, built);
}
