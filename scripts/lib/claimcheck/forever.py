# SPDX-License-Identifier: MIT
"""scripts/fuzz --forever: campaigns round after round, for weeks.

All that must last is in the state folder, and written whole: corpus, findings,
history. So it goes on from there after a kill as after an orderly end. Not
here: the campaigns (campaign.py), what is kept of them (history.py), the page
(history_page.py).
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from pathlib import Path

from . import (campaign, findings_forms, fuzz_prepare, history, history_page,
               libfuzzer, output, paths, progress, replay, summary)
from .errors import HARNESS, HELD, VIOLATION, worst
from .findings import Filed, Findings
from .fuzz_prepare import Built
from .paths import Word
from .worker import Worker

TROUBLE_MAX = 3  # campaigns in a row of a target that go wrong
CRASHES_KEPT = 100  # files; each signature has a folder of its own
PAGE_EVERY = 60.0  # seconds
# A corpus is made minimal when it has grown by half, and by some files.
GROWN, FEW = 1.5, 50
PAGE = "index.html"


class Minimizer(Worker):
    """`scripts/corpus minimize` beside the engines, which read the folder but
    need nothing of what goes."""

    def __init__(self, options: argparse.Namespace, built: Built,
                 target: str) -> None:
        words: list[Word] = [
            "nice", paths.ROOT / "scripts/corpus", "minimize",
            "--target", target, "--corpus", options.corpus,
            "--build-dir", built.judge(target).parent,
            *(("--on", options.on) if options.on else ())]
        super().__init__(f"minimize {target}", words, dict(os.environ),
                         options.state / f"minimize-{target}.log")
        self.target = target

    def scan(self) -> None:
        """It says nothing until its end."""

    def ended(self) -> None:
        if self.code and not self.stopped:
            self.trouble = "\n  ".join(
                [f"{self.name} ended with exit code {self.code}:",
                 *self.log_tail()])


class Care:
    """Keeps the corpora minimal, one after the other."""

    def __init__(self, options: argparse.Namespace, built: Built) -> None:
        self.options, self.built = options, built
        self.left: dict[str, int] = {}  # files, after the last time
        self.waiting: list[str] = []
        self.worker: Minimizer | None = None
        self.done = 0
        self.trouble: list[str] = []

    def ask(self, target: str) -> None:
        """After a campaign: has the corpus grown?"""
        files = len(paths.files_in(self.options.corpus / target))
        if (files > self.left.get(target, 0) * GROWN + FEW
                and target not in self.waiting):
            self.waiting.append(target)

    def poll(self) -> None:
        if self.worker and not self.worker.poll():
            self.judge(self.worker)
            self.worker = None
        if self.waiting and not self.worker:
            self.worker = Minimizer(self.options, self.built,
                                    self.waiting.pop(0))
            self.worker.start()

    def judge(self, worker: Minimizer) -> None:
        if worker.trouble:
            self.trouble = [worker.trouble]  # the last is enough
            print(worker.trouble, flush=True)
        else:
            self.done += 1
        self.left[worker.target] = len(
            paths.files_in(self.options.corpus / worker.target))

    def stop(self) -> None:
        """It loses nothing: what goes goes last."""
        if self.worker:
            self.worker.stop()
            assert self.worker.process
            self.worker.process.wait()


class Forever:
    """The rounds, and what is told of them."""

    def __init__(self, options: argparse.Namespace, built: Built) -> None:
        self.options, self.built = options, built
        self.found = Findings(options.findings, True, options.rows)
        self.care = Care(options, built)
        self.loop = campaign.Loop(progress.Progress(options.seconds),
                                  options.seconds)
        self.loop.endless = True
        self.loop.beside = self.beside
        self.loop.ended = self.ended
        self.last: dict[history.Series, campaign.Campaign] = {}
        self.session: dict[history.Series, int] = {}  # runs since the start
        self.bad: dict[history.Series, int] = {}  # campaigns in a row
        self.page_at = 0.0

    def fails(self, one: Filed) -> bool:
        """Does what was filed fail in this build, too?"""
        binary = self.built.judge(one.target)
        if not one.input or not Path(one.input).is_file() or not os.access(
                binary, os.X_OK):
            return True  # nobody knows better
        found = replay.one(binary, Path(one.input), fuzz_prepare.settings(
            self.options, one.fault, one.release))
        return found is not None

    def groups(self) -> Iterator[list[campaign.Campaign]]:
        while True:
            self.found.read_rows()  # one may have expired since
            yield from fuzz_prepare.groups(self.options, self.built,
                                           self.found)

    def beside(self) -> None:
        self.care.poll()
        if time.monotonic() >= self.page_at:
            self.page_at = time.monotonic() + PAGE_EVERY
            self.write_page()

    def ended(self, group: list[campaign.Campaign]) -> bool:
        """After a group: note and tell; true if it is no use to go on."""
        for one in group:
            for finding in one.findings:
                libfuzzer.keep_report(finding, one.folders["crashes"])
            trim(one.folders["crashes"])
            self.found.met(one.counted["masked"], one.target)
            summary.lines(one, one.folders["crashes"].parent)  # its file
            key = (one.target, one.release, one.fault)
            self.last[key] = one
            self.session[key] = self.session.get(key, 0) + one.runs
            self.bad[key] = self.bad.get(key, 0) + 1 if one.trouble else 0
            for trouble in one.trouble:
                print(f"{one.name}: {trouble}", flush=True)
            self.care.ask(one.target)
        self.tell(last=False)
        return max(self.bad.values()) >= TROUBLE_MAX

    def tell(self, last: bool) -> None:
        """All files for others than us."""
        self.found.write()
        findings_forms.write_all(
            self.options.out / "findings", list(self.found.filed.values()),
            [findings_forms.of(one) for one in self.last.values()],
            self.built.version, last)
        self.write_page()

    def write_page(self) -> None:
        lines = []
        for target in self.options.target:
            for release, fault in fuzz_prepare.variants(self.options):
                lines += history.read(fuzz_prepare.folder_of(
                    self.options, target, fault, release) / history.FILE)
        output.write_whole(self.options.state / PAGE, history_page.page(
            lines, list(self.found.filed.values())))

    def run(self) -> int:
        self.found.resume(self.built.version, self.fails)
        if self.found.filed:
            gone = sum(bool(one.gone) for one in self.found.filed.values())
            print(f"goes on: {len(self.found.filed)} findings of before, "
                  f"{gone} of which do not fail any more", flush=True)
        print(f"state       {self.options.state / PAGE}", flush=True)
        try:
            self.loop.run(self.groups())
        finally:
            self.care.stop()
        self.tell(last=True)
        return self.finish()

    def finish(self) -> int:
        """The summary: all that was ever done here, not just since the
        start; the exit code."""
        for key, one in self.last.items():
            print("\n".join(self.lines(one, self.session[key])))
        print(f"minimised   {self.care.done} times")
        for trouble in self.care.trouble:
            print(f"   error       {trouble}")
        if self.loop.reason:
            print(f"stopped by {self.loop.reason}")
        gave_up = max(self.bad.values(), default=0) >= TROUBLE_MAX
        if gave_up:
            print(f"given up: {TROUBLE_MAX} campaigns in a row went wrong")
        print("\n".join(summary.findings(self.found, self.found.folder)))
        code = worst(self.loop.code, HARNESS if gave_up else HELD,
                     VIOLATION if self.found.new else HELD)
        print("result: " + {VIOLATION: "VIOLATION",
                            HARNESS: "error, see above"}.get(
                                code, f"held until {self.loop.reason}"))
        return code

    def lines(self, one: campaign.Campaign, runs: int) -> list[str]:
        line = history.last(history.read(one.history_file), (
            one.target, one.release, one.fault)) or one.so_far()
        ago = progress.clock(max(0, time.time() - line["last_new"]))
        return [
            f"== {one.name}: {progress.clock(line['total_seconds'])} in "
            f"{line['campaigns']:,} campaigns of {one.engine}",
            f"   runs        {line['total_runs']:,}, {runs:,} of them since "
            "this start",
            f"   coverage    {line['edges']:,} edges, {line['features']:,} "
            f"features; last new {ago} ago",
            f"   corpus      {line['corpus']:,} files in "
            f"{one.folders['corpus']}",
            *(f"   error       {trouble}" for trouble in one.trouble)]


def trim(crashes: Path) -> None:
    """The newest inputs that failed, with their reports."""
    files = sorted(campaign.crashes_in(crashes),
                   key=lambda file: file.stat().st_mtime)
    for file in files[:-CRASHES_KEPT]:
        file.unlink()
        file.with_name(file.name + ".txt").unlink(missing_ok=True)


def run(options: argparse.Namespace, built: Built) -> int:
    """Until somebody stops it, or it is no use to go on."""
    output.require_writable(options.state, "state")
    return Forever(options, built).run()
