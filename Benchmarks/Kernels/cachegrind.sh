#!/bin/sh
# Three kernels in a 32 KiB, 16-way cache: cachegrind's misses less an empty run's, beside the simulator's bytes.
# Exit 1 where they differ by more than 3 %. Usage: cachegrind.sh ROOFTREE
set -eu
for tool in valgrind "${CC:-clang}" "$1"; do
  command -v "$tool" > /dev/null || { echo "cachegrind.sh: no $tool" >&2; exit 1; }
done
root=$(cd "$(dirname "$0")/../.." && pwd)
${CC:-clang} -O2 -I"$root/Sources/MicroKernels/include" "$root/Benchmarks/Kernels/witness.c" \
  "$root/Sources/MicroKernels/MicroKernels.c" -o /tmp/rooftree-witness
misses() {
  valgrind --tool=cachegrind --cache-sim=yes --D1=32768,16,64 --cachegrind-out-file=/dev/null \
    /tmp/rooftree-witness "$1" 2>&1 | awk '/D1  misses/ { gsub(",", ""); print $4 }'
}
empty=$(misses none)
"$1" crosscheck --no-timing --format csv > /tmp/rooftree-witness.csv || true
status=0
for kernel in stream-read gemv gemv-bf16; do
  theirs=$(( ($(misses $kernel) - empty) * 64 ))
  ours=$(awk -F, -v k=$kernel '$1 == k && $3 == "32 KiB" { print $6; exit }' /tmp/rooftree-witness.csv)
  awk -v k=$kernel -v a=$ours -v b=$theirs 'BEGIN { d = a / b - 1; printf "%s: simulator %d B, cachegrind %d B, %+.2f %% (within 3)\n", k, a, b, 100 * d; exit d > 0.03 || d < -0.03 }' || status=1
done
exit $status
