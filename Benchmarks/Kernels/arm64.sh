#!/bin/sh
# The C target for arm64, run under qemu: NEON beside portable, and the simulator's counts beside this processor's.
# Needs aarch64-linux-gnu-gcc's headers and libraries, qemu-aarch64 and clang. Usage: arm64.sh
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
for tool in "${CC:-clang}" qemu-aarch64 aarch64-linux-gnu-gcc; do
  command -v "$tool" > /dev/null || { echo "arm64.sh: no $tool" >&2; exit 1; }
done
sources="$root/Benchmarks/Kernels/arm64.c $root/Sources/MicroKernels/MicroKernels.c \
  $root/Sources/MicroKernels/CacheSimulator.c $root/Sources/MicroKernels/HardwareCounters.c"
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
flags="-O2 -Wall -Wextra -Werror -I$root/Sources/MicroKernels/include"
# shellcheck disable=SC2086
${CC:-clang} $flags $sources -lm -o "$folder/here"
# shellcheck disable=SC2086
${CC:-clang} --target=aarch64-linux-gnu --gcc-install-dir="$(dirname "$(aarch64-linux-gnu-gcc -print-libgcc-file-name)")" \
  -isystem /usr/aarch64-linux-gnu/include -B/usr/aarch64-linux-gnu/lib -L/usr/aarch64-linux-gnu/lib -fuse-ld=lld -static \
  $flags $sources -lm -o "$folder/arm64"
echo "here:"; "$folder/here" | tee "$folder/here.txt"
echo "arm64:"; qemu-aarch64 "$folder/arm64" | tee "$folder/arm64.txt"
[ "$(grep simulator "$folder/here.txt")" = "$(grep simulator "$folder/arm64.txt")" ]
