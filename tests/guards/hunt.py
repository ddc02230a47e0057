#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""claimcheck hunt: each of its four verdicts is given where it is due, its
JSON is JSON, and bad usage is refused.

    tests/guards/hunt.py CLAIMCHECK
"""

import json
import subprocess
import sys
import unittest

CLAIMCHECK = sys.argv.pop(1)
# One run a fault with at most so many seeds shows every verdict, the rare one
# too: a fault that is seen, but not by its own signature.
SEEDS = 40
VERDICTS = {"caught", "not caught", "never reached", "reached but not caught"}
FIELDS = {"fault": str, "verdict": str, "signature": str, "runs": int,
          "steps": int, "seconds": float, "operations": int, "shortest": int}


def run(*args):
    """(exit code, stdout, stderr) of claimcheck."""
    done = subprocess.run([CLAIMCHECK, *args], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def hunt(*args):
    """Exit code and the rows of hunt --json."""
    code, out, err = run("hunt", "--json", *args)
    rows = [json.loads(line) for line in out.splitlines()]
    for row in rows:
        assert {k: type(v) for k, v in row.items()} == FIELDS, row
    return code, rows, err


def listed(fault, signature):
    """Is it one of the fault's own?"""
    call = signature.split("/")[0] + "/*"
    return signature in fault["signatures"] or call in fault["signatures"]


class Hunt(unittest.TestCase):
    faults: dict[str, dict]

    @classmethod
    def setUpClass(cls):
        _, out, _ = run("faults", "--json")
        cls.faults = {row["fault"]: row
                      for row in map(json.loads, out.splitlines())
                      if not row["unseen"]}

    def check(self, row):
        """A verdict says what the other columns say."""
        verdict, signature = row["verdict"], row["signature"]
        if verdict == "caught":
            self.assertTrue(listed(self.faults[row["fault"]], signature), row)
            self.assertGreaterEqual(row["shortest"], 1, row)
            self.assertLessEqual(row["shortest"], row["operations"], row)
        elif verdict == "not caught":
            self.assertNotEqual(signature, "", row)
            self.assertFalse(listed(self.faults[row["fault"]], signature), row)
        else:
            self.assertIn(verdict, ("reached but not caught", "never reached"))
            self.assertEqual(signature, "", row)

    def test_all_four_verdicts(self):
        seen: set[str] = set()
        for seed in range(SEEDS):
            if seen == VERDICTS:
                break
            code, rows, err = hunt("--runs", "1", "--seed", str(seed))
            self.assertEqual([row["fault"] for row in rows], list(self.faults))
            for row in rows:
                self.check(row)
                self.assertEqual(row["runs"], 1, row)
                seen.add(row["verdict"])
            caught = sum(row["verdict"] == "caught" for row in rows)
            self.assertEqual(code, 0 if caught == len(rows) else 1)
            self.assertIn(f"hunt: {caught} of {len(rows)} faults", err)
        self.assertEqual(seen, VERDICTS)

    def test_a_fault_on_a_release_without_its_place(self):
        code, rows, _ = hunt("--fault", "free_never_regrows", "--release",
                             "4.22", "--runs", "2000")
        self.assertEqual([row["verdict"] for row in rows], ["never reached"])
        self.assertEqual((code, rows[0]["runs"]), (1, 2000))

    def test_caught_is_0_and_the_same_each_time(self):
        first = hunt("--fault", "gate_missing", "--runs", "1000")
        again = hunt("--fault", "gate_missing", "--runs", "1000")
        for code, rows, _ in first, again:
            self.assertEqual((code, rows[0]["verdict"]), (0, "caught"))
            rows[0]["seconds"] = 0.0
        self.assertEqual(first[1], again[1])

    def test_every_engine(self):
        for engine in "generator", "mutator", "bytes":
            code, rows, _ = hunt("--fault", "release_keeps_host_count",
                                 "--engine", engine, "--runs", "100000")
            self.assertEqual((code, rows[0]["verdict"]), (0, "caught"), engine)

    def test_nothing_planted(self):
        code, rows, _ = hunt("--fault", "none", "--runs", "500")
        self.assertEqual((code, rows[0]["verdict"]), (0, "held"))

    def test_bad_usage(self):
        for args, say in (
                (["--fault", "no_such"], "--fault no_such: expected"),
                (["--fault"], "--fault"),
                (["--engine", "magic"], "--engine magic: expected generator"),
                (["--release", "3.0"], "--release 3.0: expected a release"),
                (["--seconds", "0"], "invalid --seconds"),
                (["--runs", "many"], "invalid --runs"),
                (["--seed", "-1"], "invalid --seed"),
                (["--frobnicate"], "--frobnicate"),
                (["surplus"], "unexpected argument 'surplus'")):
            code, out, err = run("hunt", *args)
            self.assertEqual((code, out), (2, ""), args)
            self.assertIn(say, err)


if __name__ == "__main__":
    unittest.main()
