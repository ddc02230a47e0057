# SPDX-License-Identifier: MIT
"""What a person sees of a campaign: on a terminal of 80 columns and of fewer,
without colours, and while something is built.
"""

import fcntl
import io
import os
import pathlib
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest
import unittest.mock

from helper import LONG, ROOT, InFolder

from claimcheck import build, campaign, progress, worker

ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class Busy(worker.Worker):
    """A worker with numbers as large as they get."""

    def __init__(self):
        super().__init__("w", [], {"CLAIMCHECK_STATS": "absent"},
                         pathlib.Path("log"))
        self.status = worker.Status(123456789012, 99999.0, 99999, 999999,
                                    999999)


def busy(folder, name):
    made = campaign.Campaign(name, "libfuzzer", dict.fromkeys(
        ("corpus", "crashes"), folder), [Busy()])
    made.took, made.last_new = 1e6, time.time() - 1e6
    return made


class Lines(InFolder):
    def test_width(self):
        for name in "fuzz_reservation", "a_fault.with_a_long.name fuzz_text":
            for width in (20, 40, 60, 79, 120, 200):
                text = progress.line(busy(self.dir, name), 9e6, width)
                self.assertLessEqual(len(text), width, text)
                self.assertTrue(text.endswith(" ok"), text)
        self.assertRegex(
            progress.line(busy(self.dir, "fuzz_sequence"), 9e6, 79),
            "last new 10000[0-9]{2} s ago")

    def test_colours(self):
        self.assertEqual(progress.coloured("x FOUND 3"),
                         "x \x1b[31mFOUND 3\x1b[0m")
        self.assertEqual(progress.coloured("x ok"), "x \x1b[32mok\x1b[0m")

    def test_no_terminal(self):
        out = io.StringIO()
        shown = progress.Progress(60, out)
        shown.show([busy(self.dir, "fuzz_sequence")], last=True)
        self.assertNotIn("\x1b", out.getvalue())


class Terminal(InFolder):
    def screen(self, columns, **env):
        """What a campaign says on a terminal; it ends when it has drawn its
        line twice, one over the other."""
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 24, columns, 0, 0))
        enough = self.dir / "enough"
        enough.unlink(missing_ok=True)
        process = subprocess.Popen(
            [str(word) for word in self.command(*LONG)], stdin=slave,
            stdout=slave, stderr=slave, env=dict(
                self.environment("held"), FAKE_UNTIL=str(enough), **env))
        self.addCleanup(process.kill)
        os.close(slave)
        said = b""
        while True:
            try:
                some = os.read(master, 65536)
            except OSError:  # the other side is closed
                break
            if not some:
                break
            said += some
            if b"\x1b[1A" in said:
                enough.touch()
        os.close(master)
        self.assertEqual(process.wait(), 0, said)
        return said.decode()

    def test_one_line_a_target_however_narrow(self):
        for columns in 80, 40:
            shown = self.screen(columns)
            lines = [ESCAPES.sub("", line) for line in shown.split("\r\n")]
            redrawn = [line for line in lines if line.startswith("fuzz_fake")]
            self.assertGreaterEqual(len(redrawn), 2, shown)
            for line in redrawn:
                self.assertLess(len(line), columns)
            # Each goes over the one before.
            self.assertEqual(shown.count("\x1b[1A"), len(redrawn) - 1)
        self.assertIn("\x1b[32mok", shown)

    def test_no_color(self):
        self.assertNotIn("\x1b[32m", self.screen(80, NO_COLOR="1"))

    @unittest.skipUnless(shutil.which("tmux"), "no tmux here")
    def test_in_tmux(self):
        """What stays on a screen of 80 columns: a line, then the summary."""
        server = f"claimcheck-{os.getpid()}"
        kept = self.dir / "screen"
        script = self.dir / "run"
        script.write_text("#!/bin/sh\n" + " ".join(
            f"'{word}'" for word in self.command(*LONG))
            + f"\ntmux -L {server} capture-pane -p > {kept}.new\n"
            f"mv {kept}.new {kept}\n")
        script.chmod(0o755)
        subprocess.run(["tmux", "-L", server, "new-session", "-d", "-x", "80",
                        "-y", "24", script], check=True,
                       env=dict(self.environment("held"),
                                FAKE_UNTIL=str(self.dir / "enough")))
        seen = set()

        def redrawn():
            shown = subprocess.run(
                ["tmux", "-L", server, "capture-pane", "-p"],
                stdout=subprocess.PIPE, check=True).stdout.decode()
            seen.update(re.findall("(?m)^fuzz_fake .* ok *$", shown))
            return len(seen) > 1
        self.wait_for("two looks", redrawn)
        (self.dir / "enough").touch()
        self.wait_for("the screen", kept.exists)
        lines = kept.read_text().splitlines()
        about = [line for line in lines if line.startswith("fuzz_fake ")]
        self.assertEqual(len(about), 1, lines)
        self.assertLess(len(about[0]), 80)
        self.assertIn("findings    none", lines)
        self.assertIn("result: held", lines)


class Builds(InFolder):
    def test_steps_are_shown(self):
        """As ninja says them; a command that fails says so."""
        told = build.Told("building x")
        told.next = told.every = 0
        said, sys.stderr = sys.stderr, io.StringIO()
        try:
            with open(self.dir / "log", "wb") as log:
                code = build.run_step(
                    ["sh", "-c", "echo '[3/7] cc'; exit 5"], log, told)
            self.assertEqual(sys.stderr.getvalue(), "building x: 3 of 7\n")
        finally:
            sys.stderr = said
        self.assertEqual(code, 5)
        self.assertEqual((self.dir / "log").read_text(), "[3/7] cc\n")

    def test_configured_anew_when_that_is_due(self):
        for name in "build.ninja", "presets":
            (self.dir / name).touch()
        with unittest.mock.patch.object(build, "MADE_OF", (
                self.dir / "presets", self.dir / "absent")):
            for age, wanted in ((1, True), (-1, False)):
                now = (self.dir / "build.ninja").stat().st_mtime
                os.utime(self.dir / "presets", (now - age, now - age))
                self.assertEqual(build.is_configured(self.dir), wanted)
            (self.dir / "build.ninja").unlink()
            self.assertFalse(build.is_configured(self.dir))


class Usage(unittest.TestCase):
    """--help, and exit 2 for a flag that is none, of every script."""

    def test_each(self):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        for file in sorted((ROOT / "scripts").iterdir()):
            if file.is_dir() or file.suffix:
                continue
            for flag, wanted in (("--help", 0), ("--no-such-flag", 2)):
                with self.subTest(f"{file.name} {flag}"):
                    done = subprocess.run(
                        [file, flag], cwd=folder, stdin=subprocess.DEVNULL,
                        capture_output=True, text=True)
                    self.assertEqual(done.returncode, wanted, done.stderr)
                    said = done.stdout if wanted == 0 else done.stderr
                    self.assertRegex(said, f"(usage: *)?scripts/{file.name}")


if __name__ == "__main__":
    unittest.main()
