# SPDX-License-Identifier: MIT
"""The file of --known: findings that do not fail a run, each with a reason and
a day from which on it fails again.

    # signature       until       reason
    OVER-CLAIM/claim  2027-03-01  fixed by the patch that is under review
"""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from pathlib import Path

from .errors import Failure

# Of the engine, INVARIANT/call; of a sanitizer, the name of its folder.
SIGNATURE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_./:-]*$")


@dataclass
class Row:
    """One line."""

    signature: str
    until: datetime.date
    reason: str
    place: str  # FILE:LINE

    def expired(self, today: datetime.date) -> bool:
        return today >= self.until


def read(file: Path) -> dict[str, Row]:
    """{signature: row}; a Failure with the place of what is not a row."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        raise Failure(f"{file}: expected UTF-8 text") from None
    except OSError as error:
        raise Failure(f"{file}: {error.strerror}") from None
    rows: dict[str, Row] = {}
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            row = parse(line, f"{file}:{number}")
            if row.signature in rows:
                raise Failure(f"{row.place}:1: {row.signature} is known from "
                              f"{rows[row.signature].place}, expected one "
                              "line for each")
            rows[row.signature] = row
    return rows


def parse(line: str, place: str) -> Row:
    words = line.split(None, 2)
    starts = [line.index(words[0]) + 1]
    for word in words[1:]:
        starts.append(line.index(word, starts[-1]) + 1)
    if len(words) < 3:
        raise Failure(f"{place}:{len(line.rstrip()) + 1}: expected SIGNATURE "
                      "YYYY-MM-DD REASON")
    if not SIGNATURE.match(words[0]):
        raise Failure(f"{place}:{starts[0]}: {words[0]}: expected a signature "
                      "as in OVER-CLAIM/claim")
    try:
        until = datetime.datetime.strptime(words[1], "%Y-%m-%d").date()
    except ValueError:
        raise Failure(f"{place}:{starts[1]}: {words[1]}: expected a day as in "
                      "2027-03-01") from None
    return Row(words[0], until, words[2].strip(), place)
