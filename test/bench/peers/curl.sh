#!/bin/sh
# Polls as people do without a client: curl signs, jq reads. Asked like the others: "poll N" on standard input.
while read -r what count; do
  if [ "$what" = poll ]; then
    while [ "$count" -gt 0 ]; do
      curl --silent --show-error --fail --digest --user "$BENCH_KEY" "$1" |
        jq --exit-status --raw-output '[.status, .readyForCutover, .lagTimeSeconds] | @tsv' >/dev/null || exit 1
      count=$((count - 1))
    done
  fi
  echo done
done
