# SPDX-License-Identifier: MIT
"""scripts/hunt: is every planted fault found, by what, and how soon? Through
libFuzzer and the fuzz targets, or by `claimcheck hunt` in one process.

Only one of a fault's own signatures (`claimcheck faults --json`) counts as a
catch. Not here: rows and tables (hunt_rows.py).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

from . import build, campaign, flags, fuzz_prepare, locks, output, paths, tools
from .errors import HARNESS, HELD, VIOLATION, Failure, worst
from .flags import chosen
from .hunt_rows import Rows
from .progress import Progress
from .worker import Finding

LIBFUZZER = "libfuzzer"
IN_PROCESS = ("generator", "mutator", "bytes")

DEFAULT_SECONDS = 20
# A crash that is not the fault's own ends an engine: it gets the rest of its
# time with another seed, so often at most.
RESTARTS = 8
# Apart from the seeds that people count up.
RESTART_SEED = 1000003

NEVER_REACHED, NOT_CAUGHT, WRONG_CATCH, CAUGHT = range(4)
VERDICTS = ("never reached", "reached but not caught", "not caught", "caught")
SHRUNK = re.compile(r": (\S+): (\d+) operations, (\d+) after \d+ trials$",
                    re.MULTILINE)


def arguments(argv: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = flags.parser(
        "hunt", "Hunt planted faults, each from an empty corpus. A row per "
        "fault, then a\ntable by kind of fault; the rows stay in "
        "DIR/ENGINE.jsonl.",
        "0 all caught, 1 not all, 2 bad usage, 3 the hunt could not be "
        "carried\nout, 77 cannot run here; 128 + n stopped by signal n")
    parser.add_argument("--fault", action="append", metavar="ID",
                        help="only this one (may be repeated); default: all")
    parser.add_argument("--engine", choices=(LIBFUZZER, *IN_PROCESS),
                        default=LIBFUZZER,
                        help="default: libfuzzer; the others are those of "
                        "claimcheck hunt")
    parser.add("--seconds", help="for each fault and target (default "
               f"{DEFAULT_SECONDS}; without\nlimit if --runs is given)")
    parser.add("--runs", help="at most, for each fault and target")
    parser.add("--seed", default=1, help="seed of the engine (default 1)")
    parser.add("--target", help="only this target (may be repeated); "
               "default: all,\nin turn, until one catches the fault")
    parser.add_argument("--json", action="store_true",
                        help="one object per fault, nothing else on stdout")
    parser.add("--build-dir")
    parser.add("--out", default=paths.BUILD / "hunt",
               help="logs and crashes: DIR/FAULT/TARGET, and after a\n"
               "signature that is not the fault's own,\n"
               "DIR/FAULT/again-N/TARGET (default build/hunt)")
    options = parser.parse_args(argv)
    if options.seconds is None:
        options.seconds = 0 if options.runs else DEFAULT_SECONDS
    options.out = options.out.absolute()
    if options.engine in IN_PROCESS and options.target:
        parser.error("--target: only with --engine libfuzzer")
    if options.engine in IN_PROCESS and len(options.fault or []) > 1:
        parser.error(f"--engine {options.engine}: one --fault at most")
    return options


def known_faults(claimcheck: Path) -> dict[str, dict[str, Any]]:
    """{id: its row of the table} of all planted faults that can be seen."""
    done = subprocess.run([claimcheck, "faults", "--json"],
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True)
    if done.returncode != 0 or not done.stdout:
        raise Failure(f"{claimcheck} faults --json: exit code "
                      f"{done.returncode}\n{done.stderr.strip()}", HARNESS)
    rows = map(json.loads, done.stdout.splitlines())
    return {row["fault"]: row for row in rows if not row["unseen"]}


def own(signatures: list[str], signature: str) -> bool:
    """Is it one of the fault's? An asterisk stands for any operation."""
    return signature in signatures or (
        signature.split("/")[0] + "/*" in signatures)


class Progresses(Progress):
    """The line of the engine under way, gone when it has ended."""

    def show(self, group: list[campaign.Campaign], last: bool = False) -> None:
        if not last:
            super().show(group)
        elif self.terminal and self.drawn:
            self.out.write(f"\x1b[{self.drawn}A\x1b[J")
            self.drawn = 0


class Search:
    """One fault: what its campaigns came to."""

    def __init__(self, fault: str, signatures: list[str],
                 claimcheck: Path) -> None:
        self.fault = fault
        self.signatures = signatures
        self.claimcheck = claimcheck
        self.verdict = NEVER_REACHED
        self.signature = self.target = ""
        self.runs = self.steps = self.operations = self.shortest = 0
        self.seconds = 0.0

    def take(self, target: str, done: campaign.Campaign) -> bool:
        """Add a finished campaign; true if it caught the fault."""
        if done.trouble:
            raise Failure(f"{self.fault}: " + "\n  ".join(done.trouble),
                          HARNESS)
        counted = done.counted
        if not counted["processes"]:
            raise Failure(f"{self.fault}: {target} wrote no statistics",
                          HARNESS)
        self.runs += done.runs
        self.steps += counted["steps"]
        self.seconds += done.took
        if not done.findings:
            self.better(NOT_CAUGHT if counted["fault"].get("reached")
                        else NEVER_REACHED)
            return False
        finding = done.findings[0]
        if own(self.signatures, finding.signature):
            self.better(CAUGHT, finding.signature, target)
            self.shrink(finding)
            return True
        self.better(WRONG_CATCH, finding.signature, target)
        return False

    def better(self, verdict: int, signature: str = "",
               target: str = "") -> None:
        """The best verdict counts."""
        if verdict > self.verdict:
            self.verdict = verdict
            self.signature, self.target = signature, target

    def shrink(self, finding: Finding) -> None:
        """The input must fail in the same way again, outside of the engine;
        how short can it be?"""
        done = subprocess.run(
            [*tools.steady_start(), self.claimcheck, "shrink", "--raw",
             "--fault", self.fault, finding.file, "-o", "-"],
            env=tools.sanitizer_env(), stdin=subprocess.DEVNULL,
            capture_output=True, text=True)
        match = SHRUNK.search(done.stderr.strip())
        if done.returncode or not match or match[1] != finding.signature:
            raise Failure(
                f"{self.fault}: {finding.file} was saved for "
                f"{finding.signature}, but claimcheck shrink reports (exit "
                f"code {done.returncode}):\n{done.stderr.strip()}", HARNESS)
        self.operations, self.shortest = int(match[2]), int(match[3])

    def row(self) -> dict[str, Any]:
        """The row of the table."""
        return {"fault": self.fault, "verdict": VERDICTS[self.verdict],
                "signature": self.signature, "target": self.target,
                "runs": self.runs, "steps": self.steps,
                "seconds": round(self.seconds, 3),
                "operations": self.operations, "shortest": self.shortest}


class Hunt:
    """Campaigns one after another, each made when the one before is judged."""

    def __init__(self, options: argparse.Namespace,
                 faults: dict[str, list[str]], targets: list[str],
                 built: fuzz_prepare.Built, rows: Rows) -> None:
        self.options = options
        self.rows = rows
        self.faults = faults
        self.targets = targets
        self.built = built
        self.done: list[Search] = []

    def prepare(self, fault: str, target: str, seconds: int,
                restart: int) -> campaign.Campaign:
        """A campaign on an empty corpus; a restart has folders of its own, so
        that what another signature was found with is kept."""
        out = self.options.out / fault
        options = argparse.Namespace(
            seconds=seconds, runs=self.options.runs, jobs=1,
            seed=self.options.seed + restart * RESTART_SEED,
            out=out / f"again-{restart}" if restart else out)
        folder = options.out / target
        folders = {name: folder / name
                   for name in ("corpus", "crashes", "seeds")}
        for name, path in folders.items():
            output.require_writable(path, name)
        binary = self.built.explores / target
        if not os.access(binary, os.X_OK):
            raise Failure(f"{binary}: no such fuzz target")
        env = dict(tools.sanitizer_env(), CLAIMCHECK_FAULT=fault,
                   CLAIMCHECK_STATS=str(folder / "stats.jsonl"))
        workers = fuzz_prepare.libfuzzer_workers(
            target, options, folder, folders, binary, env)
        return campaign.Campaign(f"{fault} {target}", "libfuzzer", folders,
                                 workers)

    def groups(self) -> Iterator[list[campaign.Campaign]]:
        """For campaign.Loop: it comes back here when a campaign has ended."""
        claimcheck = self.built.claimcheck
        for fault, signatures in self.faults.items():
            search = Search(fault, signatures, claimcheck)
            shutil.rmtree(self.options.out / fault, ignore_errors=True)
            for target in self.targets:
                caught = yield from self.one(search, target)
                if caught:
                    break
            self.rows.take(search.row())
            self.done.append(search)

    def one(self, search: Search,
            target: str) -> Generator[list[campaign.Campaign], None, bool]:
        """One target; again if it ended before its time, uncaught."""
        left = self.options.seconds
        for restart in range(RESTARTS):
            made = self.prepare(search.fault, target, left, restart)
            yield [made]
            if search.take(target, made):
                return True
            left -= int(made.took)
            if not made.findings or self.options.runs or left < 1:
                break
        return False

    def summary(self) -> int:
        """On stderr, as claimcheck hunt does."""
        caught = sum(one.verdict == CAUGHT for one in self.done)
        text = (f"hunt: {caught} of {len(self.done)} faults caught by "
                f"libfuzzer, seed {self.options.seed}")
        if self.done:
            runs = [one.runs for one in self.done]
            took = [one.seconds for one in self.done]
            text += (f"; median {statistics.median_high(runs)} runs, "
                     f"{statistics.median_high(took):.2f} s; worst "
                     f"{max(runs)} runs, {max(took):.2f} s")
        print(text, file=sys.stderr)
        return caught


def set_up(options: argparse.Namespace, *targets: str) -> fuzz_prepare.Built:
    """The builds that have these targets, and claimcheck."""
    if options.build_dir:
        return fuzz_prepare.Built(build.given(options.build_dir, "claimcheck"))
    print("setting up and building ...", file=sys.stderr, flush=True)
    if options.engine in IN_PROCESS:
        build.setup("build")
        return fuzz_prepare.Built(build.build("release", "claimcheck"))
    build.setup("build", "fuzz")
    return fuzz_prepare.Built(build.build("fuzz-fast", *targets),
                              build.build("fuzz", "claimcheck"))


def in_process(options: argparse.Namespace) -> int:
    """claimcheck hunt with one of its own engines."""
    claimcheck = set_up(options).claimcheck
    argv = [str(claimcheck), "hunt", "--json", "--engine", options.engine,
            "--seed", str(options.seed)]
    if options.fault:
        argv += ["--fault", options.fault[0]]
    for flag in ("runs", "seconds"):
        if getattr(options, flag):
            argv += [f"--{flag}", str(getattr(options, flag))]
    rows = Rows(options.out / f"{options.engine}.jsonl", options.json)
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE) as running:
        assert running.stdout
        for line in running.stdout:
            rows.take(json.loads(line))
    if running.returncode not in (HELD, VIOLATION):
        raise Failure(f"claimcheck hunt: exit code {running.returncode}",
                      running.returncode if running.returncode > 0
                      else HARNESS)
    rows.finish(known_faults(claimcheck))
    return running.returncode


def main(argv: list[str]) -> int:
    options = arguments(argv)
    with locks.alone(options.out):
        if options.engine in IN_PROCESS:
            return in_process(options)
        return with_libfuzzer(options)


def with_libfuzzer(options: argparse.Namespace) -> int:
    """A campaign for each fault and target; the exit code."""
    # Whole programs first: they see most faults. Text is not run for them.
    targets = chosen(options.target, sorted(
        set(paths.targets()) - paths.TEXT_TARGETS,
        key=lambda name: (name != "fuzz_sequence", name)), "target")
    built = set_up(options, *targets)
    known = known_faults(built.claimcheck)
    wanted = chosen(options.fault, known, "fault")
    rows = Rows(options.out / f"{LIBFUZZER}.jsonl", options.json)
    hunt = Hunt(options, {fault: known[fault]["signatures"]
                          for fault in wanted}, targets, built, rows)
    loop = campaign.Loop(Progresses(options.seconds, sys.stderr),
                         options.seconds)
    loop.run(hunt.groups())
    rows.finish(known)
    caught = hunt.summary()
    if loop.reason:
        print(f"stopped early by {loop.reason}; {len(wanted) - len(hunt.done)}"
              " faults left", file=sys.stderr)
    missed = caught < (len(hunt.done) if loop.reason else len(wanted))
    return worst(loop.code, VIOLATION if missed else HELD)
