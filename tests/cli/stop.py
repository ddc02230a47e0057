#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A signal in the middle of each verb: it ends soon, says truly how far it
got, keeps the best that it has, and its exit code is 128 + the signal's
number. The signal comes with the N-th call of a kind: nothing depends on
how fast anything is.

    tests/cli/stop.py CLAIMCHECK LIBFAIL
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
import unittest

import failing
from failing import BROKEN, CLAIMCHECK, FAULT

INT, TERM, HUP = (str(int(s)) for s in
                  (signal.SIGINT, signal.SIGTERM, signal.SIGHUP))


class Stop(failing.Scratch):
    def stopped(self, how: str, calls: str, at: int,
                *args: str) -> failing.Done:
        done = self.run_claimcheck(*args, calls=calls, at=at, how=how)
        self.assertTrue(done.failed, f"no signal came: {done}")
        return self.must(128 + int(how), done)

    def cases(self, nr: int) -> str:
        for i in range(nr):
            self.write(f"cases/{i}.claim")
        return "cases"

    def test_replay(self) -> None:
        self.cases(9)
        # The first open is the folder.
        done = self.stopped(INT, "open", 4, "replay", "cases")
        self.assertIn("stopped by SIGINT after 2 of 9 cases", done.err)
        self.assertRegex(done.out, r"\n3 cases, \d+ runs on stub")

    def test_each_signal(self) -> None:
        self.cases(3)
        for how, name in ((TERM, "SIGTERM"), (HUP, "SIGHUP")):
            done = self.stopped(how, "open", 3, "text", "cases")
            self.assertIn(f"stopped by {name} after 2 of 3 cases", done.err)

    def test_other_verbs_of_files(self) -> None:
        self.cases(5)
        for args, nr in ((("bytes", "-o", "-"), 2), (("emit-c",), 2),
                         (("matrix", "--release", "4.17"), 1)):
            done = self.stopped(TERM, "open", 3, *args, "cases")
            self.assertIn(f"stopped by SIGTERM after {nr} of 5 cases",
                          done.err)
            self.assertNotIn("WITNESS", done.out)

    def test_marks(self) -> None:
        self.cases(5)
        if self.run_claimcheck("marks", "cases").code == 77:
            self.skipTest("a build without marks")
        done = self.stopped(TERM, "open", 3, "marks", "cases")
        self.assertIn("stopped by SIGTERM after 2 cases and 0 programs",
                      done.err)
        self.assertNotIn("WRONG", done.out)

    def test_generate(self) -> None:
        done = self.stopped(INT, "clock", 3, "generate", "--run", "--steps",
                            "1000000000")
        self.assertRegex(done.out,
                         r"\n\d+ programs, \d{3,} steps on stub.* 0 violations"
                         r", stopped by SIGINT\n")
        made = self.folder / "made"
        made.mkdir()
        done = self.stopped(INT, "create", 3, "generate", "--count", "9",
                            "-o", "made")
        self.assertIn("stopped by SIGINT after 3 of 9 programs", done.err)
        self.assertEqual(sorted(os.listdir(made)),
                         ["0.claim", "1.claim", "2.claim"])

    def test_shrink_keeps_the_best(self) -> None:
        self.write("case", BROKEN)
        # Before the search begins: it calls nothing. unit.shrink_values stops
        # it in the middle.
        done = self.stopped(INT, "open", 1, "shrink", "--fault", FAULT, "case",
                            "-o", "short")
        self.assertIn("8 operations, 8 after 0 trials, stopped by SIGINT",
                      done.err)
        self.must(1, self.run_claimcheck("replay", "--fault", FAULT, "short"))

    def test_matrix_fill(self) -> None:
        self.write("case")
        (self.folder / "made").mkdir()
        done = self.stopped(INT, "rename", 2, "matrix", "--release", "4.17",
                            "--fill", "made", "case")
        self.assertIn("--fill: 2 cases written, stopped by SIGINT", done.err)
        self.assertEqual(len(os.listdir(self.folder / "made")), 2)

    def test_hunt(self) -> None:
        done = self.stopped(INT, "clock", 9, "hunt", "--runs", "100000000",
                            "--seconds", "10000")
        match = re.search(r"stopped by SIGINT after (\d+) of \d+ faults\n"
                          r"hunt: (\d+) of (\d+) faults caught", done.err)
        assert match, done
        self.assertEqual(match[1], match[3])
        self.assertEqual(len(done.out.splitlines()), 1 + int(match[1]))
        done = self.stopped(INT, "clock", 4, "hunt", "--fault", "none")
        self.assertRegex(done.err, r"stopped by SIGINT after \d+ runs")

    def test_a_violation_is_not_hidden(self) -> None:
        self.write("cases/0", BROKEN)
        self.write("cases/1")
        self.write("cases/2")
        done = self.run_claimcheck("replay", "--fault", FAULT, "cases",
                                   calls="open", at=3, how=INT)
        self.assertIn("stopped by SIGINT after 1 of 3 cases", done.err)
        self.must(1, done)

    def test_all_done_is_not_stopped(self) -> None:
        self.write("cases/0")
        done = self.run_claimcheck("ops", calls="write", at=1, how=INT)
        self.must(0, done)

    def test_waiting_for_input(self) -> None:
        """A read from a terminal or a pipe ends, too."""
        end, other = os.pipe()
        with subprocess.Popen([CLAIMCHECK, "text", "-"], stdin=end, text=True,
                              stderr=subprocess.PIPE) as process:
            os.close(end)
            while not waits(process.pid):
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate()
        os.close(other)
        self.assertEqual(process.returncode, 130, err)
        self.assertIn("stopped by SIGINT after 0 of 1 cases", err)

    def test_ignored_stays_ignored(self) -> None:
        """nohup, and a shell's background."""
        self.cases(3)
        done = self.run_claimcheck(
            "text", "cases", calls="open", at=2, how=HUP,
            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
        self.must(0, done)


def waits(pid: int) -> bool:
    """It handles SIGINT, and sleeps."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        status = dict(line.split(":\t", 1) for line in file)
    return (status["State"].startswith("S")
            and int(status["SigCgt"], 16) >> (signal.SIGINT - 1) & 1 == 1)


if __name__ == "__main__":
    unittest.main()
