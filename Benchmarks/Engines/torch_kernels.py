"""PyTorch's CPU kernels as measured runs: python3 torch_kernels.py THREADS > torch.csv, then

    rooftree validate --measurements torch.csv --on here.yaml

holds them against the profile that `rooftree probe --profile here.yaml` wrote; none may beat its bound.
"""

import sys
import time

import torch

torch.set_num_threads(int(sys.argv[1]))


def seconds(body):
    times = []
    for _ in range(12):
        start = time.perf_counter()
        body()
        times.append(time.perf_counter() - start)
    return sorted(times)[len(times) // 2]


print("source,gpu,framework,version,kernel,dtype,kv_dtype,m,n,k,batch,seq_q,seq_kv,heads_q,heads_kv,head_dim,time_us")
head = f"torch_kernels.py,this-machine,torch,{torch.__version__.split('+')[0]}"
with torch.no_grad():
    for name, dtype in (("float32", torch.float32), ("bfloat16", torch.bfloat16)):
        for n, k in ((4096, 4096), (11008, 4096), (4096, 11008)):
            weight = torch.rand(n, k).to(dtype)
            for m in (1, 16, 128):
                x = torch.rand(m, k).to(dtype)
                time_us = 1e6 * seconds(lambda: torch.nn.functional.linear(x, weight))
                print(f"{head},gemm,{name},,{m},{n},{k},,,,,,,{time_us:.2f}")
    for length in (512, 1024):
        q, k, v = (torch.rand(1, 8, length, 128) for _ in range(3))
        time_us = 1e6 * seconds(lambda: torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=True))
        print(f"{head},attention_prefill,float32,float32,,,,1,{length},{length},8,8,128,{time_us:.2f}")
