#!/usr/bin/env python3
"""Vidur's profiling CSVs (data/profiling/compute/*/*/mlp.csv) to measured runs. Usage: vidur.py FOLDER > runs.csv"""
import csv
import pathlib
import sys

COLUMNS = ["source", "gpu", "framework", "version", "kernel", "dtype", "m", "n", "k", "world_size", "op",
           "kernel_source", "time_us"]


def rows(path):
    gpu = {"a100": "a100_sxm", "h100": "h100_sxm"}.get(path.parts[-4] if path.parts[-4] in ("a100", "h100", "a40")
                                                       else path.parts[-3], path.parts[-4])
    for row in csv.DictReader(path.open()):
        tokens, ranks = int(row["num_tokens"]), int(row["num_tensor_parallel_workers"])
        hidden, inner = int(row["n_embd"]), int(row["n_expanded_embd"])
        heads, kv = int(row["n_head"]), int(row["n_kv_head"])
        head = hidden // heads
        gated = row.get("use_gated_mlp", "True") in ("True", "1", "true")
        qkv = (heads + 2 * kv) * head // ranks
        kernels = {
            "attn_pre_proj": ("gemm", qkv, hidden), "attn_post_proj": ("gemm", hidden, hidden // ranks),
            "mlp_up_proj": ("gemm", inner * (2 if gated else 1) // ranks, hidden),
            "mlp_down_proj": ("gemm", hidden, inner // ranks), "input_layernorm": ("rmsnorm", "", hidden),
            "mlp_act": ("silu_mul", "", 2 * inner // ranks), "attn_rope": ("rope", "", qkv),
            "add": ("residual_add", "", hidden)}
        for op, (kernel, n, k) in kernels.items():
            milliseconds = row.get(f"time_stats.{op}.median")
            if milliseconds and float(milliseconds) > 0:
                yield {"source": "vidur", "gpu": gpu, "framework": "sarathi", "version": "vidur", "kernel": kernel,
                       "dtype": "float16", "m": tokens, "n": n, "k": k, "world_size": ranks, "op": op,
                       "kernel_source": row.get("model_name", ""), "time_us": float(milliseconds) * 1e3}


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    writer = csv.DictWriter(sys.stdout, COLUMNS)
    writer.writeheader()
    for path in sorted(pathlib.Path(sys.argv[1]).rglob("mlp.csv")):
        writer.writerows(rows(path))


if __name__ == "__main__":
    main()
