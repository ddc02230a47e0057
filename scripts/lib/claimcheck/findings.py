# SPDX-License-Identifier: MIT
"""What campaigns found, by signature: counted, filed in a folder of its own,
masked from then on.

Not here: the forms for services (findings_forms.py), which findings are known
(known.py).
"""

from __future__ import annotations

import datetime
import json
import re
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from . import known, output, tools
from .worker import Finding

FILE = "finding.json"
# A target can go on after these: they end a run, not the process.
MASKABLE = re.compile(r"^(?!SIG|HANG|ASAN|UBSAN)[A-Z]+(-[A-Z]+)*/[a-z_]+$")
SHRINK_SECONDS = 120
NAME_MAX = 100


@dataclass
class Filed:
    """One signature; what is in its finding.json."""

    signature: str
    target: str
    fault: str | None
    input: str
    report: str
    count: int
    first: str  # UTC
    last: str
    detail: str
    replay: str = ""
    known: str | None = None  # why it does not fail the run
    release: str | None = None  # pinned
    gone: str | None = None  # the build in which it does not fail any more


def now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).strftime(
        "%Y-%m-%dT%H:%M:%SZ")


def folder_name(signature: str) -> str:
    """OVER-CLAIM-claim for OVER-CLAIM/claim."""
    words = re.sub(r"[^A-Za-z0-9_.-]+", "-", signature).strip("-.")
    return words[:NAME_MAX] or "unnamed"


def smaller(file: Path, than: Path) -> bool:
    return not than.is_file() or file.stat().st_size < than.stat().st_size


class Findings:
    """All findings of one scripts/fuzz."""

    def __init__(self, folder: Path, keep: bool = False,
                 rows: dict[str, known.Row] | None = None) -> None:
        self.folder = folder
        self.keep = keep  # file them, and go on
        self.given = rows or {}
        self.filed: dict[str, Filed] = {}
        self.read_rows()

    def read_rows(self) -> None:
        """Which rows of --known are valid today."""
        today = datetime.date.today()
        self.rows = {name: row for name, row in self.given.items()
                     if not row.expired(today)}
        self.expired = [row for row in self.given.values()
                        if row.expired(today)]
        for one in self.filed.values():
            row = self.row_of(one.signature)
            one.known = row.reason if row else None

    def row_of(self, signature: str) -> known.Row | None:
        return self.rows.get(signature) or self.rows.get(
            folder_name(signature))

    def resume(self, version: str, fails: Callable[[Filed], bool]) -> None:
        """Take over what earlier campaigns filed here. What does not fail any
        more is not masked: should it come back, it counts."""
        for file in sorted(self.folder.glob(f"*/{FILE}")):
            one = read(file)
            if one:
                one.gone = None if fails(one) else one.gone or version
                self.filed[one.signature] = one
        self.read_rows()

    def take(self, finding: Finding, target: str,
             fault: str | None = None, release: str | None = None) -> bool:
        """Count it, and file it if it is the first of its signature; true if
        the campaign may go on."""
        one = self.filed.get(finding.signature)
        if one and not one.gone:
            one.count += 1
            one.last = now()
        else:
            one = self.first(finding, target, fault, release)
            self.filed[finding.signature] = one
        return self.keep or one.known is not None

    def first(self, finding: Finding, target: str, fault: str | None,
              release: str | None) -> Filed:
        name = folder_name(finding.signature)
        row = self.row_of(finding.signature)
        time = now()
        report = f"{finding.file}.txt" if finding.file else ""
        one = Filed(finding.signature, target, fault, finding.file, report, 1,
                    time, time, detail_of(finding),
                    known=row.reason if row else None, release=release)
        if self.keep:
            self.file(one, finding, self.folder / name)
        return one

    def file(self, one: Filed, finding: Finding, folder: Path) -> None:
        """Put the smallest input, its text and the report into its folder."""
        output.require_writable(folder, "findings")
        earlier = read(folder / FILE)
        if earlier and earlier.signature == one.signature:
            one.count += earlier.count
            one.first = earlier.first
            if earlier.gone:  # what is there does not fail any more
                (folder / "input").unlink(missing_ok=True)
                (folder / "input.claim").unlink(missing_ok=True)
        made = folder / ".shrunk", folder / ".bytes"
        data = Path(finding.file).read_bytes() if finding.file else b""
        if shrink(finding, *made):
            if smaller(made[1], folder / "input"):
                output.write_whole(folder / "input.claim",
                                   made[0].read_bytes())
                output.write_whole(folder / "input", made[1].read_bytes())
        elif not (folder / "input").is_file():
            output.write_whole(folder / "input", data)
        for file in made:
            file.unlink(missing_ok=True)
        output.write_whole(folder / "report.txt",
                           "\n".join(finding.report) + "\n")
        one.input = str(folder / "input")
        one.report = str(folder / "report.txt")

    def masks(self) -> list[str]:
        """Signatures that must not end a target any more: known, or filed."""
        names = [*self.rows, *(one.signature for one in self.filed.values()
                               if self.keep and not one.gone)]
        return [name for name in dict.fromkeys(names) if MASKABLE.match(name)]

    def met(self, masked: dict[str, int], target: str) -> None:
        """What the targets counted of those that were masked."""
        for signature, number in masked.items():
            if not number:
                continue
            one = self.filed.get(signature)
            if not one:  # known from the start: no input of it was kept
                row = self.rows[signature]
                one = self.filed[signature] = Filed(
                    signature, target, None, "", "", 0, now(), now(), "",
                    known=row.reason)
            one.count += number
            one.last = now()

    def write(self) -> None:
        """Their finding.json, where they have a folder."""
        for one in self.filed.values():
            folder = self.folder / folder_name(one.signature)
            if self.keep and folder.is_dir():
                output.write_whole(folder / FILE, json.dumps(
                    asdict(one), indent=2) + "\n")

    @property
    def new(self) -> list[Filed]:
        return [one for one in self.filed.values()
                if one.known is None and not one.gone]


def read(file: Path) -> Filed | None:
    """A finding.json; None if it is not there, or not whole."""
    try:
        return Filed(**json.loads(file.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def detail_of(finding: Finding) -> str:
    """The line below the signature, in words."""
    for number, line in enumerate(finding.report):
        if line.startswith("claimcheck: violation: "):
            return "".join(finding.report[number + 1:number + 2]).strip()
    return ""


def shrink(finding: Finding, text: Path, as_bytes: Path) -> bool:
    """The smallest case of the same signature, by the command that the report
    gives: as text and as bytes. False if there is none."""
    command = finding.command("shrink")
    return bool(command) and run(
        [*command[:-1], finding.file, "-o", str(text)]) and run(
        [command[0], "bytes", str(text), "-o", str(as_bytes)])


def run(command: Iterable[str]) -> bool:
    try:
        done = subprocess.run(
            [*tools.steady_start(), *command], env=tools.sanitizer_env(),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, timeout=SHRINK_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
