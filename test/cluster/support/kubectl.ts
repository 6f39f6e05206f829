import { spawnSync } from 'node:child_process';
import type { KubeObject } from '../../../lib/check';

/** How a kubectl command ended. */
export interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs kubectl to its end, whatever its exit code. Throws where it does not start or hangs. */
export function run(args: string[], input?: object): Answer {
  const { status, stdout, stderr, error } = spawnSync('kubectl', args, {
    encoding: 'utf8',
    env: { ...process.env, KUBECTL_EXTERNAL_DIFF: '' },
    input: input && JSON.stringify(input),
    maxBuffer: 2 ** 28,
    timeout: 120_000,
  });
  if (error) throw new Error(`kubectl ${args.join(' ')}: ${error.message}`);
  return { code: status, stdout, stderr };
}

/** Output of a kubectl command that must succeed. */
export function kubectl(args: string[], input?: object): string {
  const { code, stdout, stderr } = run(args, input);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')} exited with ${code}: ${stderr.trim()}`);
  return stdout;
}

/** Objects that a `kubectl get` with these arguments finds, possibly none. */
export function get(...args: string[]): KubeObject[] {
  const output = kubectl(['get', ...args, '--ignore-not-found', '--output', 'json']);
  if (output === '') return [];
  const answer = JSON.parse(output);
  return answer.kind === 'List' ? answer.items : [answer];
}

/** Objects of a kind in some namespaces. */
export function getIn(namespaces: string[], kind: string): KubeObject[] {
  return get(kind, '--all-namespaces').filter((object) => namespaces.includes(object.metadata.namespace ?? ''));
}

/** Condition of an object's status. */
export function condition(
  object: KubeObject,
  type: string,
): { status: string; reason?: string; message?: string; lastTransitionTime?: string } | undefined {
  return object.status?.conditions?.find((candidate: { type: string }) => candidate.type === type);
}

/** Polls until an observation is as wanted, and returns it. Throws with the last one where that takes too long. */
export async function eventually<T>(what: string, seconds: number, observe: () => T, wanted: (seen: T) => boolean): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const seen = observe();
    if (wanted(seen)) return seen;
    if (Date.now() > deadline) throw new Error(`Not within ${seconds} s: ${what}. Last seen: ${JSON.stringify(seen, undefined, 2)}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
