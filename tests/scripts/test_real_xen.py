# SPDX-License-Identifier: MIT
"""Xen's own code: Debian's tree, built for debug and for release, is run with
the corpus, generated programs, beside the stub, and by libFuzzer. Without its
source there is nothing to test: skipped, with the reason.
"""

import os
import pathlib
import re
import subprocess
import sys
import unittest

from helper import ROOT, InFolder
from real import SECONDS_MAX, SKIPPED

from claimcheck import build, xen
from claimcheck.errors import CANNOT_RUN, Failure

BUILD = pathlib.Path(os.environ.get("CLAIMCHECK_BUILD", ROOT / "build/dev"))
# Steps of each build; programs beside the stub; runs of the engine.
STEPS = 100000
PROGRAMS = 2000
RUNS = 1500
# Set up once, before the first test.
BUILT: dict[str, pathlib.Path] = {}


def run(*words):
    """Exit code and all output of a command in the source folder."""
    done = subprocess.run(
        [str(word) for word in words], cwd=ROOT, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS_MAX)
    return done.returncode, done.stdout.decode(errors="replace")


class Xen(InFolder):

    def on_both(self, *words):
        """{build: output} of a verb, which must hold."""
        texts = {}
        for name, plugin in BUILT.items():
            code, text = run(BUILD / "claimcheck", *words, "--on", plugin)
            self.assertEqual(code, 0, f"{name}: {text[-4000:]}")
            texts[name] = text
        return texts

    def test_rules(self):
        """Which rules it follows is found, and a report says what it is."""
        for name, text in self.on_both("probe").items():
            self.assertRegex(text, rf"^xen \(4[.\d]+, {name}\)\n")
            self.assertRegex(text, r"\n\(tried as .*\) follows: 4\.")

    def test_corpus(self):
        """Every case that is for its release, and that it can run."""
        for name, text in self.on_both("replay", "--quiet", "corpus").items():
            found = self.find(r"(\d+) cases, (\d+) runs .* (\d+) skipped",
                              text)
            cases, runs, skipped = (int(number) for number in found.groups())
            self.assertGreater(cases, 400, name)
            self.assertGreater(runs - skipped, cases, name)

    def test_matrix(self):
        """Every rule, order and value that it can have; it has no colours."""
        for text in self.on_both("matrix").values():
            self.assertNotIn("something is missing", text)
            self.assertIn("not available here: LLC colouring is not offered",
                          text)

    def test_generated(self):
        """Programs of the generator; none of them needs what is not there."""
        for text in self.on_both("generate", "--run", "--seed", "0",
                                 "--steps", STEPS).values():
            found = self.find(r"programs, (\d+) steps .* (\d+) skipped, "
                              r"0 violations", text)
            self.assertGreaterEqual(int(found[1]), STEPS)
            self.assertEqual(int(found[2]), 0)

    def test_beside_the_stub(self):
        """Results, counters, capacity, nodes and zones are the stub's."""
        for name, plugin in BUILT.items():
            code, text = run(BUILD / "tests/xen/side_by_side", plugin, 0,
                             PROGRAMS, "corpus/litmus", "corpus/regress",
                             "corpus/fuzz_sequence", "corpus/matrix")
            self.assertEqual(code, 0, f"{name}: {text}")

    def fuzz(self, on):
        """Places reached in a short campaign on it."""
        code, text = run(
            ROOT / "scripts/fuzz", "--on", on, "--target", "fuzz_sequence",
            "--runs", RUNS, "--seed", 1,
            "--corpus", self.dir / f"corpus-{on.count('/')}",
            "--out", self.dir / "out")
        self.assertEqual(code, 0, text[-4000:])
        self.assertIn("result: held", text)
        return int(self.find(r"coverage +(\d+) edges", text)[1])

    def test_undefined_behaviour(self):
        """The build that is fuzzed looks for it; what is known ends no run,
        unless it is asked for."""
        def replay(strict, *what):
            return run("env", f"CLAIMCHECK_XEN_STRICT={strict}",
                       ROOT / "build/fuzz/claimcheck", "replay", "--quiet",
                       "--on", "xen", *what)

        code, text = replay(0, "corpus")
        self.assertEqual(code, 0, text[-4000:])
        code, text = replay(
            1, "corpus/litmus/weakness-assign-window-low-memory.claim")
        self.assertEqual(code, 1, text)
        self.assertRegex(text, r"violation: BUG/populate\n  UBSan: shift out "
                         r"of bounds \(\S*page_alloc\.c:\d+\)\non xen "
                         r"\(4\S+, clang-14-debug-ubsan-coverage\)")

    def test_findings(self):
        """Each command of docs/findings.md shows what its heading says."""
        sections = (ROOT / "docs/findings.md").read_text().split("\n### ")[1:]
        for section in sections:
            head, text = section.split("\n", 1)
            wanted = set(re.findall(r"`([A-Z-]+/\w+)`", head))
            shown = set()
            commands = re.findall(r"^    \$ (.*)$", text, re.M)
            self.assertTrue(commands, head)
            for command in commands:
                command = command.replace(
                    "claimcheck replay", str(BUILD / "claimcheck replay"))
                _, out = run("sh", "-c", command.replace(
                    "--on xen", f"--on {BUILT['gcc-debug']}"))
                shown |= set(re.findall(r"violation: (\S+)", out))
            self.assertEqual(shown, wanted, head)

    def test_fuzzed(self):
        """Xen's code guides libFuzzer: its places are counted, unlike those of
        a build without counters."""
        self.assertGreater(self.fuzz("xen"),
                           self.fuzz(str(BUILT["gcc-debug"])) + 200)


if __name__ == "__main__":
    try:
        for flavour in (xen.DEBUG, xen.RELEASE):
            BUILT[flavour.name()] = xen.plugin(None, flavour)
        # What scripts/fuzz would build within the time of one command.
        xen.plugin(None, xen.FUZZ)
        build.build("fuzz", "claimcheck", "fuzz_sequence")
    except Failure as failure:
        print(failure)
        sys.exit(SKIPPED if failure.code == CANNOT_RUN else 1)
    unittest.main()
