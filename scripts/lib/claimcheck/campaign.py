# SPDX-License-Identifier: MIT
"""A campaign: one target under one engine, with its workers and folders; and
the loop that runs campaigns to their end, whatever that end is.
"""

from __future__ import annotations

import signal
import time
import types
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from . import history, output, paths, stats
from .errors import HELD, SIGNALLED, STOPPING, describe
from .paths import Folders
from .sanitized import Sanitized
from .worker import Finding, Worker

if TYPE_CHECKING:
    from .progress import Progress

HISTORY_EVERY = 60.0  # seconds
TICK = 0.25  # seconds between two looks
PROBE_EVERY = 2.0  # seconds between two checks of the disk
STOP_PATIENCE = 15.0  # seconds from a polite stop to SIGKILL
SIGNAL_PATIENCE = 10.0  # ... when somebody waits, who can tell us once more
IN_VAIN_MAX = 20  # restarts by what is known already, each within FAR
FAR = 60.0  # seconds; a process that lasts so long gets somewhere
OVERTIME = 300.0  # seconds past the limit until a worker counts as stuck


def name_of(target: str, fault: str | None,
            release: str | None = None) -> str:
    """As people are told of a campaign."""
    return (target + (f" as {release}" if release else "")
            + (f" with {fault}" if fault else ""))


class Campaign:
    """State of one target's campaign; all results are read from here."""

    def __init__(self, target: str, engine: str, folders: Folders,
                 workers: Sequence[Worker]) -> None:
        self.target = target
        self.fault: str | None = None  # planted in it
        self.release: str | None = None  # pinned; else as inputs say
        self.version = ""  # of the build
        self.previous: history.Line | None = None  # campaign's last words
        self.engine = engine
        self.folders = folders
        self.workers = list(workers)
        self.seed_findings: list[Finding] = []
        # Beside workers without sanitizers.
        self.sanitized: Sanitized | None = None
        self.confirmed: dict[int, Finding] = {}  # by id() of the worker's
        self.by_file: dict[str, Finding] = {}
        # Told of each finding: may the campaign go on?
        self.filing: Callable[[Finding], bool] = lambda finding: False
        self.filed: set[int] = set()  # by id() of a finding
        self.must_end = False
        # Makes a worker in the place of one that a finding ended, or none.
        self.remake: Callable[[int, Worker], Worker | None] = (
            lambda index, worker: None)
        self.past: list[Worker] = []
        self.in_vain = 0
        self.last_new = time.time()  # when there was a new feature
        self.best_seen = 0
        # Brings inputs into the corpus, before they are counted.
        self.before_count: Callable[[], object] = lambda: None
        self.trouble: list[str] = []
        self.begun: float | None = None
        self.took = 0.0
        self.over = False
        self.corpus_before = len(paths.files_in(folders["corpus"]))
        self.corpus_after = self.corpus_before
        self.earlier = crashes_in(folders["crashes"])
        self.reader = stats.Reader(
            *(Path(w.env["CLAIMCHECK_STATS"]) for w in workers))

    def follow(self, line: history.Line | None) -> None:
        """Go on from where the series' last campaign was."""
        self.previous = line
        # Coverage of two builds cannot be compared, nor that of two engines.
        if (line and line.get("version") == self.version
                and line.get("engine") == self.engine):
            self.best_seen = line["features"] or line["edges"]
            self.last_new = line["last_new"]

    def start(self) -> None:
        self.begun = time.monotonic()
        for worker in self.workers:
            worker.start()

    def poll(self) -> bool:
        """One look at all workers; true while any runs."""
        running = any([worker.poll() for worker in self.workers])
        self.confirm()
        if self.sanitized:
            running = self.sanitized.poll(more=running) or running
        self.file()
        running = self.go_on() or running
        if self.begun is not None and not self.over:
            self.took = time.monotonic() - self.begun
            self.over = not running
            seen = self.best("features") or self.best("cov")
            if seen > self.best_seen:
                self.best_seen, self.last_new = seen, time.time()
        return running

    def confirm(self) -> None:
        """What is new among the workers' findings, by the sanitized build."""
        for worker in [*self.past, *self.workers]:
            for finding in worker.findings:
                if id(finding) not in self.confirmed:
                    self.confirmed[id(finding)] = self.confirmed_once(finding)

    def confirmed_once(self, finding: Finding) -> Finding:
        """For a file that was confirmed before, what was said then."""
        if finding.file in self.by_file:
            return replace(self.by_file[finding.file])
        told = (self.sanitized.confirm(finding) if self.sanitized
                else finding)
        if finding.file:
            self.by_file[finding.file] = told
        return told

    def all_findings(self) -> list[Finding]:
        return [*self.seed_findings, *self.confirmed.values(),
                *(self.sanitized.findings if self.sanitized else [])]

    def file(self) -> None:
        """Tell of each finding once."""
        for finding in self.all_findings():
            if id(finding) not in self.filed:
                self.filed.add(id(finding))
                if not self.filing(finding):
                    self.must_end = True

    def go_on(self) -> bool:
        """Replace workers that a finding has ended; true if one was."""
        began = False
        for index, worker in enumerate(self.workers):
            if (worker.code is None or worker.trouble or self.must_end
                    or self.trouble or not (
                        worker.renewing or worker.findings
                        and not worker.stopped)):
                continue
            if worker.findings:
                self.count_in_vain(worker)
            made = None if self.trouble else self.remake(index, worker)
            if made:
                self.past.append(worker)
                self.workers[index] = made
                made.start()
                began = True
        return began

    def count_in_vain(self, worker: Worker) -> None:
        """What cannot be masked ends one worker after the other."""
        masked = worker.env.get("CLAIMCHECK_MASK", "").split(",")
        told = {f.signature for f in self.all_findings()[:-1]}
        again = worker.findings[-1].signature in {*masked, *told}
        far = time.monotonic() - worker.started >= FAR
        self.in_vain = self.in_vain + 1 if again and not far else 0
        if self.in_vain > IN_VAIN_MAX:
            self.trouble.append(
                f"{worker.name} was ended {self.in_vain} times in a row by "
                f"{worker.findings[-1].signature}, which was known: it does "
                "not get past it (what ends the process can be filed, but "
                "not masked)")

    def renew_logs(self) -> None:
        """Workers whose logs have grown large are replaced."""
        for worker in self.workers:
            if (self.engine == "libfuzzer" and worker.code is None
                    and worker.log.stat().st_size > output.LOG_MAX):
                worker.renew()

    def stop(self, number: int = signal.SIGINT) -> None:
        for worker in self.workers:
            worker.stop(number)
        if self.sanitized:
            self.sanitized.stop(number)

    def so_far(self) -> history.Line:
        """In numbers, for the history."""
        before = self.previous or {}
        return {"time": int(time.time()), "target": self.target,
                "release": self.release, "fault": self.fault,
                "engine": self.engine, "version": self.version,
                "seconds": round(self.took),
                "runs": self.runs, "edges": self.best("cov"),
                "features": self.best("features"),
                "corpus": len(paths.files_in(self.folders["corpus"])),
                "last_new": int(self.last_new),
                "findings": len({f.signature for f in self.findings}),
                "total_runs": before.get("total_runs", 0) + self.runs,
                "total_seconds": (before.get("total_seconds", 0)
                                  + round(self.took)),
                "campaigns": before.get("campaigns", 0) + 1}

    @property
    def history_file(self) -> Path:
        return self.folders["crashes"].parent / history.FILE

    @property
    def name(self) -> str:
        return name_of(self.target, self.fault, self.release)

    @property
    def findings(self) -> list[Finding]:
        """All findings, one per signature and file."""
        found: dict[tuple[str, str], Finding] = {}
        for finding in self.all_findings():
            found.setdefault((finding.signature, finding.file), finding)
        return list(found.values())

    @property
    def counted(self) -> stats.Counts:
        return self.reader.read()

    @property
    def runs(self) -> int:
        """Runs done: what the engine said; the target's count if larger,
        because an engine speaks seldom."""
        return max(sum(w.status.runs for w in [*self.past, *self.workers]),
                   int(self.counted["runs"]))

    def best(self, name: str) -> int:
        """The largest value of a Status field among the workers."""
        return max((getattr(w.status, name)
                    for w in [*self.past, *self.workers]), default=0)

    def finish(self) -> None:
        """After the last worker: what went wrong, what is in the corpus."""
        self.trouble += [w.trouble for w in self.workers if w.trouble]
        try:
            if self.sanitized:
                self.sanitized.finish()
            self.before_count()
            output.mend(self.folders["corpus"])
            self.corpus_after = len(paths.files_in(self.folders["corpus"]))
            self.trouble += [
                f"{file}: cut short when it was written: it is not the input "
                "that failed" for file in
                output.misnamed(self.folders["crashes"])]
        except OSError as error:
            self.trouble.append(describe(error))
        # afl-fuzz does not start if all its seeds fail: they are findings.
        if self.runs == 0 and not self.findings:
            self.trouble.append(f"{self.target}: no run was made, see "
                                f"{self.workers[0].log}")


def crashes_in(folder: Path) -> list[Path]:
    """Inputs that failed, without the reports beside them."""
    return [file for file in paths.files_in(folder) if file.suffix != ".txt"]


class Loop:
    """Runs campaigns, at once or in turn, until done or told to stop."""

    def __init__(self, progress: Progress, seconds: int) -> None:
        self.progress = progress
        self.seconds = seconds
        self.reason: str | None = None  # why we stopped early
        self.code = HELD  # ... as exit code
        self.kill_at: float | None = None
        self.hurried = False  # the workers know of the signal
        self.endless = False
        # What else is to be done at each look.
        self.beside: Callable[[], object] = lambda: None
        # Told of each group that has ended; true if it was the last.
        self.ended: Callable[[list[Campaign]], bool] = lambda group: False

    def on_signal(self, number: int, _frame: types.FrameType | None) -> None:
        """First signal: stop in order. Second: now."""
        self.kill_at = 0.0 if self.reason else None
        self.reason = self.reason or signal.Signals(number).name
        self.code = self.code or SIGNALLED + number

    def run(self, groups: Iterable[list[Campaign]]) -> list[Campaign]:
        """groups: lists of campaigns; those of one list run at once.
        Returns the campaigns that were begun; if there is no end of them,
        the last ones only."""
        old = {n: signal.signal(n, self.on_signal) for n in STOPPING}
        begun: list[Campaign] = []
        try:
            for group in groups:
                if self.reason:
                    break
                begun = group if self.endless else begun + group
                self.run_group(group)
                if self.ended(group) or self.reason:
                    break  # before the next ones are prepared
        finally:
            for number, handler in old.items():
                signal.signal(number, handler)
        return begun

    def run_group(self, group: list[Campaign]) -> None:
        """Start these campaigns and come back when all workers have ended."""
        deadline = (time.monotonic() + self.seconds + OVERTIME
                    if self.seconds else None)
        probe_at = 0.0
        history_at = time.monotonic() + HISTORY_EVERY
        self.kill_at = None
        try:
            for campaign in group:
                campaign.start()
            while any([campaign.poll() for campaign in group]):
                now = time.monotonic()
                if now >= probe_at:
                    self.check_disk(group)
                    probe_at = now + PROBE_EVERY
                self.stop_where_due(group, now, deadline)
                if now >= history_at:
                    self.write_history(group)
                    history_at = now + HISTORY_EVERY
                self.beside()
                self.progress.show(group)
                time.sleep(TICK)
        finally:
            for campaign in group:
                campaign.stop(signal.SIGKILL)
        for campaign in group:
            campaign.finish()
        self.write_history(group)
        self.progress.show(group, last=True)

    def stop_where_due(self, group: list[Campaign], now: float,
                       deadline: float | None) -> None:
        """Pass on a stop: ours, a finding's, or an overdue worker's."""
        for campaign in group:
            if self.reason or campaign.trouble or campaign.must_end or any(
                    w.trouble for w in campaign.workers):
                for worker in campaign.workers:
                    if not worker.stopped or (self.reason
                                              and not self.hurried):
                        worker.stop()
                        self.kill_at = now + (
                            SIGNAL_PATIENCE if self.reason else STOP_PATIENCE)
                if campaign.sanitized:
                    campaign.sanitized.stop(signal.SIGINT)
        self.hurried = self.reason is not None
        if deadline and now > deadline:
            for campaign in group:
                for worker in campaign.workers:
                    if worker.code is None:
                        campaign.trouble.append(
                            f"{worker.name} did not end in time, killed")
                campaign.stop(signal.SIGKILL)
        elif self.kill_at is not None and now >= self.kill_at:
            for campaign in group:
                if any(w.stopped for w in campaign.workers):
                    campaign.stop(signal.SIGKILL)

    def write_history(self, group: list[Campaign]) -> None:
        """How far each is, as one more line of its history."""
        for campaign in group:
            history.append(campaign.history_file, campaign.so_far())

    def check_disk(self, group: list[Campaign]) -> None:
        """The engines lose inputs silently on a full disk: look ourselves."""
        for campaign in group:
            campaign.renew_logs()
            for what in ("corpus", "crashes"):
                folder = campaign.folders[what]
                try:
                    output.probe_write(folder)
                except OSError as error:
                    message = (f"{what} {folder}: "
                               f"{error.strerror or error}")
                    if message not in campaign.trouble:
                        campaign.trouble.append(message)
