#!/usr/bin/env python3
"""Faults for real, over every command: signals at random moments, a full disk, limits, two writers, system calls that fail.

    Tests/Faults/check.py .build/release/rooftree [--signals 200] [--calls 4] [--seed 1]

What has to hold: an end with a status of the contract, old files whole or untouched, nothing left behind, and never success
with another output than without the fault. Full disks need root (a small tmpfs), failing calls need strace; what is not
there is skipped and said so.
"""
import argparse
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

options = argparse.ArgumentParser()
options.add_argument("tool")
options.add_argument("--signals", type=int, default=200)
options.add_argument("--calls", type=int, default=4, help="occurrences tried of each system call of each command")
options.add_argument("--other", help="another build, of debug, that has to write the same")
options.add_argument("--seed", type=int, default=1)
options.add_argument("--only", default="", help="names of parts, with commas")
options = options.parse_args()
tool = os.path.abspath(options.tool)
root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
runs = f"{root}/Tests/CommandTests/Goldens/runs.csv"
config = f"{root}/Tests/ImportTests/Configs/llama-3-8b.json"
random.seed(options.seed)
failures = []
home = tempfile.mkdtemp(prefix="rooftree-faults-")


def fail(what):
    failures.append(what)
    print("FAILED", what, flush=True)


def monitors(log):
    """Whether the call that failed was libdispatch's look at its own threads in /proc, without which it stops."""
    with open(log, errors="replace") as file:
        return any("INJECTED" in line and '"/proc/' in line for line in file)


def plan(folder):
    path = f"{folder}/plan.yaml"
    with open(path, "w") as file:
        file.write(
            "models: [gpt-2, mixtral-8x7b]\nhardware: [l4, h100-sxm]\nformats: [text, markdown, csv, json, svg, html]\n"
            "charts: true\nreports: [{name: anatomy, command: show gpt-2, formats: [text, md]}]\n")
    return path


def results(dtype):
    path = f"{home}/{dtype}.json"
    if not os.path.exists(path):
        subprocess.run([tool, "analyze", "gpt-2", "--on", "l4", "--dtype", dtype, "--output", path], check=True)
    return path


def commands(out):
    return {
        "models": ["models", "--export", f"{out}/specs", "--filter", "gpt", "--format", "json", "--output", f"{out}/o"],
        "hardware": ["hardware", "--export", f"{out}/hw", "--filter", "l4", "--output", f"{out}/o"],
        "show": ["show", config, "--format", "json", "--output", f"{out}/o"],
        "analyze": ["analyze", "mixtral-8x7b", "--on", "h100-sxm", "--format", "markdown", "--charts", f"{out}/charts",
                    "--output", f"{out}/o"],
        "compare": ["compare", "gpt-2", config, "--on", "l4", "--format", "csv", "--output", f"{out}/o"],
        "import": ["import", os.path.dirname(config) + "/mixtral-8x7b.json", "--output", f"{out}/o"],
        "attention": ["attention", "--on", "l4", "--format", "html", "--output", f"{out}/o"],
        "validate": ["validate", "--measurements", runs, "--on", "h100-sxm", "--format", "csv", "--output", f"{out}/o"],
        "calibrate": ["calibrate", "--measurements", runs, "--on", "h100-sxm", "--output", f"{out}/o"],
        "report": ["report", plan(home), "--output", f"{out}/report"],
        "diff": ["diff", results("bf16"), results("fp8"), "--output", f"{out}/o"],
        "crosscheck": ["crosscheck", "--no-timing", "--kernel", "rmsnorm:rows=3,width=80", "--format", "json", "--output",
                       f"{out}/o"],
        "bench": ["bench", "--kernel", "rmsnorm:rows=2,width=64", "--threads", "2", "--budget", "0.001", "--format", "json",
                  "--output", f"{out}/o"],
        "probe": ["probe", "--threads", "1", "--budget", "0.001", "--format", "json", "--output", f"{out}/o",
                  "--profile", f"{out}/here.yaml"],
        "claims": ["crosscheck", "--claims", "--format", "csv", "--output", f"{out}/o"],
    }


# What they measure is never twice the same.
measuring = {"bench", "probe"}


def alike(name, found):
    """The same output as without a fault."""
    wanted = reference[name]
    if name not in measuring:
        return found == wanted[:2]
    try:
        return json.loads(found[1]["o"]).keys() == json.loads(wanted[1]["o"]).keys() and found[1].keys() == wanted[1].keys()
    except (KeyError, ValueError):
        return False


def figures(output):
    return re.findall(rb"\d[\d.,]*", output)


# The answer of `validate` is no: one of the runs beats its bound.
done_well = {"validate": 1}


def written(folder):
    files = {}
    for path, _, names in os.walk(folder):
        for name in names:
            with open(f"{path}/{name}", "rb") as file:
                files[os.path.relpath(f"{path}/{name}", folder)] = file.read()
    return files


def leftovers(folder):
    return [name for name in written(folder) if os.path.basename(name).startswith(".")]


def run(arguments, prefix=(), **more):
    return subprocess.run([*prefix, tool, *arguments], capture_output=True, timeout=120, cwd=home, **more)


def fresh():
    folder = f"{home}/out"
    shutil.rmtree(folder, ignore_errors=True)
    os.mkdir(folder)
    return folder


def part(name):
    wanted = not options.only or name in options.only.split(",")
    if wanted:
        print("==", name, flush=True)
    return wanted


# What each command writes when nothing is wrong.
reference = {}
for name, arguments in commands(fresh()).items():
    out = fresh()
    began = time.time()
    done = run(arguments)
    reference[name] = (done.stdout, written(out), time.time() - began)
    if done.returncode != done_well.get(name, 0):
        fail(f"{name} without a fault: {done.returncode} {done.stderr[-300:]}")

if part("signals"):
    slow = {
        "report": commands("OUT")["report"], "calibrate": commands("OUT")["calibrate"],
        "bench": ["bench", "gemm", "rmsnorm", "--tokens", "16", "--budget", "0.02", "--format", "json", "--output", "OUT/o"],
        "crosscheck": ["crosscheck", "--no-timing", "--random", "20", "--format", "json", "--output", "OUT/o"],
    }
    left = ended = 0
    for index in range(options.signals):
        name = list(slow)[index % len(slow)]
        out = fresh()
        with open(f"{out}/o", "w") as file:
            file.write("old")
        process = subprocess.Popen(
            [tool, *[word.replace("OUT", out) for word in slow[name]]], cwd=home, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE)
        time.sleep(random.random() * max(0.05, 1.2 * (reference[name][2] if name in reference else 1.5)))
        number = random.choice([signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
        process.send_signal(number)
        try:
            errors = process.communicate(timeout=120)[1]
        except subprocess.TimeoutExpired:
            process.kill()
            fail(f"{name}: signal {number} did not end it")
            continue
        status = process.returncode
        ended += status not in (0, 1)
        # Before it has begun to run at all a process dies of any signal.
        if status not in (0, 1, 130, 128 + number, -number):
            fail(f"{name}: signal {number} ended in {status}: {errors[-200:]}")
        left += len(leftovers(out))
        for file, text in written(out).items():
            if file == "o" and text != b"old" and name != "report":
                whole = text.rstrip().endswith(b"}") if name != "calibrate" else text == reference[name][1]["o"]
                if not whole or (status != 0 and name in ("calibrate", "crosscheck")):
                    fail(f"{name}: signal {number}, status {status}: output {len(text)} bytes")
            if file.startswith("report/") and file.endswith((".json", ".md", ".html", ".svg")):
                if text != reference["report"][1].get(file) and not file.endswith("rooftree-files.json"):
                    fail(f"report: signal {number}: {file} is torn")
    if left:
        fail(f"{left} temporary files left")
    print(f"{options.signals} signals, {ended} of them ended a command, {left} files left")

if part("locales"):
    for changes in [{"LC_ALL": "C"}, {"LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Kolkata"}, {"LANG": "de_DE", "TZ": "Pacific/Kiritimati"}]:
        for name, arguments in commands(fresh()).items():
            out = fresh()
            done = run(arguments, env={**os.environ, **changes})
            # Standard output is ASCII where the locale is: its numbers are the same.
            if not alike(name, (reference[name][0], written(out))) or figures(done.stdout) != figures(reference[name][0]):
                fail(f"{changes}: {name} writes something else")

if part("builds") and options.other:
    for name, arguments in commands(fresh()).items():
        out = fresh()
        done = subprocess.run([options.other, *arguments], capture_output=True, timeout=600, cwd=home)
        if not alike(name, (done.stdout, written(out))):
            fail(f"{name}: the other build writes something else")

if part("two writers"):
    out = fresh()
    arguments = commands(out)["report"]
    both = [subprocess.Popen([tool, *arguments], cwd=home, stderr=subprocess.PIPE) for _ in range(3)]
    for process in both:
        errors = process.communicate()[1]
        if process.returncode != 0:
            fail(f"two writers: {process.returncode} {errors}")
    if written(out) != reference["report"][1]:
        fail("two writers: another folder than one writes")

if part("full disk"):
    disk = f"{home}/disk"
    os.makedirs(disk, exist_ok=True)
    if os.geteuid() == 0 and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8k", "rooftree", disk]).returncode == 0:
        try:
            for name, arguments in commands(disk).items():
                with open(f"{disk}/o", "w") as file:
                    file.write("old" * 400)
                done = run(arguments)
                size = sum(len(text) for text in reference[name][1].values())
                if done.returncode not in ((done_well.get(name, 0), 74) if size < 8000 else (74,)):
                    fail(f"full disk: {name} ends in {done.returncode}: {done.stderr}")
                if done.returncode == 74 and "o" in reference[name][1] and written(disk)["o"] != b"old" * 400:
                    fail(f"full disk: {name} damaged its old output")
                if leftovers(disk):
                    fail(f"full disk: {name} leaves {leftovers(disk)}")
                for entry in os.listdir(disk):
                    path = f"{disk}/{entry}"
                    shutil.rmtree(path) if os.path.isdir(path) else os.remove(path)
        finally:
            subprocess.run(["umount", disk])
    else:
        print("skipped: no tmpfs without root")

if part("limits"):
    for limit in ["-f 1", "-n 5", "-v 200000"]:
        for name, arguments in commands(fresh()).items():
            out = fresh()
            with open(f"{out}/o", "w") as file:
                file.write("old")
            done = run(arguments, prefix=["bash", "-c", f"ulimit {limit}; exec \"$0\" \"$@\""])
            files = {k: v for k, v in written(out).items() if k != "o" or "o" in reference[name][1]}
            if done.returncode == done_well.get(name, 0) and not alike(name, (done.stdout, files)):
                fail(f"ulimit {limit}: {name} ends well with another output")
            if done.returncode not in (done_well.get(name, 0), 74, 66, 65) and not (limit.startswith("-v") and done.returncode != 0):
                fail(f"ulimit {limit}: {name} ends in {done.returncode}: {done.stderr[-300:]}")
            if leftovers(out):
                fail(f"ulimit {limit}: {name} leaves {leftovers(out)}")

if part("failing calls"):
    calls = "openat,read,pread64,write,fstat,newfstatat,statx,lseek,close,fsync,rename,linkat,fchmod,fchown,readlink,mkdir," \
        "getdents64,dup,flock,unlink,poll,ioctl,access,getrandom,fcntl"
    known = [call for call in calls.split(",") if shutil.which("strace") and subprocess.run(
        ["strace", "-e", f"trace={call}", "true"], capture_output=True).returncode == 0]
    if not known:
        print("skipped: no strace")
    tried = false = aborts = 0
    for name, arguments in commands("OUT").items() if known else []:
        out = fresh()
        arguments = [word.replace("OUT", out) for word in arguments]
        log = f"{home}/strace"
        run(arguments, prefix=["strace", "-f", "-qq", "-o", log, "-e", "trace=" + ",".join(known)])
        with open(log, errors="replace") as file:
            lines = file.readlines()
        counts = {}
        # Calls of the loader, before the executable's own, only end in its errors.
        for line in lines:
            match = re.match(r"\d+ +(\w+)\(", line)
            if match:
                counts[match[1]] = counts.get(match[1], 0) + 1
        for call, count in counts.items():
            if call not in known:
                continue
            for when in sorted(random.sample(range(1, count + 1), min(count, options.calls)) + [count]):
                for error in ("EIO", "ENOSPC" if call in ("write", "fsync", "linkat", "mkdir") else "EINTR"):
                    out = fresh()
                    done = run(arguments, prefix=[
                        "strace", "-f", "-qq", "-o", log, "-e", f"trace={call}", "-e",
                        f"inject={call}:error={error}:when={when}"])
                    tried += 1
                    if leftovers(out):
                        fail(f"{name}: {call} {when} of {count} {error}: leaves {leftovers(out)}")
                    if done.returncode == done_well.get(name, 0) and not alike(name, (done.stdout, written(out))):
                        false += 1
                        fail(f"{name}: {call} {when} of {count} {error}: success with another output")
                    elif done.returncode == -signal.SIGILL and monitors(log):
                        aborts += 1
                    elif done.returncode not in (done_well.get(name, 0), 64, 65, 66, 74, 127, 1):
                        fail(f"{name}: {call} {when} of {count} {error}: ends in {done.returncode}: {done.stderr[-200:]}")
    print(f"{tried} failing system calls, {false} false successes, {aborts} stops of libdispatch's own")

shutil.rmtree(home)
print(f"{len(failures)} failures")
sys.exit(1 if failures else 0)
