# SPDX-License-Identifier: MIT
"""Where things lie. All scripts take folders from here and nowhere else."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from pathlib import Path

from .errors import Failure

Word = str | Path  # of a command line
Folders = dict[str, Path]  # of a campaign, by what is in them

ROOT = Path(__file__).resolve().parents[3]
BUILD = ROOT / "build"
CORPUS = BUILD / "corpus"  # machine-found inputs, one folder per target
CAMPAIGN = BUILD / "campaign"  # logs, converted seeds, crashes, per target
SEEDS = ROOT / "corpus"  # hand-made cases, one folder per target
DICTS = ROOT / "dicts"


# Targets that take text as it is; to all others it is a form of bytes.
TEXT_TARGETS = frozenset(("fuzz_text",))


def targets() -> list[str]:
    """Names of the fuzz targets: one per harness/targets/fuzz_*.c."""
    return sorted(p.stem for p in (ROOT / "harness/targets").glob("fuzz_*.c"))


def files_in(folder: Path) -> list[Path]:
    """The plain files of a folder and its subfolders, sorted, no dot files."""
    return sorted(
        p for p in Path(folder).rglob("*")
        if p.is_file() and not p.name.startswith(".")
    )


def content_name(data: bytes) -> str:
    """The name of an input among machine-found ones, as libFuzzer names it."""
    return hashlib.sha1(data).hexdigest()


NEW = ".new-"  # begins the name of a file that is not whole yet


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that nobody, not even after kill -9, sees half of it."""
    path = Path(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=NEW)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def require_writable(folder: Path, what: str) -> None:
    """Make the folder and prove by writing that it can hold new files."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        probe_write(folder)
        sweep(folder)
    except OSError as error:
        raise Failure(f"{what} {folder}: {error.strerror or error}") from None


# Far longer than any file takes to be written.
STALE_SECONDS = 3600


def sweep(folder: Path) -> None:
    """Remove what a write_whole() left that was killed."""
    for file in Path(folder).glob(NEW + "*"):
        if time.time() - file.stat().st_mtime > STALE_SECONDS:
            file.unlink(missing_ok=True)


# More than a page, so that a disk with only small slack left counts as full.
PROBE_BYTES = 64 * 1024


def probe_write(folder: Path) -> None:
    """Raise OSError if a file cannot be written in this folder now.

    The engines drop inputs without a word when a write fails, so the scripts
    ask by themselves. Permission bits say nothing when the user is root.
    """
    with tempfile.TemporaryFile(dir=folder) as probe:
        probe.write(b"\0" * PROBE_BYTES)
        probe.flush()
        os.fsync(probe.fileno())
