#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the `run:` steps of the workflows' jobs on this machine, in order, as
GitHub would: each job once for each row of its matrix, by `bash -e` at the top
of the tree. What actions (`uses:`) do is left out.

    tests/ci/jobs.py [--list] [--short] [--leave-out WORDS]... [FILE[:JOB]...]

FILE is a workflow without its folder; without any, all jobs of all workflows.
--list       print the steps, run none
--short      numbers after --seconds, --sample, --steps, --time-limit become
             small, so that each step is bounded
--leave-out  a step with these words (may be repeated)
Exit: 0 all steps held, 1 one did not, 2 bad usage, 77 all that is left cannot
run here.
"""

import argparse
import itertools
import os
import pathlib
import re
import subprocess
import sys
import tempfile

try:
    import yaml
except ImportError:
    print("cannot run here: no YAML reader; apt-get install python3-yaml")
    sys.exit(77)

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".github/workflows"
SHORT = {"--seconds": 2, "--sample": 2, "--steps": 2000, "--least": 0,
         "--time-limit": 600}
GITHUB = {"run_number": "1", "run_id": "1", "ref": "refs/heads/local",
          "workflow": "local", "event_name": "push"}
CANNOT_RUN = 77
PATIENCE = 10  # times the limit of a job, whose machine may have less to do


def load(file):
    """A workflow; YAML 1.1 reads the key `on` as true."""
    flow = yaml.safe_load(file.read_text())
    if True in flow:
        flow["on"] = flow.pop(True)
    return flow


def rows(job):
    """The rows of a job's matrix, as GitHub makes them: all combinations, less
    `exclude`; then `include`, which adds to those it agrees with, or a row."""
    matrix = dict(job.get("strategy", {}).get("matrix", {}))
    include, exclude = matrix.pop("include", []), matrix.pop("exclude", [])
    made = [dict(zip(matrix, values))
            for values in itertools.product(*matrix.values())]
    made = [row for row in made if row and not any(
        less.items() <= row.items() for less in exclude)]
    first = [dict(row) for row in made]
    for more in include:
        fits = [row for row, was in zip(made, first)
                if all(was.get(key, value) == value
                       for key, value in more.items())
                and was.keys() & more.keys()]
        for row in fits:
            row.update(more)
        if not fits:
            made.append(dict(more))
            first.append({})  # later ones do not add to it
    return made or [{}]


def filled(text, row):
    """A text with its ${{ }} replaced; KeyError for what is not there."""
    def value(match):
        context, _, name = match[1].partition(".")
        return str({"matrix": row, "github": GITHUB}[context][name])
    return re.sub(r"\$\{\{\s*([\w.-]+)\s*\}\}", value, text)


def shortened(text):
    for flag, least in SHORT.items():
        text = re.sub(rf"({flag}) \d+", rf"\1 {least}", text)
    return text


def steps(file, job_name, job):
    """(where, commands, environment) of each step of each row."""
    for row in rows(job):
        named = ",".join(f"{k}={v}" for k, v in row.items())
        for number, step in enumerate(job["steps"]):
            if "run" in step:
                where = f"{file.name}:{job_name}" + (
                    f"({named})" if named else "") + f" step {number}"
                yield where, filled(step["run"], row), {
                    **{k: str(v) for k, v in job.get("env", {}).items()},
                    **{k: filled(str(v), row)
                       for k, v in step.get("env", {}).items()}}


def wanted(names):
    """The (file, job's name, job) that were asked for."""
    found = []
    for file in sorted(FOLDER.glob("*.yml")):
        for name, job in load(file)["jobs"].items():
            if not names or file.name in names or f"{file.name}:{name}" in (
                    names):
                found.append((file, name, job))
    known = {file.name for file, _, _ in found} | {
        f"{file.name}:{name}" for file, name, _ in found}
    for name in names:
        if name not in known:
            print(f"tests/ci/jobs.py: no {name} in {FOLDER}",
                  file=sys.stderr)
            sys.exit(2)
    return found


def run(commands, minutes, env):
    """The exit code of a step."""
    with tempfile.TemporaryDirectory() as folder:
        summary = pathlib.Path(folder) / "summary.md"
        summary.touch()
        try:
            return subprocess.run(
                ["bash", "-e", "-c", commands], cwd=ROOT,
                stdin=subprocess.DEVNULL, timeout=minutes * 60,
                env={**os.environ, "CI": "true",
                     "GITHUB_STEP_SUMMARY": str(summary), **env}).returncode
        except subprocess.TimeoutExpired:
            print(f"not done after {minutes} minutes")
            return 1


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--leave-out", action="append", default=[])
    parser.add_argument("jobs", nargs="*")
    options = parser.parse_args()
    codes = []
    for file, name, job in wanted(options.jobs):
        for where, commands, env in steps(file, name, job):
            if options.short:
                commands = shortened(commands)
            left = [w for w in options.leave_out if w in commands]
            print(f"== {where}: {'left out: ' if left else ''}"
                  f"{commands.strip()}", flush=True)
            if options.list or left:
                continue
            code = run(commands,
                       job.get("timeout-minutes", 360) * PATIENCE, env)
            print(f"== {where}: exit code {code}", flush=True)
            codes.append(code)
    if any(code not in (0, CANNOT_RUN) for code in codes):
        return 1
    return CANNOT_RUN if codes and CANNOT_RUN in codes and not (
        0 in codes) else 0


if __name__ == "__main__":
    sys.exit(main())
