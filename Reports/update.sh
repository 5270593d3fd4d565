#!/usr/bin/env bash
# Writes every computed report again; .ci/run fails when that changes one. Usage: Reports/update.sh [ROOFTREE]
set -euo pipefail
cd "$(dirname "$0")/.."
rooftree="${1:-.build/release/rooftree}"
if [ $# -eq 0 ]; then swift build -c release --product rooftree; fi

three=(gpt-3-175b llama-3-70b mixtral-8x7b --on h100-sxm)
"$rooftree" compare "${three[@]}" --explain --format markdown --output Reports/architecture-comparison.md
"$rooftree" compare "${three[@]}" --cite --format csv --output Reports/architecture-comparison.csv
"$rooftree" attention --on a100-sxm-40gb --batch-size 64 --heads 16 --length 1024 --head-dim 64 --mask --dropout \
  --backward --format markdown --output Reports/flash-attention.md
"$rooftree" analyze mixtral-8x7b --on h100-sxm --phase decode --batch-size 16 --router zipf:0.5 --format markdown \
  --output Reports/mixtral-decode.md
