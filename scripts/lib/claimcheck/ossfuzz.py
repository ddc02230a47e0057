# SPDX-License-Identifier: MIT
"""scripts/check-oss-fuzz: would OSS-Fuzz and ClusterFuzzLite take this tree?

It cannot see what only their images have: libc++, the newest clang.
"""

import argparse
import pathlib
import sys
import time

from . import build, ossfuzz_build, ossfuzz_check, paths
from .errors import HELD, VIOLATION, Failure, run_main

WORKFLOWS = ("cflite_pr", "cflite_batch", "cflite_cron", "cflite_build")


def arguments(argv):
    names = [f"{e}-{s}" for e, s in ossfuzz_build.COMBINATIONS]
    parser = argparse.ArgumentParser(
        prog="scripts/check-oss-fuzz",
        formatter_class=argparse.RawTextHelpFormatter,
        description="Build with .clusterfuzzlite/build.sh in the environment "
        "that OSS-Fuzz gives,\nthen apply its rules for bad builds.",
        epilog="Exit: 0 good, 1 a rule is broken, 2 bad usage, 77 cannot "
        "run here.")
    parser.add_argument("--only", action="append", metavar="ENGINE-SANITIZER",
                        choices=names,
                        help="one of: " + " ".join(names) +
                        "\n(may be repeated); default: all")
    parser.add_argument("--source", type=pathlib.Path, metavar="DIR",
                        default=paths.ROOT,
                        help="the tree to check (default: this one)")
    options = parser.parse_args(argv)
    options.only = options.only or names
    options.source = options.source.absolute()
    return options


def check_tree(source):
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


def main(argv):
    options = arguments(argv)
    build.setup("build", "oss-fuzz")
    problems, targets = check_tree(options.source)
    if not targets:
        raise Failure(f"{options.source}: no harness/targets/fuzz_*.c there")
    for problem in problems:
        print(f"tree: {problem}")
    bad = bool(problems)
    for engine, sanitizer in ossfuzz_build.COMBINATIONS:
        name = f"{engine}-{sanitizer}"
        if name not in options.only:
            continue
        begun = time.monotonic()
        out, env, problems = ossfuzz_build.build(options.source, engine,
                                                 sanitizer)
        if not problems:
            problems = ossfuzz_check.check_build(out, env, engine, sanitizer,
                                                 targets)
        took = time.monotonic() - begun
        print(f"{name:<22} {'BAD' if problems else 'good'}  {took:.0f} s",
              flush=True)
        for problem in problems:
            print(f"  {problem}")
        bad = bad or bool(problems)
    return VIOLATION if bad else HELD


if __name__ == "__main__":
    sys.exit(run_main("check-oss-fuzz", main, sys.argv[1:]))
