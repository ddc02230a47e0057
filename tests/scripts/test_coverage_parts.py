# SPDX-License-Identifier: MIT
"""scripts/coverage: floors, what is not reached, what is lost. The whole
script is run by coverage_must_fail."""

import os
import re
import unittest

from helper import ROOT, InFolder

from claimcheck import coverage_floors as cf
from claimcheck.coverage_unreached import lost, unreached
from claimcheck.errors import Failure


def summary(name, lines, branches):
    """A file of an llvm-cov export; pairs are covered and count."""
    def part(pair):
        return {"covered": pair[0], "count": pair[1]}

    return {"filename": str(ROOT / name),
            "summary": {"lines": part(lines), "branches": part(branches)}}


EXPORT = {"data": [{"files": [
    summary("stub/a.c", (9, 10), (19, 20)),
    summary("stub/audit.c", (0, 10), (0, 20)),
    summary("stubborn/a.c", (0, 90), (0, 90))]}]}
OTHER = "tests stub 0 0\n"


class Floors(InFolder):
    def read(self, text):
        file = self.dir / "floors.txt"
        file.write_text(text)
        return cf.read(file)

    def below(self, text):
        floors = self.read(text)[cf.CORPUS]
        return cf.table(EXPORT, floors)[1]

    def test_numbers_are_compared_as_numbers(self):
        # As text, "9" would be above "45" and "100" below it.
        self.assertEqual(self.below(OTHER + "corpus stub 9 9.5\n"), [])
        self.assertEqual(self.below(OTHER + "corpus stub 45 47.5 # just\n"),
                         [])
        self.assertEqual(len(self.below(OTHER + "corpus stub 45.1 47.6\n")),
                         2)

    def test_a_file_has_a_floor_and_counts_for_its_folder(self):
        rows = OTHER + "corpus stub 45 47\ncorpus stub/a.c {} 95\n"
        self.assertEqual(self.below(rows.format(90)), [])
        self.assertEqual(self.below(rows.format(91)),
                         ["stub/a.c: lines 90.00 %, floor 91 %"])

    def test_a_file_apart_does_not_count(self):
        rows = ("corpus stub 90 95\ncorpus stub/audit.c apart\n"
                "tests stub/audit.c 0 0\n")
        self.assertEqual(self.below(rows), [])

    def test_each_file_of_a_folder(self):
        """Each that has no row of its own, and none of another folder."""
        rows = OTHER + "tests stub/audit.c 0 0\ncorpus stub 0 0\n"
        self.assertEqual(
            self.below(rows + "corpus stub/* 91 95\n"),
            ["stub/a.c: lines 90.00 %, floor 91 %",
             "stub/audit.c: lines 0.00 %, floor 91 %",
             "stub/audit.c: branches 0.00 %, floor 95 %"])
        self.assertEqual(self.below(
            rows + "corpus stub/* 90 95\ncorpus stub/audit.c apart\n"), [])
        self.assertEqual(self.below(
            rows + "corpus stub/* 90 95\ncorpus stub/audit.c 0 0\n"), [])
        # No file at all is not a folder whose files are all good.
        self.assertEqual(len(self.below(OTHER + "corpus model/* 0 0\n")), 2)

    def test_code_without_branches(self):
        row = OTHER + "corpus stub/a.c 90 -\n"
        self.assertEqual(self.below(row),
                         ["stub/a.c: 20 branches, expected none"])
        export = {"data": [{"files": [summary("stub/a.c", (9, 10), (0, 0))]}]}
        floors = self.read(row)[cf.CORPUS]
        self.assertEqual(cf.table(export, floors)[1], [])
        floors = self.read(row.replace("-", "0"))[cf.CORPUS]
        self.assertEqual(len(cf.table(export, floors)[1]), 1)

    def test_sources_are_named_once(self):
        floors = self.read(OTHER + "corpus stub 0 0\ncorpus stub/* 0 0\n"
                           "corpus stub/a.c 0 0\ncorpus model/* 0 0\n"
                           "corpus harness/a.c 0 0\n")[cf.CORPUS]
        self.assertEqual(floors.sources(), ["harness/a.c", "model", "stub"])

    def test_apart_needs_a_floor_elsewhere(self):
        with self.assertRaisesRegex(Failure, "stub/audit.c"):
            self.read(OTHER + "corpus stub 90 95\ncorpus stub/audit.c apart\n")

    def test_without_code_fails(self):
        for path in ("model", "stub/none.c", "stub/a"):
            self.assertEqual(len(self.below(OTHER + f"corpus {path} 0 0\n")),
                             2)

    def test_bad_rows(self):
        good = OTHER + "corpus stub 1 1\n"
        self.read(good)
        for row in ("corpus model 90", "corpus model 90 95 1",
                    "corpus model ninety 1", "corpus model 101 0",
                    "corpus model -1 0", "corpus stub 1 1", "corpus", "stub",
                    "tests model apart", "fuzz model 1 1",
                    "corpus model nan 1",
                    "corpus stub/* apart 1", "corpus model - -",
                    "corpus stub/* 101 0"):
            with self.assertRaisesRegex(Failure, ":3:1: expected", msg=row):
                self.read(good + row + "\n")

    def test_no_floors_at_all(self):
        for text in ("", "# nothing\n", OTHER, "corpus stub 1 1\n"):
            with self.assertRaises(Failure):
                self.read(text)

    def test_those_of_the_project(self):
        measures = cf.read(ROOT / "scripts/coverage-floors.txt")
        for path in ("stub", "model", "harness/engine"):
            self.assertIn(path, measures[cf.CORPUS].least)
        for floors in measures.values():
            for path in [*floors.least, *floors.apart]:
                self.assertTrue((ROOT / path.removesuffix(cf.EACH)).exists(),
                                path)


class Page(unittest.TestCase):
    """docs/coverage.md has the floors, and reasons where they are low."""

    MEASURES = [(measure, kind) for measure in (cf.CORPUS, cf.TESTS)
                for kind in cf.KINDS]

    def setUp(self):
        self.text = (ROOT / "docs/coverage.md").read_text()
        self.floors = cf.read(ROOT / "scripts/coverage-floors.txt")

    def cell(self, measure, path, kind):
        floors = self.floors[measure]
        if path in floors.apart:
            return "apart"
        if path not in floors.least:
            return ""
        value = floors.least[path].get(kind)
        return cf.NONE if value is None else f"{value:g}"

    def test_floors(self):
        rows = [[cell.strip() for cell in line.strip("|").split("|")]
                for line in self.text.partition("| floors in %")[2]
                .partition("\n\n")[0].splitlines()[2:]]
        shown = {row[0].strip("`"): row[1:] for row in rows}
        self.assertEqual(shown, {
            path: [self.cell(measure, path, kind)
                   for measure, kind in self.MEASURES]
            for floors in self.floors.values() for path in floors.least})

    def test_a_low_floor_has_a_reason(self):
        reasons = " ".join(re.findall(r"^\|[^|]*\|([^|]*)\|[^|]*\|$",
                                      self.text, re.M))
        least = self.floors[cf.CORPUS].least
        low = [path for path, floor in least.items() for kind in cf.KINDS
               if floor.get(kind, 100) < least.get(
                   os.path.dirname(path) + cf.EACH, {}).get(kind, 0)]
        self.assertIn("stub/locks.c", low)
        for path in low:
            folder, name = os.path.split(path)
            stem = name.removesuffix(".c")
            self.assertRegex(reasons, rf"`{folder}/({stem}\.c|\{{[^}}]*\b"
                             rf"{stem}\b[^}}]*\}}\.c)`")


class Unreached(unittest.TestCase):
    def test_lines(self):
        shown = (f"{ROOT}/stub/a.c:\n    1|      3|int f(void)\n"
                 "    2|      0|    return 1;\n    3|      0|}\n"
                 "    4|       |// no code\n")
        self.assertEqual(unreached(shown), ["stub/a.c:2: return 1;"])

    def test_branches(self):
        shown = (f"{ROOT}/stub/a.c:\n"
                 "    7|  1.30k|    if ( a || b )\n"
                 "  |  Branch (7:10): [True: 0, False: 1.30k]\n"
                 "  |  Branch (7:15): [Folded - Ignored]\n"
                 "  |  Branch (7:20): [True: 20, False: 10]\n"
                 "    8|      0|    if ( c )\n"
                 "  |  Branch (8:10): [True: 0, False: 0]\n")
        self.assertEqual(unreached(shown), [
            "stub/a.c:7: never true (column 10): if ( a || b )",
            "stub/a.c:8: if ( c )"])

    def test_a_header_is_reached_by_any_of_its_users(self):
        once = ("    1|      {}|f();\n"
                "  |  Branch (1:2): [True: {}, False: {}]\n")
        shown = (f"{ROOT}/stub/a.h:\n" + once.format(0, 0, 0) +
                 once.format(4, 4, 0))
        self.assertEqual(unreached(shown),
                         ["stub/a.h:1: never false (column 2): f();"])
        self.assertEqual(unreached(shown + once.format(2, 0, 2)), [])


class Lost(unittest.TestCase):
    def test_moved_lines_are_not_lost(self):
        old = ["a.c:1: x();", "a.c:9: return;"]
        new = ["a.c:2: x();", "a.c:5: return;", "a.c:10: return;"]
        self.assertEqual(lost(old, new), ["a.c:10: return;"])

    def test_a_branch_is_lost(self):
        old = ["a.c:1: never true (column 9): if ( x )"]
        new = ["a.c:4: never true (column 9): if ( x )",
               "a.c:4: never false (column 9): if ( x )"]
        self.assertEqual(lost(old, new), new[1:])
        self.assertEqual(lost(new, old), [])


if __name__ == "__main__":
    unittest.main()
