import { run } from './kubectl';

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

requireCluster();
