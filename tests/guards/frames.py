#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each signature ends a target in a function of its own, also where compiler
and linker fold functions that are equal; and a fuzz engine's stack has it next
to abort(), with nothing of ours above.

    tests/guards/frames.py CLAIMCHECK BUILD-FOLDER ENGINE
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

CLAIMCHECK = pathlib.Path(sys.argv[1]).absolute()
BUILD = pathlib.Path(sys.argv[2]).absolute()
ENGINE = sys.argv[3]
del sys.argv[1:4]
ROOT = pathlib.Path(__file__).resolve().parents[2]
TABLE = BUILD / "harness/targets"
CASE = "host nodes=1 pages=16 release=4.22\ncreate d1\nmax_mem d1 host\n"
# Three signatures: a fault, and a case that meets it.
FOUND = {
    "OVER_CLAIM_claim": ("claim_total.unclaimed.drop", "claim d1 host\n"),
    "CLAIM_SUM_claim": ("release_keeps_host_count",
                        "claim d1 5\nclaim d1 0\n"),
    "REPORT_physinfo": ("physinfo_no_claims", "claim d1 5\nphysinfo\n"),
}
MAIN = """#include "harness/targets/frames.h"
int main(int argc, char **argv) { (void)argc; frames_abort(argv[0]); }
"""
COMPILERS: dict[str, list[str]] = {
    "gcc": [], "clang-14": ["-fuse-ld=lld-14", "-Wl,--icf=all"],
    "afl-clang-fast": []}


class Frames(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="claimcheck-guard-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)

    def each_has_its_own(self, program):
        """As many functions, and places, as the table has rows."""
        listed = subprocess.run(["nm", program], text=True, check=True,
                                capture_output=True).stdout
        found = re.findall(r"(?m)^(\w+) [tT] violation_(\w+)$", listed)
        rows = re.findall(r"(?m)^FRAME\((\w+),",
                          (TABLE / "frames.def").read_text())
        self.assertGreater(len(rows), 400)
        self.assertEqual(sorted(name for _, name in found),
                         sorted([*rows, "other"]))
        self.assertEqual(len({place for place, _ in found}), len(found))

    def test_in_the_targets(self):
        self.each_has_its_own(BUILD / "fuzz_sequence")

    @unittest.skipUnless(ENGINE == "none", "once is enough")
    def test_not_folded(self):
        (self.dir / "main.c").write_text(MAIN)
        for compiler, flags in COMPILERS.items():
            if not shutil.which(compiler):
                continue
            if "-fuse-ld=lld-14" in flags and not shutil.which("ld.lld-14"):
                flags = []
            with self.subTest(compiler):
                subprocess.run(
                    [compiler, "-O2", "-ffunction-sections", *flags,
                     f"-I{ROOT}", f"-I{TABLE}", "-o", self.dir / "main",
                     self.dir / "main.c", ROOT / "harness/targets/frames.c"],
                    env=dict(os.environ, AFL_QUIET="1"), check=True)
                self.each_has_its_own(self.dir / "main")

    @unittest.skipUnless(ENGINE == "libfuzzer", "no fuzz engine in this build")
    def test_as_libfuzzer_prints_them(self):
        for name, (fault, step) in FOUND.items():
            (self.dir / "a.claim").write_text(CASE + step)
            subprocess.run([CLAIMCHECK, "bytes", self.dir / "a.claim", "-o",
                            self.dir / "a"], check=True)
            done = subprocess.run(
                [BUILD / "fuzz_sequence", self.dir / "a"], cwd=self.dir,
                env=dict(os.environ, CLAIMCHECK_FAULT=fault), text=True,
                stderr=subprocess.PIPE, errors="replace")
            frames = re.findall(r"(?m)^ +#\d+ 0x\w+ in (\w+) (.*)$",
                                done.stderr)
            names = [frame for frame, _ in frames]
            self.assertIn("abort", names, done.stderr[-3000:])
            top = names.index("abort") + 1
            self.assertEqual(names[top], f"violation_{name}")
            self.assertFalse([where for _, where in frames[:top]
                              if "harness/" in where], frames)


if __name__ == "__main__":
    unittest.main()
