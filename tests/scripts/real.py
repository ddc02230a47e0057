# SPDX-License-Identifier: MIT
"""For tests of the scripts with real engines on the real targets. The scripts
build what they need themselves; what is missing here skips with its reason.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

from helper import ROOT, InFolder

SKIPPED = 77  # ctest shows it as not run
# Of one command, which may build first, or of one event. A limit is for what
# hangs: a machine with much else to do was ten times slower.
SECONDS_MAX = 5000


def run_or_skip(*programs):
    """unittest.main(), if these programs are here."""
    lacking = [name for name in programs if not shutil.which(name)]
    if lacking:
        print(f"cannot run here: no {', '.join(lacking)}; scripts/setup "
              "installs what is needed")
        sys.exit(SKIPPED)
    unittest.main()


class Real(InFolder):
    """A test with self.dir/corpus, self.dir/out, and one poor seed in
    self.dir/poor that reaches no claim."""

    patience = SECONDS_MAX
    TARGETS = ("fuzz_reservation", "fuzz_sequence")  # of programs
    BOTH = tuple(w for target in TARGETS for w in ("--target", target))
    TEXT = ("--target", "fuzz_text")

    def setUp(self):
        super().setUp()
        for target in self.TARGETS:
            folder = self.dir / "poor" / target
            folder.mkdir(parents=True)
            (folder / "poor.claim").write_text(
                "host nodes=1 pages=64 release=4.22\ncreate d1\n")

    def argv(self, script, *args):
        return [str(w) for w in (ROOT / "scripts" / script, *args,
                                 "--corpus", self.dir / "corpus")]

    def start(self, *args, env=None):
        """scripts/fuzz in the background."""
        process = subprocess.Popen(
            [*self.argv("fuzz", *args), "--out", str(self.dir / "out")],
            env=dict(os.environ, **(env or {})), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(process.kill)
        return process

    def campaign(self, *args, env=None):
        """scripts/fuzz to its end: (exit code, output)."""
        process = self.start(*args, env=env)
        text = process.communicate(timeout=SECONDS_MAX)[0].decode()
        return process.returncode, text

    def campaign_until(self, seen, *args):
        """The same, for as many seconds as it takes here until seen(): some
        things happen by the clock, and others when a process gets its turn."""
        for seconds in 4, 16, 64, 256, 1024:
            code, text = self.campaign(*args, "--seconds", str(seconds))
            if code != 0 or seen():
                break
        return code, text

    def corpus_tool(self, *args, env=None):
        """scripts/corpus: (exit code, output)."""
        done = subprocess.run(
            self.argv("corpus", *args), env=dict(os.environ, **(env or {})),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=SECONDS_MAX)
        return done.returncode, done.stdout.decode()

    def inputs(self, target):
        """{name: contents} of this test's corpus."""
        folder = self.dir / "corpus" / target
        return {f.name: f.read_bytes() for f in folder.iterdir()
                if not f.name.startswith(".")}

    def left_running(self):
        """Command lines that still work in this test's folder."""
        listed = subprocess.run(["ps", "-eo", "args"],
                                stdout=subprocess.PIPE).stdout.decode()
        return [line for line in listed.splitlines() if str(self.dir) in line]

    def has_counts(self, text):
        """A summary tells runs, coverage, steps, operations and results."""
        self.assertRegex(text, r"(?m)^   runs        [1-9]")
        self.assertRegex(text, r"(?m)^   steps       [1-9]")
        self.assertRegex(text, r"(?m)^   coverage    [1-9]\d+ edges")
        for file in re.findall(r"(?m)^   details     (.*)$", text):
            text += pathlib.Path(file).read_text()
        self.assertRegex(text, r"(?m)^     create  .*all [1-9]")
        self.assertRegex(text, r"(?m)^   rules       [1-9]")
