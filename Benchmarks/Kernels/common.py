"""Runs `rooftree bench` and gives the seconds of one kernel."""

import json
import subprocess


def bench(rooftree, *arguments):
    command = [rooftree, "bench", *arguments, "--format", "json"]
    runs = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["runs"]
    return {run["kernel"]: run for run in runs}
