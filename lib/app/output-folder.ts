import * as fs from 'node:fs';
import * as path from 'node:path';

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
  fs.mkdirSync(folder, { recursive: true });
  const written: string[] = [];
  const unchanged: string[] = [];
  for (const [name, content] of files) {
    const target = path.join(folder, name);
    if (readIfThere(target) === content) {
      unchanged.push(name);
      continue;
    }
    fs.mkdirSync(path.dirname(target), { recursive: true });
    replace(target, content);
    written.push(name);
  }
  const removed = ownFiles(folder).filter((name) => !files.has(name));
  for (const name of removed) {
    fs.rmSync(path.join(folder, name));
    removeEmptyFolders(folder, path.dirname(name));
  }
  return { written, unchanged, removed };
}

function replace(target: string, content: string): void {
  const temporary = `${target}.${process.pid}.tmp`;
  try {
    fs.writeFileSync(temporary, content);
    fs.renameSync(temporary, target);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  }
}

function readIfThere(file: string): string | undefined {
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
