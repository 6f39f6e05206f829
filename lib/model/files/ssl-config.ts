import type { PodProgram } from '../../service/pod-program';

/** Where the files of a Secret of type kubernetes.io/tls are, and what is made of them. */
export interface SslConfigPaths {
  /** Directory with `tls.key`, `tls.crt` and, where clients must show a certificate, `ca.crt`. */
  readonly source: string;
  /** The server's ssl_config_file, in a directory that the program may write to. */
  readonly target: string;
  /** Whether clients must show a certificate that `ca.crt` has signed. */
  readonly clientVerify: boolean;
}

/**
 * Every byte becomes an octal escape, so that no content of a file can break or extend the text. Nothing in it looks like a
 * reference to a variable, which Kubernetes would replace.
 */
const SCRIPT = [
  'set -euo pipefail',
  'source=$1 target=$2 client_verify=$3',
  'umask 077',
  'unfinished=$target.unfinished',
  'trap \'rm -f "$unfinished"\' EXIT',
  'rm -f "$unfinished"',
  'field() {',
  '  if [ ! -s "$source/$2" ]; then',
  '    echo "$source/$2 is missing or empty: the Secret must hold $2" >&2',
  '    exit 1',
  '  fi',
  '  printf \'%s: "\' "$1"',
  `  od -An -v -t o1 <"$source/$2" | tr -d '\\n' | tr ' ' '\\\\'`,
  "  printf '\"\\n'",
  '}',
  '{',
  '  field server_key tls.key',
  '  field server_cert tls.crt',
  '  if [ "$client_verify" = true ]; then',
  '    field custom_ca ca.crt',
  "    echo 'client_verify: true'",
  '  fi',
  '} >"$unfinished"',
  'chmod 0400 "$unfinished"',
  'mv -f "$unfinished" "$target"',
  '',
].join('\n');

/**
 * Writes the server's ssl_config_file from the files of a TLS Secret, which the server cannot read as they are: at once, and
 * for its own user only. Needs bash and coreutils in the image, as TensorFlow Serving's own have them.
 *
 * @see https://github.com/tensorflow/serving/blob/master/tensorflow_serving/config/ssl_config.proto
 */
export function sslConfigProgram({ source, target, clientVerify }: SslConfigPaths): PodProgram {
  return { name: 'write-ssl-config', command: ['/bin/bash', '-c', SCRIPT, 'write-ssl-config', source, target, String(clientVerify)] };
}
