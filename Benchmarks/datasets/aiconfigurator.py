#!/usr/bin/env python3
"""Turns aiconfigurator's *_perf.parquet tables into measured runs on standard output.

Usage: aiconfigurator.py WHEEL_OR_CHECKOUT --gpu h100_sxm [--framework vllm]
"""
import argparse
import io
import pathlib
import zipfile

import pyarrow.parquet as parquet

from columns import Writer


def tables(source, gpu):
    """(file name, rows) of every table of a device."""
    marker = f"systems/data/{gpu}/"
    if source.is_file():
        with zipfile.ZipFile(source) as wheel:
            for name in sorted(wheel.namelist()):
                if marker in name and name.endswith(".parquet"):
                    yield name, parquet.read_table(io.BytesIO(wheel.read(name)), use_threads=False).to_pylist()
        return
    for path in sorted(source.rglob("*.parquet")):
        if marker in path.as_posix():
            yield path.as_posix(), parquet.read_table(path, use_threads=False).to_pylist()


def number_format(name):
    return {"half": "float16", "fp16": "float16"}.get(name, name)


def gemm(row):
    return dict(kernel="gemm", dtype=row["gemm_dtype"], m=row["m"], n=row["n"], k=row["k"])


def attention(row, prefill):
    queries = row["isl"] if prefill else 1
    keys = row["isl"] if prefill else row["isl"] + row["step"]
    heads = row["num_heads"]
    return dict(
        kernel="attention_prefill" if prefill else "attention_decode", dtype=row["attn_dtype"],
        kv_dtype=row["kv_cache_dtype"], batch=row["batch_size"], seq_q=queries, seq_kv=keys, heads_q=heads,
        heads_kv=row["num_key_value_heads"] or heads, head_dim=row["head_dim"], window=row.get("window_size") or 0)


def latent(row, prefill):
    keys = row["isl"] if prefill else row["isl"] + row["step"]
    # Of one GPU already, whatever tp_size says.
    heads = row["num_heads"]
    return dict(
        kernel="mla_prefill" if prefill else "mla_decode", dtype=row["mla_dtype"], kv_dtype=row["kv_cache_dtype"],
        batch=row["batch_size"], seq_q=row["isl"] if prefill else 1, seq_kv=keys, heads_q=heads,
        heads_kv=heads if prefill else 1, head_dim=192 if prefill else 576)


def mixture(row):
    return dict(
        kernel="moe", dtype=row["moe_dtype"], experts=row["num_experts"], topk=row["topk"], hidden=row["hidden_size"],
        intermediate=row["inter_size"], tokens=row["num_tokens"], moe_tp=row["moe_tp_size"], moe_ep=row["moe_ep_size"],
        distribution=row["distribution"], gated=1)


def nccl(row):
    kernels = {"all_gather": "all_gather", "all_reduce": "allreduce", "reduce_scatter": "reduce_scatter", "alltoall": "alltoall"}
    if row["op_name"] not in kernels:
        return None
    size = 2 if row["nccl_dtype"] in ("half", "bfloat16") else 1
    return dict(
        kernel=kernels[row["op_name"]], dtype=number_format(row["nccl_dtype"]), world_size=row["num_gpus"],
        message_bytes=row["message_size"] * size)


def all_reduce(row):
    return dict(
        kernel="allreduce", dtype=row["allreduce_dtype"], world_size=row["num_gpus"], message_bytes=row["message_size"] * 2)


READERS = {
    "gemm_perf": gemm,
    "context_attention_perf": lambda row: attention(row, True),
    "generation_attention_perf": lambda row: attention(row, False),
    "context_mla_perf": lambda row: latent(row, True),
    "generation_mla_perf": lambda row: latent(row, False),
    "moe_perf": mixture,
    "nccl_perf": nccl,
    "custom_allreduce_perf": all_reduce,
    "scale_matrix_perf": lambda row: dict(kernel="quantize_fp8", dtype=row["quant_dtype"], m=row["m"], k=row["k"]),
}


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("source", type=pathlib.Path)
    arguments.add_argument("--gpu", required=True)
    arguments.add_argument("--framework", help="only this one (vllm, trtllm, sglang, nccl)")
    options = arguments.parse_args()
    writer = Writer()
    for name, rows in tables(options.source, options.gpu):
        parts = name.split("/")
        reader = READERS.get(parts[-1].removesuffix(".parquet"))
        framework, version = parts[-3], parts[-2]
        if reader is None or (options.framework and framework != options.framework):
            continue
        for row in rows:
            cells = reader(row)
            if cells is not None:
                # Tables hold milliseconds.
                writer.write(
                    gpu=options.gpu, framework=framework, version=version, time_us=round(row["latency"] * 1000, 4), **cells)


if __name__ == "__main__":
    main()
