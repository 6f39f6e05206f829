import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Puts a program named `aws` into a directory, which treats the directory `bucket` beside it as s3://bucket, as `aws s3 ls`
 * and `aws s3 sync` would. It notes its calls in `calls`. Each line of `faults` is a word for one `sync`: `break` ends it
 * after its first file, `grow` lets a file come to the bucket behind its back, and `ok` does nothing.
 */
export function fakeAws(directory: string): { env: { [name: string]: string }; calls(): string[] } {
  const program = join(directory, 'aws');
  writeFileSync(program, PROGRAM);
  chmodSync(program, 0o755);
  const calls = join(directory, 'calls');
  return {
    env: { PATH: `${directory}:${process.env.PATH}`, FAKE: directory },
    calls: () => (existsSync(calls) ? readFileSync(calls, 'utf8').split('\n').filter(Boolean) : []),
  };
}

const PROGRAM = `#!/bin/sh
set -eu
while [ "$1" != s3 ]; do shift; done
shift
verb=$1
from="$FAKE/bucket/$(echo "$2" | sed 's,^s3://bucket/,,')"
if [ -e "$FAKE/down" ]; then echo 'Could not connect' >&2; exit 255; fi
case $verb in
  ls)
    echo "ls $2" >>"$FAKE/calls"
    found=1
    for entry in "$from"*; do
      if [ ! -e "$entry" ]; then continue; fi
      found=0
      if [ -d "$entry" ]; then echo "                           PRE $(basename "$entry")/"; else echo "2026-01-01 00:00:00 5 $(basename "$entry")"; fi
    done
    exit $found
    ;;
  sync)
    to=$3
    shift 3
    case " $* " in
      *' --delete --exact-timestamps --dryrun '*)
        echo "compare $from" | sed "s,$FAKE/,," >>"$FAKE/calls"
        if [ -d "$from" ]; then diff -rq "$from" "$to" || :; fi
        ;;
      *' --delete --exact-timestamps --only-show-errors '*)
        echo "sync $from" | sed "s,$FAKE/,," >>"$FAKE/calls"
        fault=ok
        if [ -s "$FAKE/faults" ]; then
          fault=$(head -n 1 "$FAKE/faults")
          tail -n +2 "$FAKE/faults" >"$FAKE/faults.left"
          mv "$FAKE/faults.left" "$FAKE/faults"
        fi
        if [ "$fault" = break ]; then
          cp "$from/saved_model.pb" "$to/"
          echo 'Read timeout' >&2
          exit 1
        fi
        rm -rf "$to"
        if [ -d "$from" ]; then cp -R "$from" "$to"; else mkdir "$to"; fi
        if [ "$fault" = grow ]; then echo more >"$from/more"; fi
        ;;
      *) exit 252 ;;
    esac
    ;;
  *) exit 252 ;;
esac
`;
