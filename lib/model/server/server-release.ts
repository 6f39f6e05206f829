import { invalid } from '../../private/errors';

/** Without leading zeros, which no tag has. */
const RELEASE = /^(0|[1-9]\d{0,3})\.(0|[1-9]\d{0,3})(?:\.(0|[1-9]\d{0,3}))?$/;

/** A release of TensorFlow Serving, comparable. */
export class ServerRelease {
  /** Reads `2.19.1` or `2.19`. Throws on anything else. */
  public static parse(where: string, prop: string, text: string): ServerRelease {
    const match = typeof text === 'string' ? RELEASE.exec(text) : null;
    if (!match) throw invalid(where, prop, text, 'must be a release of TensorFlow Serving', "For example '2.19.1'.");
    return new ServerRelease(Number(match[1]), Number(match[2]), Number(match[3] ?? 0));
  }

  private constructor(
    private readonly major: number,
    private readonly minor: number,
    private readonly patch: number,
  ) {}

  public atLeast(text: string): boolean {
    const other = ServerRelease.parse('ServerRelease', 'atLeast', text);
    const [mine, theirs] = [this, other].map(({ major, minor, patch }) => [major, minor, patch]);
    const difference = mine.map((part, index) => part - theirs[index]).find((delta) => delta !== 0);
    return (difference ?? 0) >= 0;
  }

  public toString(): string {
    return `${this.major}.${this.minor}.${this.patch}`;
  }
}
