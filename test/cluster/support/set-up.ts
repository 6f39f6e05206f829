import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { list } from './api';
import { kubectl, run } from './kubectl';
import { begin, isLeftOver, KINDS_OF_A_RUN, RUN_LABEL } from './run';

/** Before all stories: finds the cluster, makes it readable, and deletes what runs that are over left there. */
export default async function setUp(): Promise<void> {
  requireCluster();
  const proxy = spawn('kubectl', ['proxy', '--port', '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface(proxy.stdout)) {
    const address = /127\.0\.0\.1:\d+/.exec(line);
    if (address === null) continue;
    begin(`http://${address[0]}`);
    break;
  }
  proxy.stdout.destroy();
  (globalThis as { proxy?: ChildProcess }).proxy = proxy;
  await sweep();
}

async function sweep(): Promise<void> {
  for (const kind of KINDS_OF_A_RUN) {
    const left = (await list(kind, { labels: RUN_LABEL })).filter(isLeftOver);
    if (left.length > 0) kubectl(['delete', kind, ...left.map(({ metadata }) => metadata.name), '--ignore-not-found', '--wait=false']);
  }
}

/** Throws, in one line, where no cluster answers. */
function requireCluster(): void {
  if (!process.env.KUBECONFIG)
    throw oneLine('KUBECONFIG is not set: these tests create and delete namespaces, so name a cluster for them.');
  const { code, stderr } = run(['get', '--raw', '/readyz', '--request-timeout', '15s']);
  if (code !== 0) throw oneLine(`No cluster answers at KUBECONFIG=${process.env.KUBECONFIG}: ${stderr.trim().split('\n').pop()}`);
}

/** An error that is reported without a stack, which would say nothing more. */
function oneLine(message: string): Error {
  const error = new Error(message);
  error.stack = message;
  return error;
}
