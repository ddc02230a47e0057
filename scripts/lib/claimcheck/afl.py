# SPDX-License-Identifier: MIT
"""AFL++: its command lines, its folders, its verdict.

afl-fuzz ends with 0 whether it found something or not, deletes the crashes of
an earlier short run in the same output folder, and passes over a crashing seed
in silence. So: the verdict is the files in crashes/ and hangs/; the output
folder is a new one each time and findings are copied out of it; the seeds are
replayed before.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from . import output, paths, replay
from .paths import Folders, Word
from .tools import Env
from .worker import Finding, Worker

# Unattended: no screen, no advice about the machine, and instances that meet
# every minute instead of every half hour.
ENVIRONMENT = {
    "AFL_NO_UI": "1",
    "AFL_SKIP_CPUFREQ": "1",
    "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1",
    "AFL_FAST_CAL": "1",
    "AFL_CMPLOG_ONLY_NEW": "1",
    "AFL_SYNC_TIME": "1",
    "AFL_FORKSRV_INIT_TMOUT": "30000",
}
# afl-fuzz has wishes about them, and this build has no sanitizers.
NOT_SET = ("ASAN_OPTIONS", "UBSAN_OPTIONS")
RUN_TIMEOUT_MS = 5000
REPLAYS_A_LOOK = 4
# afl-fuzz's folders of findings, and what one file of each is called here.
KINDS = {"crashes": "crash", "hangs": "hang"}

# How afl-fuzz names what its own mutations found. Finds of a mutator library
# carry the library's description instead, others where they came from.
OWN_FIND = ",op:"
LIBRARY_LOADED = re.compile("Custom mutator .* installed successfully")
# Said of a library without the function that mutates: afl-fuzz then goes on
# with its own mutations, in spite of AFL_CUSTOM_MUTATOR_ONLY.
LIBRARY_EMPTY = "Symbol 'afl_custom_mutator' not found"

# What the secondaries do differently, in turn.
SCHEDULES = ("rare", "exploit", "coe", "explore")


def command(binary: Path, options: argparse.Namespace, index: int,
            folders: Folders, dictionary: Path | None = None,
            cmplog: Path | None = None, prefix: str = "",
            core: int = 0) -> list[Word]:
    """argv for instance number `index`: the main one or a secondary. prefix:
    of its name; core: the first one of this target's."""
    argv: list[Word] = [
        "afl-fuzz", "-i", folders["start"], "-o", folders["afl"],
        "-b", str(core_for(core + index)), "-t", str(RUN_TIMEOUT_MS)]
    if index == 0:
        # Also takes in what a libFuzzer beside it finds.
        argv += ["-M", instance(0, prefix), "-F", folders["corpus"]]
    else:
        argv += ["-S", instance(index, prefix)]
        if index == 1 and cmplog:
            argv += ["-c", cmplog]
        else:
            argv += ["-p", SCHEDULES[(index - 1) % len(SCHEDULES)]]
    if options.seconds:
        argv += ["-V", str(options.seconds)]
    if options.runs:
        argv += ["-E", str(options.runs)]
    if options.seed:
        argv += ["-s", str((options.seed + index) % 2**31)]
    if dictionary:
        argv += ["-x", dictionary]
    return argv + ["--", binary]


def environment(base: Env, mutator: Path | None, index: int) -> Env:
    """The variables of instance `index`. The mutator works alone: next to
    AFL's own havoc it gets almost no turns. With it, every second secondary
    still does without, so that the two ways of mutating share a queue."""
    env = dict(base, **ENVIRONMENT)
    for name in NOT_SET:
        env.pop(name, None)
    if mutator and index % 2 == 0:
        env["AFL_CUSTOM_MUTATOR_LIBRARY"] = str(mutator)
        env["AFL_CUSTOM_MUTATOR_ONLY"] = "1"
    return env


# afl-fuzz takes names of 24 characters: HOST-STAMP-s99.
HOST = re.compile(r"[A-Za-z0-9_-]{1,12}$")
DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def instance(index: int, prefix: str = "") -> str:
    """The name of an instance, which is also its folder's."""
    if prefix:
        return f"{prefix}-m" if index == 0 else f"{prefix}-s{index}"
    return "main" if index == 0 else f"secondary{index}"


def prefix_of(host: str | None) -> str:
    """Of the names of a host's instances, where several hosts share a folder.
    New in each campaign: others remember how far they have read a name's
    queue, and would pass over one that begins anew."""
    if not host:
        return ""
    stamp, left = "", int(time.time())
    for _ in range(6):
        stamp, left = DIGITS[left % 36] + stamp, left // 36
    return f"{host}-{stamp}"


def own(folder: Path, host: str | None) -> list[Path]:
    """The folders of this host's instances, of this and earlier campaigns."""
    pattern = re.compile(rf"{re.escape(host)}-[0-9a-z]+-(m|s\d+)$" if host
                         else r"(main|secondary\d+)$")
    return sorted(one for one in Path(folder).glob("*")
                  if pattern.match(one.name))


def found(folder: Path, host: str | None, kind: str) -> list[Path]:
    """The files of a kind (queue, crashes, hangs) of those instances."""
    return [file for one in own(folder, host)
            for file in sorted((one / kind).glob("id:*"))]


def core_for(index: int) -> int:
    """The core to pin to: unpinned, AFL++ is 2.7 times slower here."""
    allowed = sorted(os.sched_getaffinity(0))
    return allowed[index % len(allowed)]


class Afl(Worker):
    """An afl-fuzz instance, understood by its output folder."""

    def __init__(self, name: str, argv: Sequence[Word], env: Env, log: Path,
                 folder: Path, binary: Path, crashes: Path) -> None:
        super().__init__(name, argv, env, log)
        self.folder = Path(folder)
        self.binary = binary
        self.crashes = crashes
        self.known: set[Path] = set()
        self.kept: dict[str, Finding] = {}  # the first of each signature

    def scan(self) -> None:
        # fuzzer_stats is written once a minute and at the end, plot_data
        # every five seconds.
        stats = read_stats(self.folder / "fuzzer_stats")
        if self.process and self.process.returncode is None:
            stats.update(read_plot(self.folder / "plot_data"))
        status = self.status
        status.runs = int(stats.get("execs_done", status.runs))
        status.rate = float(stats.get("execs_per_sec", status.rate))
        status.cov = int(stats.get("edges_found", status.cov))
        status.corpus = int(stats.get("corpus_count", status.corpus))
        if "stability" in stats:
            status.stability = float(stats["stability"].rstrip("%"))
        # afl-fuzz keeps a file for each way to the same crash: so only some
        # at each look, and all that are left at the end.
        left = REPLAYS_A_LOOK
        for kind, name in KINDS.items():
            for file in sorted((self.folder / kind).glob("id:*")):
                if file not in self.known and (
                        left or self.process
                        and self.process.returncode is not None):
                    left = max(0, left - 1)
                    self.known.add(file)
                    self.findings.append(self.take(file, name))

    def take(self, file: Path, name: str) -> Finding:
        """Replay a finding for its report, and copy the first of each
        signature out of afl's folder; others count as that one."""
        data = file.read_bytes()
        kept = self.crashes / f"{name}-{paths.content_name(data)}"
        output.write_whole(kept, data)
        finding = replay.one(self.binary, kept, self.env) or Finding(
            str(kept), f"{name}, which does not repeat when replayed")
        first = self.kept.setdefault(finding.signature, finding)
        if first.file != finding.file:
            kept.unlink()
        return finding if first is finding else replace(first)

    def mutator_trouble(self) -> str | None:
        """What is wrong if this instance was given the mutator library and
        did not work with it alone; afl-fuzz does not fail for that."""
        library = self.env.get("AFL_CUSTOM_MUTATOR_LIBRARY")
        if not library:
            return None
        with open(self.log, encoding="utf-8", errors="replace") as lines:
            log = lines.read()
        what = None
        if not LIBRARY_LOADED.search(log):
            what = "was not loaded"
        elif LIBRARY_EMPTY in log:
            what = "does not mutate"
        elif any(OWN_FIND in file.name
                 for file in (self.folder / "queue").glob("id:*")):
            what = "did not work alone"
        return what and (f"{self.name}: the mutator library {library} {what}, "
                         f"see {self.log} and {self.folder}/queue")

    def ended(self) -> None:
        self.trouble = self.mutator_trouble()
        if self.code != 0 and not self.stopped:
            self.trouble = self.signal_trouble() or "\n  ".join(
                [f"{self.name} ended with exit code {self.code}, "
                 f"the end of {self.log}:"] + self.log_tail())


def read_stats(path: Path) -> dict[str, str]:
    """fuzzer_stats as a dict of strings; {} while there is none."""
    try:
        text = path.read_text(errors="replace")
    except OSError:
        return {}
    pairs = re.findall(r"^(\w+)\s*: (.*)$", text, re.MULTILINE)
    return {key: value.strip() for key, value in pairs}


def read_plot(path: Path) -> dict[str, str]:
    """The last line of plot_data, under the names fuzzer_stats uses."""
    try:
        lines = path.read_text(errors="replace").splitlines()
    except OSError:
        return {}
    if len(lines) < 2 or not lines[0].startswith("#"):
        return {}
    names = [name.strip() for name in lines[0].lstrip("# ").split(",")]
    values = [value.strip() for value in lines[-1].split(",")]
    row = dict(zip(names, values))
    return {name: row[old] for name, old in
            (("execs_done", "total_execs"), ("execs_per_sec",) * 2,
             ("edges_found",) * 2, ("corpus_count",) * 2) if old in row}


def rescue(folder: Path, crashes: Path, corpus: Path,
           host: str | None = None) -> list[Path]:
    """Keep what a killed earlier run found, then clear its output folder;
    the crashes and hangs among it, which nobody has been told of."""
    kept = []
    share_queue(folder, corpus, host)
    for kind, name in KINDS.items():
        for file in found(folder, host, kind):
            data = file.read_bytes()
            kept.append(crashes / f"{name}-{paths.content_name(data)}")
            output.write_whole(kept[-1], data)
    for one in own(folder, host):
        shutil.rmtree(one, ignore_errors=True)
    return kept


def hand_over(folder: Path, corpus: Path, host: str | None = None) -> None:
    """At the end: what is in the queues is for all; what failed has been told
    of, and the next campaign need not."""
    share_queue(folder, corpus, host)
    for kind in KINDS:
        for file in found(folder, host, kind):
            file.unlink()


def starting_points(out: Path, *folders: Path) -> None:
    """Fill folder `out` with the files of these folders for afl-fuzz -i.
    Copies: afl-fuzz links what it is given into its queue, and trims there."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    for folder in folders:
        for file in paths.files_in(folder):
            name = out / "-".join(file.relative_to(folder).parts)
            if file.stat().st_size and not name.exists():
                output.scratch(name, file.read_bytes())


def own_finds(folder: Path, host: str | None = None) -> list[Path]:
    """What the queues have that was neither given nor taken from another."""
    return [file for file in found(folder, host, "queue")
            if ",orig:" not in file.name and ",sync:" not in file.name]


def share_queue(folder: Path, corpus: Path,
                host: str | None = None) -> int:
    """Copy the queues into the corpus libFuzzer uses; how many were new."""
    new = 0
    for file in found(folder, host, "queue"):
        data = file.read_bytes()
        kept = corpus / paths.content_name(data)
        if data and not kept.exists():
            output.write_whole(kept, data)
            new += 1
    return new
