"""sgemm 1,024 cubed and sgemv 4,096 squared beside OpenBLAS, one thread, in turns; exit 1 below the bounds."""

import os
import sys
import time

os.environ["OPENBLAS_NUM_THREADS"] = "1"
# OpenBLAS falls back to AVX2 on processors newer than itself; let it use AVX-512 where there is any.
if "avx512f" in open("/proc/cpuinfo").read():
    os.environ.setdefault("OPENBLAS_CORETYPE", "SKYLAKEX")
import numpy as np  # noqa: E402
from common import bench  # noqa: E402


def best(body, budget=0.5):
    times, end = [], time.perf_counter() + budget
    while time.perf_counter() < end:
        start = time.perf_counter()
        body()
        times.append(time.perf_counter() - start)
    return min(times)


def main(rooftree):
    a, b, c = (np.random.rand(1024, 1024).astype(np.float32) for _ in range(3))
    w, x, y = np.random.rand(4096, 4096).astype(np.float32), np.random.rand(4096).astype(np.float32), np.empty(4096, np.float32)
    ours = {"gemm": [], "gemv": []}
    theirs = {"gemm": [], "gemv": []}
    for _ in range(4):
        ours["gemm"].append(bench(rooftree, "--gemm", "1024,1024,1024", "--threads", "1")["gemm"]["seconds"])
        theirs["gemm"].append(best(lambda: np.matmul(a, b.T, out=c)))
        ours["gemv"].append(bench(rooftree, "gemv", "--threads", "1")["gemv"]["seconds"])
        theirs["gemv"].append(best(lambda: np.matmul(w, x, out=y)))
    failed = False
    for name, flops, bound in (("gemm", 2 * 1024**3, 0.9), ("gemv", 2 * 4096**2, 1.0)):
        mine, other = min(ours[name]), min(theirs[name])
        share = other / mine
        failed |= share < bound
        print(f"{name}: rooftree {flops / mine / 1e9:.1f} GFLOP/s, OpenBLAS {flops / other / 1e9:.1f}, share {share:.3f} (at least {bound})")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
