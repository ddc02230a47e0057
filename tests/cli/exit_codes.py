#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each exit code of docs/exit-codes.md, of each verb; what is lost, too, is
never silent: outputs of one name, links to nothing, a closed stdout.

    tests/cli/exit_codes.py CLAIMCHECK LIBFAIL

128 + n: tests/cli/stop.py. Without memory, and each output that fails:
tests/cli/sweep.py.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import unittest
from typing import Any, Callable

import failing
from failing import BROKEN, FAULT, GOOD, NO_PROGRAM

LISTS = ("ops", "invariants", "weaknesses", "faults")
# verb: what it is called with for each code. A verb that can judge nothing has
# no 1 (text, bytes, emit-c, lists; and shrink, whose violation is its input);
# a verb that needs nothing of the machine has no 77.
CODES: dict[str, dict[int, tuple[str, ...]]] = {
    "replay": {0: ("good",), 1: ("broken", "--fault", FAULT), 2: ("absent",),
               77: ("good", "--on", "live")},
    "shrink": {0: ("broken", "--fault", FAULT), 2: ("good",),
               77: ("broken", "--on", "live")},
    "explain": {0: ("good",), 1: ("broken", "--fault", FAULT),
                2: ("absent",), 77: ("good", "--on", "live")},
    "promote": {0: ("broken", "--fault", FAULT, "-o", "promoted"),
                2: ("good", "-o", "promoted"),
                77: ("broken", "--on", "live", "-o", "promoted")},
    "diff": {0: ("good", "4.17", "4.18"),
             1: ("broken", "4.22", "fault=" + FAULT), 2: ("good",),
             77: ("good", "4.17", "live")},
    "generate": {0: (), 1: ("--run", "--steps", "100000", "--fault", FAULT),
                 2: ("-o", "absent"), 77: ("--run", "--on", "live")},
    "matrix": {1: ("--release", "4.17", "good"), 2: ("absent",)},
    "marks": {1: ("--count", "0", "good"), 2: ("absent",)},
    "hunt": {0: ("--fault", FAULT, "--runs", "20000"),
             1: ("--fault", FAULT, "--runs", "1"),  # by no first program
             2: ("--fault", "absent")},
    "text": {0: ("good",), 2: ("absent",)},
    "bytes": {0: ("good", "-o", "-"), 2: ("good",)},
    "emit-c": {0: ("good",), 2: ("wrong",), 77: ("no-program",)},
    "probe": {0: (), 1: ("--fault", "domctl.version.drop"),
              2: ("--on", "absent"), 77: ("--on", "live")},
    **{name: {0: (), 2: ("absent",)} for name in LISTS},
}


class ExitCodes(failing.Scratch):
    def setUp(self) -> None:
        super().setUp()
        self.write("good")
        self.write("broken", BROKEN)
        self.write("bad", "not a case\n")
        self.write("wrong", GOOD + "claim d1 4 = ENOMEM\n")
        self.write("no-program", NO_PROGRAM)

    def run_claimcheck(self, *args: str, **more: Any) -> failing.Done:
        """A case that was promoted before is refused."""
        promoted = self.folder / "promoted"
        shutil.rmtree(promoted, ignore_errors=True)
        promoted.mkdir()
        return super().run_claimcheck(*args, **more)

    def test_table(self) -> None:
        listed = self.run_claimcheck("--list", "verbs").out.split()
        # A verb that is added has its codes here, too.
        self.assertEqual(sorted(listed), sorted(CODES))
        for verb, codes in CODES.items():
            for code, args in codes.items():
                with self.subTest(verb=verb, code=code):
                    done = self.run_claimcheck(verb, *args)
                    if verb == "marks" and code == 1 and done.code == 77:
                        continue  # a build without marks
                    self.must(code, done)

    def test_stdout(self) -> None:
        """3, of every verb: full, closed, and a reader that is gone."""
        for verb, codes in CODES.items():
            args = codes.get(0, codes.get(1, ()))
            with self.subTest(verb=verb):
                if self.run_claimcheck(verb, *args).code == 77:
                    continue  # a build without marks
                with open("/dev/full", "wb") as full:
                    done = self.run_claimcheck(verb, *args, stdout=full)
                self.must(3, done)
                self.assertIn("stdout: cannot write", done.err)
                self.must(3, self.run_claimcheck(
                    verb, *args, stdout=None, preexec_fn=lambda: os.close(1)))
                end, other = os.pipe()
                os.close(end)
                self.must(3, self.run_claimcheck(verb, *args, stdout=other))
                os.close(other)

    def test_a_closed_stdout_is_not_the_output_file(self) -> None:
        for fd in (0, 1, 2):
            self.run_claimcheck("replay", "good", "--quiet", stdout=None,
                                preexec_fn=lambda fd=fd: os.close(fd))
            self.run_claimcheck("text", "good", "-o", "out", stdout=None,
                                preexec_fn=lambda fd=fd: os.close(fd))
            self.assertTrue((self.folder / "out").read_text().startswith(
                "host nodes=1"))

    def test_a_report_that_is_lost(self) -> None:
        with open("/dev/full", "wb") as full:
            done = self.run_claimcheck("replay", "--fault", FAULT, "broken",
                                       stderr=full)
        self.must(3, done)

    def test_order(self) -> None:
        """3, 1, 2, 77, 0: the worst of several."""
        replay = ("replay", "--fault", FAULT)
        self.must(1, self.run_claimcheck(*replay, "bad", "broken", "good"))
        self.must(1, self.run_claimcheck(*replay, "broken", "bad"))
        self.must(2, self.run_claimcheck(*replay, "good", "bad"))
        self.must(2, self.run_claimcheck("emit-c", "no-program", "bad"))
        self.must(2, self.run_claimcheck("emit-c", "bad", "no-program"))
        self.must(77, self.run_claimcheck("emit-c", "no-program", "good"))
        for verb in ("replay", "shrink"):
            self.must(2, self.run_claimcheck(verb, "--on", "live", "bad"))
        self.must(2, self.run_claimcheck("marks", "bad"))
        self.must(2, self.run_claimcheck("replay", "--on", "live", "--fault",
                                         "absent", "good"))
        with open("/dev/full", "wb") as full:
            self.must(3, self.run_claimcheck(*replay, "broken", stdout=full))

    def test_two_cases_for_one_file(self) -> None:
        for name in ("x/c.claim", "y/c.claim"):
            self.write(name, BROKEN if name[0] == "x" else GOOD)
        (self.folder / "out").mkdir()
        for verb in (("text",), ("bytes",), ("emit-c",),
                     ("shrink", "--fault", FAULT)):
            done = self.must(2, self.run_claimcheck(
                *verb, "x/c.claim", "y/c.claim", "-o", "out"))
            self.assertIn("both x/c.claim and y/c.claim would be written "
                          "there", done.err)
            self.assertEqual(os.listdir(self.folder / "out"), [])
        # One is called x-c, the other lies in x.
        self.write("x-c.claim")
        self.must(2, self.run_claimcheck("text", ".", "-o", "out"))
        done = self.must(2, self.run_claimcheck("text", "x", "y", "-o", "one"))
        self.assertFalse((self.folder / "one").exists())

    def test_nothing_in_a_folder_is_passed_over(self) -> None:
        def corpus(make: Callable[[pathlib.Path], None]) -> failing.Done:
            folder = self.folder / f"corpus{len(os.listdir(self.folder))}"
            folder.mkdir()
            (folder / "a.claim").write_text(GOOD)
            make(folder / "b")
            done = self.run_claimcheck("replay", str(folder))
            self.assertIn("1 cases", done.out)
            return self.must(2, done)
        self.assertIn("b: a link to nothing",
                      corpus(lambda p: p.symlink_to("absent")).err)
        self.assertIn("b: a link to a folder",
                      corpus(lambda p: p.symlink_to(".")).err)
        self.assertIn("b: no regular file", corpus(os.mkfifo).err)
        # A link to a file is a case.
        self.write("linked/a.claim")
        (self.folder / "linked/b").symlink_to("a.claim")
        self.assertIn("2 cases", self.must(0, self.run_claimcheck(
            "replay", "linked")).out)

    def test_a_bad_disk_is_not_a_bad_case(self) -> None:
        self.write("folder/a.claim")
        for at in (1, 2):
            self.must(3, self.run_claimcheck("replay", "folder", calls="open",
                                             at=at))

    def test_outputs(self) -> None:
        """What is there already keeps its mode, is followed if it is a link,
        and stays if it is no regular file."""
        out = self.folder / "out"
        out.write_text("old")
        out.chmod(0o640)
        link = self.folder / "link"
        link.symlink_to("out")
        self.must(0, self.run_claimcheck("text", "good", "-o", "link"))
        self.assertTrue(link.is_symlink())
        self.assertEqual(out.stat().st_mode & 0o777, 0o640)
        self.assertTrue(out.read_text().startswith("host"))
        self.must(0, self.run_claimcheck("text", "good", "-o", "/dev/null"))
        self.assertTrue(os.path.exists("/dev/null"))
        self.assertFalse(os.path.isfile("/dev/null"))
        self.must(3, self.run_claimcheck("text", "good", "-o", "/dev/full"))
        dangling = self.folder / "dangling"
        dangling.symlink_to("nowhere")
        self.must(2, self.run_claimcheck("text", "good", "-o", "dangling"))
        self.assertTrue(dangling.is_symlink())
        done = self.must(2, self.run_claimcheck("text", "good", "-o", "a/b"))
        self.assertIn("a/b: cannot write: No such file", done.err)


if __name__ == "__main__":
    unittest.main()
