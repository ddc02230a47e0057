#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Folders know each other as ARROWS says, and in no other way.

    tests/lint/include_graph.py

Read: every #include "..." of the C sources. Each folder with sources has a
row; an arrow that no row lists fails, and so does a listed one that no source
needs any more, so that the table stays true; and there are no circles. A
folder without a row within one that has one is a part of it. What stands in
tests/ and scripts/ may know everything, and nobody may know it.
"""

from __future__ import annotations

import posixpath
import re
import unittest
from typing import Iterable

import sources

# folder: what it may include. A row names earlier rows only, which makes
# circles impossible: from those who know nobody down to the programs.
ARROWS: dict[str, str] = {
    "marks": "",
    "harness/stop": "",
    "hypervisor": "marks",
    "model": "marks hypervisor",
    "stub": "marks hypervisor",
    # Xen's own code under the stub's front end; not a part of the build.
    "xen": "hypervisor stub",
    "live": "hypervisor",
    "examples": "hypervisor",
    "harness/program": "hypervisor",
    # Operands are relative to the state, and the model's is the one observed.
    "harness/lower": "marks hypervisor model harness/program",
    "harness/engine": "marks hypervisor model harness/program harness/lower",
    "harness/generate": "model harness/program harness/lower",
    "harness/mutate": "harness/program harness/generate",
    "harness/shrink": "harness/stop harness/program harness/engine",
    "harness/promote": "harness/engine harness/shrink",
    "harness/emit": "hypervisor harness/program harness/engine",
    "harness/report": "harness/program harness/engine",
    "harness/contrast": "harness/stop harness/engine harness/generate "
                        "harness/shrink harness/report",
    "harness/cases": "harness/stop harness/program",
    # Implementations by name.
    "harness/open": "hypervisor model stub",
    # Whose rules it follows, by trying.
    "harness/probe": "hypervisor model",
    "harness/session": "live harness/program harness/engine harness/shrink "
                       "harness/report harness/cases harness/open "
                       "harness/probe",
    "harness/matrix": "harness/stop harness/program harness/generate "
                      "harness/report harness/cases harness/session",
    "harness/hunt": "harness/stop stub harness/program harness/engine "
                    "harness/generate harness/mutate harness/shrink "
                    "harness/cases",
    # Programs; nothing includes them.
    "preload": "harness/program harness/cases harness/engine harness/open",
    "harness/targets": "harness/stop harness/program harness/engine "
                       "harness/emit harness/report harness/cases "
                       "harness/open harness/probe",
    "harness/bench": "stub harness/engine harness/generate harness/mutate "
                     "harness/open harness/probe",
    "harness/cli": "marks harness/stop hypervisor stub live harness/program "
                   "harness/engine harness/generate harness/shrink "
                   "harness/promote harness/emit harness/report harness/cases "
                   "harness/open harness/session harness/probe "
                   "harness/contrast harness/matrix harness/hunt",
}
OUTSIDE = re.compile(r"(?:tests|scripts)(?:/|$)")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"', re.M)

Arrow = tuple[str, str]
Table = dict[str, list[str]]


def rows() -> Table:
    return {folder: names.split() for folder, names in ARROWS.items()}


def target(includer: str, header: str) -> str:
    """The folder of a header."""
    own = posixpath.dirname(includer)
    if "/" not in header:
        return own
    if header.startswith("."):
        return posixpath.dirname(posixpath.normpath(f"{own}/{header}"))
    return posixpath.dirname(header)


def arrows(files: Iterable[tuple[str, str]]) -> dict[Arrow, str]:
    """Arrows between folders, each with one place that makes it."""
    found: dict[Arrow, str] = {}
    for name, text in files:
        if not re.search(r"\.(?:c|h|def)$", name):
            continue
        folder = posixpath.dirname(name)
        found.setdefault((folder, folder), name)
        for match in INCLUDE.finditer(text):
            to = target(name, match[1])
            place = f"{name}:{sources.line_of(text, match.start())}"
            found.setdefault((folder, to), place)
    return found


def owner(folder: str, table: Table) -> str:
    """The folder that it is a part of, or itself."""
    outer = folder
    while outer and outer not in table:
        outer = posixpath.dirname(outer)
    return outer or folder


def problems(inner: dict[Arrow, str], table: Table) -> list[str]:
    found: dict[Arrow, str] = {}
    for (source, to), place in inner.items():
        found.setdefault((owner(source, table), owner(to, table)), place)
    bad = []
    for (source, to), place in sorted(found.items()):
        if OUTSIDE.match(source):
            continue
        if OUTSIDE.match(to):
            bad.append(f"{place}: {source} -> {to}: nobody includes that")
            continue
        if source not in table:
            if source == to:
                bad.append(f"{place}: folder {source} has no row in ARROWS")
        elif source != to and to not in table[source]:
            bad.append(f"{place}: {source} -> {to} is not in ARROWS")
    for source, names in table.items():
        if (source, source) not in found:
            bad.append(f"ARROWS: there are no sources in {source}")
        bad += [f"ARROWS: {source} -> {to}: no source needs it"
                for to in names if (source, to) not in found]
    return bad


def upward(table: Table) -> list[str]:
    """Arrows of the table to a row that is not above: circles need one."""
    order = list(table)
    return [f"ARROWS: {source} -> {to}: not from a lower row to a higher one"
            for source, names in table.items() for to in names
            if to not in order or order.index(to) >= order.index(source)]


class Tree(unittest.TestCase):
    def test_arrows(self) -> None:
        found = arrows(sources.text_files())
        bad = problems(found, rows()) + upward(rows())
        self.assertEqual(bad, [], "\n" + "\n".join(bad))
        self.assertGreater(len(found), 50)


class Rules(unittest.TestCase):
    """What is read, and what fails."""

    FILES = [("low/low.h", ""),
             ("high/high.c", '#include "low/low.h"\n#include "high.h"\n'),
             ("tests/unit/t.c", '#include "high/high.h"\n')]
    TABLE: Table = {"low": [], "high": ["low"]}

    def check(self, expected: str, more: list[tuple[str, str]],
              other: Table | None = None) -> None:
        table = self.TABLE if other is None else other
        bad = problems(arrows(self.FILES + more), table) + upward(table)
        self.assertEqual(len(bad), 1 if expected else 0, bad)
        if expected:
            self.assertIn(expected, bad[0])

    def test_good(self) -> None:
        self.check("", [("low/b.c", '#include <high/high.h>\n')])

    def test_unlisted(self) -> None:
        self.check("low/b.c:2: low -> high is not in ARROWS",
                   [("low/b.c", '\n # include "high/high.h"\n')])
        self.check("low -> high is not in ARROWS",
                   [("low/b.c", '#include "../high/high.h"\n')])

    def test_within_a_condition(self) -> None:
        self.check("low -> high", [("low/b.c", '#ifdef X\n'
                                    '#include "high/high.h"\n#endif\n')])

    def test_no_row(self) -> None:
        self.check("folder new has no row", [("new/n.c", "")])

    def test_part(self) -> None:
        self.check("", [("high/part/p.c", '#include "high/high.h"\n'
                         '#include "low/low.h"\n')])
        self.check("low/part/p.c:1: low -> high is not in ARROWS",
                   [("low/part/p.c", '#include "high/high.h"\n')])

    def test_stale(self) -> None:
        self.check("low -> base: no source needs it", [("base/b.h", "")],
                   {"base": [], "low": ["base"], "high": ["low"]})
        self.check("no sources in gone", [],
                   {"gone": [], "low": [], "high": ["low"]})

    def test_circle(self) -> None:
        self.check("low -> high: not from a lower row",
                   [("low/b.c", '#include "high/high.h"\n')],
                   {"low": ["high"], "high": ["low"]})

    def test_tests(self) -> None:
        self.check("nobody includes that",
                   [("low/b.c", '#include "tests/unit/t.h"\n')])


if __name__ == "__main__":
    unittest.main()
