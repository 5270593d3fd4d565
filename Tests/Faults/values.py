#!/usr/bin/env python3
"""Odd values in every number of every kind of file, and in every option of every command: an end of the contract each time.

    Tests/Faults/values.py .build/release/rooftree [--sample 4000] [--seed 1] [--only model,options] [FILE=COMMAND …]

A trap, a hang, a gigabyte, an undocumented status, JSON that is none, or a time, count or size below zero is a failure. `FILE=COMMAND`
adds a file of one's own, `@` in the command being where its changed copy stands.
"""
import argparse
import concurrent.futures
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

options = argparse.ArgumentParser()
options.add_argument("tool")
options.add_argument("files", nargs="*")
options.add_argument("--sample", type=int, default=4000, help="changed files of each kind, and command lines")
options.add_argument("--seed", type=int, default=1)
options.add_argument("--only", default="", help="kinds, with commas")
options = options.parse_intermixed_args()
tool = os.path.abspath(options.tool)
root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
random.seed(options.seed)
home = tempfile.mkdtemp(prefix="rooftree-values-")
values = """0 -1 -0 1 0.5 3 1e-300 1e300 1e15 9e18 9007199254740993 9223372036854775807 9223372036854775808 18446744073709551616
2147483648 4294967297 1e400 -1e-5 nan inf -inf null true [] {} ~ 0x10 1_000 1,000 1.5.2 x""".split() + ["", '"7"']
# What a number is: no part of a word.
number = re.compile(r"(?<![\w.\"-])-?\d[\d_]*(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w\"])")
signed = re.compile(r"difference|change|delta|headroom|left|skew|position|score|exponent|slope|offset")
JSON = "--format json"


def all_of(folder, ending, count=None):
    names = sorted(name for name in os.listdir(f"{root}/{folder}") if name.endswith(ending))
    return [f"{root}/{folder}/{name}" for name in (random.sample(names, count) if count else names)]


def examples(start):
    return [path for path in all_of("Documentation/examples", "") if os.path.basename(path).startswith(start)]


def result(name, line):
    path = f"{home}/{name}"
    subprocess.run([tool, *line.split(), "--output", path], check=True)
    return path


models = ["analyze @ --on h100-sxm " + JSON, "analyze @ --on xeon-8480 --phase decode -b 7 --ctx 5000 " + JSON,
          "show @ " + JSON, "analyze @ --on h100-sxm:8 --isl 900 --osl 90 " + JSON, "compare @ gpt-2 --on l4 --explain",
          "analyze @ --on l4 --phase decode --gpu-layers 1 " + JSON, "analyze @ --on h100-sxm --max context",
          "analyze @ --on h100-sxm --phase serve --isl 900 --osl 90 --concurrency 20 " + JSON]
runs = ["validate --measurements @ --on h100-sxm " + JSON, "calibrate --measurements @ --on h100-sxm --output -"]
old = result("old.json", "analyze mixtral-8x7b --on h100-sxm")
kinds = {
    "model": (examples("model") + all_of("ModelSpecs", ".yaml", 12), models),
    "hardware": (examples("hardware") + all_of("HardwareProfiles", ".yaml", 12), [
        "analyze gpt-2 --on @ " + JSON, "analyze mixtral-8x7b --on @:8 --phase decode " + JSON, "attention --on @ " + JSON,
        "analyze gpt-2 --on l4 --gpu-layers 3 --host @ " + JSON, "analyze gpt-2 --on @ --clock 1GHz --power 100W " + JSON,
        "validate --measurements RUNS --on @ " + JSON]),
    "calibration": (examples("calibration") + all_of("Calibrations", ".yaml", 4), [
        "analyze mixtral-8x7b --on h100-sxm --calibration @ " + JSON, "validate --measurements RUNS --on h100-sxm --calibration @ " + JSON]),
    "recipe": (examples("recipe") + all_of("EngineRecipes", ".yaml"), [
        "analyze gpt-2 --on h100-sxm --phase serve --isl 900 --osl 90 --concurrency 20 --engine-config @ " + JSON,
        "analyze gpt-2 --on h100-sxm --engine-config @ " + JSON]),
    "plan": (examples("plan"), ["report @ --output out --force"]),
    "runs": (examples("runs") + [f"{root}/Tests/CommandTests/Goldens/runs.csv"], runs),
    "config": (all_of("Tests/ImportTests/Configs", ".json", 24) + all_of("Fuzzing/Corpus", ".config.json"), [
        "import @ " + JSON, "analyze @ --on h100-sxm --phase decode " + JSON, "analyze @ --on h100-sxm:4 --tp 4 " + JSON,
        "show @ " + JSON, "analyze @ --on l4 --images 1 " + JSON]),
    "result": ([old], [f"diff {old} @ {JSON}", f"diff @ {old}"]),
    "own": ([], []),
}
jobs = []
for path, line in (entry.split("=", 1) for entry in options.files):
    kinds[os.path.basename(path)] = ([path], [line])
for kind, (paths, lines) in kinds.items():
    if options.only and kind not in options.only.split(","):
        continue
    changed = []
    for path in paths:
        with open(path, newline="") as file:
            text = file.read()
        changed += [(path, text, match.span(), value, line) for match in number.finditer(text) for value in values for line in lines]
    print(kind, len(paths), "files,", len(changed), "changes", flush=True)
    jobs += [(kind, job) for job in (random.sample(changed, options.sample) if len(changed) > options.sample else changed)]

bases = [
    "models", "hardware", "show mixtral-8x7b", "attention --on l4", "diff OLD OLD", "crosscheck --claims", "import CONFIG",
    "analyze gpt-2 --on l4", "analyze mixtral-8x7b --on h100-sxm --phase decode", "analyze qwen2.5-vl-7b --on l4",
    "analyze t5-xxl --on h100-sxm", "analyze deepseek-v3 --on h200-sxm:8 --isl 90 --osl 9",
    "analyze whisper-large-v3 --on l4 --audio-seconds 3", "analyze gpt-2 --on l4 --phase decode --gpu-layers 3",
    "analyze mixtral-8x7b --on h200-sxm:2 --tp 2 --phase serve --isl 900 --osl 90 --concurrency 20",
    "analyze gpt-2 --on h100-sxm:8 --phase train", "compare gpt-2 mixtral-8x7b --on h100-sxm",
    "crosscheck --no-timing --kernel rmsnorm:rows=3,width=80", "crosscheck --no-timing --kernel rmsnorm:rows=3,width=80 --random 2",
    "bench --kernel rmsnorm:rows=2,width=64 --threads 1 --budget 0.001", "probe --threads 1 --budget 0.001",
    "validate --measurements RUNS --on h100-sxm", "calibrate --measurements RUNS --on h100-sxm --output out.yaml", "report PLAN --output out",
]
words = values + "1e9 100 65537 0.999 1.0000001 1K 2GiB 1e-9s 1,2 2:2 zipf:-1 zipf:nan zipf:1e308 8x8 0x0 -5x3 99999x99999 1GHz 0Hz".split()
# What writes where it likes, or takes the time that it is told.
apart = {"--output", "--charts", "--export", "--profile", "--catalogue", "--study", "--engine", "--save"}
if not options.only or "options" in options.only.split(","):
    lines = []
    for base in bases:
        text = subprocess.run([tool, base.split()[0], "--help"], capture_output=True, text=True).stdout
        for names, value in re.findall(r"^  ((?:-[\w-]+, )*--?[\w-]+)(?: <([^>]+)>)?", text, re.M):
            name = names.split(", ")[-1]
            if name not in apart:
                lines += [f"{base} {name} {word}" for word in words] if value else [f"{base} {name}"]
    for kernel in subprocess.run([tool, "bench", "--help"], capture_output=True, text=True).stdout, :
        lines += [f"crosscheck --no-timing --kernel {name}:{key}={word}" for name in ("gemm", "rmsnorm", "stream-read", "attention")
                  for key in ("m", "rows", "elements", "heads", "length") for word in words]
    print(len(lines), "command lines")
    jobs += [("options", line) for line in (random.sample(lines, options.sample) if len(lines) > options.sample else lines)]


def judge(line, folder):
    try:
        done = subprocess.run(["prlimit", "--as=8000000000", tool, *line.split(" ")], capture_output=True, timeout=60, cwd=folder)
    except subprocess.TimeoutExpired:
        return "takes a minute"
    if done.returncode not in (0, 1, 64, 65, 66, 74):
        return f"{done.returncode}: {done.stderr[-300:]}"
    if done.returncode > 1 and not done.stderr.strip():
        return f"{done.returncode} without a word"
    if done.returncode <= 1 and JSON in line and done.stdout:
        def refuse(constant):
            raise ValueError(constant)

        try:
            below = negative(json.loads(done.stdout, parse_constant=refuse))
        except ValueError as error:
            return f"JSON: {error}"
        if below and not line.startswith("diff"):
            return f"below zero: {below}"


def negative(node, path=""):
    """The first time, count or size below zero."""
    if isinstance(node, dict):
        return next(filter(None, (negative(child, f"{path}.{key}") for key, child in node.items())), None)
    if isinstance(node, list):
        return next(filter(None, (negative(child, path) for child in node)), None)
    if isinstance(node, (int, float)) and node < 0 and re.search("seconds|bytes|flops|parameters|tokens|total", path) and not signed.search(path):
        return f"{path} = {node}"


def run(job):
    kind, content = job
    folder = tempfile.mkdtemp(dir=home)
    try:
        if isinstance(content, str):
            line, what = content, content
        else:
            path, text, (start, end), value, line = content
            copy = f"{folder}/{os.path.basename(path)}"
            with open(copy, "w", newline="") as file:
                file.write(text[:start] + value + text[end:])
            before = text[:start].count("\n") + 1
            what = f"{line}: {os.path.relpath(path, root)}:{before}: {text[start:end]} → {value}"
            line = line.replace("@", copy)
        line = line.replace("RUNS", kinds["runs"][0][-1]).replace("OLD", old).replace("PLAN", examples("plan.")[0])
        line = line.replace("CONFIG", kinds["config"][0][0])
        wrong = judge(line, folder)
        return wrong and f"FAILED {kind}: {what}: {wrong}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


failures = 0
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    for number, wrong in enumerate(pool.map(run, jobs)):
        if wrong:
            failures += 1
            print(wrong, flush=True)
shutil.rmtree(home)
print(f"{len(jobs)} runs, {failures} failures")
sys.exit(1 if failures else 0)
