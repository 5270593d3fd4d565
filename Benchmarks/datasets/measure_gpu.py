#!/usr/bin/env python3
"""Measures kernels on this machine's GPU through PyTorch and writes measured runs to standard output.

Usage: measure_gpu.py --gpu NAME [--seconds 600]

CUDA events around repeated launches, the median of the repetitions; operands cycle through copies so that weights do not
stay in the L2 cache. Rows are written as they are measured: interrupting keeps them.
"""
import argparse
import itertools
import statistics
import time

import torch
import torch.nn.functional as functional

from columns import Writer


def timed(launch, copies, repetitions=15):
    """Median microseconds of one launch."""
    for index in range(3):
        launch(index % copies)
    torch.cuda.synchronize()
    samples = []
    for index in range(repetitions):
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        launch(index % copies)
        end.record()
        end.synchronize()
        samples.append(start.elapsed_time(end) * 1000)
    return round(statistics.median(samples), 3)


def products():
    for m, n, k in itertools.product((1, 8, 64, 256, 1024, 4096), (1024, 4096, 14336), (1024, 4096, 8192)):
        copies = max(1, min(8, 200_000_000 // (n * k * 2)))
        left = torch.randn(m, k, device="cuda", dtype=torch.bfloat16)
        weights = [torch.randn(n, k, device="cuda", dtype=torch.bfloat16) for _ in range(copies)]
        yield dict(kernel="gemm", dtype="bfloat16", m=m, n=n, k=k), lambda i: functional.linear(left, weights[i]), copies


def prefill():
    for batch, length, heads, stored in itertools.product((1, 4), (256, 1024, 4096), (16, 32), (8, 16)):
        shape = lambda count: torch.randn(batch, count, length, 128, device="cuda", dtype=torch.bfloat16)
        q, k, v = shape(heads), shape(stored), shape(stored)
        cells = dict(
            kernel="attention_prefill", dtype="bfloat16", kv_dtype="bfloat16", batch=batch, seq_q=length, seq_kv=length,
            heads_q=heads, heads_kv=stored, head_dim=128, window=0)
        yield cells, lambda i: functional.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True), 1


def decode():
    for batch, length, heads, stored in itertools.product((1, 8, 64), (512, 4096, 16384), (32,), (4, 8, 32)):
        if batch * length * stored * 512 > 8e9:
            continue
        q = torch.randn(batch, heads, 1, 128, device="cuda", dtype=torch.bfloat16)
        k, v = (torch.randn(batch, stored, length, 128, device="cuda", dtype=torch.bfloat16) for _ in range(2))
        cells = dict(
            kernel="attention_decode", dtype="bfloat16", kv_dtype="bfloat16", batch=batch, seq_q=1, seq_kv=length,
            heads_q=heads, heads_kv=stored, head_dim=128, window=0)
        yield cells, lambda i: functional.scaled_dot_product_attention(q, k, v, enable_gqa=True), 1


def norms():
    for m, k in itertools.product((1, 16, 128, 1024, 8192), (2048, 4096, 8192)):
        x, weight = torch.randn(m, k, device="cuda", dtype=torch.float16), torch.ones(k, device="cuda", dtype=torch.float16)
        yield dict(kernel="rmsnorm", dtype="float16", m=m, k=k), lambda i: functional.rms_norm(x, (k,), weight), 1


def experts():
    """A grouped feed-forward as eager PyTorch runs it: one expert after the other."""
    for tokens, count, top, hidden, inner in itertools.product((1, 16, 256, 2048), (8,), (2,), (2048, 4096), (4096,)):
        up = torch.randn(count, hidden, 2 * inner, device="cuda", dtype=torch.bfloat16)
        down = torch.randn(count, inner, hidden, device="cuda", dtype=torch.bfloat16)
        x = torch.randn(tokens, hidden, device="cuda", dtype=torch.bfloat16)
        chosen = torch.stack([torch.randperm(count)[:top] for _ in range(tokens)]).cuda()

        def layer(_):
            out = torch.zeros_like(x)
            for expert in range(count):
                rows = (chosen == expert).any(1).nonzero().squeeze(1)
                if len(rows):
                    gate, value = (x[rows] @ up[expert]).chunk(2, -1)
                    out.index_add_(0, rows, (functional.silu(gate) * value) @ down[expert])
            return out

        yield dict(
            kernel="moe", dtype="bfloat16", experts=count, topk=top, hidden=hidden, intermediate=inner, tokens=tokens,
            moe_tp=1, moe_ep=1, distribution="uniform", gated=1), layer, 1


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--gpu", required=True)
    arguments.add_argument("--seconds", type=float, default=600)
    options = arguments.parse_args()
    if not torch.cuda.is_available():
        raise SystemExit("no CUDA device here")
    writer = Writer()
    end = time.monotonic() + options.seconds
    version = torch.__version__.split("+")[0]
    for kind in (products, prefill, decode, norms, experts):
        for cells, launch, copies in kind():
            if time.monotonic() > end:
                return
            writer.write(gpu=options.gpu, framework="pytorch", version=version, time_us=timed(launch, copies), **cells)


if __name__ == "__main__":
    main()
