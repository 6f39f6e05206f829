import * as path from 'node:path';
import { FILE_HEADER, readIfThere } from './output-folder';

/** A file of an earlier synthesis, and the text that takes its place. */
export interface ReplacedFile {
  /** File relative to the output folder. */
  readonly file: string;
  readonly before: string;
  readonly after: string;
}

/** Files that this library wrote earlier and writes otherwise now. */
export function replacedFiles(folder: string, files: Map<string, string>): ReplacedFile[] {
  return [...files].flatMap(([file, after]) => {
    const before = readIfThere(path.join(folder, file));
    if (before === undefined || before === after || !before.startsWith(FILE_HEADER)) return [];
    return [{ file, before, after }];
  });
}

/** Objects of a kind in a text that this library wrote. */
export function objectsIn(text: string, kind: string): string[] {
  return text.split(/^---$/m).filter((object) => new RegExp(`^kind: ${kind}$`, 'm').test(object));
}

/** A field of an object's metadata or spec: two spaces stand before those of its first level. */
export function fieldOf(object: string, name: string): string | undefined {
  return new RegExp(`^  ${name}: "?([^"\\n]+)"?$`, 'm').exec(object)?.[1];
}
