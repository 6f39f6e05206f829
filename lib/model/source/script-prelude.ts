/**
 * How the scripts begin that bring models into a pod. They are plain POSIX, since their images have a busybox or less, and
 * hold neither `$$` nor `${`: Kubernetes replaces the one and Flux the other.
 */
export const SCRIPT_PRELUDE = `set -eu
incoming="$MODEL_ROOT/.incoming"
began=$(date +%s)
pause=1
child=

give_up() {
  echo "$1" >&2
  exit 1
}

# the first process of a container hears only signals that it asks for, and a shell only while it waits
trap 'kill "$child" 2>/dev/null || :; exit 143' TERM INT
attended() {
  "$@" &
  child=$!
  wait "$child"
}

seconds_left() {
  echo $((began + MODEL_BUDGET - $(date +%s)))
}

# sleeps longer each time, up to a minute
rest() {
  attended sleep "$pause"
  pause=$((pause * 2))
  if [ "$pause" -gt 60 ]; then pause=60; fi
}
`;
