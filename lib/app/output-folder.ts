import * as fs from 'node:fs';
import * as path from 'node:path';
import { invalid } from '../private/errors';

/** First line of every file that this library writes, by which it knows its own. */
export const FILE_HEADER = '# Written by cdk8s-model-serving. Change the code that makes it, not this file.\n';

/** What a write changed. */
export interface WriteResult {
  readonly written: string[];
  readonly unchanged: string[];
  readonly removed: string[];
}

/**
 * Puts files into an output folder. Each appears by a rename, so that it is old or new and never half; unchanged ones are
 * left alone; those of earlier runs that are no longer made are removed, and files of others are not.
 *
 * @param files content by path relative to the folder.
 */
export function writeFolder(folder: string, files: Map<string, string>): WriteResult {
  const changed = [...files].filter(([name, content]) => readIfThere(path.join(folder, name)) !== content);
  const temporary = new Map<string, string>();
  try {
    fs.mkdirSync(folder, { recursive: true });
    // all content is on the disk before the first file is replaced: a full or closed disk changes nothing
    for (const [name, content] of changed) {
      fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
      const file = path.join(folder, `${name}.${process.pid}.tmp`);
      temporary.set(name, file);
      fs.writeFileSync(file, content);
    }
    for (const [name, file] of temporary) fs.renameSync(file, path.join(folder, name));
    const removed = ownFiles(folder).filter((name) => !files.has(name));
    for (const name of removed) {
      fs.rmSync(path.join(folder, name));
      removeEmptyFolders(folder, path.dirname(name));
    }
    const written = [...temporary.keys()];
    return { written, unchanged: [...files.keys()].filter((name) => !temporary.has(name)), removed };
  } catch (error) {
    throw invalid('ServingApp', 'outdir', folder, `cannot be written: ${(error as Error).message}`, 'Choose a folder that you may write.');
  } finally {
    for (const file of temporary.values()) removeIfFile(file);
  }
}

/** What cannot be removed after a failure must not hide that failure. */
function removeIfFile(file: string): void {
  try {
    fs.rmSync(file, { force: true });
  } catch {}
}

export function readIfThere(file: string): string | undefined {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function ownFiles(folder: string): string[] {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'))
    .map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)))
    .filter((name) => readIfThere(path.join(folder, name))?.startsWith(FILE_HEADER));
}

function removeEmptyFolders(root: string, name: string): void {
  for (let folder = name; folder !== '.' && folder !== ''; folder = path.dirname(folder)) {
    if (fs.readdirSync(path.join(root, folder)).length > 0) return;
    fs.rmdirSync(path.join(root, folder));
  }
}
