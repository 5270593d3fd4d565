"""Tiled and naive attention beside PyTorch's CPU scaled_dot_product_attention; says so where PyTorch is missing."""

import sys
import time

from common import bench


def main(rooftree):
    for length in (512, 1024, 2048, 4096):
        ours = bench(rooftree, "attention-naive", "attention-flash", "--context-len", str(length), "--threads", "1")
        naive, flash = ours["attention-naive"]["seconds"], ours["attention-flash"]["seconds"]
        line = f"length {length}: naive {naive * 1e3:.1f} ms, tiled {flash * 1e3:.1f} ms, naive/tiled {naive / flash:.2f}"
        try:
            import torch

            torch.set_num_threads(1)
            q = torch.rand(1, 8, length, 128)
            k, v = (torch.rand(1, 8, length, 128) for _ in range(2))
            times = []
            for _ in range(5):
                start = time.perf_counter()
                torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True)
                times.append(time.perf_counter() - start)
            line += f", PyTorch {min(times) * 1e3:.1f} ms"
        except ImportError:
            line += ", PyTorch not installed"
        print(line)


if __name__ == "__main__":
    main(sys.argv[1])
