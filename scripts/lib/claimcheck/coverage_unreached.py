# SPDX-License-Identifier: MIT
"""What is not reached, as text, and what of it an earlier report reached."""

from __future__ import annotations

import collections
import os
import re

from . import paths

FILE = re.compile(r"^(/.*):$")
LINE = re.compile(r"^\s*(\d+)\|\s*([\d.]+[kMG]?)?\|(.*)$")
BRANCH = re.compile(r"^\s*\|\s*Branch \((\d+):(\d+)\): "
                    r"\[True: ([^,]+), False: ([^\]]+)\]")


class File:
    """What `llvm-cov show` says of one file. A function of a header is shown
    once for each source that has it: any of them counts."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.text: dict[int, str] = {}
        self.ran: collections.Counter[int] = collections.Counter()
        self.taken: dict[tuple[int, int, str], bool] = {}

    def line(self, number: int, count: str, code: str) -> None:
        self.text[number] = code
        self.ran[number] += count != "0"

    def branch(self, number: int, column: int, *ways: str) -> None:
        for way, count in zip(("true", "false"), ways):
            key = (number, column, way)
            self.taken[key] = self.taken.get(key, False) or count != "0"

    def missed(self) -> list[str]:
        """Lines that never ran, and ways never taken in lines that did."""
        missed = []
        for number, ran in self.ran.items():
            code = self.text[number]
            if not ran and code.strip("{} ") and code[0] != "#":
                missed.append((number, 0, f"{self.name}:{number}: {code}"))
        for (number, column, way), taken in self.taken.items():
            if not taken and self.ran[number]:
                missed.append((number, column,
                               f"{self.name}:{number}: never {way} (column "
                               f"{column}): {self.text[number]}"))
        return [text for _, _, text in sorted(missed)]


def unreached(shown: str) -> list[str]:
    """Of `llvm-cov show -show-branches=count`: lines `file:line: text` that
    never ran, and `file:line: never true (column C): text` for each way of a
    condition that was never taken in a line that did run."""
    files = []
    for line in shown.splitlines():
        if match := FILE.match(line):
            files.append(File(os.path.relpath(match[1], paths.ROOT)))
        elif not files:
            continue
        elif match := LINE.match(line):
            if match[2]:
                files[-1].line(int(match[1]), match[2], match[3].strip())
        elif match := BRANCH.match(line):
            files[-1].branch(int(match[1]), int(match[2]), match[3], match[4])
    return [text for file in files for text in file.missed()]


def lost(old: list[str], missed: list[str]) -> list[str]:
    """What `missed` lists and `old` does not. Line numbers are left out of
    the comparison: a change above a line moves it."""
    def key(line: str) -> tuple[str, str]:
        file, _, text = line.split(":", 2)
        return file, text

    left = collections.Counter(key(line) for line in old)
    gone = []
    for line in missed:
        if left[key(line)]:
            left[key(line)] -= 1
        else:
            gone.append(line)
    return gone
