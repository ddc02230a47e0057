# SPDX-License-Identifier: MIT
"""scripts/bench: what a checked step and a run of a target cost, as ratios
taken in one run, and what has changed since the ratios that are stored. It
passes no judgement.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import tempfile
from pathlib import Path

from . import (build, flags, fuzz_prepare, libfuzzer, output, paths, seeds,
               tools)
from .errors import HARNESS, HELD, Failure

STORED = paths.ROOT / "scripts/bench-ratios.txt"
HEAD = """\
# Ratios by scripts/bench --store: what docs/speed.md speaks of. One run.
"""
ROUNDS = 3  # of the targets, in turns: the median counts
# A ratio, as harness/bench prints it; and as the table has it.
ROW = re.compile(r"^(\S.*?)  +([\d.]+)$")
TARGETS = ("fuzz_sequence", "fuzz_reservation")
# Where corpora lie meanwhile: what a disk takes is not the target's.
MEMORY = "/dev/shm"

Ratios = dict[str, float]


def arguments(argv: list[str]) -> argparse.Namespace:
    parser = flags.parser(
        "bench", "What a checked step and a run of a fuzz target cost, as "
        "ratios, beside those\nof scripts/bench-ratios.txt.",
        "0 measured, 2 bad usage, 3 it could not be measured, 77 cannot run "
        "here;\n128 + n stopped by signal n")
    parser.add_argument("preset", nargs="?", choices=("release", "fuzz"),
                        help="only this part; default: both")
    parser.add_argument("plugin", nargs="?", type=Path, metavar="FILE.so",
                        help="the same steps on a plug-in, for instance\n"
                        "build/xen/gcc-release/claimcheck-xen.so")
    parser.add("--seconds", default=10,
               help="for each look at a target (default 10)")
    parser.add_argument("--store", action="store_true",
                        help="write what was measured into the table")
    options = parser.parse_args(argv)
    if options.store and (options.preset or options.plugin):
        parser.error("--store takes both parts, and no plug-in")
    if options.plugin and not options.plugin.is_file():
        parser.error(f"{options.plugin}: no such file")
    return options


def steps(preset: str, plugin: Path | None) -> Ratios:
    """harness/bench: all that it prints, and its ratios."""
    built = build.build(preset, "bench")
    words = [built / "bench", *([plugin] if plugin else [])]
    done = subprocess.run(words, stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, check=True)
    print(done.stdout, end="", flush=True)
    return {f"{preset}: {match[1]}": float(match[2])
            for line in done.stdout.splitlines() if (match := ROW.match(line))}


def speed(binary: Path, cases: Path, seconds: int, on: Path | None) -> float:
    """Runs of a target in a second of processor time."""
    memory = MEMORY if os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(dir=memory) as corpus:
        folders = {"corpus": Path(corpus), "seeds": cases,
                   "crashes": Path(corpus)}
        options = argparse.Namespace(seconds=seconds, runs=0, seed=1)
        command = libfuzzer.command(binary, options, 0, folders)
        env = tools.sanitizer_env()
        if on:
            env["CLAIMCHECK_ON"] = str(on)
        before = os.times()
        done = subprocess.run(
            command, env=env, stdin=subprocess.DEVNULL, text=True,
            stderr=subprocess.PIPE, errors="replace")
        took = sum(os.times()[2:4]) - sum(before[2:4])
    found = libfuzzer.TOTAL.search(done.stderr)
    if done.returncode or not found or int(found[1]) == 0:
        raise Failure(f"{binary}: exit code {done.returncode}\n"
                      f"{done.stderr[-2000:]}", HARNESS)
    return int(found[1]) / took


def medians(looks: dict[str, tuple[Path, Path, Path | None]],
            seconds: int) -> dict[str, float]:
    """{name: runs a second} of targets with their cases, in turns."""
    rounds = [{name: speed(*look[:2], seconds, look[2])
               for name, look in looks.items()} for _ in range(ROUNDS)]
    return {name: statistics.median(one[name] for one in rounds)
            for name in looks}


def targets(built: fuzz_prepare.Built, plugin: Path | None,
            seconds: int) -> Ratios:
    """The fast build of each target to the sanitized one, and the sanitized
    one to a target that does nothing."""
    assert built.replays
    ratios: Ratios = {}
    for target in TARGETS:
        with tempfile.TemporaryDirectory() as folder:
            cases = Path(folder)
            seeds.prepare(paths.SEEDS, target, cases, built.claimcheck)
            plain, fast = built.replays / target, built.explores / target
            looks: dict[str, tuple[Path, Path, Path | None]] = {
                "fast": (fast, cases, None), "sanitized": (plain, cases, None),
                "empty": (built.replays / "bench_empty", cases, None)}
            if plugin:
                looks["on FILE.so"] = (plain, cases, plugin)
            found = medians(looks, seconds)
        ratios[f"{target}: fast / sanitized"] = (
            found["fast"] / found["sanitized"])
        ratios[f"{target}: sanitized / empty target"] = (
            found["sanitized"] / found["empty"])
        if plugin:
            ratios[f"{target}: on FILE.so / on the stub"] = (
                found["on FILE.so"] / found["sanitized"])
        print(f"{target}: " + ", ".join(f"{name} {value:,.0f}" for name, value
                                        in found.items())
              + " runs a second of processor time", flush=True)
    return ratios


def stored() -> Ratios:
    """The table; a Failure with the place of what is no row of it."""
    rows: Ratios = {}
    for number, line in enumerate(STORED.read_text().splitlines(), 1):
        if line and not line.startswith("#"):
            match = ROW.match(line)
            if not match:
                raise Failure(f"{STORED}:{number}:1: expected NAME RATIO")
            rows[match[1]] = float(match[2])
    return rows


def table(ratios: Ratios, before: Ratios) -> list[str]:
    """Each ratio beside the stored one."""
    lines = [f"{'':<44} {'now':>9} {'stored':>9} {'change':>8}"]
    for name, value in ratios.items():
        old = before.get(name)
        more = (f" {old:>9.4g} {100 * (value / old - 1):>+7.0f}%" if old
                else f" {'-':>9} {'new':>8}")
        lines.append(f"{name:<44} {value:>9.4g}{more}")
    return lines


def main(argv: list[str]) -> int:
    options = arguments(argv)
    build.setup("build", "fuzz")
    ratios: Ratios = {}
    for preset in (options.preset,) if options.preset else ("release", "fuzz"):
        print(f"== preset {preset}", flush=True)
        ratios.update(steps(preset, options.plugin))
    if options.preset != "release":
        built = fuzz_prepare.Built(
            build.build("fuzz-fast", *TARGETS),
            build.build("fuzz", "claimcheck", "bench_empty", *TARGETS))
        ratios.update(targets(built, options.plugin, options.seconds))
    print("\n".join(table(ratios, stored() if STORED.is_file() else {})))
    if options.store:
        output.write_whole(STORED, HEAD + "".join(
            f"{name:<44} {value:.4g}\n" for name, value in ratios.items()))
    return HELD
