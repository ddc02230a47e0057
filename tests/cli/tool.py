# SPDX-License-Identifier: MIT
"""What tests of the command line share: claimcheck, in a folder of the test's
own. Not here: runs in which calls fail (failing.py)."""

import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import unittest

CLAIMCHECK = pathlib.Path(sys.argv.pop(1)).absolute()


def any_bytes(folder, seed, count):
    """A new folder of so many inputs, of any bytes behind a kind."""
    folder.mkdir()
    chosen = random.Random(seed)
    for i in range(count):
        size = chosen.choice((0, 3, 4, 20, 150, 600))
        (folder / f"{i}").write_bytes(
            bytes([16 + chosen.randrange(4)]) + chosen.randbytes(size))
    return folder


class InFolder(unittest.TestCase):
    """A test with a folder of its own, self.dir."""

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="claimcheck-cli-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)

    def claimcheck(self, *argv):
        """A run to its end, in that folder."""
        return subprocess.run([CLAIMCHECK, *argv], cwd=self.dir,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              text=True)

    def shell(self, command):
        """A command as it was printed, in that folder."""
        return subprocess.run(["sh", "-c", command], cwd=self.dir,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              text=True)
