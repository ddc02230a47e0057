#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every call that can fail does, one after another: writes, fsync, rename,
open, close, memory; and in place of a failure, the end of the process. After
each run an output is what it was or what it should be, nothing lies beside it,
and the exit code is 3 (1 if there is a violation and it was told).

    tests/cli/sweep.py CLAIMCHECK LIBFAIL
"""

from __future__ import annotations

import os
import pathlib
import shutil
import unittest

import failing
from failing import BROKEN, FAULT

FILES = "write,open,create,rename,fsync,close"
CALLS = FILES + ",malloc"
CORPUS = pathlib.Path(__file__).resolve().parents[2] / "corpus"
OLD = "what was there before\n"
# Calls of one run at most: more would say that the sweep has no end.
MOST = 20000
# name: the command; into "out", a folder, or "one".
VERBS = {
    "text to a file": ("text", "good", "-o", "one"),
    "text to a folder": ("text", "cases", "-o", "out"),
    "text to stdout": ("text", "cases"),
    "bytes": ("bytes", "cases", "-o", "out", "--kind", "wide"),
    "emit-c": ("emit-c", "cases", "-o", "out"),
    "generate": ("generate", "--count", "2", "--ops", "3", "-o", "out"),
    "bytes to a file": ("bytes", "good", "-o", "one", "--kind", "wide"),
    "fill": ("matrix", "--release", "4.17", "--fill", "out", "most"),
    "diff": ("diff", "good", "4.17", "4.22"),
    "marks": ("marks", "--count", "20", "good"),
    "shrink": ("shrink", "--fault", FAULT, "broken", "-o", "one"),
    "explain": ("explain", "good", "-o", "one"),
    "promote": ("promote", "--fault", FAULT, "broken", "-o", "out"),
    "replay": ("replay", "cases"),
    "replay --json": ("replay", "--json", "cases"),
    "violation": ("replay", "--fault", FAULT, "broken", "--quiet"),
    "matrix": ("matrix", "--release", "4.17", "good"),
    "hunt": ("hunt", "--fault", FAULT, "--runs", "20000"),
    "ops": ("ops",),
    "probe": ("probe",),
}
# Nearly all cases are read: only what lies there counts.
UNDER = {"fill": "out"}
GOES = {"violation": 1, "matrix": 1, "marks": 1}


class Sweep(failing.Scratch):
    said = ""  # on stdout, when nothing fails

    def setUp(self) -> None:
        super().setUp()
        self.write("good")
        self.write("broken", BROKEN)
        self.write("cases/a")
        self.write("cases/b")
        (self.folder / "out").mkdir()
        # One case is missing, and --fill finds another in its place.
        shutil.copytree(CORPUS, self.folder / "most",
                        ignore=shutil.ignore_patterns(
                            "070-RESV_RANGE-before-RESV_ORDER.claim"))

    def reset(self) -> None:
        """Outputs, as they were before."""
        (self.folder / "one").write_text(OLD)
        for name in os.listdir(self.folder / "out"):
            (self.folder / "out" / name).unlink()

    def outputs(self) -> dict[str, bytes]:
        found = {f"out/{name}": (self.folder / "out" / name).read_bytes()
                 for name in os.listdir(self.folder / "out")}
        found["one"] = (self.folder / "one").read_bytes()
        return found

    def left(self) -> set[str]:
        return set(os.listdir(self.folder)) - {".failed"}

    def sweep(self, name: str, how: str) -> int:
        """Number of calls of a run of that verb."""
        args = VERBS[name]
        self.reset()
        before = self.left()
        done = self.must(GOES.get(name, 0), self.run_claimcheck(*args))
        self.said = done.out
        wanted = self.outputs()
        at = 1
        while True:
            self.assertLess(at, MOST)
            self.reset()
            done = self.run_claimcheck(
                *args, at=at, how=how, under=UNDER.get(name, ""),
                calls=CALLS if how == "once" else FILES)
            if not done.failed:
                self.must(GOES.get(name, 0), done)
                return at - 1
            with self.subTest(verb=name, how=how, failed=done.failed.strip()):
                self.judge(name, how, done, wanted)
                self.assertEqual(self.left(), before)
            at += 1

    def judge(self, name: str, how: str, done: failing.Done,
              wanted: dict[str, bytes]) -> None:
        found = self.outputs()
        if how == "kill":
            # What cannot be avoided: it may lie beside, under a hidden name.
            found = {path: data for path, data in found.items()
                     if "/.claimcheck-" not in path}
            for hidden in self.folder.glob(".claimcheck-*"):
                hidden.unlink()
        for path, data in found.items():
            self.assertIn(path, wanted, done)
            self.assertIn(data, (wanted[path], OLD.encode()), (path, done))
        if how == "kill":
            self.assertEqual(done.code, -9, done)
        elif how == "short":
            self.must(GOES.get(name, 0), done)
            self.assertEqual(found, wanted, done)
        elif name == "violation" and done.code == 1:
            self.assertIn("replay:", done.err)
            self.assertIn("as text:", done.err)
        elif self.may_be_harmless(done) and done.code == GOES.get(name, 0):
            # Then all is there.
            self.assertEqual(found, wanted, done)
            # A hunt tells times, too.
            if name != "hunt":
                self.assertEqual(done.out, self.said, done)
        else:
            self.must(3, done)

    @staticmethod
    def may_be_harmless(done: failing.Done) -> bool:
        """libc does without a buffer; what was only read is closed."""
        return (" malloc " in done.failed
                or (" close " in done.failed and "good" in done.failed))

    def test_failures(self) -> None:
        for name in VERBS:
            self.assertGreater(self.sweep(name, "once"), 0, name)

    def test_short_writes(self) -> None:
        for name in ("text to a file", "text to a folder", "promote",
                     "generate", "replay"):
            self.assertGreater(self.sweep(name, "short"), 0, name)

    def test_kill(self) -> None:
        """As kill -9 at each of these moments."""
        for name in ("text to a folder", "generate", "promote", "shrink"):
            self.assertGreater(self.sweep(name, "kill"), 0, name)

    def test_folder(self) -> None:
        """Where a file has its new name, the folder is on the disk, too; a
        failure is told, and what was written stays."""
        self.reset()
        done = self.run_claimcheck("text", "good", "-o", "one",
                                   calls="fsync", at=2)
        self.assertEqual(done.failed, f"2 fsync {self.folder}\n", done)
        self.must(3, done)
        self.assertIn("one: cannot write", done.err)
        self.assertNotEqual((self.folder / "one").read_text(), OLD)

    def test_full_disk(self) -> None:
        """It stays full."""
        for name in VERBS:
            self.reset()
            done = self.run_claimcheck(*VERBS[name],
                                       calls="write,create,fsync", at=1,
                                       how="on")
            self.must(3, done)
            self.assertEqual(self.outputs(), {"one": OLD.encode()}, done)


if __name__ == "__main__":
    unittest.main()
