import * as os from 'node:os';
import type { KubeObject } from '../../../lib/check';

/** Label on everything that these tests make, without which they delete nothing; its value says which run made it. */
export const RUN_LABEL = 'cdk8s-model-serving.test/run';

/** Kinds outside of namespaces that a run makes, and namespaces with all that is in them. */
export const KINDS_OF_A_RUN = ['namespaces', 'nodes', 'persistentvolumes'] as const;

/** Time after which a run on another machine is over: it takes minutes. */
const LONGEST_RUN_MILLIS = 30 * 60_000;

/** What the processes of one run share: names of their own, and the address at which the cluster is read. */
export interface Run {
  /** Value of the run's label: machine and process. */
  readonly owner: string;
  /** Suffix that makes names of this run differ from those of others. */
  readonly suffix: string;
  /** Where the API server is reached without credentials. */
  readonly api: string;
}

const VARIABLE = 'CLUSTER_TEST_RUN';

/** Hands a run to the processes that tell its stories. */
export function begin(api: string): Run {
  const run = { owner: `${machine()}.${process.pid}`, suffix: process.pid.toString(36), api };
  process.env[VARIABLE] = JSON.stringify(run);
  return run;
}

/** The run that this process belongs to. */
export function currentRun(): Run {
  return JSON.parse(process.env[VARIABLE] as string);
}

/** The run's label as a label argument or a selector of kubectl. */
export const ownSelector = () => `${RUN_LABEL}=${currentRun().owner}`;

/** Whether the run that made an object is over, however it ended. */
export function isLeftOver({ metadata }: KubeObject): boolean {
  const { labels, creationTimestamp = '' } = metadata as KubeObject['metadata'] & { creationTimestamp?: string };
  const [, where, pid] = /^(.*)\.(\d+)$/.exec(labels?.[RUN_LABEL] ?? '') ?? [];
  if (where !== machine()) return Date.now() - Date.parse(creationTimestamp) > LONGEST_RUN_MILLIS;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch {
    return true;
  }
}

function machine(): string {
  return os
    .hostname()
    .replace(/[^A-Za-z0-9-]/g, '-')
    .slice(0, 40);
}
