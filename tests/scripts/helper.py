# SPDX-License-Identifier: MIT
"""What the tests of scripts/ share: paths, and scripts/fuzz on a fake."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Limits are for what hangs. What is slow, on a machine with much else to do,
# ends long before: nothing here depends on how fast anything is.
PATIENCE = 600  # seconds for one command or event
LONG = ("--seconds", "36000")  # a campaign that a test ends, or a finding
SHORT = ("--runs", "1000000")  # the fake's end at once with what it has to say
FAKES = pathlib.Path(__file__).resolve().parent / "fakes"
sys.path.insert(0, str(ROOT / "scripts/lib"))
sys.dont_write_bytecode = True


class InFolder(unittest.TestCase):
    """A test with a folder of its own, self.dir, and fake targets."""

    patience = PATIENCE

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="claimcheck-test-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.seeds = self.dir / "seeds/fuzz_fake"
        self.seeds.mkdir(parents=True)
        (self.seeds / "one.claim").write_text("claim d1 1\n")
        (self.seeds / "two").write_bytes(b"\1\2")

    def find(self, pattern, text):
        """The first match of a pattern that must be there."""
        match = re.search(pattern, text)
        assert match, f"no {pattern} in: {text}"
        return match

    def wait_for(self, what, happens):
        """Until happens() is true; the process may need its time."""
        until = time.monotonic() + self.patience
        while not happens():
            self.assertLess(time.monotonic(), until, f"never: {what}")
            time.sleep(0.02)

    def command(self, *args):
        """argv of scripts/fuzz on the fake target."""
        return [ROOT / "scripts/fuzz", "--build-dir", FAKES,
                "--target", "fuzz_fake", "--seeds", self.dir / "seeds",
                "--corpus", self.dir / "corpus", "--out", self.dir / "out",
                *args]

    @staticmethod
    def environment(how):
        return dict(os.environ, FAKE=how, PYTHONDONTWRITEBYTECODE="1")

    def fuzz(self, how, *args, prefix=()):
        """Run scripts/fuzz; (exit code, all that it printed)."""
        done = subprocess.run(
            [*prefix, *self.command(*(args or SHORT))],
            env=self.environment(how), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=PATIENCE)
        return done.returncode, done.stdout.decode()
