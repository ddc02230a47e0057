# SPDX-License-Identifier: MIT
"""What tests of claimcheck under failure share: a folder of cases, and runs in
which the N-th call of a kind fails (fail.c)."""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

CLAIMCHECK = str(pathlib.Path(sys.argv.pop(1)).absolute())
FAIL = str(pathlib.Path(sys.argv.pop(1)).absolute())
FAULT = "claim_total.unclaimed.drop"
GOOD = "host nodes=1 pages=64 release=4.17\ncreate d1\nmax_mem d1 8\n"
BROKEN = ("host nodes=1 pages=64 release=4.22\ncreate d1\nphysinfo\n"
          "create d2\nmax_mem d1 2^31\nmax_mem d2 2^31\nclaim d2 30\n"
          "claim d1 unclaimed+1\nphysinfo\n")
# Does what no program in dom0 can do.
NO_PROGRAM = GOOD + "populate d0 1\n"


class Done:
    """How a run ended, and what failed in it."""

    def __init__(self, code: int, out: str, err: str, failed: str):
        self.code, self.out, self.err, self.failed = code, out, err, failed

    def __str__(self) -> str:
        return (f"exit code {self.code}, failed: {self.failed!r}\n"
                f"stdout: {self.out[-2000:]}\nstderr: {self.err[-2000:]}")


class Scratch(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def write(self, name: str, text: str = GOOD) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return str(path)

    def run_claimcheck(self, *args: str, calls: str = "", at: int = 0,
                       how: str = "once", under: str = "",
                       **more: object) -> Done:
        log = self.folder / ".failed"
        log.unlink(missing_ok=True)
        env = None
        if calls:
            env = {"LD_PRELOAD": FAIL, "FAIL_CALLS": calls,
                   "FAIL_AT": str(at), "FAIL_HOW": how, "FAIL_LOG": str(log)}
            if under:
                env["FAIL_UNDER"] = str(self.folder / under)
        more.setdefault("stdin", subprocess.DEVNULL)
        more.setdefault("stdout", subprocess.PIPE)
        more.setdefault("stderr", subprocess.PIPE)
        done = subprocess.run(
            [CLAIMCHECK, *args], env=env, cwd=self.folder, errors="replace",
            text=True, **more)  # type: ignore[call-overload]
        return Done(done.returncode, done.stdout or "", done.stderr or "",
                    log.read_text() if log.exists() else "")

    def must(self, code: int, done: Done) -> Done:
        self.assertEqual(done.code, code, done)
        return done
