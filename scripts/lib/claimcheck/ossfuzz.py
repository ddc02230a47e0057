# SPDX-License-Identifier: MIT
"""scripts/check-oss-fuzz: would OSS-Fuzz and ClusterFuzzLite take this tree?

It cannot see what only their images have: libc++, the newest clang.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import re
import sys
import textwrap
import time
from pathlib import Path

from . import build, flags, locks, ossfuzz_build, ossfuzz_check, paths
from .errors import HELD, VIOLATION, Failure, ending

# In projects/claimcheck, until somebody knows them.
PLACEHOLDER = re.compile(r"<[^<>]+>")
SHAPES = {"homepage": r"https://\S+", "main_repo": r"https://\S+",
          "primary_contact": r"[^@\s]+@[^@\s]+$"}
WANTED = re.compile(rf"({'|'.join(SHAPES)}):(.*)")

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
    parser.add_argument("--submit", action="store_true",
                        help="build nothing: is projects/claimcheck ready to "
                        "be sent to\nOSS-Fuzz?")
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


def check_submission(folder: Path) -> list[str]:
    """What is still to be filled in, or missing, of what OSS-Fuzz gets."""
    problems = []
    for name in ("project.yaml", "Dockerfile", "build.sh"):
        file = folder / name
        if not file.is_file():
            problems.append(f"{file}: missing")
            continue
        for number, line in enumerate(file.read_text().splitlines(), 1):
            if line.startswith("#"):
                continue
            for match in PLACEHOLDER.finditer(line):
                problems.append(f"{file}:{number}:{match.start() + 1}: "
                                f"{match[0]}: expected to be filled in")
            key = WANTED.match(line)
            if key and not re.match(SHAPES[key[1]], key[2].strip("\"' ")):
                problems.append(f"{file}:{number}:1: {key[1]}: expected "
                                f"{SHAPES[key[1]]}")
    return problems


def main(argv: list[str]) -> int:
    options = arguments(argv)
    if options.submit:
        problems = check_submission(options.source / "projects/claimcheck")
        print("\n".join(problems or ["ready to be submitted"]))
        return VIOLATION if problems else HELD
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


def told(text: str) -> None:
    """What is under way; the verdicts alone go to stdout."""
    print(text, file=sys.stderr, flush=True)


def check_one(builder: ossfuzz_build.Builder, engine: str, sanitizer: str,
              targets: list[str]) -> tuple[list[str], bool]:
    """Build and judge one combination: (lines to print, is it bad)."""
    begun = time.monotonic()
    name = f"{engine}-{sanitizer}"
    told(f"{name}: building")
    out, env, problems = builder.build(engine, sanitizer)
    if not problems:
        told(f"{name}: built, checking the targets")
        problems = ossfuzz_check.check_build(out, env, engine, sanitizer,
                                             targets)
    took = time.monotonic() - begun
    return ([f"{name:<22} {'BAD' if problems else 'good'}  {took:.0f} s"]
            + [f"  {problem}" for problem in problems], bool(problems))
