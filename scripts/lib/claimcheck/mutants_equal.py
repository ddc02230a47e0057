# SPDX-License-Identifier: MIT
"""The mutants that make no difference, each with the reason why.

The file has entries of four lines, apart by an empty one:

    stub/heap.c find_buddy
    - the lines that the mutant changes, as one
    + what they become
    = why nobody can see that

They are found again by file, function and text, not by line.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from . import paths
from .errors import Failure
from .mutants_points import Mutant

Key = tuple[str, str, str, str]  # file, function, before, after


class Equivalents:
    """The list, read and checked."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reasons: dict[Key, str] = {}
        text = path.read_text() if path.exists() else ""
        lines = [line for line in text.splitlines() if line[:1] != "#"]
        blocks = "\n".join(lines).strip("\n").split("\n\n")
        for block in filter(None, blocks):
            self.read(block.strip("\n").split("\n"))

    def read(self, block: list[str]) -> None:
        """One entry."""
        marks = [line[:2] for line in block[1:]]
        words = block[0].split()
        if marks[:3] != ["- ", "+ ", "= "] or len(words) != 2 or any(
                m != "  " for m in marks[3:]):
            raise Failure(f"{self.path}: at {block[0]!r}: expected FILE "
                          "FUNCTION, then lines that begin with -, + and =")
        key = (words[0], words[1], block[1][2:], block[2][2:])
        if key in self.reasons:
            raise Failure(f"{self.path}: {block[0]}: listed twice: "
                          f"{block[2]}")
        self.reasons[key] = " ".join(line[2:] for line in block[3:])

    def reason(self, mutant: Mutant, before: str, after: str) -> str | None:
        """Why it makes no difference; None: it is not in the list."""
        return self.reasons.get((mutant.file, mutant.function, before, after))

    def check(self, mutants: Iterable[Mutant],
              files: Iterable[str]) -> None:
        """An entry of a mutant that is no more says nothing. mutants: all of
        these files."""
        keys = set()
        sources: dict[str, str] = {}
        for m in mutants:
            if m.file not in sources:
                sources[m.file] = (paths.ROOT / m.file).read_text()
            keys.add((m.file, m.function, *m.before_after(sources[m.file])))
        for key in self.reasons:
            if key not in keys and key[0] in files:
                raise Failure(f"{self.path}: no such mutant: {key[0]} "
                              f"{key[1]}\n- {key[2]}\n+ {key[3]}")
