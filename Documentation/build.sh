#!/usr/bin/env bash
# Builds the documentation of CostModel, one page per mechanism, into Documentation/build (or $1), with the docc of the
# installed Swift toolchain: nothing is added to the package. Warnings are errors.
set -euo pipefail
cd "$(dirname "$0")/.."
output="${1:-Documentation/build}"
swift="$(dirname "$(readlink -f "$(command -v swift)")")"
docc="$(command -v docc || true)"
[ -n "$docc" ] || docc="$swift/docc"
graphs="$(mktemp -d)"
trap 'rm -rf "$graphs"' EXIT
swift build --target CostModel --scratch-path .build/documentation \
  -Xswiftc -emit-symbol-graph -Xswiftc -emit-symbol-graph-dir -Xswiftc "$graphs"
"$docc" convert Sources/CostModel/CostModel.docc --additional-symbol-graph-dir "$graphs" \
  --fallback-display-name CostModel --fallback-bundle-identifier rooftree.CostModel --warnings-as-errors \
  --output-path "$output"
