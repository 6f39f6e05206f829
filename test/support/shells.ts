import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Shells that the scripts of images run in: with the tools of this machine, and with a busybox's own. */
export const SHELLS: { readonly [name: string]: string[] } = {
  sh: ['sh', '-c'],
  ...(missing(['busybox']).length === 0 ? { 'busybox sh': ['busybox', 'sh', '-c'] } : {}),
};

/** Tools that this machine does not have. */
export function missing(tools: string[]): string[] {
  return tools.filter((tool) => {
    try {
      execFileSync('/bin/sh', ['-c', 'command -v "$0"', tool], { stdio: 'ignore' });
      return false;
    } catch {
      return true;
    }
  });
}

/** What a script did. */
export interface Run {
  readonly code: number | null;
  readonly said: string;
  /** Seconds of each sleep, none of which was slept. */
  readonly sleeps: number[];
}

/** How a script is run. */
export interface RunOptions {
  readonly shell: string[];
  readonly env: { [name: string]: string };
  /** Directory of the test, for notes of its own. */
  readonly directory: string;
  /** Signal to send, and when. */
  readonly stop?: { readonly signal: NodeJS.Signals; readonly when: Promise<unknown> };
}

/** Runs a script in which nothing sleeps: it notes how long it would, and ends itself at a sleep that begins with an exit. */
export function runScript(script: string, { shell, env, directory, stop }: RunOptions): Promise<Run> {
  const notes = join(directory, 'sleeps');
  const preface = `: >'${notes}'\nsleep() { echo "$1" >>'${notes}'; }\n`;
  const [program, ...args] = shell;
  const child = spawn(program, [...args, preface + script], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      said += data;
    });
  }
  stop?.when.then(() => child.kill(stop.signal));
  return new Promise((resolve) => {
    child.on('close', (code) => {
      const sleeps = readFileSync(notes, 'utf8').split('\n').filter(Boolean).map(Number);
      resolve({ code, said, sleeps });
    });
  });
}
