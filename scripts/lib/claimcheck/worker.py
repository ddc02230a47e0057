# SPDX-License-Identifier: MIT
"""One engine process: started, watched through its log, stopped.

Not here: what an engine writes (libfuzzer.py, afl.py), how many there are
(campaign.py).
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from . import locks, output
from .paths import Word
from .processes import die_with_parent
from .tools import Env


@dataclass
class Status:
    """What an engine last said about itself."""

    runs: int = 0
    rate: float = 0.0
    cov: int = 0
    features: int = 0
    corpus: int = 0
    stability: float | None = None  # percent; AFL++ tells


@dataclass
class Finding:
    """A violation: the input, its signature, the report that was printed."""

    file: str
    signature: str
    report: list[str] = field(default_factory=list)

    def command(self, what: str) -> list[str]:
        """The words of one of the commands that the report ends with
        (harness/report/report.c), the input's name last; [] if it has none."""
        for line in self.report:
            name, _, words = line.strip().partition(": ")
            if name == what:
                try:
                    return shlex.split(words)
                except ValueError:  # cut off
                    return []
        return []


class Worker:
    """One process. An engine derives from this and fills in scan()."""

    def __init__(self, name: str, argv: Sequence[Word], env: Env,
                 log: Path) -> None:
        self.name = name
        self.argv = [str(word) for word in argv]
        self.env = env
        self.log = log
        self.status = Status()
        self.findings: list[Finding] = []
        # Why this worker's end is not a good one.
        self.trouble: str | None = None
        self.stopped = False  # we asked it to end
        self.renewing = False  # ... for its log, and another takes its place
        self.code: int | None = None
        self.started = 0.0
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it in a session of its own: Ctrl-C reaches only us, and we
        end the workers in order. If we are killed, they get SIGINT."""
        output.rotate(self.log)
        self.started = time.monotonic()
        with output.stream(self.log) as out:
            self.process = subprocess.Popen(
                self.argv, env=self.env, stdin=subprocess.DEVNULL,
                stdout=out, stderr=subprocess.STDOUT, pass_fds=locks.held,
                start_new_session=True, preexec_fn=die_with_parent)

    def poll(self) -> bool:
        """Look at log and process once; true while it runs."""
        if self.code is not None:
            return False
        assert self.process
        code = self.process.poll()
        self.scan()  # after poll(): the last words are in the log by then
        if code is None:
            return True
        self.code = code
        self.ended()
        return False

    def renew(self) -> None:
        """Ask it to end, so that a successor begins a new log."""
        if not self.stopped:
            self.stop()
            self.renewing = self.stopped

    def stop(self, number: int = signal.SIGINT) -> None:
        """Ask it to end; SIGINT lets the engines write their totals."""
        if self.process is None or self.code is not None:
            return
        self.stopped = True
        self.renewing = False
        try:
            if number == signal.SIGKILL:
                os.killpg(self.process.pid, number)
            else:
                self.process.send_signal(number)
        except ProcessLookupError:
            pass

    def scan(self) -> None:
        """Read what is new: status, findings."""
        raise NotImplementedError

    def ended(self) -> None:
        """Judge self.code: set findings or trouble."""
        raise NotImplementedError

    def log_tail(self, lines: int = 12) -> list[str]:
        """The last lines of the log, for an error message."""
        with open(self.log, encoding="utf-8", errors="replace") as log:
            return [line.rstrip("\n") for line in log][-lines:]

    def signal_trouble(self) -> str | None:
        """Words for an end by a signal nobody here sent, or None."""
        if self.code is None or self.code >= 0:
            return None
        name = signal.Signals(-self.code).name
        hint = " (out of memory?)" if name == "SIGKILL" else ""
        return f"{self.name} was killed by {name}{hint}, see {self.log}"
