# SPDX-License-Identifier: MIT
"""The runner's rules on small real binaries: a good one passes them, and each
kind of bad one is told.
"""

import os
import shutil
import subprocess
import zipfile

from helper import InFolder
from real import run_or_skip

from claimcheck import ossfuzz_build, ossfuzz_check

NAME = "fuzz_small"
# Enough branches for the rules: one a bit of the input and more.
BRANCHES = r"""
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
static volatile unsigned int sink;
static unsigned char memory[4096];
#define A(i) if ( (c ^ (i)) & 1u << (i) % 8 ) \
                 memory[(c * 31 + (i)) % 4096]++; \
             else memory[c + (i)] += (unsigned char)sink;
#define B(i) A(i) A(i + 1) A(i + 2) A(i + 3) A(i + 4) A(i + 5) A(i + 6)
#define C(i) B(i) B(i + 7) B(i + 14) B(i + 21) B(i + 28) B(i + 35)
#define D(i) C(i) C(i + 42) C(i + 84) C(i + 126)
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    BEGIN
    for ( size_t k = 0; k < size; k++ )
    {
        unsigned int c = data[k];
        BODY
    }
    return 0;
}
"""
MANY = "D(1) D(170) D(340)"


class Rules(InFolder):
    def build(self, flags, begin="", body=MANY):
        """$OUT with one target; problems of it as an address build."""
        out = self.dir / "out"
        out.mkdir()
        source = self.dir / "small.c"
        source.write_text(BRANCHES.replace("BEGIN", begin)
                          .replace("BODY", body))
        subprocess.run(["clang-14", "-O1", "-g1", *flags, "-fsanitize=fuzzer",
                        source, "-o", out / NAME], check=True)
        with zipfile.ZipFile(out / f"{NAME}_seed_corpus.zip", "w") as seeds:
            seeds.writestr("seed", bytes(range(256)))
        return out

    def problems(self, out, sanitizer="address"):
        env = {"PATH": os.environ["PATH"]}
        return ossfuzz_check.check_build(out, env, "libfuzzer", sanitizer,
                                         [NAME])

    FLAGS = ossfuzz_build.SANITIZERS["address"].split()

    def test_good(self):
        self.assertEqual(self.problems(self.build(self.FLAGS)), [])

    def traced(self, engine, *flags):
        """Problems of a build for an engine that Debian does not have."""
        out = self.build(self.FLAGS)
        (out / NAME).unlink()
        _, extra = ossfuzz_build.engine_of(engine, "address", self.dir)
        subprocess.run(["clang-14", "-O1", *self.FLAGS, *flags, "-c",
                        self.dir / "small.c", "-o", self.dir / "small.o"],
                       check=True)
        subprocess.run(["clang-14", *self.FLAGS, self.dir / "small.o",
                        self.dir / "libFuzzingEngine.a", "-o", out / NAME],
                       check=True)
        return extra.split(), ossfuzz_check.check_build(
            out, {"PATH": os.environ["PATH"]}, engine, "address", [NAME])

    def test_engine_that_is_told_nothing(self):
        """Its main() alone does not make a build for honggfuzz."""
        extra, problems = self.traced("honggfuzz")
        self.assertIn("0 edges told by trace-pc-guard", str(problems))
        shutil.rmtree(self.dir / "not-out")
        self.assertEqual(self.traced("honggfuzz", *extra)[1], [])

    def test_engine_whose_flags_name_objects(self):
        extra, _ = self.traced("centipede")
        self.assertIn(str(self.dir / "weak.o"), extra)
        shutil.rmtree(self.dir / "not-out")
        self.assertEqual(self.traced("centipede", *extra)[1], [])

    def test_without_sanitizer(self):
        problems = self.problems(self.build([]))
        self.assertEqual(len(problems), 1, problems)
        self.assertIn("calls of asan, expected at least", problems[0])

    def test_wrong_sanitizer(self):
        problems = self.problems(self.build(self.FLAGS), "memory")
        self.assertIn("calls of asan, expected at most 0", str(problems))

    def test_too_few_edges(self):
        problems = self.problems(self.build(self.FLAGS, body="sink = c;"))
        self.assertRegex(str(problems), r"\d+ edges from the seeds, expected")

    def test_dies_on_empty_input(self):
        problems = self.problems(self.build(
            self.FLAGS, begin="if ( !size ) abort();"))
        self.assertIn("replay of the seeds: exit code", str(problems))

    def test_dies_on_broken_input(self):
        problems = self.problems(self.build(
            self.FLAGS, begin="if ( size && data[0] == 0xff ) abort();"))
        self.assertIn("replay of the seeds: exit code", str(problems))

    def test_needs_its_build_folder(self):
        where = self.dir / "out"
        problems = self.problems(self.build(
            self.FLAGS, begin="extern int access(const char *, int); "
            f'if ( access("{where}", 0) ) abort();'))
        self.assertTrue(problems)

    def test_options_and_seeds(self):
        out = self.build(self.FLAGS)
        (out / f"{NAME}.options").write_text("[libfuzzer]\nmax_lenn = 9\n")
        self.assertIn("libFuzzer has no flag max_lenn",
                      str(self.problems(out)))
        shutil.rmtree(self.dir / "not-out")
        out = self.build(self.FLAGS)
        (out / f"{NAME}_seed_corpus.zip").write_bytes(b"no archive")
        self.assertIn("not a zip file", str(self.problems(out)))


if __name__ == "__main__":
    run_or_skip("clang-14", "objdump", "ldd")
