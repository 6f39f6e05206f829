import { spawn, spawnSync } from 'node:child_process';
import type { KubeObject } from '../../../lib/check';

/** Flags of a server-side apply that takes over what was applied otherwise. */
export const SERVER_SIDE = ['--server-side', '--force-conflicts'];

/** How a kubectl command ended. */
export interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs kubectl to its end, whatever its exit code. Throws where it does not start or hangs. */
export function run(args: string[], input?: object | string): Answer {
  const { status, stdout, stderr, error } = spawnSync('kubectl', args, {
    encoding: 'utf8',
    env: { ...process.env, KUBECTL_EXTERNAL_DIFF: '' },
    input: typeof input === 'object' ? JSON.stringify(input) : input,
    maxBuffer: 2 ** 28,
    timeout: 120_000,
  });
  if (error) throw new Error(`kubectl ${args.join(' ')}: ${error.message}`);
  return { code: status, stdout, stderr };
}

/** Runs a line as a person would type it. */
export function shell(line: string): Answer {
  const { status, stdout, stderr, error } = spawnSync('sh', ['-c', line], { encoding: 'utf8', timeout: 120_000 });
  if (error) throw new Error(`${line}: ${error.message}`);
  return { code: status, stdout, stderr };
}

/** Output of a kubectl command that must succeed. */
export function kubectl(args: string[], input?: object | string): string {
  const { code, stdout, stderr } = run(args, input);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')} exited with ${code}: ${stderr.trim()}`);
  return stdout;
}

/** Starts a kubectl command that takes its time, and answers at its end. Throws where it fails. */
export function started(args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('kubectl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.on('data', (data) => (said += data));
    child.stderr.on('data', (data) => (said += data));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(said) : reject(new Error(`kubectl ${args.join(' ')} exited with ${code}: ${said}`))));
  });
}

/** Objects that a `kubectl get` with these arguments finds, possibly none. */
export function get(...args: string[]): KubeObject[] {
  const output = kubectl(['get', ...args, '--ignore-not-found', '--output', 'json']);
  if (output === '') return [];
  const answer = JSON.parse(output);
  return answer.kind === 'List' ? answer.items : [answer];
}
