# SPDX-License-Identifier: MIT
"""The fuzz targets of a build without an engine: what they count is what they
ran. CLAIMCHECK_BUILD names the build folder.
"""

import os
import pathlib
import re
import subprocess
import unittest

from helper import ROOT, InFolder
from claimcheck import paths

BUILD = pathlib.Path(os.environ.get("CLAIMCHECK_BUILD", ROOT / "build/dev"))
# Headers, of any format, by the kind of records.
NARROW, WIDE, RESERVATION, DOMCTL, SYSCTL = KINDS = (
    b"\x04\x00\x00\x3f", b"\x05\x00\x00\x3f", b"\x06\x00\x00\x3f",
    b"\x07\x00\x00\x3f", b"\x07\x00\x08\x3f")
RUNS_HERE = {"fuzz_sequence": (NARROW, WIDE),
             "fuzz_reservation": (WIDE, RESERVATION),
             "fuzz_domctl": (WIDE, DOMCTL),
             "fuzz_sysctl": (WIDE, SYSCTL)}


class Targets(InFolder):
    def replay(self, target, *paths):
        done = subprocess.run([BUILD / target, *paths],
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        text = done.stdout.decode()
        count = re.search(r"(?m)^(\d+) cases, 4 times each", text)
        alone = re.search(r"(?m)^(\d+) inputs left alone", text)
        return (done.returncode, count and int(count[1]),
                int(alone[1]) if alone else 0, text)

    def test_only_what_ran_is_counted(self):
        folder = self.dir / "inputs"
        folder.mkdir()
        for number, kind in enumerate(KINDS):
            (folder / f"kind{number}").write_bytes(kind + bytes(64))
        for target, kinds in RUNS_HERE.items():
            code, cases, alone, text = self.replay(target, folder)
            self.assertEqual((code, cases, alone),
                             (0, len(kinds), len(KINDS) - len(kinds)), text)

    def test_all_targets_are_here(self):
        self.assertEqual({*RUNS_HERE, *paths.TEXT_TARGETS},
                         set(paths.targets()))

    def test_text_takes_all(self):
        file = self.dir / "any"
        for data in b"claim d9\n", b"claim d1 4", NARROW, b"\xff":
            file.write_bytes(data)
            code, cases, alone, text = self.replay("fuzz_text", file)
            self.assertEqual((code, cases, alone), (0, 1, 0), text)

    def test_nothing_that_runs_is_an_error(self):
        for target, kinds in RUNS_HERE.items():
            file = self.dir / "other"
            other = ({NARROW, RESERVATION} - set(kinds)).pop()
            file.write_bytes(other + bytes(64))
            code, cases, alone, text = self.replay(target, file)
            self.assertEqual((code, cases, alone), (2, 0, 1), text)
            self.assertIn("no case was run", text)

    def test_own_seeds_all_run(self):
        for target in RUNS_HERE:
            code, cases, alone, text = self.replay(
                target, ROOT / "corpus" / target)
            files = list((ROOT / "corpus" / target).glob("*.claim"))
            self.assertEqual((code, cases, alone), (0, len(files), 0), text)

    def test_usage(self):
        for args, expected in ((("--help",), 0), (("--bogus",), 2), ((), 2),
                               (("/nonexistent",), 2)):
            self.assertEqual(self.replay("fuzz_sequence", *args)[0], expected)

    def test_violation(self):
        done = subprocess.run(
            [BUILD / "fuzz_sequence", ROOT / "corpus/fuzz_sequence"],
            env=dict(os.environ, CLAIMCHECK_FAULT="claim_total.second.drop"),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(b"claimcheck: violation: ", done.stdout)

    def test_bad_environment(self):
        for name, value in (("CLAIMCHECK_RELEASE", "9.99"),
                            ("CLAIMCHECK_FAULT", "nonesuch"),
                            ("CLAIMCHECK_STRICT", "maybe")):
            done = subprocess.run(
                [BUILD / "fuzz_sequence", ROOT / "corpus/fuzz_sequence"],
                env=dict(os.environ, **{name: value}),
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.assertEqual(done.returncode, 2, done.stdout)
            self.assertIn(f"{name}={value}: expected".encode()
                          if name != "CLAIMCHECK_FAULT" else name.encode(),
                          done.stdout)


if __name__ == "__main__":
    unittest.main()
