# SPDX-License-Identifier: MIT
"""Installing packages and building, with little output."""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from . import paths
from .errors import Failure


def setup(*groups: str) -> None:
    """scripts/setup for these groups of packages."""
    done = subprocess.run([paths.ROOT / "scripts/setup", *groups])
    if done.returncode != 0:
        raise Failure(f"scripts/setup {' '.join(groups)} failed",
                      done.returncode)


def build(preset: str, *products: str) -> Path:
    """Configure and build a preset (only these products if some are named).

    All output goes to build/PRESET.log, shown when something fails. Returns
    the build folder.
    """
    paths.BUILD.mkdir(exist_ok=True)
    with alone(preset):
        run_steps(preset, products)
    return paths.BUILD / preset


@contextlib.contextmanager
def alone(preset: str) -> Iterator[None]:
    """Two builds of one folder at once would spoil it: the second waits."""
    with open(paths.BUILD / f"{preset}.lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run_steps(preset: str, products: Sequence[str]) -> None:
    """The commands of build()."""
    log = paths.BUILD / f"{preset}.log"
    steps = [
        ["cmake", "--preset", preset],
        ["cmake", "--build", "--preset", preset, "-j", str(cores())]
        + (["--target", *products] if products else []),
    ]
    with open(log, "wb") as out:
        for step in steps:
            done = subprocess.run(step, cwd=paths.ROOT, stdout=out,
                                  stderr=subprocess.STDOUT,
                                  stdin=subprocess.DEVNULL)
            if done.returncode != 0:
                out.flush()
                text = log.read_text(errors="replace").splitlines()
                raise Failure("\n".join(
                    [f"{' '.join(step)} failed, the end of {log}:"]
                    + text[-40:]))


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0))
