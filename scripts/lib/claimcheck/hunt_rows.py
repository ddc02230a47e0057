# SPDX-License-Identifier: MIT
"""The rows of a hunt, one per fault, and what they come to by kind of fault
(the tables of docs/power.md and docs/hunting.md).
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from . import output

# One object of claimcheck hunt --json; of libFuzzer also "target".
Row = dict[str, Any]

ROW = "{:<28} {:<22} {:<28} {:>9} {:>11} {:>8} {:>3} {}"
# A kind with fewer faults has no line of its own.
KIND_MIN = 4
OTHERS = "others"
HEAD = ("| kind of fault | faults | caught | median runs | worst runs | worst "
        "s | the worst |")
# The runs of a fault that was not caught.
NEVER = float("inf")


class Rows:
    """Prints each row as it comes, and keeps it in a file."""

    def __init__(self, path: Path, as_json: bool) -> None:
        output.require_writable(path.parent, "--out")
        self.path = path
        self.as_json = as_json
        self.rows: list[Row] = []
        self.write()
        if not as_json:
            print(ROW.format("fault", "verdict", "signature", "runs", "steps",
                             "seconds", "ops", "target"), flush=True)

    def write(self) -> None:
        output.write_whole(self.path, "".join(
            json.dumps(row) + "\n" for row in self.rows))

    def take(self, row: Row) -> None:
        """One more."""
        line = json.dumps(row)
        self.rows.append(row)
        self.write()
        print(line if self.as_json else ROW.format(
            row["fault"], row["verdict"], row["signature"], row["runs"],
            row["steps"], f"{row['seconds']:.2f}", row["shortest"],
            row.get("target", "")).rstrip(), flush=True)

    def finish(self, known: Mapping[str, Row]) -> None:
        """The table; known: what claimcheck faults says of each."""
        if self.rows and not self.as_json:
            kinds = {fault: kind(row["text"]) for fault, row in known.items()}
            print("", *table(self.rows, kinds), "", str(self.path), sep="\n")


def kind(text: str) -> str:
    """What a fault stands for, in a few words. The text of faults says what is
    wrong, then this: "...; a check is dropped"."""
    return text.partition("; ")[2].partition(":")[0]


def table(rows: list[Row], kinds: Mapping[str, str]) -> Iterator[str]:
    """By kind of fault, in Markdown; kinds: that of each fault."""
    by_kind: dict[str, list[Row]] = {}
    for row in rows:
        by_kind.setdefault(kinds[row["fault"]], []).append(row)
    shown = {name: group for name, group in by_kind.items()
             if len(group) >= KIND_MIN}
    rest = [row for name, group in by_kind.items() if name not in shown
            for row in group]
    yield HEAD
    yield "|---|---|---|---|---|---|---|"
    for name in sorted(shown, key=lambda name: -len(shown[name])):
        yield line(name, shown[name])
    if shown and rest:
        yield line(OTHERS, rest)
    yield line("**all**", rows)


def caught_after(row: Row) -> float:
    """Runs. A fault that was not caught is later than any catch."""
    return float(row["runs"]) if row["verdict"] == "caught" else NEVER


def line(name: str, rows: list[Row]) -> str:
    """One kind."""
    runs = [caught_after(row) for row in rows]
    worst = max(rows, key=caught_after)
    cells = [name, str(len(rows)), str(len(rows) - runs.count(NEVER)),
             count(statistics.median(runs)), count(max(runs)),
             f"{max(row['seconds'] for row in rows):.2f}",
             "-" if NEVER in runs else f"`{worst['fault']}`"]
    return "| " + " | ".join(cells) + " |"


def count(runs: float) -> str:
    """A number of runs, or a dash for never."""
    return "-" if runs == NEVER else f"{runs:,.1f}".removesuffix(".0")
