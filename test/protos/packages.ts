import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const REQUIREMENTS = join(__dirname, 'requirements.txt');
const CACHE = join(ROOT, 'node_modules/.cache/protos');

export const PYTHON = process.env.PYTHON ?? 'python3';

/** Directory of the packages that requirements.txt pins, for the Python that reads them: another of either has its own. */
export function packagesDirectory(): string {
  const version = runPython(['-c', 'import sys, platform; print(sys.version_info[:2], platform.machine(), sys.platform)'], NO_PYTHON);
  const hash = createHash('sha256').update(version).update(readFileSync(REQUIREMENTS)).digest('hex').slice(0, 12);
  return join(CACHE, hash);
}

/** The environment in which a program of Python finds the packages. */
export function pythonEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, PYTHONPATH: packagesDirectory(), PYTHONDONTWRITEBYTECODE: '1', PYTHONIOENCODING: 'utf-8' };
}

/** Installs the packages once, from wheels alone, so that no code of theirs runs. */
export default async function install(): Promise<void> {
  const directory = packagesDirectory();
  if (existsSync(directory)) return;
  await mkdir(CACHE, { recursive: true });
  const unfinished = mkdtempSync(join(CACHE, 'unfinished-'));
  try {
    const wheels = ['--no-deps', '--require-hashes', '--only-binary', ':all:', '--no-compile', '--target', unfinished];
    const quiet = ['--quiet', '--disable-pip-version-check', '--no-input', '--root-user-action', 'ignore'];
    runPython(['-m', 'pip', 'install', ...quiet, ...wheels, '-r', REQUIREMENTS], NO_PACKAGES);
    renameSync(unfinished, directory);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    // another run has installed them meanwhile
    if (!existsSync(directory)) throw error;
  }
}

const NO_PYTHON = `test:protos needs Python 3.9 or newer: '${PYTHON}' cannot be run. Install it, or name it in PYTHON.`;
const NO_PACKAGES =
  'test:protos could not install the packages of test/protos/requirements.txt, for which it needs pip and, the first time, the network.';

function runPython(args: string[], otherwise: string): string {
  try {
    return execFileSync(PYTHON, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    throw new Error(stderr ? `${otherwise}\n${stderr.trim()}` : otherwise);
  }
}
