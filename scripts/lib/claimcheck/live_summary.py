# SPDX-License-Identifier: MIT
"""What a run of scripts/live came to: read off its lines, told at the end."""

from __future__ import annotations

import collections
import re
from pathlib import Path

CASE = re.compile(r"(\S+\.claim): ([0-9.]+): (held|known weakness|skipped|"
                  r"violation)(?:: ([^\[]*))?((?: \[[a-z-]+\])*)$")
OTHER = re.compile(r"\S+: skipped: (.*)$")
COUNTS = re.compile(r"([0-9]+) (programs|cases), (?:.* on live, )?"
                    r"([0-9]+) steps")
SKIPPED = re.compile(r"([0-9]+) skipped")
MET = re.compile(r"weakness ([a-z-]+): ([0-9]+) programs, the shortest has "
                 r"([0-9]+) steps: --seed ([0-9]+)")
SPEED = re.compile(r"generate: .* ([0-9]+) steps/s")


class Summary:
    """Collects lines; print() tells."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.host = "a Xen that did not say which"  # as it reports itself
        self.releases: set[str] = set()  # whose rules judged
        self.counts: list[str] = []
        self.speed: str | None = None
        self.skipped: collections.Counter[str] = collections.Counter()
        # weakness: (steps, file) of the shortest case
        self.cases: dict[str, tuple[int, str]] = {}
        # weakness: (steps, seed, programs that met it)
        self.seeds: dict[str, tuple[int, str, int]] = {}
        self.reports: list[list[str]] = []
        self.in_report = False

    def take(self, line: str) -> bool:
        """One line of the run; true if people want to see it at once."""
        if line.startswith("host: "):
            self.host = line[6:]
        elif case := CASE.match(line):
            self._case(case)
        elif other := OTHER.match(line):
            self.skipped[other.group(1)] += 1
        elif met := MET.match(line):
            self.seeds[met.group(1)] = (int(met.group(3)), met.group(4),
                                        int(met.group(2)))
        elif COUNTS.match(line):
            self.counts.append(line)
        elif speed := SPEED.match(line):
            self.speed = speed.group(1)
        self._report(line)
        return self.in_report or line.startswith(("xen-vm:", "generate:")) or \
            bool(COUNTS.match(line))

    def _case(self, case: re.Match[str]) -> None:
        self.in_report = False
        path, release, outcome, reason, weak = case.groups()
        self.releases.add(release)
        if outcome == "skipped":
            self.skipped[reason.strip()] += 1
        for name in re.findall(r"\[([a-z-]+)\]", weak):
            found = (self._length(path), path)
            self.cases[name] = min(found, self.cases.get(name, found))

    def _length(self, path: str) -> int:
        """Operations of a case: its lines that are not about it."""
        try:
            text = (self.root / path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return 1 << 30
        return sum(1 for line in text.splitlines()
                   if line.strip() and not line.startswith(
                       ("#", "host", "expect")))

    def _report(self, line: str) -> None:
        if line.startswith("claimcheck: violation: "):
            self.in_report = True
            self.reports.append([line.split(": ", 2)[2], "", ""])
        elif self.in_report and line.startswith(("program: ", "replay: ")):
            self.in_report = False
        elif self.in_report and not self.reports[-1][1]:
            self.reports[-1][1] = line.strip()
        elif self.in_report and line.startswith(" > "):
            self.reports[-1][2] = line[3:].strip()

    def print(self, log: Path, code: int) -> None:
        """Tells all of it."""
        rules = ", ".join(sorted(self.releases)) or "no release"
        print(f"\n== summary: {self.host} checked by the rules of {rules}; "
              f"full output: {log}")
        for line in self.counts:
            print(line)
        if self.speed:
            print(f"generated programs ran at {self.speed} steps/s")
        print("skipped, by reason:" if self.skipped else "nothing was skipped")
        for reason, times in self.skipped.most_common():
            print(f"{times:6} {reason}")
        print("known weaknesses reproduced on this Xen:")
        for name in sorted(set(self.cases) | set(self.seeds)):
            self._weakness(name)
        print(f"disagreements: {len(self.reports)}")
        for signature, detail, step in self.reports:
            print(f"  {signature}: {detail}")
            if step:
                print(f"    at step {step}")
        if code not in (0, 1):
            print(f"the run did not finish: exit code {code}")

    def _weakness(self, name: str) -> None:
        line = f"  {name}:"
        if name in self.cases:
            line += " %s (%d steps)" % self.cases[name][::-1]
        if name in self.seeds:
            steps, seed, programs = self.seeds[name]
            line += f"{';' if name in self.cases else ''} {programs} " \
                    f"generated programs, the shortest with --seed {seed} " \
                    f"({steps} steps)"
        print(line)
