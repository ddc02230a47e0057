# SPDX-License-Identifier: MIT
"""Installing packages and building, with little output."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from . import locks, output, paths
from .errors import CANNOT_RUN, HARNESS, Failure
from .tools import Env


STEP = re.compile(rb"\[(\d+)/(\d+)\] ")  # as ninja says it
# What a configured folder was made of that ninja does not look at, which
# configures anew when a CMakeLists.txt has changed. Packages may be new.
MADE_OF = (paths.ROOT / "CMakePresets.json", Path("/var/lib/dpkg/status"))


def setup(*groups: str) -> None:
    """scripts/setup for these groups of packages."""
    done = subprocess.run([paths.ROOT / "scripts/setup", *groups])
    if done.returncode != 0:
        raise Failure(f"scripts/setup {' '.join(groups)} failed",
                      CANNOT_RUN if done.returncode == CANNOT_RUN
                      else HARNESS)


def build(preset: str, *products: str) -> Path:
    """Configure and build a preset (only these products if some are named).

    All output goes to build/PRESET.log, shown when something fails. Returns
    the build folder.
    """
    paths.BUILD.mkdir(exist_ok=True)
    # Two builds of one folder at once would spoil it.
    with locks.after_others(paths.BUILD / f"{preset}.lock"):
        run_steps(preset, products)
    return paths.BUILD / preset


def given(folder: Path, *programs: str) -> Path:
    """The folder of a --build-dir, which must have these programs."""
    for name in programs:
        program = folder.absolute() / name
        if not os.access(program, os.X_OK):
            raise Failure(f"{program}: no such program, expected the folder "
                          "of a build")
    return folder.absolute()


def is_configured(folder: Path) -> bool:
    """Is it done, and since what it was made of last changed?"""
    made = folder / "build.ninja"  # the last that is written
    return made.exists() and all(
        not file.exists() or file.stat().st_mtime < made.stat().st_mtime
        for file in MADE_OF)


def run_steps(preset: str, products: Sequence[str]) -> None:
    """The commands of build()."""
    log = paths.BUILD / f"{preset}.log"
    steps = [
        *([] if is_configured(paths.BUILD / preset) else
          [["cmake", "--preset", preset]]),
        ["cmake", "--build", "--preset", preset, "-j", str(cores())]
        + (["--target", *products] if products else []),
    ]
    with output.stream(log) as out:
        for step in steps:
            code = run_step(step, out, Told(f"building {preset}"))
            if code != 0:
                out.flush()
                text = log.read_text(errors="replace").splitlines()
                raise Failure("\n".join(
                    [f"{' '.join(step)} failed, the end of {log}:"]
                    + text[-40:]), HARNESS)


def run_step(step: list[str], out: BinaryIO, told: Told,
             folder: Path = paths.ROOT, env: Env | None = None) -> int:
    """One command, what it says into `out`; its exit code."""
    with subprocess.Popen(step, cwd=folder, env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as running:
        assert running.stdout
        for line in running.stdout:
            out.write(line)
            if match := STEP.match(line):
                told.show(int(match[1]), int(match[2]))
        told.end()
    return running.returncode


class Told:
    """How far a build is: redrawn on a terminal, else now and then; nothing of
    one that is done in a moment."""

    def __init__(self, what: str, terminal: bool | None = None) -> None:
        self.what = what
        self.terminal = sys.stderr.isatty() if terminal is None else terminal
        self.every = 0.2 if self.terminal else 15.0
        self.next = time.monotonic() + (1.0 if self.terminal else 5.0)
        self.drawn = False

    def show(self, done: int, of: int) -> None:
        now = time.monotonic()
        if now < self.next:
            return
        self.next = now + self.every
        text = f"{self.what}: {done} of {of}"
        sys.stderr.write(f"\r\x1b[2K{text}" if self.terminal else text + "\n")
        sys.stderr.flush()
        self.drawn = True

    def end(self) -> None:
        if self.drawn and self.terminal:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0))
