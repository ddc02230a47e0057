#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""fuzz_text finds each lie that tests/guards/text_faults.c tells it, by the
signature that is meant for it, and finds nothing without one.

    tests/guards/text_oracle.py FUZZ_TEXT-WITH-LIES ENGINE
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

TARGET = pathlib.Path(sys.argv[1]).absolute()
ENGINE = sys.argv[2]
del sys.argv[1:3]
GOOD, BAD = "corpus/litmus", "tests/golden/errors"
# lie: (what it is told about, signature)
LIES = {
    "bytes_print": (GOOD, "TEXT/print"),
    "print_operation": (GOOD, "TEXT/print"),
    "print_result": (GOOD, "TEXT/print"),
    "print_expect": (GOOD, "TEXT/print"),
    "print_release": (GOOD, "TEXT/print"),
    "print_nonsense": (GOOD, "TEXT/print"),
    "print_varies": (GOOD, "TEXT/print"),
    "parse_crash": (GOOD, "SIGABRT/start"),
    "parse_line": (BAD, "TEXT/parse"),
    "parse_far": (BAD, "TEXT/parse"),
    "parse_column": (BAD, "TEXT/parse"),
    "parse_words": (BAD, "TEXT/parse"),
    "parse_silent": (BAD, "TEXT/parse"),
    "parse_takes": (BAD, "TEXT/parse"),
    "encode_cut": (GOOD, "TEXT/encode"),
    "decode_other": (GOOD, "TEXT/encode"),
    "emit_nothing": (GOOD, "TEXT/emit"),
    "emit_reason": (GOOD, "TEXT/emit"),
    "run_varies": (GOOD, "TEXT/hash"),
}


def run(what, **env):
    """(exit code, output) of the target on a folder."""
    with tempfile.TemporaryDirectory() as saved:
        engine = ["-runs=0", f"-artifact_prefix={saved}/"]
        done = subprocess.run(
            [TARGET, what, *(engine if ENGINE == "libfuzzer" else ())],
            env=dict(os.environ, **env), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout.decode("utf-8", "replace")


class TextOracle(unittest.TestCase):
    def test_nothing_is_found_in_what_is_good(self):
        for what in GOOD, BAD:
            code, text = run(what)
            self.assertEqual(code, 0, text[-2000:])

    def test_each_lie_is_found(self):
        for lie, (what, signature) in LIES.items():
            code, text = run(what, TEXT_FAULT=lie)
            self.assertNotEqual(code, 0, lie)
            found = re.findall(r"(?m)^claimcheck: violation: (\S+)$", text)
            self.assertEqual(found, [signature], f"{lie}: {text[-2000:]}")

    def test_each_signature_can_be_masked(self):
        """Then the process goes on, and counts it."""
        for lie in ("print_result", "parse_words", "encode_cut",
                    "emit_nothing", "run_varies"):
            what, signature = LIES[lie]
            with tempfile.TemporaryDirectory() as folder:
                stats = pathlib.Path(folder) / "stats"
                code, text = run(what, TEXT_FAULT=lie,
                                 CLAIMCHECK_MASK=signature,
                                 CLAIMCHECK_STATS=str(stats))
                # Without an engine, the target itself compares hashes.
                wanted = int(lie == "run_varies" and ENGINE != "libfuzzer")
                self.assertEqual(code, wanted, f"{lie}: {text[-2000:]}")
                self.assertNotIn("claimcheck: violation: ", text)
                last = json.loads(stats.read_text().splitlines()[-1])
                self.assertGreater(last["masked"][signature], 0, lie)

    def test_each_lie_of_the_source_is_here(self):
        source = pathlib.Path(__file__).with_name("text_faults.c").read_text()
        self.assertEqual(set(re.findall(r'lies\("(\w+)"\)', source)),
                         set(LIES))


if __name__ == "__main__":
    unittest.main()
