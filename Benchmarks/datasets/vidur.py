#!/usr/bin/env python3
"""Turns Vidur's mlp.csv and all_reduce.csv profiles into measured runs on standard output.

Usage: vidur.py CHECKOUT --device a100 --gpu a100_sxm [--network a100_dgx]

Vidur times to whole microseconds and states milliseconds; products, norms and element-wise kernels are taken, and
all-reduces among devices of one node.
"""
import argparse
import csv
import itertools
import pathlib

from columns import Writer


def runs(row):
    tokens = int(row["num_tokens"])
    split = int(row["num_tensor_parallel_workers"])
    hidden = int(row["n_embd"])
    inner = int(row["n_expanded_embd"]) // split
    heads, stored = int(row["n_head"]), int(row["n_kv_head"])
    width = hidden // heads
    gated = row.get("use_gated_mlp", "True") == "True"
    projected = (heads + 2 * stored) * width // split
    yield "attn_pre_proj", dict(kernel="gemm", m=tokens, n=projected, k=hidden)
    yield "attn_post_proj", dict(kernel="gemm", m=tokens, n=hidden, k=hidden // split)
    yield "mlp_up_proj", dict(kernel="gemm", m=tokens, n=inner * (2 if gated else 1), k=hidden)
    yield "mlp_down_proj", dict(kernel="gemm", m=tokens, n=hidden, k=inner)
    if gated:
        yield "mlp_act", dict(kernel="silu_mul", m=tokens, k=2 * inner)
    yield "input_layernorm", dict(kernel="rmsnorm", m=tokens, k=hidden)
    yield "attn_rope", dict(kernel="rope", m=tokens, k=projected)
    yield "add", dict(kernel="residual_add", m=tokens, k=hidden)


def layers(checkout, device):
    for path in sorted((checkout / "data" / "profiling" / "compute" / device).rglob("mlp.csv")):
        with path.open(newline="") as file:
            for row in csv.DictReader(file):
                for operator, cells in runs(row):
                    yield row.get(f"time_stats.{operator}.median"), dict(framework="sarathi", **cells)


def collectives(checkout, network):
    path = checkout / "data" / "profiling" / "network" / network / "all_reduce.csv"
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            if row["num_workers"] == row["devices_per_node"]:
                yield row["time_stats.all_reduce.median"], dict(
                    framework="nccl_vidur", kernel="allreduce", world_size=int(row["num_workers"]),
                    message_bytes=int(row["size"]))


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("checkout", type=pathlib.Path)
    arguments.add_argument("--device", required=True, help="Vidur's name: a100, h100, a40")
    arguments.add_argument("--network", help="Vidur's name: a100_dgx, h100_dgx; without it, no all-reduces")
    arguments.add_argument("--gpu", required=True, help="the name to write")
    options = arguments.parse_args()
    writer = Writer()
    found = layers(options.checkout, options.device)
    if options.network:
        found = itertools.chain(found, collectives(options.checkout, options.network))
    for time, cells in found:
        if time:
            writer.write(
                gpu=options.gpu, version="vidur", dtype="float16", time_us=round(float(time) * 1000, 4), **cells)


if __name__ == "__main__":
    main()
