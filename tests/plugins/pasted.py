#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The commands that a fuzz target prints when it fails, pasted: after a
violation and after a signal, for one file, for the second of two, for what the
engine is about to save, and for text.

    tests/plugins/pasted.py CLAIMCHECK FUZZ_SEQUENCE FUZZ_TEXT-WITH-LIES
        CRASHER-SEGV.so ENGINE
"""

import os
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "cli"))
import tool  # noqa: E402

SEQUENCE, TEXT, CRASHER = (
    pathlib.Path(sys.argv.pop(1)).absolute() for _ in range(3))
ENGINE = sys.argv.pop(1)
CASE = ("host nodes=1 pages=64 release=4.22\ncreate d1\ncreate d2\n"
        "max_mem d1 100\nmax_mem d2 100\nclaim d1 40\n"
        "claim d2 unclaimed+1\n")
CRASH = CASE.replace("unclaimed+1", "9")
FAULT = {"CLAIMCHECK_FAULT": "claim_total.unclaimed.drop"}
SEGV = {"CLAIMCHECK_ON": str(CRASHER)}
# What each command ends with.
CODES = {"replay": 1, "explain": 1, "shrink": 0, "promote": 0, "as text": 0}


class Pasted(tool.InFolder):
    def setUp(self):
        super().setUp()
        (self.dir / "corpus/regress").mkdir(parents=True)
        (self.dir / "seeds").mkdir()

    def bytes_of(self, text, name):
        (self.dir / "case.claim").write_text(text)
        self.assertEqual(
            self.claimcheck("bytes", "case.claim", "-o", name).returncode, 0)
        return name

    def run_target(self, target, settings, *argv):
        """What it printed; it has failed."""
        done = subprocess.run(
            [target, *argv], env=dict(os.environ, **settings), cwd=self.dir,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        text = done.stdout.decode("utf-8", "replace")
        self.assertNotEqual(done.returncode, 0, text)
        return text

    def paste(self, text, signature, name):
        """All commands name that file, and do what they say."""
        self.assertIn(f"claimcheck: violation: {signature}\n", text)
        self.assertRegex(text, r"\non (stub|crasher)(, | \()")
        commands = dict(re.findall(
            r"^(replay|explain|shrink|promote|as text): +(.*)$", text, re.M))
        self.assertEqual(set(commands), set(CODES), text)
        for test in (self.dir / "corpus/regress").iterdir():
            test.unlink()
        for what, command in commands.items():
            self.assertTrue(command.endswith(" " + name), command)
            done = self.shell(command)
            self.assertEqual(done.returncode, CODES[what], command
                             + done.stdout + done.stderr)
        self.assertIn(signature, self.shell(commands["replay"]).stderr)

    def test_second_of_two_files(self):
        good = self.bytes_of("create d1\n", "good")
        for settings, case, signature in (
                (FAULT, CASE, "OVER-CLAIM/claim"),
                (SEGV, CRASH, "SIGSEGV/claim")):
            name = self.bytes_of(case, "it's a crash")
            text = self.run_target(SEQUENCE, settings, good, name)
            self.paste(text, signature, "'it'\\''s a crash'")

    @unittest.skipUnless(ENGINE == "libfuzzer", "an engine that saves")
    def test_what_the_engine_saves(self):
        for settings, case, signature in (
                (FAULT, CASE, "OVER-CLAIM/claim"),
                (SEGV, CRASH, "SIGSEGV/claim")):
            self.bytes_of(case, "seeds/one")
            for prefix in "./", "kept in/":
                (self.dir / prefix).mkdir(exist_ok=True)
                text = self.run_target(SEQUENCE, settings, "-runs=1",
                                       "-artifact_prefix=" + prefix, "seeds")
                name = re.findall(r"Test unit written to (.*)$", text, re.M)
                self.assertEqual(len(name), 1, text)
                self.assertTrue((self.dir / name[0]).is_file())
                self.paste(text, signature,
                           f"'{name[0]}'" if " " in name[0] else name[0])

    def test_text(self):
        """The target itself: nothing else asks what it asks."""
        (self.dir / "good.claim").write_text("create d1\n")
        (self.dir / "case 1.claim").write_text(CASE)
        for lie, signature in (("print_operation", "TEXT/print"),
                               ("parse_crash", "SIGABRT/start")):
            settings = {"TEXT_FAULT": lie, "CLAIMCHECK_RELEASE": "4.18"}
            text = self.run_target(TEXT, settings, "case 1.claim",
                                   "good.claim")
            command = re.findall("^replay: +(.*)$", text, re.M)
            self.assertEqual(
                command, [f"CLAIMCHECK_RELEASE=4.18 {TEXT} 'case 1.claim'"])
            done = self.shell(f"export TEXT_FAULT={lie}; {command[0]}")
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(signature, done.stderr)


if __name__ == "__main__":
    unittest.main()
