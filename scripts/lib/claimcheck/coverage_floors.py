# SPDX-License-Identifier: MIT
"""Floors of coverage: the file that states them, and what it takes to hold.

A row is `MEASURE PATH LINES BRANCHES`. PATH is a folder (all its files
together), FOLDER/* (each of its files that has no row of its own: a source
that is new, split or renamed has a floor at once), or a file; `-` in place of
a percentage says that the path has no such thing. Or the row is `corpus FILE
apart`: a file that runs only when something is broken. It is left out of its
folder's figures where the corpus alone is measured, and must have a floor with
the tests.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from . import paths
from .errors import Failure

KINDS = ("lines", "branches")
CORPUS, TESTS = "corpus", "tests"
EACH = "/*"
NONE = "-"

Percents = dict[str, float]  # by kind
Sums = dict[str, list[int]]  # by kind: covered, count


class Floors:
    """Of one measure: what each path must reach, and the files apart."""

    def __init__(self) -> None:
        self.least: dict[str, Percents] = {}
        self.apart: set[str] = set()

    def counts(self, path: str, name: str) -> bool:
        """Does the file `name` count for the row of `path`?"""
        if name == path:
            return True
        if path.endswith(EACH):
            return (os.path.dirname(name) == path.removesuffix(EACH)
                    and name not in self.least and name not in self.apart)
        return name.startswith(path + "/") and name not in self.apart

    def sources(self) -> list[str]:
        """The folders and files that rows name, each once."""
        named = {path.removesuffix(EACH) for path in self.least}
        return sorted(path for path in named
                      if not any(path.startswith(other + "/")
                                 for other in named))


def parse(words: list[str], measures: dict[str, Floors]) -> None:
    """One row into measures; ValueError if it is none."""
    measure, path, *values = words
    floors = measures[measure]
    if path in floors.least or path in floors.apart:
        raise ValueError
    if values == ["apart"] and measure == CORPUS:
        floors.apart.add(path)
        return
    percents = {kind: float(value) for kind, value in
                zip(KINDS, values, strict=True) if value != NONE}
    if not percents or not all(0 <= value <= 100
                               for value in percents.values()):
        raise ValueError
    floors.least[path] = percents


def read(path: Path) -> dict[str, Floors]:
    """{measure: Floors} of a file."""
    measures = {CORPUS: Floors(), TESTS: Floors()}
    with open(path, encoding="utf-8") as text:
        for number, line in enumerate(text, 1):
            words = line.split("#")[0].split()
            try:
                if words:
                    parse(words, measures)
            except (KeyError, ValueError):
                raise Failure(
                    f"{path}:{number}:1: expected corpus or tests, a new "
                    "folder, FOLDER/* or file, and two percentages or "
                    f"(corpus, a file) apart, got: {line.strip()}") from None
    for measure, floors in measures.items():
        if not floors.least:
            raise Failure(f"{path}: no floors for {measure} in it")
    missing = measures[CORPUS].apart - measures[TESTS].least.keys()
    if missing:
        raise Failure(f"{path}: apart, but no floor for tests: "
                      + " ".join(sorted(missing)))
    return measures


def files_of(export: dict[str, Any]) -> dict[str, Sums]:
    """What an llvm-cov export says of each file, by its name here."""
    return {
        os.path.relpath(file["filename"], paths.ROOT): {
            kind: [file["summary"][kind]["covered"],
                   file["summary"][kind]["count"]] for kind in KINDS}
        for file in export["data"][0]["files"]}


def sums(export: dict[str, Any], floors: Floors) -> dict[str, Sums]:
    """What each row's files come to, in the order of the rows. Of FOLDER/*
    the file that is worst, by each kind; files without such code are none."""
    files = files_of(export)
    found: dict[str, Sums] = {}
    for path in floors.least:
        parts = [part for name, part in files.items()
                 if floors.counts(path, name)]
        found[path] = {
            kind: (worst if path.endswith(EACH) else added)(
                [part[kind] for part in parts if part[kind][1]])
            for kind in KINDS}
    return found


def added(parts: list[list[int]]) -> list[int]:
    return [sum(part[0] for part in parts), sum(part[1] for part in parts)]


def worst(parts: list[list[int]]) -> list[int]:
    return min(parts, key=lambda part: percent(*part), default=[0, 0])


def percent(covered: int, count: int) -> float:
    """Of nothing, nothing is reached: an empty folder must not pass."""
    return 100.0 * covered / count if count else 0.0


def table(export: dict[str, Any],
          floors: Floors) -> tuple[list[str], list[str]]:
    """Lines of the table, and the floors that do not hold."""
    found = sums(export, floors)
    width = max(map(len, found))
    lines = [f"{'':<{width}} {'lines':>18} {'branches':>18}   floors"]
    below = []
    for path, kinds in found.items():
        cells = []
        for kind in KINDS:
            covered, count = kinds[kind]
            value = percent(covered, count)
            floor = floors.least[path].get(kind)
            cells.append(f"{covered}/{count} {value:6.2f}%")
            if floor is None:
                if count:
                    below.append(f"{path}: {count} {kind}, expected none")
            elif count == 0:
                below.append(f"{path}: no {kind} in the build at all; if the "
                             "code has moved, its row must follow")
            elif value < floor:
                below += missed(export, floors, path, kind)
        lines.append(f"{path:<{width}} {cells[0]:>18} {cells[1]:>18}   " +
                     " ".join(f"{floors.least[path].get(k, NONE):>5}"
                              for k in KINDS))
    if floors.apart:
        lines.append("not counted here: " + " ".join(sorted(floors.apart)))
    return lines, below


def missed(export: dict[str, Any], floors: Floors, path: str,
           kind: str) -> list[str]:
    """The row's files that are below, each by name if it is FOLDER/*."""
    floor = floors.least[path][kind]
    files = files_of(export)
    if path.endswith(EACH):
        parts = {name: part[kind] for name, part in files.items()
                 if floors.counts(path, name) and part[kind][1]}
    else:
        parts = {path: sums(export, floors)[path][kind]}
    return [f"{name}: {kind} {percent(*part):.2f} %, floor {floor:g} %"
            for name, part in parts.items() if percent(*part) < floor]
