# SPDX-License-Identifier: MIT
"""The text files of the source tree, for the tests of this folder.

Not a list of what is built or installed.
"""

from __future__ import annotations

import pathlib
import re
from typing import Iterator

ROOT = pathlib.Path(__file__).resolve().parents[2]
SUFFIXES = {".c", ".h", ".cc", ".def", ".py", ".md", ".sh", ".cmake", ".claim",
            ".txt", ".yml", ".in", ""}


def text_files() -> Iterator[tuple[str, str]]:
    """(path relative to the root, text) of each text file, sorted by path."""
    for path in sorted(ROOT.rglob("*")):
        name = path.relative_to(ROOT).as_posix()
        if re.match(r"build|\.(?!clusterfuzzlite|github)|.*__pycache__", name):
            continue
        if path.suffix not in SUFFIXES or not path.is_file():
            continue
        try:
            yield name, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def line_of(text: str, offset: int) -> int:
    """Number of the line that holds text[offset], from 1."""
    return text.count("\n", 0, offset) + 1
