#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Assertions and sanitizers are in force in this build: a program of the same
flags that does wrong is stopped, and every library was built with them.

    tests/guards/checks_on.py BROKEN BUILD-FOLDER sanitize=LIST ENGINE
"""

import pathlib
import subprocess
import sys
import unittest

BROKEN, SANITIZE, ENGINE = sys.argv[1], sys.argv[3], sys.argv[4]
BUILD = pathlib.Path(sys.argv[2])
del sys.argv[1:5]
SANITIZE = SANITIZE.partition("=")[2]
# Whoever calls has options for the sanitizers; here they must be as they come.
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "ASAN_OPTIONS": "symbolize=0"}
# Code of these is what a green run speaks of.
LIBRARIES = ("cc_engine", "cc_model", "cc_program", "cc_stub", "cc_mutate",
             "cc_shrink", "cc_target", "cc_matrix", "cc_hunt")
WITHOUT_ASSERTIONS = ("cc_mutate", "cc_matrix", "cc_hunt")
# A fuzz engine is told what an input reaches of what is tested, and not of the
# harness around it.
TOLD = ("cc_model", "cc_program", "cc_stub", "cc_target")
NOT_TOLD = ("cc_engine", "cc_mutate")
ASAN = unittest.skipUnless("address" in SANITIZE, "no ASan in this build")
UBSAN = unittest.skipUnless("undefined" in SANITIZE, "no UBSan in this build")


def do(deed):
    """Exit code and stderr of the program that does wrong."""
    done = subprocess.run([BROKEN, deed], env=ENVIRONMENT, capture_output=True,
                          text=True, errors="replace")
    return done.returncode, done.stderr


class InForce(unittest.TestCase):
    def stopped(self, deed, words):
        code, text = do(deed)
        self.assertNotEqual(code, 0, f"{deed}: nothing stopped it")
        self.assertIn(words, text)

    def test_nothing_wrong(self):
        self.assertEqual(do("nothing"), (0, ""))

    def test_assertions(self):
        self.stopped("assertion", "one == 2")

    @ASAN
    def test_address(self):
        self.stopped("out_of_bounds", "AddressSanitizer: heap-buffer-overflow")
        self.stopped("use_after_free", "AddressSanitizer: heap-use-after-free")

    @UBSAN
    def test_undefined(self):
        self.stopped("overflow", "runtime error: signed integer overflow")
        self.stopped("shift", "runtime error: shift exponent")

    def test_without_sanitizers_the_deeds_pass(self):
        """Else the tests above would show something else."""
        if SANITIZE:
            self.skipTest("sanitizers in this build")
        for deed in "overflow", "shift":
            self.assertEqual(do(deed)[0], 0, deed)


class Libraries(unittest.TestCase):
    """What the objects of each library want from outside."""

    def undefined_symbols(self, library):
        found = list(BUILD.rglob(f"lib{library}.a"))
        self.assertEqual(len(found), 1, library)
        done = subprocess.run(["nm", "-A", "-u", found[0]], text=True,
                              capture_output=True, check=True)
        objects: dict[str, set[str]] = {}
        for line in done.stdout.splitlines():
            where, symbol = line.rsplit(None, 1)
            objects.setdefault(where.split(":")[1], set()).add(symbol)
        self.assertTrue(objects, library)
        return objects

    def with_prefix(self, prefix, least=1.0):
        """Nearly all objects want such a symbol (a file of tables none)."""
        for library in LIBRARIES:
            objects = self.undefined_symbols(library)
            have = [name for name, symbols in objects.items()
                    if any(symbol.startswith(prefix) for symbol in symbols)]
            self.assertGreaterEqual(len(have), least * len(objects),
                                    f"{library}: {prefix} only in {have}")

    def test_assertions(self):
        for library in LIBRARIES:
            if library in WITHOUT_ASSERTIONS:
                continue
            objects = self.undefined_symbols(library)
            self.assertTrue(any("__assert_fail" in symbols
                                for symbols in objects.values()), library)

    @ASAN
    def test_address(self):
        self.with_prefix("__asan_", 0.9)

    @UBSAN
    def test_undefined(self):
        self.with_prefix("__ubsan_handle_", 0.5)

    def test_coverage_feedback(self):
        if ENGINE != "libfuzzer":
            self.skipTest("no fuzz engine in this build")
        for library in TOLD + NOT_TOLD:
            objects = self.undefined_symbols(library)
            told = any(symbol.startswith("__sanitizer_cov_")
                       for symbols in objects.values() for symbol in symbols)
            self.assertEqual(told, library in TOLD, library)


if __name__ == "__main__":
    unittest.main()
