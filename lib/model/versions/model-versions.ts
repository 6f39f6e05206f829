import { invalid } from '../../private/errors';
import { wholeNumber } from '../../private/validate';
import type { ProtoMessage } from '../files/text-proto';

/** Which of its versions a model is served with. */
export class ModelVersions {
  /**
   * These versions and no other. With one of them every pod serves the same, whenever it starts, and a new version is a
   * rollout; with several, clients say which one they mean.
   *
   * @param versions names of the version directories, from 0 to 2^53 - 1.
   * @throws where none is given, one is no such number, or one stands twice.
   */
  public static specific(...versions: number[]): ModelVersions {
    const where = 'ModelVersions.specific';
    if (versions.length === 0) throw invalid(where, 'versions', versions, 'must name at least one version', 'For example 42.');
    const checked = Array.from(versions, (version) => versionNumber(where, 'versions', version));
    const twice = checked.find((version, index) => checked.indexOf(version) !== index);
    if (twice !== undefined) throw invalid(where, 'versions', twice, 'stands twice', 'Write it once.');
    const sorted = checked.sort((a, b) => a - b);
    return new ModelVersions({ specific: { versions: sorted } }, `specific(${sorted.join(', ')})`, sorted.length, sorted);
  }

  /**
   * The versions with the largest numbers, as a pod finds them when it starts, and later too where the source has a
   * `pollInterval`.
   *
   * @param count how many of them.
   * @throws where it is no whole number above 0.
   */
  public static latest(count: number = 1): ModelVersions {
    wholeNumber('ModelVersions.latest', 'count', count, 1);
    return new ModelVersions({ latest: { num_versions: count } }, `latest(${count})`, count);
  }

  /** Every version that the source holds, however many they become. */
  public static all(): ModelVersions {
    return new ModelVersions({ all: {} }, 'all()', undefined);
  }

  private constructor(
    private readonly policy: ProtoMessage,
    private readonly text: string,
    private readonly count: number | undefined,
    private readonly named?: number[],
  ) {}

  /**
   * The message ServableVersionPolicy of the server.
   *
   * @internal
   */
  public get _policy(): ProtoMessage {
    return this.policy;
  }

  /**
   * How messages show it.
   *
   * @internal
   */
  public get _text(): string {
    return this.text;
  }

  /**
   * Most versions, as long as none takes the place of another; undefined where nobody knows.
   *
   * @internal
   */
  public get _count(): number | undefined {
    return this.count;
  }

  /**
   * The versions, where they are named.
   *
   * @internal
   */
  public get _versions(): number[] | undefined {
    return this.named;
  }

  /**
   * Whether it is what the server does without being told.
   *
   * @internal
   */
  public get _usual(): boolean {
    return this.named === undefined && this.count === 1;
  }
}

/** Number of a version that a program can hold exactly. */
export function versionNumber(where: string, prop: string, version: number): number {
  if (typeof version === 'number' && version > Number.MAX_SAFE_INTEGER) {
    throw invalid(
      where,
      prop,
      version,
      'is above 2^53 - 1, where JavaScript rounds numbers: another version would be asked for',
      'Number the directories of versions by seconds instead of nanoseconds, for example.',
    );
  }
  return wholeNumber(where, prop, version, 0, Number.MAX_SAFE_INTEGER);
}
