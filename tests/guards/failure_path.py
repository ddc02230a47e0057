#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A canary for the way that a failure takes: planted faults must come out as
exit code, report, saved input, and a replay with the same signature; and a
failure must not stop a runner from going on to the next case.

    tests/guards/failure_path.py CLAIMCHECK BUILD-FOLDER ENGINE
"""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

CLAIMCHECK = pathlib.Path(sys.argv[1]).absolute()
BUILD = pathlib.Path(sys.argv[2]).absolute()
ENGINE = sys.argv[3]
del sys.argv[1:4]
TARGETS = ("fuzz_sequence", "fuzz_reservation")
SIGNATURE = re.compile(r"^claimcheck: violation: (\S+)$", re.M)
FAULT = "claim_total.unclaimed.drop"
LIBFUZZER_CRASH = 77
# Which step breaks with FAULT, and with release_keeps_host_count: only the
# release at the end of the run.
CASE = "host nodes=1 pages=16 release=4.22\ncreate d1\nmax_mem d1 host\n"
OVER_CLAIM = CASE + "claim d1 host\n"
AT_THE_END = CASE + "claim d1 5\n"


class FailurePath(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="claimcheck-guard-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)

    def run_it(self, *argv, **env):
        done = subprocess.run(
            [str(word) for word in argv], cwd=self.dir,
            env=dict(os.environ, **env), stdin=subprocess.DEVNULL,
            capture_output=True)
        return (done.returncode, done.stdout.decode("utf-8", "replace"),
                done.stderr.decode("utf-8", "replace"))

    def write(self, name, text):
        (self.dir / name).write_text(text)
        return self.dir / name

    def signature(self, text):
        """The one signature of a report."""
        found = SIGNATURE.findall(text)
        self.assertEqual(len(found), 1, text[-2000:])
        return found[0]

    def replay(self, file, fault, *options):
        code, _, err = self.run_it(CLAIMCHECK, "replay", "--fault", fault,
                                   *options, file)
        self.assertEqual(code, 1, err)
        return self.signature(err), err

    def test_held_without_the_fault(self):
        for text in OVER_CLAIM, AT_THE_END:
            code, _, err = self.run_it(CLAIMCHECK, "replay",
                                       self.write("held.claim", text))
            self.assertEqual((code, err), (0, ""))

    def test_step_that_broke(self):
        name, err = self.replay(self.write("a.claim", OVER_CLAIM), FAULT)
        self.assertEqual(name, "OVER-CLAIM/claim")
        self.assertRegex(err, r"\n >  3  claim d1 host +\(during the call\)\n")

    def test_release_at_the_end(self):
        """The step is none of the program's: the report still names it."""
        name, err = self.replay(self.write("a.claim", AT_THE_END),
                                "release_keeps_host_count")
        self.assertEqual(name, "CLAIM-SUM/claim")
        self.assertIn("after the last step, while releasing all", err)
        self.assertRegex(err, r"\n >  -  claim d1 0 +=")

    def test_each_failure_is_reported(self):
        """... and those that come after a file which is no case at all; a
        violation is worse than bad input."""
        self.write("a.claim", OVER_CLAIM)
        self.write("b.claim", "no such operation\n")
        self.write("c.claim", CASE)
        self.write("d.claim", OVER_CLAIM)
        code, out, err = self.run_it(CLAIMCHECK, "replay", "--fault", FAULT,
                                     ".")
        self.assertEqual(code, 1)
        self.assertEqual(SIGNATURE.findall(err), ["OVER-CLAIM/claim"] * 2)
        self.assertIn("b.claim:1:1:", err)
        self.assertIn("c.claim: 4.22: held", out)
        self.assertIn("3 cases", out)
        self.assertIn("2 violations", out)

    def test_nothing_to_run_is_an_error(self):
        empty = self.dir / "empty"
        empty.mkdir()
        bad: list[list] = [
            ["replay"], ["replay", empty], ["shrink", empty],
            ["replay", self.dir / "absent"], ["matrix", empty],
            ["generate", "--run", "--count", "0"], ["hunt", "--runs", "0"]]
        for args in bad:
            code, _, err = self.run_it(CLAIMCHECK, *args)
            self.assertEqual(code, 2, args)
            self.assertNotEqual(err, "", args)

    def test_results_that_cannot_be_written(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = subprocess.run(
                [CLAIMCHECK, "replay", self.write("a.claim", CASE)],
                stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 3, done.stderr)

    @unittest.skipUnless(ENGINE == "none", "the targets have an engine here")
    def test_engine_less_main(self):
        file = self.write("a.claim", OVER_CLAIM)
        target = BUILD / "fuzz_sequence"
        code, _, err = self.run_it(target, file, CLAIMCHECK_FAULT=FAULT)
        self.assertEqual(code, -signal.SIGABRT, err)
        self.assertEqual(self.signature(err), "OVER-CLAIM/claim")
        self.assertIn(f"replay --trace --fault {FAULT} --release 4.22 {file}",
                      err)
        code, _, err = self.run_it(target, file)
        self.assertEqual(code, 0, err)
        empty = self.dir / "empty"
        empty.mkdir()
        self.assertEqual(self.run_it(target, empty)[0], 2)

    @unittest.skipUnless(ENGINE == "libfuzzer", "no fuzz engine in this build")
    def test_engine(self):
        """Both targets: exit code, report, input, and three replays."""
        for target in TARGETS:
            code, _, err = self.run_it(
                BUILD / target, "-seed=1", "-runs=200000",
                f"-artifact_prefix={target}-", CLAIMCHECK_FAULT=FAULT)
            self.assertEqual(code, LIBFUZZER_CRASH, err[-2000:])
            name = self.signature(err)
            saved = list(self.dir.glob(f"{target}-crash-*"))
            self.assertEqual(len(saved), 1)
            # The commands name the file and this build: they can be pasted.
            for verb, wanted in (("replay", 1), ("explain", 1), ("shrink", 0)):
                command = re.findall(f"^{verb}: +(.*)$", err, re.M)[0]
                self.assertIn(f"{BUILD}/claimcheck {verb} ", command)
                self.assertTrue(command.endswith(" ./" + saved[0].name)
                                or command.endswith(" " + saved[0].name),
                                command)
                self.assertEqual(self.run_it("sh", "-c", command)[0], wanted)
            again, _ = self.replay(saved[0], FAULT, "--raw")
            self.assertEqual(again, name)
            code, _, err = self.run_it(BUILD / target, saved[0],
                                       CLAIMCHECK_FAULT=FAULT)
            self.assertEqual((code, self.signature(err)),
                             (LIBFUZZER_CRASH, name))
            code, _, err = self.run_it(
                CLAIMCHECK, "shrink", "--raw", "--fault", FAULT, saved[0],
                "-o", "short.claim")
            self.assertEqual(code, 0, err)
            again, _ = self.replay(self.dir / "short.claim", FAULT)
            self.assertEqual(again, name)
            code, _, err = self.run_it(BUILD / target, saved[0])
            self.assertEqual(code, 0, err[-2000:])


if __name__ == "__main__":
    unittest.main()
