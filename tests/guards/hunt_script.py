#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""scripts/hunt: its verdicts through libFuzzer, its JSON, its exit codes.

    tests/guards/hunt_script.py BUILD-FOLDER ENGINE

Without libFuzzer in this build only usage is tested.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ENGINE = sys.argv.pop()
BUILD = pathlib.Path(sys.argv.pop()).absolute()
SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts/hunt"
FIELDS = {"fault": str, "verdict": str, "signature": str, "target": str,
          "runs": int, "steps": int, "seconds": float, "operations": int,
          "shortest": int}
has_engine = unittest.skipUnless(ENGINE == "libfuzzer", "no fuzz engine here")


class HuntScript(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="claimcheck-hunt-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)

    def hunt(self, *args, **env):
        """Exit code, rows, stderr of scripts/hunt."""
        done = subprocess.run(
            [SCRIPT, "--build-dir", BUILD, "--out", self.dir, "--json", *args],
            env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1", **env),
            stdin=subprocess.DEVNULL, capture_output=True, text=True)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        for row in rows:
            self.assertEqual({k: type(v) for k, v in row.items()}, FIELDS)
        return done.returncode, rows, done.stderr

    @has_engine
    def test_caught(self):
        """Each by its own signature, which the saved input shows again."""
        faults = {"claim_total.unclaimed.drop": "/claim",
                  "release_keeps_host_count": "CLAIM-SUM/",
                  "claim_locks_reversed": "LOCKS/"}
        args = [word for fault in faults for word in ("--fault", fault)]
        code, rows, err = self.hunt("--runs", "50000", *args)
        self.assertEqual(code, 0, err)
        self.assertIn("3 of 3 faults caught", err)
        self.assertEqual([row["fault"] for row in rows], list(faults))
        for row in rows:
            self.assertEqual(row["verdict"], "caught", row)
            self.assertIn(faults[row["fault"]], row["signature"])
            self.assertGreaterEqual(row["runs"], 1)
            self.assertTrue(1 <= row["shortest"] <= row["operations"], row)
            self.assertTrue(list((self.dir / row["fault"] / row["target"] /
                                  "crashes").glob("crash-*")))

    @has_engine
    def test_one_run_is_not_enough(self):
        """Must fail: a fault with no time to be found is not caught."""
        code, rows, err = self.hunt("--runs", "1", "--fault", "gate_missing",
                                    "--fault", "free_never_regrows")
        self.assertEqual(code, 1, err)
        self.assertIn("0 of 2 faults caught", err)
        for row in rows:
            self.assertIn("reached", row["verdict"])

    @has_engine
    def test_reached_but_not_caught(self):
        """Faults that show seldom, with few runs: one at least is met, by one
        of these seeds."""
        for seed in range(1, 9):
            code, rows, err = self.hunt(
                "--runs", "200", "--target", "fuzz_sequence", "--seed",
                str(seed), "--fault", "claim_accepts_self", "--fault",
                "claim.xsm.swap", "--fault", "reservation.exact.drop")
            self.assertIn(code, (0, 1), err)
            met = [row for row in rows
                   if row["verdict"] == "reached but not caught"]
            if met:
                break
        self.assertTrue(met, rows)
        for row in met:
            self.assertEqual((row["signature"], row["target"]), ("", ""))

    @has_engine
    def test_never_reached(self):
        """Pages raise no claim on that release."""
        code, rows, err = self.hunt("--runs", "2000", "--fault",
                                    "free_never_regrows",
                                    CLAIMCHECK_RELEASE="4.22")
        self.assertEqual(code, 1, err)
        self.assertEqual(rows[0]["verdict"], "never reached")
        self.assertGreaterEqual(rows[0]["runs"], 4000)  # of two targets

    @has_engine
    def test_a_signature_that_is_not_its_own(self):
        """A known fault under another's name: seen, and yet not caught."""
        fake = self.dir / "build"
        fake.mkdir()
        for source in (SCRIPT.parents[1] / "harness/targets").glob("fuzz_*.c"):
            (fake / source.stem).symlink_to(BUILD / source.stem)
        script = fake / "claimcheck"
        script.write_text("#!/bin/sh\necho '{\"fault\":\"gate_missing\","
                          "\"signatures\":[\"FETCH/*\",\"BUG/claim\"],"
                          "\"text\":\"\",\"unseen\":\"\"}'\n")
        script.chmod(0o755)
        code, rows, err = self.hunt("--runs", "50000", "--fault",
                                    "gate_missing", "--build-dir", str(fake))
        self.assertEqual(code, 1, err)
        self.assertEqual(rows[0]["verdict"], "not caught")
        self.assertNotEqual(rows[0]["signature"], "")

    @has_engine
    def test_bad_names(self):
        for args, say in ((("--fault", "no_such"), "unknown fault no_such"),
                          (("--build-dir", "/absent"), "/absent/claimcheck")):
            code, rows, err = self.hunt(*args)
            self.assertEqual((code, rows), (2, []), args)
            self.assertIn(say, err)

    def test_bad_usage(self):
        for args, say in ((("--target", "no_such"), "unknown target no_such"),
                          (("--seconds", "0"),
                           "expected a whole number, 1 or more"),
                          (("--runs", "many"), "many"),
                          (("--frobnicate",), "--frobnicate")):
            code, rows, err = self.hunt(*args)
            self.assertEqual((code, rows), (2, []), args)
            self.assertIn(say, err)


if __name__ == "__main__":
    unittest.main()
