import { SCRIPT_PRELUDE } from './script-prelude';

/** What the scripts are told by their environment, besides what the AWS CLI reads there. */
export interface S3Variables {
  /** Directory that the server looks for versions in. */
  readonly MODEL_ROOT: string;
  /** Directory of the bucket that holds the version directories, without a slash at its end. */
  readonly MODEL_URI: string;
  /** Numbers with spaces between them, or `newest`. */
  readonly MODEL_VERSIONS: string;
  /** Seconds until a run, or one look for a newer version, gives up. */
  readonly MODEL_BUDGET: string;
  /** Seconds between two looks. */
  readonly MODEL_POLL?: string;
}

const COMMANDS = `${SCRIPT_PRELUDE}
s3() {
  left=$(seconds_left)
  if [ "$left" -le 0 ]; then return 124; fi
  timeout "$left" aws --cli-connect-timeout 10 --cli-read-timeout 60 s3 "$@"
}

# versions of the bucket, the newest first
versions() {
  listing=$(s3 ls "$MODEL_URI/") || [ "$?" -eq 1 ] || return 1
  printf '%s\\n' "$listing" | while IFS=' /' read -r kind name more; do
    if [ "$kind" != PRE ] || [ -n "$more" ]; then continue; fi
    case "$name" in
      '' | *[!0-9]* | ???????????????????*) ;;
      *) echo "$name" ;;
    esac
  done | sort -rn
}

# the newest version that has its saved_model.pb, or nothing
newest() {
  candidates=$(versions) || return 1
  for candidate in $candidates; do
    code=0
    s3 ls "$MODEL_URI/$candidate/saved_model.pb" >/dev/null || code=$?
    case "$code" in
      0)
        echo "$candidate"
        return 0
        ;;
      1) ;;
      *) return 1 ;;
    esac
  done
}

sync() {
  s3 sync "$MODEL_URI/$1/" "$incoming/$1" --delete --exact-timestamps "$2"
}

# whether all is here as the bucket has it
complete() {
  difference=$(sync "$1" --dryrun) && [ -z "$difference" ]
}

fetch() {
  mkdir -p "$incoming/$1"
  sync "$1" --only-show-errors || return 1
  if [ ! -f "$incoming/$1/saved_model.pb" ] && [ ! -f "$incoming/$1/saved_model.pbtxt" ]; then
    echo "$MODEL_URI/$1/ holds no saved_model.pb." >&2
    return 1
  fi
  complete "$1" || {
    echo "$MODEL_URI/$1/ changed while it was read." >&2
    return 1
  }
}

publish() {
  mv "$incoming/$1" "$MODEL_ROOT/$1" || return 1
  echo "Version $1 is published."
}
`;

/**
 * Brings versions of a bucket into the pod and publishes each by a rename. What is published already is left alone; of what
 * was cut off, whole files are not downloaded again. Needs sh, the AWS CLI 2.15, timeout and sort.
 */
export const S3_SCRIPT = `${COMMANDS}
wanted="$MODEL_VERSIONS"
if [ "$wanted" = newest ]; then
  for directory in "$MODEL_ROOT"/*/; do
    if [ -d "$directory" ]; then
      echo "$(basename "$directory") is there already."
      exit 0
    fi
  done
fi

bring() {
  if [ "$wanted" = newest ]; then
    version=$(newest) || return 1
    if [ -z "$version" ]; then
      echo "$MODEL_URI/ holds no version with a saved_model.pb." >&2
      return 1
    fi
    wanted="$version"
  fi
  for version in $wanted; do
    if [ ! -d "$MODEL_ROOT/$version" ]; then
      fetch "$version" || return 1
      publish "$version" || return 1
    fi
  done
}

until bring; do
  if [ "$(seconds_left)" -le "$pause" ]; then give_up "$MODEL_URI/ could not be read within $MODEL_BUDGET s."; fi
  echo "Tries again in $pause s." >&2
  rest
done
rm -rf "$incoming"
`;

/**
 * Follows the newest version of a bucket for as long as the pod lives. A version is published when a look has found nothing
 * changed in it since the one before. One older version stays until room is needed for the next one; a version that leaves
 * the bucket leaves the pod when another one has taken its place. No failure ends it: the pod serves what it has.
 */
export const S3_FOLLOW_SCRIPT = `${COMMANDS}
seen=

# out of the server's sight by one rename
retire() {
  rm -rf "$incoming/retired"
  mv "$MODEL_ROOT/$1" "$incoming/retired" || return 1
  rm -rf "$incoming/retired"
}

published() {
  for directory in "$MODEL_ROOT"/*/; do
    if [ -d "$directory" ]; then basename "$directory"; fi
  done | sort -rn
}

make_room() {
  kept=
  for version in $(published); do
    if [ -n "$kept" ]; then retire "$version"; fi
    kept="$version"
  done
  for leftover in "$incoming"/*/; do
    if [ -d "$leftover" ] && [ "$(basename "$leftover")" != "$1" ]; then rm -rf "$leftover"; fi
  done
}

look() {
  mkdir -p "$incoming" || return 1
  latest=$(newest) || return 1
  if [ -z "$latest" ]; then
    echo "$MODEL_URI/ holds no version with a saved_model.pb: the pod keeps what it has." >&2
    return 1
  fi
  if [ ! -d "$MODEL_ROOT/$latest" ]; then
    if [ "$seen" != "$latest" ] || ! complete "$latest"; then
      seen=
      make_room "$latest"
      fetch "$latest" || return 1
      seen="$latest"
      return 0
    fi
    publish "$latest" || return 1
  fi
  for version in $(published); do
    if [ "$version" -gt "$latest" ]; then retire "$version"; fi
  done
}

while :; do
  attended sleep "$MODEL_POLL"
  began=$(date +%s)
  look || echo "Looks again in $MODEL_POLL s." >&2
done
`;
