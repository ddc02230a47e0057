# SPDX-License-Identifier: MIT
"""What the targets counted: the lines of the CLAIMCHECK_STATS files.

Each worker has a file of its own, to which its processes append JSON objects,
one a line. A process that gives its "pid" may write several, each replacing
the one before (so that the count of a process that was killed is known up to
its last line); without "pid" a line stands for a whole process.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

# Numbers by name, some in groups of their own (NESTED).
Counts = dict[str, Any]

NESTED = ("ops", "weaknesses", "rules", "releases", "fault", "masked")


class Reader:
    """The lines of some files, each read once however often one asks."""

    def __init__(self, *files: Path) -> None:
        self.offset = dict.fromkeys(files, 0)
        self.last: dict[tuple[Path, int], Counts] = {}  # of each process
        self.torn = 0
        self.summed: Counts | None = None

    def read(self) -> Counts:
        """Sum of all processes: {"runs", "steps", "ops", ...}, torn lines.

        A missing file gives zeros: nothing was counted. A line without its
        newline is not read yet: it may still be on its way.
        """
        for path in self.offset:
            self.read_on(path)
        if self.summed is None:
            self.summed = total_of(self.last.values())
        return dict(self.summed, torn=self.torn)

    def read_on(self, path: Path) -> None:
        """Take in what is new in one file."""
        try:
            with open(path, "rb") as lines:
                lines.seek(self.offset[path])
                text = lines.read()
        except FileNotFoundError:
            return
        whole = text.rfind(b"\n") + 1
        for line in text[:whole].splitlines():
            self.take(path, line)
        self.offset[path] += whole

    def take(self, path: Path, line: bytes) -> None:
        """One line of the file `path`."""
        self.summed = None
        try:
            entry = json.loads(line)
            entry["runs"] = int(entry["runs"])
        except (ValueError, KeyError, TypeError):
            self.torn += 1
            return
        self.last[path, entry.get("pid", -len(self.last) - 1)] = entry


def total_of(entries: Iterable[Counts]) -> Counts:
    """The counts of these processes, added up."""
    entries = list(entries)
    total: Counts = {"runs": 0, "steps": 0, "processes": len(entries),
                     **{name: {} for name in NESTED}}
    for entry in entries:
        total["runs"] += entry["runs"]
        total["steps"] += int(entry.get("steps", 0))
        for name in NESTED:
            add(total[name], entry.get(name, {}))
    return total


def read(*files: Path) -> Counts:
    """Reader.read() of these files, once."""
    return Reader(*files).read()


def add(total: Counts, more: Counts) -> None:
    """Add counts into counts, to any depth."""
    for key, value in more.items():
        if isinstance(value, dict):
            add(total.setdefault(key, {}), value)
        else:
            total[key] = total.get(key, 0) + value


def operations_table(ops: dict[str, dict[str, int]]) -> list[str]:
    """Lines `name  result count ...`, most frequent result first."""
    lines = []
    width = max((len(name) for name in ops), default=0)
    for name in sorted(ops):
        results = sorted(ops[name].items(), key=lambda kv: (-kv[1], kv[0]))
        cells = [f"{result} {count:,}" for result, count in results if count]
        lines.append(f"{name:<{width}}  " + ("  ".join(cells) or "never run"))
    return lines
