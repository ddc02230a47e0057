# SPDX-License-Identifier: MIT
"""scripts/check-oss-fuzz: would OSS-Fuzz and ClusterFuzzLite take this tree?

It cannot see what only their images have: libc++, the newest clang.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import textwrap
import time
from pathlib import Path

from . import build, flags, locks, ossfuzz_build, ossfuzz_check, paths
from .errors import VIOLATION, Failure, ending

WORKFLOWS = ("cflite_pr", "cflite_batch", "cflite_cron", "cflite_build")


def arguments(argv: list[str]) -> argparse.Namespace:
    names = [f"{e}-{s}" for e, s in ossfuzz_build.COMBINATIONS]
    parser = flags.parser(
        "check-oss-fuzz", "Build with .clusterfuzzlite/build.sh in the "
        "environment that OSS-Fuzz gives it,\nthen apply its rules for bad "
        "builds.",
        "0 good, 1 a rule is broken, 2 bad usage, 3 it could not be checked, "
        "77 cannot\nrun here; 128 + n stopped by signal n")
    parser.add_argument("--only", action="append", metavar="ENGINE-SANITIZER",
                        choices=names,
                        help="one of: " + "\n".join(
                            textwrap.wrap(" ".join(names), 46)) +
                        "\n(may be repeated); default: all")
    parser.add_argument("--source", type=Path, metavar="DIR",
                        default=paths.ROOT,
                        help="the tree to check (default: this one)")
    options = parser.parse_args(argv)
    options.only = options.only or names
    options.source = options.source.absolute()
    return options


def check_tree(source: Path) -> tuple[list[str], list[str]]:
    """The files around build.sh: do they name what is there?"""
    problems = []
    for name in ("project.yaml", "Dockerfile", "build.sh"):
        if not (source / ".clusterfuzzlite" / name).is_file():
            problems.append(f".clusterfuzzlite/{name} is missing")
    targets = sorted(
        p.stem for p in (source / "harness/targets").glob("fuzz_*.c"))
    for name in WORKFLOWS:
        file = source / f".github/workflows/{name}.yml"
        text = file.read_text() if file.is_file() else ""
        if not text:
            problems.append(f"{name}.yml is missing")
        problems += [f"{name}.yml does not name {target}"
                     for target in targets if target not in text]
    return problems, targets


def main(argv: list[str]) -> int:
    options = arguments(argv)
    build.setup("build", "oss-fuzz")
    problems, targets = check_tree(options.source)
    if not targets:
        raise Failure(f"{options.source}: no harness/targets/fuzz_*.c there")
    for problem in problems:
        print(f"tree: {problem}")
        ending.note(VIOLATION)
    with locks.alone(paths.BUILD / "oss-fuzz"):
        check_all(options, targets)
    return ending.code


def check_all(options: argparse.Namespace, targets: list[str]) -> None:
    """Each combination that is asked for; what is bad is noted in `ending`."""
    builder = ossfuzz_build.Builder(options.source)
    wanted = [(e, s) for e, s in ossfuzz_build.COMBINATIONS
              if f"{e}-{s}" in options.only]
    # One core each: their compilations are small, and what they wait for
    # (afl-fuzz's seconds, links) goes side by side.
    with concurrent.futures.ThreadPoolExecutor(build.cores()) as pool:
        for lines, broken in pool.map(
                lambda pair: check_one(builder, pair[0], pair[1], targets),
                wanted):
            print("\n".join(lines), flush=True)
            if broken:
                ending.note(VIOLATION)


def check_one(builder: ossfuzz_build.Builder, engine: str, sanitizer: str,
              targets: list[str]) -> tuple[list[str], bool]:
    """Build and judge one combination: (lines to print, is it bad)."""
    begun = time.monotonic()
    out, env, problems = builder.build(engine, sanitizer)
    if not problems:
        problems = ossfuzz_check.check_build(out, env, engine, sanitizer,
                                             targets)
    took = time.monotonic() - begun
    name = f"{engine}-{sanitizer}"
    return ([f"{name:<22} {'BAD' if problems else 'good'}  {took:.0f} s"]
            + [f"  {problem}" for problem in problems], bool(problems))
