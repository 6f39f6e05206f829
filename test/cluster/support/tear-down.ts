import type { ChildProcess } from 'node:child_process';
import { kubectl } from './kubectl';
import { KINDS_OF_A_RUN, ownSelector } from './run';

/** After all stories: deletes what is left of this run, and ends what set-up.ts began. */
export default function tearDown(): void {
  for (const kind of KINDS_OF_A_RUN) kubectl(['delete', kind, '--selector', ownSelector(), '--wait=false']);
  (globalThis as { proxy?: ChildProcess }).proxy?.kill();
}
