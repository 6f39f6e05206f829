import type { Question } from './questions';

/** Time that all questions may take together: less than the probe's own, so that the reason is still printed. */
const LIMIT_SECONDS = 4;

/**
 * Asks the server of the same pod, and fails with the first question that it does not answer as it should. It starts no
 * other program: one that outlives it, where the kubelet ends it, would be left to the server, which as the first process
 * of the container never waits for any. A connection that the server does not take ends with the probe's own time. Needs
 * bash in the image, as TensorFlow Serving's own have it, and nothing else.
 */
export function readinessCommand(port: number, questions: Question[], limitSeconds = LIMIT_SECONDS): string[] {
  // the kubelet replaces $(NAME) in commands, and makes one dollar of two: neither may stand here
  const script = `set -u
fails() { echo "Not ready: $1" >&2; exit 1; }
hear() {
  (( left = ${limitSeconds} - SECONDS, left > 0 )) || fails "$1 does not answer in time"
  line=
  IFS= read -r -t "$left" line <&3 && return
  (( $? <= 128 )) || fails "$1 does not answer in time"
  [[ $line ]]
}
ask() {
  { exec 3<>/dev/tcp/127.0.0.1/${port}; } 2>/dev/null || fails 'nobody listens on port ${port}'
  printf 'GET %s HTTP/1.0\\r\\nHost: 127.0.0.1\\r\\n\\r\\n' "$1" >&3
  hear "$1" || fails "$1 gets no answer"
  [[ $line =~ ^HTTP/[0-9.]+\\ 200\\  ]] || fails "$1 answers \${line%?}"
}
`;
  const ofVersions = `ask_versions() {
  ask "$1"
  local answer= count=0 state='"state": *"([A-Z]+)"'
  while hear "$1"; do answer+=$line; done
  while [[ $answer =~ $state ]]; do
    [[ \${BASH_REMATCH[1]} = AVAILABLE ]] || fails "$1 has a version that is \${BASH_REMATCH[1]}"
    answer=\${answer#*"\${BASH_REMATCH[0]}"}
    (( count += 1 ))
  done
  (( count > 0 )) || fails "$1 has no version"
}
`;
  const lists = questions.some(({ listsVersions }) => listsVersions);
  const asked = questions.map(({ path, listsVersions }) => `${listsVersions ? 'ask_versions' : 'ask'} '${path}'\n`);
  return ['/bin/bash', '-c', [script, ...(lists ? [ofVersions] : []), ...asked].join('')];
}
