import * as fs from 'node:fs';
import * as path from 'node:path';
import { invalid } from '../../private/errors';
import { nonEmpty } from '../../private/validate';
import { flawOfPredictionLog } from './prediction-log';
import { readRecords } from './records';

/** What a copy of the model on the disk of its author says. */
export interface LocalCopy {
  /** Versions, oldest first. */
  readonly versions: LocalVersion[];
  /** Bytes of the largest version. */
  readonly sizeBytes: number;
}

export interface LocalVersion {
  /** Name of the directory. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Records that warm it up, where it brings any. */
  readonly warmUpRecords?: number;
}

const PROP = 'localCopy';
const WARM_UP_FILE = 'tf_serving_warmup_requests';
const WARM_UP_PATH = `assets.extra/${WARM_UP_FILE}`;
/** One more is an error of the load. */
const MOST_RECORDS = 1000;
const GRAPHS = ['saved_model.pb', 'saved_model.pbtxt'];
const LARGEST_VERSION = 2n ** 63n - 1n;

/**
 * Reads what the server would find, and refuses what it could not load: no version directories, none of a SavedModel, or
 * records for warm-up that are misplaced, damaged or too many. Writes nothing.
 */
export function readLocalCopy(where: string, directory: string): LocalCopy {
  nonEmpty(where, PROP, directory, './export/resnet');
  const fail = (rule: string, wayOut: string) => invalid(where, PROP, directory, rule, wayOut);
  const entries = filesOf(directory);
  if (entries === undefined) throw fail('is no directory that can be read', 'Write the path from where the app is synthesized.');
  const directories = entries.filter(({ kind }) => kind === 'directory').map(({ name }) => name);
  const names = directories.filter((name) => /^\d+$/.test(name) && BigInt(name) <= LARGEST_VERSION).sort(byNumber);
  if (names.length === 0) {
    const inside = entries.some(({ name }) => GRAPHS.includes(name));
    throw fail(
      inside ? 'is itself a version: the server looks for directories with numbers in it' : 'holds no version: no directory with a number',
      inside ? 'Write the directory above it.' : "A version is a directory as '1', with saved_model.pb in it.",
    );
  }
  const twin = names.find((name, index) => index > 0 && byNumber(name, names[index - 1]) === 0);
  if (twin !== undefined) throw fail(`holds version ${BigInt(twin)} twice, of which the server takes any`, `Remove ${twin}, or its twin.`);
  const stray = entries.find(({ name }) => name === WARM_UP_FILE);
  if (stray) throw fail(`holds ${WARM_UP_FILE}, where the server does not look`, `Move it to ${names.at(-1)}/${WARM_UP_PATH}.`);
  const versions = names.map((name) => readVersion(path.join(directory, name), name, fail));
  return { versions, sizeBytes: Math.max(...versions.map(({ sizeBytes }) => sizeBytes)) };
}

function readVersion(directory: string, name: string, fail: (rule: string, wayOut: string) => Error): LocalVersion {
  const files = filesBelow(directory, '');
  if (!files.some((file) => GRAPHS.includes(file.path))) {
    throw fail(`has no ${name}/saved_model.pb, so that the server cannot load version ${name}`, 'Export a SavedModel into it.');
  }
  const misplaced = files.find((file) => path.posix.basename(file.path) === WARM_UP_FILE && file.path !== WARM_UP_PATH);
  if (misplaced) {
    throw fail(`holds ${name}/${misplaced.path}, where the server does not look for warm-up`, `Move it to ${name}/${WARM_UP_PATH}.`);
  }
  const sizeBytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (!files.some((file) => file.path === WARM_UP_PATH)) return { name, sizeBytes };
  const { count, flaw } = readRecords(path.join(directory, WARM_UP_PATH), flawOfPredictionLog);
  const problem = flaw ?? (count > MOST_RECORDS ? `there are ${count} records, and ${MOST_RECORDS} are the most` : undefined);
  if (problem !== undefined) {
    throw fail(
      `has warm-up with which version ${name} fails to load: in ${name}/${WARM_UP_PATH} ${problem}`,
      `Write at most ${MOST_RECORDS} PredictionLogs with tf.io.TFRecordWriter.`,
    );
  }
  return { name, sizeBytes, warmUpRecords: count };
}

interface Entry {
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'other';
  readonly bytes: number;
}

/** What a directory holds, by name, or nothing where it is none; links count as what they lead to. */
function filesOf(directory: string): Entry[] | undefined {
  const names = attempt(() => fs.readdirSync(directory))?.sort();
  return names?.map((name) => {
    const found = attempt(() => fs.statSync(path.join(directory, name)));
    const kind = found?.isDirectory() ? 'directory' : found?.isFile() ? 'file' : 'other';
    return { name, kind, bytes: found?.size ?? 0 };
  });
}

/** Files of a directory and all below it, with paths relative to it. Linked directories are left out: they may lead back. */
function filesBelow(root: string, inside: string): { readonly path: string; readonly bytes: number }[] {
  const here = path.join(root, inside);
  return (filesOf(here) ?? []).flatMap(({ name, kind, bytes }) => {
    const below = path.posix.join(inside, name);
    if (kind === 'file') return [{ path: below, bytes }];
    return kind === 'directory' && !fs.lstatSync(path.join(here, name)).isSymbolicLink() ? filesBelow(root, below) : [];
  });
}

function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

function byNumber(a: string, b: string): number {
  const [first, second] = [BigInt(a), BigInt(b)];
  return first < second ? -1 : first > second ? 1 : 0;
}
