# SPDX-License-Identifier: MIT
"""How a campaign went over time: OUT/TARGET/history.jsonl, a line each minute
and at its end, campaign after campaign.

A line counts on from the one before (`total_runs`, `total_seconds`,
`campaigns`), so that lines may be left out: the file stays small however many
weeks it tells of. Not here: the page with the plots (history_page.py).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from . import output

FILE = "history.jsonl"
LINES_MAX = 4000  # some 1.2 MB

Line = dict[str, Any]
# What one campaign follows another in.
Series = tuple[str, str | None, str | None]  # target, release, fault

# Each line has them, and they are numbers.
NUMBERS = ("time", "seconds", "runs", "edges", "features", "corpus",
           "last_new", "findings", "total_runs", "total_seconds", "campaigns")


def series(line: Line) -> Series:
    return line["target"], line["release"], line["fault"]


def parse(text: str) -> Line | None:
    """A line; None if it is cut off, or not one of ours."""
    try:
        line = json.loads(text)
        whole = all(isinstance(line[name], int) for name in NUMBERS)
        series(line)
    except (ValueError, KeyError, TypeError):
        return None
    return dict(line) if whole else None


def read(file: Path) -> list[Line]:
    """All whole lines; none if there is no file yet."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    return [line for line in map(parse, text.splitlines()) if line]


def last(lines: list[Line], wanted: Series) -> Line | None:
    """The newest line of a series."""
    for line in reversed(lines):
        if series(line) == wanted:
            return line
    return None


def append(file: Path, line: Line) -> None:
    """One more line. A kill may cut off the last one, and the next must not
    become a part of it."""
    text = json.dumps(line) + "\n"
    with output.stream(file, "ab") as out:
        if out.tell() and not ends_whole(file):
            text = "\n" + text
        out.write(text.encode())
    lines = read(file)
    if len(lines) > LINES_MAX:
        output.write_whole(file, "".join(
            json.dumps(one) + "\n" for one in thinned(lines)))


def ends_whole(file: Path) -> bool:
    with open(file, "rb") as text:
        text.seek(-1, 2)
        return text.read() == b"\n"


def thinned(lines: list[Line]) -> list[Line]:
    """Every second line, and the first and last of each series."""
    first: dict[Series, int] = {}
    final: dict[Series, int] = {}
    for number, line in enumerate(lines):
        first.setdefault(series(line), number)
        final[series(line)] = number
    kept = {*first.values(), *final.values(), *range(0, len(lines), 2)}
    return [lines[number] for number in sorted(kept)]
