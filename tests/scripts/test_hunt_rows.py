# SPDX-License-Identifier: MIT
"""The rows of scripts/hunt: kept, and summed up by kind of fault; its engines
that need no libFuzzer. (Those that do: tests/guards/hunt_script.py.)
"""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from helper import PATIENCE, ROOT

from claimcheck import hunt_rows

BUILD = pathlib.Path(os.environ["CLAIMCHECK_BUILD"])


def row(fault, runs, verdict="caught", seconds=0.5):
    return {"fault": fault, "verdict": verdict, "runs": runs,
            "seconds": seconds}


class Table(unittest.TestCase):
    KINDS = {"a": "drop", "b": "drop", "c": "drop", "d": "drop", "e": "swap",
             "f": "leak"}

    def table(self, *rows):
        return list(hunt_rows.table(list(rows), self.KINDS))[2:]

    def test_by_kind(self):
        """Kinds of few faults share a line, and the last one is of all."""
        self.assertEqual(self.table(
            row("a", 1), row("b", 5), row("c", 3000, seconds=1.5),
            row("d", 6), row("e", 2), row("f", 8)), [
                "| drop | 4 | 4 | 5.5 | 3,000 | 1.50 | `c` |",
                "| others | 2 | 2 | 5 | 8 | 0.50 | `f` |",
                "| **all** | 6 | 6 | 5.5 | 3,000 | 1.50 | `c` |"])

    def test_what_is_not_caught_is_later_than_any_catch(self):
        self.assertEqual(self.table(
            row("a", 9), row("b", 2, "never reached"), row("c", 4),
            row("d", 5)), [
                "| drop | 4 | 3 | 7 | - | 0.50 | - |",
                "| **all** | 4 | 3 | 7 | - | 0.50 | - |"])

    def test_few(self):
        self.assertEqual(self.table(row("a", 9)),
                         ["| **all** | 1 | 1 | 9 | 9 | 0.50 | `a` |"])

    def test_many_runs(self):
        self.assertEqual(self.table(row("a", 1122389), row("b", 2)), [
            "| **all** | 2 | 2 | 561,195.5 | 1,122,389 | 0.50 | `a` |"])

    def test_kind(self):
        for text, kind in (("is let by; a check is dropped",
                            "a check is dropped"),
                           ("x; reporting: z; w", "reporting")):
            self.assertEqual(hunt_rows.kind(text), kind)


class Engines(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="claimcheck-test-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)

    def hunt(self, *args):
        """Exit code, stdout, stderr of scripts/hunt."""
        done = subprocess.run(
            [ROOT / "scripts/hunt", "--build-dir", BUILD, "--out", self.dir,
             *args], env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"),
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=PATIENCE)
        return done.returncode, done.stdout, done.stderr

    def kept(self, engine):
        """The rows in the file."""
        text = (self.dir / f"{engine}.jsonl").read_text()
        return [json.loads(line) for line in text.splitlines()]

    def test_every_fault(self):
        """Each is counted once, in the row of all and in that of its kind."""
        code, out, err = self.hunt("--engine", "generator", "--runs", "2")
        rows = self.kept("generator")
        caught = sum(one["verdict"] == "caught" for one in rows)
        self.assertEqual(code, 1, err)
        self.assertGreater(len(rows), 45)
        for one in rows:
            self.assertRegex(out, rf"(?m)^{one['fault']} +{one['verdict']}")
        table = [line.strip("| ").split(" | ") for line in out.splitlines()
                 if line.startswith("|")][2:]
        self.assertEqual(table[-1][:3],
                         ["**all**", str(len(rows)), str(caught)])
        self.assertEqual(sum(int(line[1]) for line in table[:-1]), len(rows))
        self.assertEqual(sum(int(line[2]) for line in table[:-1]), caught)
        self.assertIn("a check is dropped", out)
        self.assertIn(f"hunt: {caught} of {len(rows)} faults caught", err)

    def test_one_fault(self):
        for engine in "generator", "mutator", "bytes":
            code, out, err = self.hunt("--engine", engine, "--json", "--fault",
                                       "gate_missing", "--runs", "100000")
            self.assertEqual(code, 0, err)
            self.assertEqual([json.loads(out)], self.kept(engine))
            self.assertEqual(self.kept(engine)[0]["verdict"], "caught")

    def test_bad_usage(self):
        for args, say in ((["--engine", "magic"], "magic"),
                          (["--target", "fuzz_sequence"], "--target"),
                          (["--fault", "a", "--fault", "b"], "one --fault"),
                          (["--fault", "no_such"], "--fault no_such"),
                          (["--build-dir", "/absent"], "/absent")):
            code, out, err = self.hunt("--engine", "generator", "--json",
                                       *args)
            self.assertEqual((code, out), (2, ""), args)
            self.assertIn(say, err)


if __name__ == "__main__":
    unittest.main()
