# SPDX-License-Identifier: MIT
"""libFuzzer: its command line, its log, its exit codes."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from . import output
from .paths import Folders, Word
from .tools import Env
from .worker import Finding, Worker

RUN_TIMEOUT = 10  # seconds; a run takes microseconds
RSS_LIMIT = 2048  # MB
EXIT_INTERRUPTED = 72

STATUS = re.compile(
    r"^#(\d+)\s+(\w+)\s+(?:cov: (\d+) )?(?:ft: (\d+) )?"
    r"(?:corp: (\d+)/\S+ )?.*?exec/s: (\d+)")
TOTAL = re.compile(r"^stat::number_of_executed_units: (\d+)", re.MULTILINE)
WRITTEN = re.compile(r"Test unit written to (.+)$")
SIGNATURE = re.compile(r"^claimcheck: violation: (.+)$")
# What a sanitizer or the engine says when the harness itself did not speak.
SUMMARY = re.compile(r"^SUMMARY: (.+)$")
REPORT_START = re.compile(
    r"^claimcheck: violation: |^=+\d+=+ ?ERROR: |runtime error: "
    r"|: Assertion .* failed")
# After a violation comes the stack of our own abort(), which tells nothing;
# after a signal or a sanitizer's finding the stack tells most.
STACK_WANTED = re.compile(r"^(SIG|HANG|ASAN|UBSAN)")
REPORT_END = re.compile(r"^==\d+== ERROR: libFuzzer: deadly signal")
REPORT_LINES = 200


def command(binary: Path, options: argparse.Namespace, index: int,
            folders: Folders, dictionary: Path | None = None) -> list[Word]:
    """argv for worker number `index`.

    options: seconds (0: no limit), runs (0: no limit), seed (0: random).
    folders: corpus (new inputs go there), seeds (read only), crashes.
    """
    argv: list[Word] = [
        binary, "-print_final_stats=1",
        f"-artifact_prefix={folders['crashes']}/",
        f"-timeout={RUN_TIMEOUT}", f"-rss_limit_mb={RSS_LIMIT}",
        # Its bookkeeping of rare features takes longer than our runs
        # (docs/speed.md), and finds no more.
        "-entropic=0"]
    if options.seconds:
        argv.append(f"-max_total_time={options.seconds}")
    if options.runs:
        argv.append(f"-runs={options.runs}")
    if options.seed:
        # libFuzzer takes 32 bits, and 0 as "choose one".
        argv.append(f"-seed={(options.seed + index) % 2**32 or 1}")
    if dictionary:
        argv.append(f"-dict={dictionary}")
    return argv + [folders["corpus"], folders["seeds"]]


class LibFuzzer(Worker):
    """A libFuzzer process, understood by what it prints."""

    def __init__(self, name: str, argv: Sequence[Word], env: Env,
                 log: Path) -> None:
        super().__init__(name, argv, env, log)
        self.offset = 0
        self.signature: str | None = None
        self.summary: str | None = None
        self.report: list[str] = []
        self.report_done = False
        self.artefact: str | None = None

    def scan(self) -> None:
        with open(self.log, "rb") as log:
            log.seek(self.offset)
            text = log.read()
        whole = text.rfind(b"\n") + 1
        if self.process and self.process.returncode is not None:
            whole = len(text)
        self.offset += whole
        for line in text[:whole].decode("utf-8", "replace").splitlines():
            self.line(line)

    def line(self, line: str) -> None:
        """Take in one line of the log."""
        if (self.signature and REPORT_END.match(line)
                and not STACK_WANTED.match(self.signature)):
            self.report_done = True
        if self.report or REPORT_START.search(line):
            if len(self.report) < REPORT_LINES and not self.report_done:
                self.report.append(line)
        if match := STATUS.match(line):
            status = self.status
            status.runs = max(status.runs, int(match[1]))
            status.cov = max(status.cov, int(match[3] or 0))
            status.features = max(status.features, int(match[4] or 0))
            status.corpus = int(match[5] or status.corpus)
            status.rate = float(match[6])
        elif match := TOTAL.match(line):
            self.status.runs = int(match[1])
        elif match := SIGNATURE.match(line):
            self.signature = self.signature or match[1].strip()
        elif match := SUMMARY.match(line):
            self.summary = match[1].strip()
        elif match := WRITTEN.search(line):
            self.artefact = match[1].strip()

    def ended(self) -> None:
        code = self.code
        if code == 0 or (code == EXIT_INTERRUPTED and self.stopped):
            return
        if self.signature or self.artefact:
            what = self.signature or self.summary or f"exit code {code}"
            self.findings.append(
                Finding(self.artefact or "", what, self.report))
        elif self.stopped:
            pass  # it had to be killed, at our word
        elif code == EXIT_INTERRUPTED:
            self.trouble = (f"{self.name} was interrupted from outside, "
                            f"see {self.log}")
        else:
            self.trouble = self.signal_trouble() or "\n  ".join(
                [f"{self.name} ended with exit code {code} and no finding, "
                 f"the end of {self.log}:"] + self.log_tail())


def successor(worker: Worker, options: argparse.Namespace, took: float,
              masks: list[str]) -> Worker | None:
    """A process in the place of one that a finding has ended, with what is
    known by now masked; None if its time or its runs are over."""
    argv = list(worker.argv)
    limits = {"-max_total_time=": options.seconds - int(took),
              "-runs=": options.runs - worker.status.runs}
    for number, word in enumerate(argv):
        for flag, left in limits.items():
            if word.startswith(flag):
                if left < 1:
                    return None
                argv[number] = f"{flag}{left}"
    return LibFuzzer(worker.name, argv, dict(
        worker.env, CLAIMCHECK_MASK=",".join(masks)), worker.log)


def keep_report(finding: Finding, crashes: Path) -> None:
    """Put the report beside the input, as INPUT.txt; only in the folder
    `crashes`: beside a seed it would be taken for an input."""
    if finding.report and Path(finding.file).parent == crashes:
        output.write_whole(Path(finding.file + ".txt"),
                           "\n".join(finding.report) + "\n")
