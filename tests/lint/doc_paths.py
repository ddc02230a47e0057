#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the documents name exists.

    tests/lint/doc_paths.py [BUILD-FOLDER]

Read: README.md, CONTRIBUTING.md and docs/*.md. Checked, in backticks: paths,
names of files, `function()`, and `path:function()`, a function of that file;
and links with their anchors. Not checked: fenced blocks, and names that stand
for any name (NAME, <folder>, N) or are made by a run (build/). Also: the paths
in scripts/coverage-floors.txt exist, and a document that explains a table has
its rows; with a build folder, tests named as `hunt.all` exist.
"""

from __future__ import annotations

import fnmatch
import functools
import re
import subprocess
import sys
import unittest

import sources

BUILD = sys.argv.pop(1) if sys.argv[1:] else ""
SOURCE = r"(?:c|h|def|py|sh|md|claim|cmake|dict|yml|txt)"
FILE = re.compile(rf"[\w.*\[\]{{}},-]+\.(?:{SOURCE}|\[[a-z]+\])$")
PATH = re.compile(r"[\w.*\[\]{},+-]*(?:/[\w.*\[\]{},+-]*)+$")
FUNCTION = re.compile(r"(?:([\w./]+):)?(\w+)\(\)$")
LINK = re.compile(r"\]\(([^)\s]+)\)")
# Made by builds and runs, or of the machine; and what stands for any name.
ELSEWHERE = re.compile(r"(?:build|out|html|/|~|\.\./|xen/|https?:)")
PATTERN = re.compile(r"\b(?!README|CONTRIBUTING|LICENSE)[A-Z]+\b|[<$%]|\.\.\.")


def documents() -> list[tuple[str, str]]:
    def lines(match: re.Match[str]) -> str:
        return "\n" * match[0].count("\n")
    return [(name, re.sub(r"^```.*?^```$", lines, text, flags=re.M | re.S))
            for name, text in sources.text_files()
            if re.fullmatch(r"README\.md|CONTRIBUTING\.md|docs/\w+\.md", name)]


def braces(word: str) -> list[str]:
    """a{b,c} -> ab, ac."""
    match = re.search(r"\{([^{}]*)\}", word)
    if not match:
        return [word]
    return [full for part in match[1].split(",") for full in
            braces(word[:match.start()] + part.strip() + word[match.end():])]


@functools.lru_cache(maxsize=None)
def tree() -> dict[str, str]:
    """Text of all C and Python sources: where functions are."""
    return {name: text for name, text in sources.text_files()
            if re.search(r"\.(?:c|h|def|py)$|^scripts/\w+$", name)
            and not name.startswith("tests/lint/")}


@functools.lru_cache(maxsize=None)
def file_names() -> frozenset[str]:
    return frozenset(name.rpartition("/")[2]
                     for name, _ in sources.text_files())


def path_exists(word: str, folder: str) -> bool:
    bases = (sources.ROOT, sources.ROOT / folder)
    return all(any(any(base.glob(one.rstrip("/"))) for base in bases)
               for one in braces(word))


def name_exists(word: str) -> bool:
    def seen(one: str) -> bool:
        pattern = re.escape(one).replace(r"\*", ".*")
        pattern = re.sub(r"\\\[(\w+)\\\]", r"[\1]", pattern)
        return any(re.fullmatch(pattern, name) for name in file_names())
    return all(seen(one) for one in braces(word)) or made(word)


def made(name: str) -> bool:
    """Does a script write a file of that name?"""
    return any(f"/{name}" in text or f'"{name}"' in text
               for path, text in tree().items() if path.startswith("scripts/"))


def function_exists(path: str | None, name: str) -> bool:
    if path:
        # At the start of a line: a definition or a declaration, not a call.
        made_here = re.compile(rf"^(?:\w.*\W)?{name}\(", re.M)
        return bool(made_here.search(tree().get(path, "")))
    call = re.compile(rf"\b{name}\(")
    return any(call.search(text) for text in tree().values())


def missing(word: str, folder: str) -> str:
    """What is wrong with the text between two backticks; "" if nothing."""
    function = FUNCTION.match(word)
    if function:
        return "" if function_exists(*function.groups()) else \
            "no such function" + (" there" if function[1] else "")
    word = word.split(" ")[0].rstrip(":")
    if ELSEWHERE.match(word) or PATTERN.search(word):
        return ""
    if PATH.match(word) and "/" in word.strip("/-"):
        return "" if path_exists(word, folder) else "no such path"
    if FILE.match(word):
        return "" if name_exists(word) else "no such file"
    return ""


def anchors(text: str) -> set[str]:
    """Anchors of a document's headings, as GitHub makes them."""
    found = set()
    for title in re.findall(r"^#+ (.*)$", text, re.M):
        slug = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        found.add(slug)
    return found


def broken(target: str, folder: str, own: str) -> str:
    """What is wrong with the target of a link; "" if nothing."""
    if re.match(r"\w+:", target):
        return ""
    name, _, anchor = target.partition("#")
    path = sources.ROOT / folder / name
    if not path.exists():
        return "no such file"
    if anchor and anchor not in anchors(path.read_text("utf-8") if name
                                        else own):
        return "no such heading"
    return ""


class Documents(unittest.TestCase):
    def test_names(self) -> None:
        bad, good = [], 0
        for name, text in documents():
            folder = name.rpartition("/")[0]
            for match in re.finditer(r"`([^`\n]+)`", text):
                good += 1
                why = missing(match[1], folder)
                if why:
                    line = sources.line_of(text, match.start())
                    bad.append(f"{name}:{line}: `{match[1]}`: {why}")
        self.assertEqual(bad, [], "\n" + "\n".join(bad))
        self.assertGreater(good, 500)

    def test_links(self) -> None:
        bad, good = [], 0
        for name, text in documents():
            folder = name.rpartition("/")[0]
            for match in LINK.finditer(text):
                good += 1
                why = broken(match[1], folder, text)
                if why:
                    line = sources.line_of(text, match.start())
                    bad.append(f"{name}:{line}: ({match[1]}): {why}")
        self.assertEqual(bad, [], "\n" + "\n".join(bad))
        self.assertGreater(good, 20)

    def test_tables(self) -> None:
        """A row for each entry, in a document that explains a table."""
        for table, entry, document in (
                ("harness/engine/weaknesses.def", "WEAKNESS",
                 "docs/weaknesses.md"),
                ("harness/engine/invariants.def", "INVARIANT",
                 "docs/invariants.md")):
            names = re.findall(rf'^{entry}\(\w+, "([^"]+)"',
                               (sources.ROOT / table).read_text(), re.M)
            rows = re.findall(r"^\| ([\w-]+) \|",
                              (sources.ROOT / document).read_text(), re.M)
            self.assertGreater(len(names), 5)
            self.assertEqual(names, rows[1:], document)

    def test_stub(self) -> None:
        """The table of docs/stub.md has each file of stub/, and no other."""
        text = (sources.ROOT / "docs" / "stub.md").read_text()
        cells = re.findall(r"^\| (`[^|]*`) \|", text.split("\n## ")[1], re.M)
        rows = {one for cell in cells for name in re.findall(r"`(.+?)`", cell)
                for one in braces(name.replace("[ch]", "{c,h}"))}
        files = {path.name for path in (sources.ROOT / "stub").iterdir()}
        self.assertEqual(rows, files - {"CMakeLists.txt"})

    @unittest.skipUnless(BUILD, "no build folder given")
    def test_tests(self) -> None:
        listed = subprocess.run(["ctest", "--test-dir", BUILD, "-N"],
                                capture_output=True, text=True, check=True)
        tests = re.findall(r"Test +#\d+: (\S+)", listed.stdout)
        groups = "|".join({re.escape(name.partition(".")[0])
                           for name in tests if "." in name})
        named = re.compile(rf"`((?:{groups})\.[\w.*-]+)`")
        bad, good = [], 0
        for name, text in documents():
            for match in named.finditer(text):
                if FILE.match(match[1]):
                    continue
                good += 1
                if not fnmatch.filter(tests, match[1]):
                    line = sources.line_of(text, match.start())
                    bad.append(f"{name}:{line}: `{match[1]}`: no such test")
        self.assertEqual(bad, [], "\n" + "\n".join(bad))
        self.assertGreater(good, 30)

    def test_comments(self) -> None:
        """Paths that C sources name, from the root, exist."""
        path = re.compile(r"(?<![\w/.-])((?:harness|hypervisor|model|stub|live"
                          r"|preload|marks|examples|tests|docs|scripts|cmake)/"
                          rf"[\w/.-]+\.{SOURCE})\b")
        bad, good = [], 0
        for name, text in sources.text_files():
            if not re.search(r"\.(?:c|h|def)$", name):
                continue
            for match in path.finditer(text):
                good += 1
                if not (sources.ROOT / match[1]).exists():
                    line = sources.line_of(text, match.start())
                    bad.append(f"{name}:{line}: {match[1]}: no such file")
        self.assertEqual(bad, [], "\n" + "\n".join(bad))
        self.assertGreater(good, 100)

    def test_floors(self) -> None:
        text = (sources.ROOT / "scripts" / "coverage-floors.txt").read_text()
        paths = re.findall(r"^(?:corpus|tests) +(\S+)", text, re.M)
        self.assertGreater(len(paths), 10)
        for path in paths:
            # A folder, each file of a folder, or a file.
            named = sources.ROOT / path.removesuffix("/*")
            self.assertTrue(named.exists(), path)


class Rules(unittest.TestCase):
    """What is taken for a path or a function, and what fails."""

    def test_missing(self) -> None:
        for word in ("model/nothing.c", "nothing_here.c", "no_function_()",
                     "model/{claim,nothing}.c", "docs/no*.md", "harness/no/",
                     "model/state.c:claim_predict()",
                     "model/step.c:claim_predict()"):
            self.assertNotEqual(missing(word, ""), "", word)

    def test_there(self) -> None:
        for word in ("model/claim.c", "claim.c", "model_predict()", "step.[c]",
                     "model/{claim,state}.c", "docs/*.md", "stub/", "rules.md",
                     "tests/unit", "scripts/test --quick", "build/x.txt",
                     "corpus/NAME.claim", "R-A", "unreached.txt",
                     "model/claim.c:claim_predict()"):
            self.assertEqual(missing(word, ""), "", word)

    def test_links(self) -> None:
        self.assertEqual(broken("rules.md#12-the-claim", "docs", ""), "")
        self.assertEqual(broken("#a-b", "docs", "# A b\n"), "")
        self.assertNotEqual(broken("rules.md#nothing", "docs", ""), "")
        self.assertNotEqual(broken("nothing.md", "docs", ""), "")


if __name__ == "__main__":
    unittest.main()
