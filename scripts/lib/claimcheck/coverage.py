# SPDX-License-Identifier: MIT
"""scripts/coverage: what a corpus reaches of stub, model and engine."""

import argparse
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

from . import build, paths, seeds, tools
from .errors import HELD, VIOLATION, Failure, run_main

FLOORS = paths.ROOT / "scripts/coverage-floors.txt"
REPORT = paths.BUILD / "coverage/report"
KINDS = ("lines", "branches")
BATCH = 500  # files a process


def arguments(argv):
    parser = argparse.ArgumentParser(
        prog="scripts/coverage",
        formatter_class=argparse.RawTextHelpFormatter,
        description="Replay the committed corpus in a coverage build; report "
        "lines and branches reached\nand hold them against "
        "scripts/coverage-floors.txt.",
        epilog="Exit: 0 all floors held, 1 below a floor or a case fails, "
        "2 bad usage or input,\n77 cannot run here. HTML and text: "
        "build/coverage/report/.")
    parser.add_argument("--corpus", type=pathlib.Path, metavar="DIR",
                        help="replay DIR/TARGET as well (for instance "
                        "build/corpus); floors are still\nmeasured with the "
                        "committed corpus alone")
    parser.add_argument("--target", action="append", metavar="T",
                        choices=paths.targets() or None,
                        help="replay this one only (may be repeated)")
    parser.add_argument("--compare", type=pathlib.Path, metavar="OLD",
                        help="say which lines that OLD does not list are no "
                        "longer reached;\nOLD: unreached.txt of an earlier "
                        "report")
    parser.add_argument("--no-floors", action="store_true",
                        help="report only")
    options = parser.parse_args(argv)
    options.target = options.target or paths.targets()
    if options.corpus and not options.corpus.is_dir():
        parser.error(f"--corpus {options.corpus}: no such folder")
    if options.compare and not options.compare.is_file():
        parser.error(f"--compare {options.compare}: no such file")
    return options


def read_floors(path):
    """{folder: {"lines": percent, "branches": percent}}."""
    floors = {}
    with open(path, encoding="utf-8") as text:
        for number, line in enumerate(text, 1):
            words = line.split("#")[0].split()
            if not words:
                continue
            try:
                folder, *values = words
                floors[folder] = dict(zip(KINDS, map(float, values),
                                          strict=True))
                if not all(0 <= v <= 100 for v in floors[folder].values()):
                    raise ValueError
            except ValueError:
                raise Failure(f"{path}:{number}:1: expected a folder and two "
                              f"percentages, got: {line.strip()}") from None
    if not floors:
        raise Failure(f"{path}: no floors in it")
    return floors


def replay(program, files, profiles):
    """Run files through an engine-less program; what failed, as text."""
    env = dict(os.environ, LLVM_PROFILE_FILE=str(profiles / "%p-%m.profraw"))
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


def collect(built, options, with_found):
    """Replay all that is committed (and found); the merged profile."""
    profiles = built / ("profiles-all" if with_found else "profiles")
    shutil.rmtree(profiles, ignore_errors=True)
    profiles.mkdir(parents=True)
    problems = []
    for target in options.target:
        files = seeds.prepare(paths.SEEDS / target,
                              built / "seeds" / target, built / "claimcheck")
        if with_found:
            found = paths.files_in(options.corpus / target)
            if not found:
                raise Failure(f"{options.corpus / target}: no inputs there")
            files = files + found
        problems += replay([built / target], files, profiles)
    for folder in ("litmus", "regress"):
        files = paths.files_in(paths.SEEDS / folder)
        if files:
            problems += replay([built / "claimcheck", "replay"], files,
                               profiles)
            problems += replay([built / "claimcheck", "replay", "--on",
                                "model"], files, profiles)
    if problems:
        raise Failure("\n".join(problems), VIOLATION)
    raw = sorted(profiles.glob("*.profraw"))
    if not raw:
        raise Failure("no profile was written: is this a coverage build?")
    merged = profiles / "merged.profdata"
    subprocess.run([tools.llvm("llvm-profdata"), "merge", "-sparse", *raw,
                    "-o", merged], check=True)
    return merged


def cov(verb, built, options, merged, *more):
    """Output of an llvm-cov verb over all binaries."""
    binaries = [built / name for name in [*options.target, "claimcheck"]]
    argv = [tools.llvm("llvm-cov"), verb, f"-instr-profile={merged}",
            binaries[0]]
    for binary in binaries[1:]:
        argv += ["-object", binary]
    done = subprocess.run([*argv, *more], stdout=subprocess.PIPE, check=True)
    return done.stdout.decode("utf-8", "replace")


def per_folder(export, folders):
    """{folder: {"lines": (covered, count), ...}} of an llvm-cov export."""
    sums = {folder: {kind: [0, 0] for kind in KINDS} for folder in folders}
    for file in export["data"][0]["files"]:
        name = os.path.relpath(file["filename"], paths.ROOT)
        for folder in folders:
            if name.startswith(folder + "/"):
                for kind in KINDS:
                    part = file["summary"][kind]
                    sums[folder][kind][0] += part["covered"]
                    sums[folder][kind][1] += part["count"]
    return sums


def percent(covered, count):
    """Of nothing, nothing is reached: an empty folder must not pass."""
    return 100.0 * covered / count if count else 0.0


def table(sums, floors):
    """Lines of the table, and the floors that do not hold."""
    lines = [f"{'folder':<16} {'lines':>18} {'branches':>18}   floors"]
    below = []
    for folder, kinds in sums.items():
        cells = []
        for kind in KINDS:
            covered, count = kinds[kind]
            value = percent(covered, count)
            cells.append(f"{covered}/{count} {value:6.2f}%")
            floor = floors[folder][kind]
            if value < floor:
                below.append(f"{folder}: {kind} {value:.2f} %, floor "
                             f"{floor:g} %")
            if count == 0:
                below.append(f"{folder}: no {kind} in the build at all")
        lines.append(f"{folder:<16} {cells[0]:>18} {cells[1]:>18}   " +
                     " ".join(f"{floors[folder][k]:g}" for k in KINDS))
    return lines, below


def unreached(shown):
    """Lines `file:line` never run, from `llvm-cov show` text."""
    file, missed = None, []
    for line in shown.splitlines():
        if match := re.match(r"^(/.*):$", line):
            file = os.path.relpath(match[1], paths.ROOT)
        elif match := re.match(r"^\s*(\d+)\|\s+0\|(.*)$", line):
            if match[2].strip(" {}"):
                missed.append(f"{file}:{match[1]}: {match[2].strip()}")
    return missed


def lost(old, missed):
    """What `missed` lists and `old` does not. Line numbers are left out of
    the comparison: a change above a line moves it."""
    def key(line):
        file, _, text = line.split(":", 2)
        return file, text

    left = collections.Counter(key(line) for line in old)
    gone = []
    for line in missed:
        if left[key(line)]:
            left[key(line)] -= 1
        else:
            gone.append(line)
    return gone


def report(built, options, merged, floors, title):
    """Write the reports, print the table; floors that do not hold."""
    sources = [str(paths.ROOT / folder) for folder in floors]
    export = json.loads(cov("export", built, options, merged,
                            "-summary-only", *sources))
    lines, below = table(per_folder(export, floors), floors)
    print(title)
    print("\n".join("  " + text for text in lines))
    REPORT.mkdir(parents=True, exist_ok=True)
    shown = cov("show", built, options, merged, "-show-branches=count",
                *sources)
    (REPORT / "coverage.txt").write_text(shown)
    cov("show", built, options, merged, "-format=html",
        "-show-branches=count", f"-output-dir={REPORT}/html", *sources)
    missed = unreached(shown)
    (REPORT / "unreached.txt").write_text("\n".join(missed) + "\n")
    print(f"  {len(missed)} lines never run: {REPORT}/unreached.txt; "
          f"{REPORT}/html/index.html")
    return below


def main(argv):
    options = arguments(argv)
    floors = read_floors(FLOORS)
    build.setup("build", "coverage")
    built = build.build("coverage", "claimcheck", *options.target)
    # Read now: the report of this run may replace it.
    old = (options.compare.read_text().splitlines() if options.compare
           else None)
    merged = collect(built, options, with_found=False)
    below = report(built, options, merged, floors, "committed corpus")
    if old is not None:
        missed = (REPORT / "unreached.txt").read_text().splitlines()
        gone = lost(filter(None, old), filter(None, missed))
        print(f"  {len(gone)} lines lost since {options.compare}")
        print("\n".join("    " + line for line in gone))
    if options.corpus:
        merged = collect(built, options, with_found=True)
        report(built, options, merged, floors,
               f"committed corpus and {options.corpus}")
    if below and not options.no_floors:
        print("below the floor:\n  " + "\n  ".join(below), file=sys.stderr)
        return VIOLATION
    return HELD


if __name__ == "__main__":
    sys.exit(run_main("coverage", main, sys.argv[1:]))
