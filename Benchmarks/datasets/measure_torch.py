#!/usr/bin/env python3
"""Times kernels on the first CUDA GPU with CUDA events and prints measured runs (CSV). Needs PyTorch."""
import csv
import sys

import torch
import torch.nn.functional as F

COLUMNS = ["source", "gpu", "framework", "version", "kernel", "dtype", "m", "n", "k", "batch", "seq_q", "seq_kv",
           "heads_q", "heads_kv", "head_dim", "window", "time_us", "kv_dtype", "experts", "topk", "hidden",
           "intermediate", "tokens", "distribution", "gated", "moe_tp", "moe_ep"]


def microseconds(call, repeat=20):
    """Median over single launches, the L2 flushed before each."""
    flush = torch.empty(64 << 20, dtype=torch.int32, device="cuda")
    times = []
    for _ in range(3):
        call()
    for _ in range(repeat):
        flush.zero_()
        start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        start.record()
        call()
        end.record()
        torch.cuda.synchronize()
        times.append(start.elapsed_time(end) * 1e3)
    return sorted(times)[len(times) // 2]


def main():
    writer = csv.DictWriter(sys.stdout, COLUMNS)
    writer.writeheader()
    gpu = torch.cuda.get_device_name().replace(" ", "-").lower()
    base = {"source": "measure_torch", "gpu": gpu, "framework": "torch", "version": torch.__version__,
            "dtype": "bfloat16"}
    half = {"dtype": torch.bfloat16, "device": "cuda"}
    with torch.inference_mode():
        for n, k in [(4096, 4096), (6144, 4096), (28672, 4096), (4096, 14336), (1024, 8192), (8192, 8192)]:
            weight = torch.randn(n, k, **half)
            for m in [1, 4, 16, 64, 128, 512, 2048, 8192]:
                x = torch.randn(m, k, **half)
                writer.writerow({**base, "kernel": "gemm", "m": m, "n": n, "k": k,
                                 "time_us": microseconds(lambda: F.linear(x, weight))})
        for heads, kv, length in [(32, 8, 128), (32, 8, 1024), (32, 8, 4096), (16, 16, 2048), (64, 8, 2048)]:
            for batch in [1, 4]:
                q = torch.randn(batch, heads, length, 128, **half)
                cache = torch.randn(2, batch, kv, length, 128, **half)
                row = {**base, "batch": batch, "heads_q": heads, "heads_kv": kv, "head_dim": 128, "window": 0,
                       "seq_kv": length, "kv_dtype": "bfloat16"}
                writer.writerow({**row, "kernel": "attention_prefill", "seq_q": length, "time_us": microseconds(
                    lambda: F.scaled_dot_product_attention(q, *cache, is_causal=True, enable_gqa=True))})
                token = q[:, :, :1].contiguous()
                writer.writerow({**row, "kernel": "attention_decode", "seq_q": 1, "time_us": microseconds(
                    lambda: F.scaled_dot_product_attention(token, *cache, enable_gqa=True))})
        for width in [2048, 4096, 8192]:
            scale = torch.ones(width, **half)
            for m in [1, 16, 128, 1024, 8192]:
                x = torch.randn(m, width, **half)
                writer.writerow({**base, "kernel": "rmsnorm", "m": m, "k": width, "time_us": microseconds(
                    lambda: F.rms_norm(x, (width,), scale))})
        moe(writer, base, half)


def moe(writer, base, half):
    """A grouped expert layer written as one product per active expert (no fused kernel is assumed)."""
    experts, topk, hidden, inner = 8, 2, 4096, 2048
    up = torch.randn(experts, 2 * inner, hidden, **half)
    down = torch.randn(experts, hidden, inner, **half)
    for tokens in [1, 8, 64, 512, 2048]:
        x = torch.randn(tokens, hidden, **half)
        chosen = torch.rand(tokens, experts, device="cuda").topk(topk, dim=1).indices
        rows = [(chosen == expert).any(dim=1).nonzero().squeeze(1) for expert in range(experts)]

        def layer():
            out = torch.zeros_like(x)
            for expert, index in enumerate(rows):
                if index.numel():
                    gate, value = F.linear(x[index], up[expert]).chunk(2, dim=1)
                    out.index_add_(0, index, F.linear(F.silu(gate) * value, down[expert]))
            return out

        writer.writerow({**base, "kernel": "moe", "experts": experts, "topk": topk, "hidden": hidden,
                         "intermediate": inner, "tokens": tokens, "distribution": "balanced", "gated": 1,
                         "moe_tp": 1, "moe_ep": 1, "time_us": microseconds(layer)})


if __name__ == "__main__":
    main()
