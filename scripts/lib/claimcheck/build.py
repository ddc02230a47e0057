# SPDX-License-Identifier: MIT
"""Installing packages and building, with little output."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from . import locks, output, paths
from .errors import CANNOT_RUN, HARNESS, Failure


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


def run_steps(preset: str, products: Sequence[str]) -> None:
    """The commands of build()."""
    log = paths.BUILD / f"{preset}.log"
    steps = [
        ["cmake", "--preset", preset],
        ["cmake", "--build", "--preset", preset, "-j", str(cores())]
        + (["--target", *products] if products else []),
    ]
    with output.stream(log) as out:
        for step in steps:
            done = subprocess.run(step, cwd=paths.ROOT, stdout=out,
                                  stderr=subprocess.STDOUT,
                                  stdin=subprocess.DEVNULL)
            if done.returncode != 0:
                out.flush()
                text = log.read_text(errors="replace").splitlines()
                raise Failure("\n".join(
                    [f"{' '.join(step)} failed, the end of {log}:"]
                    + text[-40:]), HARNESS)


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0))
