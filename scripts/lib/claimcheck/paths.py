# SPDX-License-Identifier: MIT
"""Where things lie. All scripts take folders from here and nowhere else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

Word = str | Path  # of a command line
Folders = dict[str, Path]  # of a campaign, by what is in them

ROOT = Path(__file__).resolve().parents[3]
BUILD = ROOT / "build"
CORPUS = BUILD / "corpus"  # machine-found inputs, one folder per target
CAMPAIGN = BUILD / "campaign"  # logs, converted seeds, crashes, per target
FOREVER = BUILD / "forever"  # state of scripts/fuzz --forever
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


def contents(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """The files of a folder and what is in them. A campaign may be at work
    there: libFuzzer removes what a smaller input has replaced."""
    for file in files_in(folder):
        try:
            yield file, file.read_bytes()
        except FileNotFoundError:
            pass


def content_name(data: bytes) -> str:
    """The name of an input among machine-found ones, as libFuzzer names it."""
    return hashlib.sha1(data).hexdigest()
