# SPDX-License-Identifier: MIT
"""scripts/mutants: does the harness notice when one thing is wrong?

Changes the sources of stub, model and engine, one place at a time, and runs
the corpus and generated programs on each: something must object. What does
not, is a hole in the oracle, or a change that makes no difference: those are
listed, with the reason, in scripts/mutants-equivalent.txt. docs/mutants.md has
the score.

Not here: the mutants (mutants_points.py), compiling and judging
(mutants_judge.py), the list of equivalents (mutants_equal.py).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
from collections import Counter
from pathlib import Path

from . import (build, choices, flags, mutants_judge, mutants_points,
               paths)
from .errors import HELD, VIOLATION, Failure
from .mutants_equal import Equivalents
from .mutants_judge import (BROKEN, EQUAL, HANG, KILLED, SURVIVED, TWIN,
                            Judge, Result, Workshop)
from .mutants_points import Mutant

FOLDERS = ("stub", "model", "harness/engine")
# What plants faults is not part of what is judged.
NO_SUBJECT = ("stub/faults.c", "stub/faults.h", "stub/checks.c")
DEFAULT_STEPS = 400_000
FEW_STEPS = 10_000
# What checks the code, as assertions do, and what the calls stand on: only a
# broken stub, a fault or another program shows a difference. The unit tests
# named are judges, too.
UNDERNEATH = {
    "stub/audit.c": ("stub_audit",), "stub/heap_audit.c": ("stub_audit",),
    "stub/locks.c": ("stub_locks",),
    "stub/world.c": ("stub_world", "stub_memory", "stub_snapshots",
                     "stub_heap"),
    "stub/stub.c": ("stub_world", "stub_memory", "stub_snapshots",
                    "stub_calls"),
    "stub/guest.c": ("stub_world", "stub_calls"),
    "stub/heap.c": ("stub_heap", "stub_calls", "stub_memory"),
    "stub/heap_alloc.c": ("stub_heap",),
    "stub/heap_claim.c": ("stub_heap", "stub_exchange"),
    "stub/heap_contents.c": ("stub_heap",),
    "stub/heap_offline.c": ("stub_heap",),
    "stub/reservation.c": ("stub_heap",),
    "stub/exchange.c": ("stub_exchange",),
    "harness/engine/": ("engine_oracles", "engine_sets", "engine_counts",
                        "engine_verdicts", "engine_isolated",
                        "engine_contents", "engine_offline", "engine_runs",
                        "engine_judge", "engine_expected", "engine_lies"),
    "model/decrease.c": ("model_lies", "model_decrease"),
    "model/heap.c": ("model_lies", "model_heap"),
    "model/model_hv": ("model_lies", "model_hv"),
    "model/pages.c": ("model_lies", "model_pages"),
    "model/offline.c": ("model_lies", "model_offline"),
    "model/reserve_extents.c": ("model_lies", "model_reserve"),
    "model/exchange.c": ("model_lies", "model_exchange"),
    "model/exchange_commit.c": ("model_lies", "model_exchange"),
    "model/": ("model_lies",),
}
# The tests that know a folder best, for --unit.
UNIT_TESTS = {"stub": "stub_*.c", "model": "model_*.c",
              "harness/engine": "engine_*.c"}
EQUIVALENT = "equivalent"


def arguments(argv: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = flags.parser(
        "mutants", "Change one thing in the code at a time: does the harness "
        "notice?\nEach mutant runs the corpus and generated programs.",
        "0 all noticed, 1 too many survived, 2 bad usage or the work could "
        "not\nbe carried out, 77 cannot run here")
    parser.add_argument("--in", dest="places", action="append",
                        metavar="PLACE",
                        help="folder or file to mutate (may be repeated), "
                        "default: " + " ".join(FOLDERS))
    parser.add_argument("--sample", type=flags.number, metavar="N",
                        help="only N of the mutants, the same for the same "
                        "seed and code")
    parser.add("--seed", default=1, help="of the sample (default 1)")
    parser.add_argument("--steps", type=flags.number, metavar="N",
                        default=DEFAULT_STEPS,
                        help="steps of generated programs, for narrow and "
                        f"wide\nrecords each (default {DEFAULT_STEPS})")
    parser.add_argument("--least", type=flags.number, metavar="P",
                        default=100, help="percent that must be noticed, "
                        "for exit code 0 (default 100)")
    parser.add_argument("--unit", action="store_true",
                        help="also run the unit tests of the folder on what "
                        "survives")
    parser.add_argument("--jobs", type=flags.number, metavar="N",
                        default=build.cores(),
                        help="at a time (default: cores)")
    parser.add_argument("--list", action="store_true",
                        help="print the mutants, judge none")
    parser.add_argument("--json", action="store_true",
                        help="one object per mutant, nothing else on stdout")
    parser.add("--build-dir")
    return parser.parse_args(argv)


def subjects(places: list[str] | None) -> list[str]:
    """The files to mutate."""
    found = []
    for place in places or FOLDERS:
        path = paths.ROOT / os.path.normpath(place)
        files = sorted(path.glob("*.[ch]")) if path.is_dir() else [path]
        names = [os.path.relpath(f, paths.ROOT) for f in files if f.is_file()]
        if not names or not all(n.startswith(FOLDERS) for n in names):
            raise Failure(f"{place}: expected a folder or C file of: "
                          + " ".join(FOLDERS))
        found += [n for n in names if n not in NO_SUBJECT]
    return list(dict.fromkeys(found))


def mutants_of(files: list[str], commands: mutants_judge.Commands,
               ) -> list[Mutant]:
    """All mutants of these files, file by file. A header's are found in the
    sources of its folder that include it; a constant that a header defines
    can be changed there, and at each place where a source uses it."""
    found: list[Mutant] = []
    for folder in dict.fromkeys(str(Path(f).parent) for f in files):
        own = [f for f in files if str(Path(f).parent) == folder]
        headers = [f for f in own if f.endswith(".h")]
        found += mutants_points.find(paths.ROOT, commands, [
            f for f in own if f not in headers])
        if headers:
            every = sorted(os.path.relpath(f, paths.ROOT) for f in (
                paths.ROOT / folder).glob("*.[ch]"))
            found += [m for m in mutants_points.find(
                paths.ROOT, commands, every) if m.file in headers]
    return sorted(found, key=lambda m: (files.index(m.file), m.start, m.end,
                                        m.text))


def sample(mutants: list[Mutant], count: int | None,
           seed: int) -> list[Mutant]:
    """Some of them: by a hash of each, so that a change of one file does not
    change which mutants of the others are in it."""
    if count is None or count >= len(mutants):
        return mutants

    def rank(mutant: Mutant) -> str:
        text = f"{seed} {mutant.file} {mutant.start} {mutant.text}"
        return hashlib.sha256(text.encode()).hexdigest()

    chosen = set(sorted(mutants, key=rank)[:count])
    return [m for m in mutants if m in chosen]


def harness(link: list[str], steps: int) -> list[Judge]:
    """The judges that count: some generated programs, as they are the fastest,
    the corpus, and all of the generated programs."""
    generate = ["generate", "--run", "--steps", str(steps)]
    return [
        Judge("generator", link, [*generate[:-1], str(min(steps, FEW_STEPS))]),
        Judge("corpus", link, ["replay", "--quiet", "corpus"]),
        Judge("generator", link, generate),
        Judge("generator", link, [*generate, "--wide", "--seed", "1000000"]),
        *(Judge("generator", link, [*generate, "--wide", "--release", draft])
          # Of them programs are only generated if they are named.
          for draft in choices.releases("DRAFT")),
    ]


def on_model(link: list[str]) -> Judge:
    """The corpus on the model: a judge of the model, and of the engine, which
    knows less of what the model does than of the stub."""
    return Judge("model", link,
                 ["replay", "--quiet", "--on", "model", "corpus"])


def rules(link: list[str]) -> list[Judge]:
    """The judges of the model alone: the corpus on it, and whether each rule
    decides where it should."""
    return [
        on_model(link),
        Judge("matrix", link, ["matrix"]),
        *(Judge("matrix", link, ["matrix", "--release", draft])
          for draft in choices.releases("DRAFT")),
    ]


def own_tests(file: str) -> tuple[str, ...]:
    """The unit tests that judge a file's mutants like the harness."""
    return next((tests for place, tests in UNDERNEATH.items()
                 if file.startswith(place)), ())


def unit_tests(built: Path, file: str, every: bool) -> list[Judge]:
    """A file's own ones, then (only counted) those of its folder."""
    own = own_tests(file)
    names = [f.stem for f in sorted((paths.ROOT / "tests/unit").glob(
        UNIT_TESTS[str(Path(file).parent)]))] if every else []
    return [Judge(f"{kind}.{name}", mutants_judge.link_command(
        built, f"tests/unit/{name}"), [])
        for kind, some in (("own", own), ("unit", names)) for name in some
        if kind == "own" or name not in own]


class Report:
    """What becomes of the mutants, as it becomes known."""

    def __init__(self, options: argparse.Namespace,
                 equivalents: Equivalents) -> None:
        self.options = options
        self.equivalents = equivalents
        self.counts: dict[str, Counter[str]] = {}
        self.units: Counter[str] = Counter()
        self.survivors: list[Result] = []
        self.sources: dict[str, str] = {}

    def source(self, file: str) -> str:
        """Its text."""
        if file not in self.sources:
            self.sources[file] = (paths.ROOT / file).read_text()
        return self.sources[file]

    def take(self, result: Result) -> None:
        """Count it; a survivor is shown at once."""
        mutant = result.mutant
        verdict = result.verdict
        before, after = mutant.before_after(self.source(mutant.file))
        listed = self.equivalents.reason(mutant, before, after)
        if listed is not None and verdict in KILLED and not \
                result.judge.startswith("unit."):
            raise Failure(f"{self.equivalents.path}: {mutant.file} "
                          f"{mutant.function}: it is noticed ({verdict}, "
                          f"{result.judge}):\n- {before}\n+ {after}")
        if listed is not None and (
                verdict == SURVIVED or result.judge.startswith("unit.")):
            verdict = EQUIVALENT
        elif result.judge.startswith("unit."):
            self.units[mutant.file] += 1
            verdict = SURVIVED
        self.counts.setdefault(mutant.file, Counter())[verdict] += 1
        if verdict == SURVIVED:
            self.survivors.append(result)
        if self.options.json:
            print(json.dumps({
                "file": mutant.file, "line": mutant.line(self.source(
                    mutant.file)), "function": mutant.function,
                "before": before, "after": after, "verdict": verdict,
                "judge": result.judge}), flush=True)
        elif verdict == SURVIVED:
            self.show(result, before, after)

    def show(self, result: Result, before: str, after: str) -> None:
        """A survivor, as an entry of the list of equivalents begins."""
        mutant = result.mutant
        line = mutant.line(self.source(mutant.file))
        caught = f"  ({result.judge} notices)" if result.judge else ""
        print(f"{mutant.file}:{line} {mutant.function}{caught}\n"
              f"- {before}\n+ {after}", flush=True)

    def score(self) -> float:
        """Percent of the mutants that make a difference."""
        noticed = sum(c[k] for c in self.counts.values() for k in KILLED)
        judged = noticed + len(self.survivors)
        return 100 * noticed / judged if judged else 100

    def table(self) -> str:
        """A row for each file and folder."""
        rows: list[tuple[str, ...]] = [
            ("", "mutants", "no change", "equivalent", "noticed", "hang",
             "survived", "unit", "score")]
        folders: dict[str, Counter[str]] = {}
        units: Counter[str] = Counter()
        for file, counts in self.counts.items():
            folder = str(Path(file).parent)
            folders.setdefault(folder, Counter()).update(counts)
            units[folder] += self.units[file]
            rows.append(row(file, counts, self.units[file]))
        for folder, counts in folders.items():
            rows.append(row(folder + "/", counts, units[folder]))
        widths = [max(len(r[i]) for r in rows) for i in range(len(rows[0]))]
        return "\n".join("  ".join(
            cell.ljust(w) if not i else cell.rjust(w)
            for i, (cell, w) in enumerate(zip(r, widths))) for r in rows)


def row(name: str, counts: Counter[str], unit: int) -> tuple[str, ...]:
    """A row of the table; what does not compile is no mutant."""
    same = counts[EQUAL] + counts[TWIN]
    noticed = sum(counts[k] for k in KILLED)
    judged = noticed + counts[SURVIVED]
    score = f"{100 * noticed / judged:.1f} %" if judged else "-"
    numbers = (sum(counts.values()) - counts[BROKEN], same,
               counts[EQUIVALENT], noticed, counts[HANG], counts[SURVIVED],
               unit)
    return (name, *map(str, numbers), score)


def judge_all(options: argparse.Namespace, built: Path,
              commands: mutants_judge.Commands, mutants: list[Mutant],
              report: Report) -> None:
    """File by file, so that survivors come in order."""
    link = mutants_judge.link_command(built, "claimcheck")
    judges = harness(link, options.steps)
    workshop = Workshop(built, commands, options.jobs)
    try:
        check_original(workshop, judges + rules(link))
        for file in dict.fromkeys(m.file for m in mutants):
            more = unit_tests(built, file, options.unit)
            if file.startswith("model/"):
                more = rules(link) + more
            elif file.startswith("harness/engine/"):
                more = [on_model(link), *more]
            workshop.file(file, [m for m in mutants if m.file == file],
                          judges + more, report.take)
            if sys.stderr.isatty():
                print(f"{file}: {dict(report.counts[file])}",
                      file=sys.stderr)
    finally:
        workshop.close()


def check_original(workshop: Workshop, judges: list[Judge]) -> None:
    """A judge that objects to the code as it is, says nothing of mutants."""
    objects = workshop.compile("stub/claim.c", None, workshop.new_folder())
    for judge in judges:
        verdict = workshop.run(judge, objects or [])
        if verdict != SURVIVED:
            raise Failure(f"{judge.name}: {verdict} without any mutant; try: "
                          f"claimcheck {' '.join(judge.argv)}")


def main(argv: list[str]) -> int:
    options = arguments(argv)
    if options.build_dir is None:
        build.setup("build", "lint")
        names = [f"tests/unit/{f.stem}" for p in UNIT_TESTS.values()
                 for f in (paths.ROOT / "tests/unit").glob(p)]
        built = build.build("release", "claimcheck", *names)
    else:
        built = options.build_dir.absolute()
    commands = mutants_judge.compile_commands(built)
    files = subjects(options.places)
    every = mutants_of(files, commands)
    equivalents = Equivalents(paths.ROOT / "scripts/mutants-equivalent.txt")
    equivalents.check(every, files)
    mutants = sample(every, options.sample, options.seed)
    report = Report(options, equivalents)
    if options.list:
        for mutant in mutants:
            report.show(Result(mutant, ""), *mutant.before_after(
                report.source(mutant.file)))
        return HELD
    judge_all(options, built, commands, mutants, report)
    if not options.json:
        print(report.table())
        print(f"score: {report.score():.1f} %")
    return VIOLATION if report.score() < options.least else HELD
