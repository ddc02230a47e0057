# SPDX-License-Identifier: MIT
"""scripts/coverage: what a corpus, and what the tests, reach of stub, model
and engine."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from . import (build, choices, coverage_floors, flags, locks, output,
               paths, seeds, tools)
from .coverage_floors import CORPUS, TESTS, Floors
from .coverage_unreached import lost, unreached
from .errors import HARNESS, HELD, VIOLATION, Failure
from .paths import Word
from .tools import Env

FLOORS = paths.ROOT / "scripts/coverage-floors.txt"
REPORT = paths.BUILD / "coverage/report"
TESTS_REPORT = paths.BUILD / "coverage-tests/report"
BATCH = 500  # files a process
# What runs the code for broken things: unit tests, planted faults, and the
# command line with bad input.
TESTS_RUN = r"^(unit\.|hunt\.|faults\.(planted|each)|cli\.|guards\.reports)"
# The first makes each call fail, the second counts calls, and those of the
# profile with them; the others take longest, for what no floor is about.
TESTS_NOT = r"^cli\.(sweep|stop|emit_c|emit_host)$"
HYPERVISORS = ("stub", "model", "drift")
PLUGIN = "bitmap_allocator.so"  # in the build folder


def arguments(argv: list[str]) -> argparse.Namespace:
    parser = flags.parser(
        "coverage", "Replay the committed corpus in a coverage build; report "
        "lines and branches\nreached, and compare them with the floors of "
        "scripts/coverage-floors.txt.",
        "0 all floors held, 1 below a floor or a case fails, 2 bad usage or "
        "input,\n3 it could not be measured, 77 cannot run here; 128 + n "
        "stopped by\nsignal n. Reports (HTML, text): "
        "build/coverage/report/,\nbuild/coverage-tests/report/")
    parser.add("--corpus", default=None,
               help="replay DIR/TARGET as well (for instance build/corpus);\n"
               "floors still apply to the committed corpus alone")
    parser.add("--target")
    parser.add_argument("--compare", type=Path, metavar="OLD",
                        help="list the lines and branches that are no longer "
                        "reached;\nOLD: unreached.txt of an earlier report")
    parser.add_argument("--tests", action="store_true",
                        help="then corpus and tests together: an ordinary "
                        "build, with\nassertions and planted faults, and "
                        "floors of its own")
    parser.add_argument("--committed", type=Path, metavar="DIR",
                        default=paths.SEEDS, help="in place of corpus/")
    parser.add_argument("--floors", type=Path, metavar="FILE", default=FLOORS,
                        help="in place of scripts/coverage-floors.txt")
    parser.add_argument("--no-floors", action="store_true",
                        help="report only")
    options = parser.parse_args(argv)
    options.target = flags.chosen(options.target, paths.targets(), "target")
    for name in ("corpus", "committed"):
        folder = getattr(options, name)
        if folder and not folder.is_dir():
            parser.error(f"--{name} {folder}: no such folder")
    for name in ("compare", "floors"):
        file = getattr(options, name)
        if file and not file.is_file():
            parser.error(f"--{name} {file}: no such file")
    return options


class Measured:
    """A build, the profile that runs left in it, and its programs."""

    def __init__(self, built: Path, name: str = "profiles") -> None:
        self.built = built
        self.profiles = built / name
        self.programs: list[Path] = []
        shutil.rmtree(self.profiles, ignore_errors=True)
        self.profiles.mkdir(parents=True)

    def environment(self) -> Env:
        """Processes of one program share a few files, which they lock."""
        return dict(os.environ,
                    LLVM_PROFILE_FILE=str(self.profiles / "%4m.profraw"))

    def merge(self, programs: list[Path]) -> Measured:
        """All that ran, in one file; programs are those that can have."""
        self.programs = programs
        raw = sorted(self.profiles.glob("*.profraw"))
        if not raw:
            raise Failure("no profile was written: is this a coverage build?",
                          HARNESS)
        subprocess.run([tools.llvm("llvm-profdata"), "merge", "-sparse", *raw,
                        "-o", self.profiles / "merged.profdata"], check=True)
        return self

    def cov(self, verb: str, *more: str) -> str:
        """Output of an llvm-cov verb over all programs."""
        argv: list[Word] = [
            tools.llvm("llvm-cov"), verb,
            f"-instr-profile={self.profiles / 'merged.profdata'}",
            self.programs[0]]
        for program in self.programs[1:]:
            argv += ["-object", program]
        done = subprocess.run([*argv, *more], stdout=subprocess.PIPE,
                              check=True)
        return done.stdout.decode("utf-8", "replace")


def replay(program: Sequence[Word], files: Sequence[Word],
           env: Env) -> list[str]:
    """Run files through an engine-less program; what failed, as text."""
    problems = []
    for at in range(0, len(files), BATCH):
        done = subprocess.run([*program, *files[at:at + BATCH]], env=env,
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        if done.returncode != 0:
            text = done.stdout.decode("utf-8", "replace").splitlines()
            problems.append(f"{' '.join(map(str, program))}: exit code "
                            f"{done.returncode}\n  " + "\n  ".join(text[-12:]))
    return problems


def replay_corpus(measured: Measured, options: argparse.Namespace,
                  found: bool = False) -> None:
    """Replay all that is committed, and the machine-found corpus if found."""
    built, env = measured.built, measured.environment()
    cases, problems = [], []
    for folder in sorted(p for p in options.committed.iterdir() if p.is_dir()):
        if folder.name not in paths.targets():
            cases += paths.files_in(folder)
    for target in options.target:
        files = seeds.prepare(options.committed, target,
                              built / "seeds" / target, built / "claimcheck")
        if found:
            more = paths.files_in(options.corpus / target)
            if not more:
                raise Failure(f"{options.corpus / target}: no inputs there")
            files = files + more
        problems += replay([built / target], files, env)
    for on in (*HYPERVISORS, str(built / PLUGIN)) if cases else ():
        problems += replay([built / "claimcheck", "replay", "--quiet", "--on",
                            on], cases, env)
    # What the matrix asks the model for is a use of it, too; whether the
    # corpus is complete is not asked here.
    for draft in (None, *choices.releases("DRAFT")):
        release = ["--release", draft] if draft else []
        subprocess.run([built / "claimcheck", "matrix", *release,
                        options.committed], env=env,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if problems:
        raise Failure("\n".join(problems), VIOLATION)


def committed(built: Path, options: argparse.Namespace,
              found: bool) -> Measured:
    """What the corpus alone reaches."""
    measured = Measured(built, "profiles-all" if found else "profiles")
    replay_corpus(measured, options, found)
    return measured.merge([built / name
                           for name in [*options.target, "claimcheck"]])


def tested(options: argparse.Namespace) -> Measured:
    """What the corpus and the tests reach that are for all it cannot."""
    measured = Measured(build.build("coverage-tests"))
    replay_corpus(measured, options)
    log = paths.BUILD / "coverage-tests-ctest.log"
    with output.stream(log) as out:
        done = subprocess.run(["ctest", "-R", TESTS_RUN, "-E", TESTS_NOT, "-j",
                               str(build.cores()), "--output-on-failure",
                               "--no-tests=error"], cwd=measured.built,
                              env=measured.environment(), stdout=out,
                              stderr=subprocess.STDOUT)
    if done.returncode != 0:
        text = log.read_text(errors="replace").splitlines()
        raise Failure("\n".join([f"tests fail, the end of {log}:"]
                                + text[-20:]), VIOLATION)
    units = [p for p in paths.files_in(measured.built / "tests/unit")
             if os.access(p, os.X_OK)]
    return measured.merge([measured.built / "claimcheck", *units,
                           *(measured.built / t for t in paths.targets())])


def report(measured: Measured, floors: Floors, folder: Path,
           title: str) -> list[str]:
    """Write the reports, print the table; floors that do not hold."""
    # Named twice, a file counts twice: the rows of files lie in folders' rows.
    sources = [str(paths.ROOT / path) for path in floors.sources()]
    export = json.loads(measured.cov("export", "-summary-only", *sources))
    lines, below = coverage_floors.table(export, floors)
    print(title)
    print("\n".join("  " + text for text in lines))
    folder.mkdir(parents=True, exist_ok=True)
    how = ["-show-branches=count", "-show-instantiations=false"]
    shown = measured.cov("show", *how, *sources)
    output.write_whole(folder / "coverage.txt", shown)
    measured.cov("show", "-format=html", *how, f"-output-dir={folder}/html",
                 *sources)
    missed = unreached(shown)
    output.write_whole(folder / "unreached.txt",
                       "".join(text + "\n" for text in missed))
    print(f"  {len(missed)} lines and branches not reached: "
          f"{folder}/unreached.txt; {folder}/html/index.html")
    return [f"{title}: {text}" for text in below]


def compare(old: list[str], options: argparse.Namespace) -> None:
    """Print what the report just written misses and an old one does not."""
    missed = (REPORT / "unreached.txt").read_text().splitlines()
    gone = lost(old, missed)
    print(f"  {len(gone)} lines and branches lost since {options.compare}")
    for line in gone:
        print("    " + line)


def main(argv: list[str]) -> int:
    options = arguments(argv)
    with locks.alone(paths.BUILD / "coverage"):
        return measure(options)


def measure(options: argparse.Namespace) -> int:
    """Build, replay, compare; the exit code."""
    measures = coverage_floors.read(options.floors)
    build.setup("build", "coverage")
    built = build.build("coverage", "claimcheck", "bitmap_allocator",
                        *options.target)
    # Read now: the report of this run may replace it.
    old = (options.compare.read_text().splitlines() if options.compare
           else None)
    below = report(committed(built, options, found=False), measures[CORPUS],
                   REPORT, "committed corpus")
    if old is not None:
        compare(old, options)
    if options.corpus:
        report(committed(built, options, found=True), measures[CORPUS],
               REPORT, f"committed corpus and {options.corpus}")
    if options.tests:
        below += report(tested(options), measures[TESTS], TESTS_REPORT,
                        "committed corpus and tests")
    if below and not options.no_floors:
        print("below the floor:\n  " + "\n  ".join(below), file=sys.stderr)
        return VIOLATION
    return HELD
