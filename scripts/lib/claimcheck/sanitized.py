# SPDX-License-Identifier: MIT
"""The sanitized build beside a fast one: it replays the seeds, the corpus,
each input that the fast one brings, and all that fails, in the same campaign.

Not here: the fast build's own workers (libfuzzer.py, afl.py).
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from . import output, paths, replay, tools
from .tools import Env
from .worker import Finding, Worker

BATCH = 200  # files a process; a process costs 30 ms, a run about one
LOOK_EVERY = 2.0  # seconds; a large corpus takes a tenth of one to list
RUNNING = re.compile(r"^Running: (.+)$", re.MULTILINE)


class Batch(Worker):
    """One process that replays some files, each once."""

    def __init__(self, files: list[Path], binary: Path, env: Env,
                 log: Path) -> None:
        super().__init__("the sanitized build", [
            *tools.steady_start(), binary, *files], env, log)
        self.files = files

    def scan(self) -> None:
        """What it says is looked at when it has ended."""

    def ended(self) -> None:
        """Judged by Sanitized."""

    def last(self) -> str:
        """The file that it ran last."""
        text = self.log.read_text(encoding="utf-8", errors="replace")
        running: list[str] = RUNNING.findall(text)
        return running[-1] if running else ""


class Sanitized:
    """Replays in the background; findings() has what fails."""

    def __init__(self, binary: Path, env: Env, out: Path, crashes: Path,
                 inputs: Callable[[], Iterable[Path]]) -> None:
        self.binary = binary
        self.env = replay.environment(env)
        self.masks: list[str] = []  # findings that need no second one
        self.log = out / "sanitized.log"
        # Links: an engine removes what a smaller input has replaced.
        self.scratch = out / "sanitized"
        self.crashes = crashes
        self.inputs = inputs  # all that there are by now
        self.look_at = 0.0
        self.seen: set[Path] = set()
        self.waiting: list[Path] = []
        self.given: dict[Path, Path] = {}  # {link: what it links to}
        self.batch: Batch | None = None
        self.findings: list[Finding] = []
        self.replayed = 0
        self.failures = 0  # of the fast build, replayed
        self.stopped = False
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True)

    def poll(self, more: bool = False) -> bool:
        """One look; true while there is something to do. more: an engine may
        bring inputs yet, so that what is not seen now is seen later."""
        if self.batch and self.batch.poll():
            return True
        if self.batch:
            self.judge(self.batch)
            self.batch = None
        if not self.stopped:
            if not more or time.monotonic() >= self.look_at:
                self.look()
                self.look_at = time.monotonic() + LOOK_EVERY
            if self.waiting:
                self.start()
        return self.batch is not None

    def look(self) -> None:
        """Take in what is new."""
        for file in self.inputs():
            if file not in self.seen:
                self.seen.add(file)
                self.take(file)

    def take(self, file: Path) -> None:
        kept = self.scratch / str(len(self.seen))
        try:
            os.link(file, kept)
        except FileNotFoundError:
            return  # replaced by a smaller one
        except OSError:  # another file system
            output.scratch(kept, file.read_bytes())
        self.waiting.append(kept)
        self.given[kept] = file

    def start(self) -> None:
        files, self.waiting = self.waiting[:BATCH], self.waiting[BATCH:]
        self.batch = Batch(files, self.binary, self.masked(), self.log)
        self.batch.start()

    def masked(self) -> Env:
        return dict(self.env, CLAIMCHECK_MASK=",".join(self.masks))

    def judge(self, batch: Batch) -> None:
        """After a batch: all held, or one file failed and ended it."""
        if batch.stopped:
            self.waiting = batch.files + self.waiting
            return
        names = [str(file) for file in batch.files]
        last = batch.last()
        done = names.index(last) + 1 if last in names else 0
        if batch.code == 0:
            done = len(names)
        elif not done:
            self.findings.append(Finding("", (
                f"exit code {batch.code} of {self.binary}, see {self.log}")))
            done = len(names)
        else:
            self.findings.append(self.failed(batch, batch.files[done - 1]))
        self.replayed += done
        for file in batch.files[:done]:
            file.unlink(missing_ok=True)
        self.waiting = batch.files[done:] + self.waiting

    def failed(self, batch: Batch, file: Path) -> Finding:
        """The finding of an input, which is kept where it may go."""
        kept, data = self.given[file], file.read_bytes()
        if not kept.is_file():
            kept = self.crashes / f"crash-{paths.content_name(data)}"
            output.write_whole(kept, data)
        return replay.one(self.binary, kept, batch.env) or Finding(
            str(kept), f"exit code {batch.code} when replayed after other "
            "files, but not alone: state is left over")

    def confirm(self, found: Finding) -> Finding:
        """What the sanitized build says of a finding of the fast one."""
        if not found.file or not Path(found.file).is_file():
            return found
        self.failures += 1
        return replay.one(self.binary, Path(found.file), self.env) or Finding(
            found.file, f"{found.signature}, not in the sanitized build",
            found.report)

    def stop(self, number: int) -> None:
        self.stopped = True
        if self.batch:
            self.batch.stop(number)

    def finish(self) -> None:
        shutil.rmtree(self.scratch, ignore_errors=True)

    def told(self) -> str:
        """For the summary."""
        left = f", {len(self.waiting):,} not" if self.waiting else ""
        return f"{self.replayed:,} inputs{left}; {self.failures:,} failures"
