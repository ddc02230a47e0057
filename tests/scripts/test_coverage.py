# SPDX-License-Identifier: MIT
"""scripts/coverage: floors, folders, lost lines."""

import unittest

from helper import ROOT, InFolder

from claimcheck import coverage
from claimcheck.errors import Failure


class Coverage(InFolder):
    EXPORT = {"data": [{"files": [
        {"filename": str(ROOT / "stub/a.c"), "summary": {
            "lines": {"covered": 9, "count": 10},
            "branches": {"covered": 19, "count": 20}}},
        {"filename": str(ROOT / "stubborn/a.c"), "summary": {
            "lines": {"covered": 0, "count": 90},
            "branches": {"covered": 0, "count": 90}}}]}]}

    def floors(self, text):
        file = self.dir / "floors.txt"
        file.write_text(text)
        return coverage.read_floors(file)

    def below(self, text):
        floors = self.floors(text)
        sums = coverage.per_folder(self.EXPORT, floors)
        return coverage.table(sums, floors)[1]

    def test_numbers_are_compared_as_numbers(self):
        # As text, "9" would be above "90" and "100" below it.
        self.assertEqual(self.below("stub 9 9.5\n"), [])
        self.assertEqual(self.below("stub 90 95 # exactly\n"), [])
        self.assertEqual(len(self.below("stub 100 95.01\n")), 2)

    def test_folder_without_code_fails(self):
        self.assertEqual(len(self.below("model 0 0\n")), 2)

    def test_bad_floors(self):
        for text in ("", "# nothing\n", "stub 90\n", "stub 90 95 1\n",
                     "stub ninety 1\n", "stub 101 0\n"):
            with self.assertRaises(Failure):
                self.floors(text)

    def test_unreached_lines(self):
        shown = (f"{ROOT}/stub/a.c:\n    1|      3|int f(void)\n"
                 "    2|      0|    return 1;\n    3|      0|}\n"
                 "    4|       |// no code\n")
        self.assertEqual(coverage.unreached(shown),
                         ["stub/a.c:2: return 1;"])


    def test_lost_lines(self):
        old = ["a.c:1: x();", "a.c:9: return;"]
        new = ["a.c:2: x();", "a.c:5: return;", "a.c:10: return;"]
        self.assertEqual(coverage.lost(old, new), ["a.c:10: return;"])


if __name__ == "__main__":
    unittest.main()
