import { SCRIPT_PRELUDE } from './script-prelude';

/** What the script is told by its environment. */
export interface ArchiveVariables {
  /** Directory that the server looks for versions in. */
  readonly MODEL_ROOT: string;
  /** Number under which the model is published. */
  readonly MODEL_VERSION: string;
  readonly MODEL_URL: string;
  /** Protocols of the URL and of those that it leads to, as curl has them. */
  readonly MODEL_PROTOCOLS: string;
  readonly MODEL_SHA256: string;
  /** File with a bearer token; an empty one where there is none. */
  readonly MODEL_TOKEN_FILE: string;
  /** Seconds until it gives up. */
  readonly MODEL_BUDGET: string;
  /** Seconds after which a download that hardly moves is cut off. */
  readonly MODEL_STALL: string;
}

/**
 * Downloads an archive with a checksum, unpacks it beside the published versions, and publishes the one model in it by a
 * rename. What is published already is left alone; a download that was cut off goes on where it stopped, also in the next
 * run. Needs sh, curl 7.83, tar, gzip, sha256sum, find and od.
 */
export const ARCHIVE_SCRIPT = `${SCRIPT_PRELUDE}
target="$MODEL_ROOT/$MODEL_VERSION"
archive="$incoming/archive"
unpacked="$incoming/unpacked"
status="$incoming/status"
newline='
'

if [ -d "$target" ]; then
  echo "Version $MODEL_VERSION is there already."
  exit 0
fi
mkdir -p "$incoming"

credentials() {
  if [ -s "$MODEL_TOKEN_FILE" ]; then printf 'header = "Authorization: Bearer %s"\\n' "$(cat "$MODEL_TOKEN_FILE")"; fi
}

# the token goes by its input, where no list of processes shows it
download() {
  exec curl --config - --globoff --silent --show-error --fail --location \\
    --proto "$MODEL_PROTOCOLS" --proto-redir "$MODEL_PROTOCOLS" --connect-timeout 10 --max-time "$1" \\
    --speed-limit 1024 --speed-time "$MODEL_STALL" \\
    --continue-at - --output "$archive" --write-out '%{http_code}' "$MODEL_URL" <<END
$(credentials)
END
}

checksum() {
  sha256sum <"$archive" | cut -c 1-64
}

wrong=0
verified() {
  found=$(checksum)
  [ "$found" = "$MODEL_SHA256" ]
}

complete=
if [ -f "$archive" ] && verified; then complete=yes; fi
until [ -n "$complete" ]; do
  left=$(seconds_left)
  if [ "$left" -le 0 ]; then give_up "$MODEL_URL could not be downloaded within $MODEL_BUDGET s."; fi
  code=0
  attended download "$left" >"$status" || code=$?
  answer=$(cat "$status")
  case "$code:$answer" in
    # the server cannot go on in the middle, or has less than is here already
    33:* | *:416)
      rm -f "$archive"
      rest
      ;;
    0:*)
      if verified; then break; fi
      rm -f "$archive"
      wrong=$((wrong + 1))
      if [ "$wrong" -ge 2 ]; then give_up "$MODEL_URL has the SHA-256 $found, not $MODEL_SHA256."; fi
      echo "The download has the SHA-256 $found, not $MODEL_SHA256: it starts over." >&2
      ;;
    1:*) give_up "$MODEL_URL leads to an address of another protocol." ;;
    22:401 | 22:403 | 22:404 | 22:410) give_up "$MODEL_URL answers $answer." ;;
    23:*) give_up "The volume has no room for $MODEL_URL." ;;
    *)
      echo "The download broke off (curl ends with $code, HTTP $answer): it goes on in $pause s." >&2
      rest
      ;;
  esac
done

case $(od -An -tx1 -N2 "$archive") in
  *1f*8b*) compression=z ;;
  *50*4b*) give_up "$MODEL_URL is a zip archive: pack the model as .tar.gz." ;;
  *) compression= ;;
esac
rm -rf "$unpacked"
mkdir "$unpacked"
tar -x"$compression"f "$archive" -C "$unpacked" || give_up "$MODEL_URL cannot be unpacked as .tar or .tar.gz, or the volume has no room for it."
chmod -R u+rwX "$unpacked"

model=$(find "$unpacked" -name saved_model.pb -o -name saved_model.pbtxt)
case "$model" in
  '') give_up "$MODEL_URL holds no saved_model.pb." ;;
  *"$newline"*) give_up "$MODEL_URL holds more than one model: $model" ;;
esac
model=$(dirname "$model")
strange=$(find "$model" ! -type f ! -type d)
if [ -n "$strange" ]; then give_up "$MODEL_URL holds what is neither file nor directory: $strange"; fi

mv "$model" "$target"
rm -rf "$incoming"
echo "Version $MODEL_VERSION is published."
`;
