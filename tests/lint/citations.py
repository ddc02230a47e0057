#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every citation of docs/rules.md names a section or a row that is there.

    tests/lint/citations.py

One notation in comments, strings and documents: "rules 4.7" for a section,
"rules 1.2 d" for a row, and lists of them: "rules 3.3 b, c and 4.1-4.3". Also:
model/rules.def and the tables of docs/rules.md have the same rows, and nothing
cites the specification that this tree does not hold.
"""

from __future__ import annotations

import re
import unittest
from typing import Iterator

import sources

# Comments wrap: the marks that begin their lines count as white space.
GAP = r"[\s*#/]+"
SECTION = r"\d+(?:\.\d+)?"
ROW = r"(?:anon|[a-z]\d?|\d{1,2}[ab]?)(?!\w|\.\d)"
ITEM = rf"(?:{SECTION}(?:{GAP}{ROW})?|{ROW})(?![\w])"
JOIN = rf"(?:,{GAP}|{GAP}(?:and|or|to){GAP}|-|{GAP}-{GAP})"
CITATION = re.compile(rf"\b[Rr]ules?{GAP}({SECTION}(?:{GAP}{ROW})?(?!\w)"
                      rf"(?:{JOIN}{ITEM})*)")
# Notations of the past, and rows without their section.
OLD = re.compile(rf"\bspec{GAP}\d|\brows?{GAP}\d|\bsection{GAP}\d", re.I)
# Sections whose rows decide the result of a call: those of model/rules.def.
DECIDING = re.compile(r"[1-3]\.")


def document(text: str) -> tuple[set[str], set[str]]:
    """Sections and rows of docs/rules.md."""
    sections = set(re.findall(rf"^#+ ({SECTION})\b", text, re.M))
    rows: set[str] = set()
    for table in re.findall(r"^\| row \|.*\n((?:\|.*\n)*)", text, re.M):
        cells = re.findall(r"^\| ([^|]*?) *\|", table, re.M)
        rows.update(cell for cell in cells if cell[:1].isdigit())
    return sections, rows


def cited(text: str, rows: set[str]) -> list[tuple[int, str]]:
    """(offset, "SECTION" or "SECTION ROW") of each citation in a text."""
    found = []
    for match in CITATION.finditer(text):
        section = ""
        for part in re.split(JOIN, match.group(1)):
            words = re.sub(GAP, " ", part).strip()
            # A row alone belongs to the section before it.
            if section and f"{section} {words}" in rows:
                words = f"{section} {words}"
            elif section and not words[:1].isdigit():
                words = f"{section} {words}"
            section = words.split()[0]
            found.append((match.start(), words))
    return found


def texts() -> Iterator[tuple[str, str]]:
    """All texts but those of this folder, which hold examples of mistakes."""
    return (pair for pair in sources.text_files()
            if not pair[0].startswith("tests/lint/"))


class Tree(unittest.TestCase):
    def setUp(self) -> None:
        path = sources.ROOT / "docs" / "rules.md"
        self.sections, self.rows = document(path.read_text(encoding="utf-8"))

    def test_citations(self) -> None:
        bad, good = [], 0
        for name, text in texts():
            for offset, what in cited(text, self.rows):
                good += 1
                if what not in self.sections and what not in self.rows:
                    line = sources.line_of(text, offset)
                    bad.append(f"{name}:{line}: rules {what}: not in "
                               "docs/rules.md")
        self.assertEqual(bad, [], "\n" + "\n".join(bad))
        self.assertGreater(good, 80)

    def test_old_notations(self) -> None:
        bad = []
        for name, text in texts():
            for match in OLD.finditer(text):
                line = sources.line_of(text, match.start())
                bad.append(f"{name}:{line}: \"{match.group()}\": expected "
                           "\"rules SECTION\" or \"rules SECTION ROW\"")
        self.assertEqual(bad, [], "\n" + "\n".join(bad))

    def test_table(self) -> None:
        text = (sources.ROOT / "model" / "rules.def").read_text("utf-8")
        table = re.findall(r'^RULE\((\w+),\s*"([^"]*)"', text, re.M)
        self.assertGreater(len(table), 80)
        used = {row for name, row in table if name != "NONE"}
        self.assertEqual(used - self.rows, set(), "not in docs/rules.md")
        decide = {row for row in self.rows if DECIDING.match(row)}
        self.assertEqual(decide - used, set(), "not in model/rules.def")


class Notation(unittest.TestCase):
    """What is read as a citation, and what fails."""

    ROWS = {"1.1 0a", "1.1 10", "1.2 c1", "1.2 d", "3.2 a", "3.2 b", "3.2 i"}

    def whats(self, text: str) -> list[str]:
        return [what for _, what in cited(text, self.ROWS)]

    def test_read(self) -> None:
        for text, expected in (
                ("(rules 1.2 d)", ["1.2 d"]),
                ("rules 1.2 c1, d.", ["1.2 c1", "1.2 d"]),
                ("rules 3.2 a-i", ["3.2 a", "3.2 i"]),
                ("rules 1.1 0a to 1.1 10", ["1.1 0a", "1.1 10"]),
                ("rules 4.1-4.3 and 5", ["4.1", "4.3", "5"]),
                ("x (rules\n * 3.2 b)", ["3.2 b"]),
                ("rules 3.12,\n * 3.13, 4.1", ["3.12", "3.13", "4.1"]),
                ("rules 4.7; 3 of them", ["4.7"]),
                ("Rules 3.2 b: x", ["3.2 b"]),
                ("the rules of 4.17, rules.md", [])):
            self.assertEqual(self.whats(text), expected, text)

    def test_unknown_row(self) -> None:
        self.assertEqual(self.whats("rules 1.2 x"), ["1.2 x"])
        self.assertNotIn("1.2 x", self.ROWS)

    def test_old(self) -> None:
        for text in ("(spec 4.1)", "Spec 1.1 row 6", "row 10", "section\n# 9"):
            self.assertTrue(OLD.search(text), text)

    def test_document(self) -> None:
        text = ("## 1. A\n### 1.2 B\n| row | c |\n|---|---|\n| 1.2 d | x |\n"
                "| | y |\n\n| word | c |\n|---|---|\n| 7 | x |\n")
        self.assertEqual(document(text), ({"1", "1.2"}, {"1.2 d"}))


if __name__ == "__main__":
    unittest.main()
