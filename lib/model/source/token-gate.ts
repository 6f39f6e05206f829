import type { PodProgram } from '../../service/pod-program';

/** Where tokens are handed out. */
export interface TokenServer {
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

const WAIT_SECONDS = 120;
const QUESTION_SECONDS = 5;

/**
 * Waits until the server of tokens answers, at most two minutes; then it fails, so that the pod says why it does not start.
 * A new pod is a few seconds older than its answers, and TensorFlow, where its first question goes unanswered, keeps an
 * empty token and reads as nobody for the rest of its life. 404 is an answer too: there is no account, and public buckets
 * can be read without one. Needs bash in the image, as TensorFlow Serving's own have it, and nothing else.
 *
 * @see https://github.com/r-lib/gargle/issues/186
 */
export function tokenGate({ host, port, path }: TokenServer, waitSeconds = WAIT_SECONDS): PodProgram {
  const script = [
    'asks() {',
    `  exec 3<>/dev/tcp/${host}/${port} || return 1`,
    `  printf 'GET ${path} HTTP/1.0\\r\\nHost: ${host}\\r\\nMetadata-Flavor: Google\\r\\n\\r\\n' >&3`,
    '  read -r line <&3 && [[ $line =~ ^HTTP/[0-9.]+\\ (200|404)\\  ]]',
    '}',
    // a connection whose packets are dropped would keep one question for minutes
    'answers() {',
    '  asks & local question=$!',
    `  sleep ${Math.min(QUESTION_SECONDS, waitSeconds)} & local limit=$!`,
    '  wait -n',
    '  local answer=$?',
    '  if kill $limit; then return $answer; fi',
    '  kill $question',
    '  return 1',
    '}',
    `while (( SECONDS < ${waitSeconds} )); do`,
    '  if answers 2>/dev/null; then exit 0; fi',
    '  sleep 1',
    'done',
    `echo 'No answer from http://${host}:${port}${path}: is Workload Identity on, and does a network policy let the pod through?' >&2`,
    'exit 1',
    '',
  ].join('\n');
  return { name: 'wait-for-token', command: ['/bin/bash', '-c', script] };
}
