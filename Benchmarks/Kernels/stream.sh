#!/bin/sh
# Triad beside the same loop in C on one thread, in turns. Usage: stream.sh ROOFTREE
set -eu
folder=$(dirname "$0")
${CC:-clang} -O3 -march=native "$folder/stream.c" -o /tmp/rooftree-stream
for round in 1 2 3 4 5 6 7 8; do
  c=$(/tmp/rooftree-stream | cut -d' ' -f1)
  ours=$("$1" bench stream-triad --threads 1 --format json | sed -n 's/ *"seconds": \(.*\),/\1/p')
  echo "$c $ours"
done | awk '{ if (!a || $1 < a) a = $1; if (!b || $2 < b) b = $2 }
  END { n = 3 * 4 * 16777216; printf "C %.1f GB/s, rooftree %.1f GB/s, share %.3f (at least 0.95)\n", n/a/1e9, n/b/1e9, a/b; exit a/b < 0.95 }'
