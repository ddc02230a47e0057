# SPDX-License-Identifier: MIT
"""Floors of coverage: the file that states them, and what it takes to hold.

A row is `measure path lines branches`, or `corpus FILE apart`: a file that
runs only when something is broken. It is left out of its folder's figures
where the corpus alone is measured, and must have a floor with the tests.
"""

import os

from . import paths
from .errors import Failure

KINDS = ("lines", "branches")
CORPUS, TESTS = "corpus", "tests"


class Floors:
    """Of one measure: {path: {"lines": percent, "branches": percent}}, and
    the files counted apart. A path is a folder or a file."""

    def __init__(self):
        self.least = {}
        self.apart = set()

    def counts(self, path, name):
        """Does the file `name` count for the row of `path`?"""
        if name == path:
            return True
        return name.startswith(path + "/") and name not in self.apart


def parse(words, measures):
    """One row into measures; ValueError if it is none."""
    measure, path, *values = words
    floors = measures[measure]
    if path in floors.least or path in floors.apart:
        raise ValueError
    if values == ["apart"] and measure == CORPUS:
        floors.apart.add(path)
        return
    percents = [float(value) for value in values]
    if not all(0 <= value <= 100 for value in percents):
        raise ValueError
    floors.least[path] = dict(zip(KINDS, percents, strict=True))


def read(path):
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
                    "folder or file, and two percentages or (corpus, a file) "
                    f"apart, got: {line.strip()}") from None
    for measure, floors in measures.items():
        if not floors.least:
            raise Failure(f"{path}: no floors for {measure} in it")
    missing = measures[CORPUS].apart - measures[TESTS].least.keys()
    if missing:
        raise Failure(f"{path}: apart, and no floor with the tests: "
                      + " ".join(sorted(missing)))
    return measures


def sums(export, floors):
    """{path: {"lines": [covered, count], ...}} of an llvm-cov export."""
    found = {path: {kind: [0, 0] for kind in KINDS} for path in floors.least}
    for file in export["data"][0]["files"]:
        name = os.path.relpath(file["filename"], paths.ROOT)
        for path, kinds in found.items():
            if floors.counts(path, name):
                for kind in KINDS:
                    part = file["summary"][kind]
                    kinds[kind][0] += part["covered"]
                    kinds[kind][1] += part["count"]
    return found


def percent(covered, count):
    """Of nothing, nothing is reached: an empty folder must not pass."""
    return 100.0 * covered / count if count else 0.0


def table(found, floors):
    """Lines of the table, and the floors that do not hold."""
    width = max(map(len, found))
    lines = [f"{'':<{width}} {'lines':>18} {'branches':>18}   floors"]
    below = []
    for path, kinds in found.items():
        cells = []
        for kind in KINDS:
            covered, count = kinds[kind]
            value, floor = percent(covered, count), floors.least[path][kind]
            cells.append(f"{covered}/{count} {value:6.2f}%")
            if count == 0:
                below.append(f"{path}: no {kind} in the build at all")
            elif value < floor:
                below.append(f"{path}: {kind} {value:.2f} %, floor "
                             f"{floor:g} %")
        lines.append(f"{path:<{width}} {cells[0]:>18} {cells[1]:>18}   " +
                     " ".join(f"{floors.least[path][k]:g}" for k in KINDS))
    if floors.apart:
        lines.append("not counted here: " + " ".join(sorted(floors.apart)))
    return lines, below
