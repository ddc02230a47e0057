# SPDX-License-Identifier: MIT
"""What a campaign of scripts/fuzz needs before it starts: builds, folders,
seeds, workers.

Not here: the command line (fuzz.py), the campaign itself (campaign.py).
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from . import (afl, build, campaign, formats, history, libfuzzer, names,
               output, paths, replay, sanitized, seeds, summary, tools)
from .errors import HARNESS, Failure
from .findings import Findings
from .paths import Folders
from .tools import Env
from .worker import Finding, Worker


@dataclass
class Built:
    """The builds of a campaign: the one that explores, and the sanitized one
    that replays what it finds; claimcheck is of the latter."""

    explores: Path
    replays: Path | None = None

    @property
    def claimcheck(self) -> Path:
        return (self.replays or self.explores) / "claimcheck"

    @cached_property
    def version(self) -> str:
        return names.run(self.claimcheck, "--version").strip()

    def judge(self, target: str) -> Path:
        """The target of the build whose word counts."""
        return (self.replays or self.explores) / target


def groups(options: argparse.Namespace, built: Built,
           found: Findings) -> Iterator[list[campaign.Campaign]]:
    """As many side by side as there are cores for, the others in turn; each
    release and each planted fault for itself."""
    side = abreast(options)
    for release, fault in variants(options):
        made = [prepare(target, options, built, found, fault, release)
                for target in options.target]
        for at in range(0, len(made), side):
            yield made[at:at + side]


def abreast(options: argparse.Namespace) -> int:
    """So many targets at once."""
    jobs: int = options.jobs
    return max(1, build.cores() // jobs)


def first_core(options: argparse.Namespace, target: str) -> int:
    """Where a target's processes begin, so that none share a core."""
    place: int = options.target.index(target)
    jobs: int = options.jobs
    return place % abreast(options) * jobs


def variants(options: argparse.Namespace) -> list[
        tuple[str | None, str | None]]:
    """The releases and faults that campaigns are made for in turn."""
    return [(release, fault) for release in options.release or [None]
            for fault in options.fault or [None]]


def prepare(target: str, options: argparse.Namespace, built: Built,
            found: Findings | None = None,
            fault: str | None = None,
            release: str | None = None) -> campaign.Campaign:
    """Folders, seeds and workers of one target."""
    out = folder_of(options, target, fault, release)
    found = found or Findings(options.out / "findings")
    folders = {"corpus": options.corpus / target, "crashes": out / "crashes",
               "seeds": out / "seeds", "afl": afl_folder(options, out),
               "start": out / "start"}
    binary = built.explores / target
    if not os.access(binary, os.X_OK):
        raise Failure(f"{binary}: no such fuzz target")
    for name in ("corpus", "crashes"):
        output.require_writable(folders[name], name)
    output.mend(folders["corpus"])
    formats.note(options.corpus, built.claimcheck)
    given = seeds.prepare(options.seeds, target, folders["seeds"],
                          built.claimcheck)
    env = dict(tools.sanitizer_env(), **settings(options, fault, release),
               CLAIMCHECK_MASK=",".join(found.masks()))
    killed = afl.rescue(folders["afl"], folders["crashes"],
                        folders["corpus"], options.host)
    make = afl_workers if options.engine == "afl" else libfuzzer_workers
    for file in out.glob("stats-*.jsonl"):
        file.unlink()
    workers = make(target, options, out, folders, binary, env)
    for index, worker in enumerate(workers):
        worker.env = dict(
            worker.env, CLAIMCHECK_STATS=str(out / f"stats-{index}.jsonl"))
    made = campaign.Campaign(target, options.engine, folders, workers)
    made.fault, made.release = fault, release
    made.version = built.version
    made.follow(history.last(history.read(made.history_file),
                             (target, release, fault)))
    if options.engine == "afl":
        # It passes over what fails among them, so they are replayed first.
        killed += given + paths.files_in(folders["corpus"])
        made.before_count = lambda: afl.hand_over(
            folders["afl"], folders["corpus"], options.host)
    if built.replays:
        made.sanitized = sanitized.Sanitized(
            built.replays / target, env, out, folders["crashes"],
            lambda: [*paths.files_in(folders["seeds"]),
                     *paths.files_in(folders["corpus"]),
                     *afl.own_finds(folders["afl"], options.host)])
    made.seed_findings = replay.once(
        replay.many(built.judge(target), killed, env), folders["crashes"])
    go_on(made, options, built.claimcheck, found)
    return made


def afl_folder(options: argparse.Namespace, out: Path) -> Path:
    """afl-fuzz's -o; with --sync, one of all hosts, whose instances take in
    each other's finds."""
    if not options.sync:
        return out / "afl"
    sync: Path = options.sync.absolute()
    return sync / "afl" / out.relative_to(options.out)


def settings(options: argparse.Namespace, fault: str | None,
             release: str | None) -> Env:
    """What a target is told of the run."""
    given = {"CLAIMCHECK_FAULT": fault, "CLAIMCHECK_RELEASE": release,
             "CLAIMCHECK_ON": options.on}
    return {name: value for name, value in given.items() if value}


def folder_of(options: argparse.Namespace, target: str, fault: str | None,
              release: str | None = None) -> Path:
    """Where logs and crashes go; apart for each fault, and for each of
    several releases."""
    out: Path = options.out
    if release and len(options.release) > 1:
        out = out / release
    return (out / fault if fault else out) / target


def go_on(made: campaign.Campaign, options: argparse.Namespace,
          claimcheck: Path, found: Findings) -> None:
    """What a campaign does after a finding: it is filed, and masked; a process
    that has ended gets a successor for the time or runs that are left."""
    def filing(finding: Finding) -> bool:
        may = found.take(finding, made.target, made.fault, made.release)
        one = found.filed[finding.signature]
        one.replay = one.replay or summary.replay_filed(one, finding,
                                                        claimcheck)
        found.write()
        if made.sanitized:
            made.sanitized.masks = found.masks()
        return may

    def remake(index: int, worker: Worker) -> Worker | None:
        return libfuzzer.successor(worker, options, made.took, found.masks())

    made.filing = filing
    if made.sanitized:
        made.sanitized.masks = found.masks()
    if options.engine == "libfuzzer":  # afl-fuzz goes on by itself
        made.remake = remake


def dictionary_of(target: str) -> Path | None:
    path = paths.DICTS / f"{target}.dict"
    return path if path.exists() else None


def libfuzzer_workers(target: str, options: argparse.Namespace, out: Path,
                      folders: Folders, binary: Path,
                      env: Env) -> list[Worker]:
    """One process per job, all on one corpus folder."""
    prefix = tools.steady_start()
    workers: list[Worker] = []
    for index in range(options.jobs):
        argv = prefix + libfuzzer.command(binary, options, index, folders,
                                          dictionary_of(target))
        workers.append(libfuzzer.LibFuzzer(
            f"{target}-{index}", argv, env,
            out / f"worker-{index}.log"))
    return workers


def afl_workers(target: str, options: argparse.Namespace, out: Path,
                folders: Folders, binary: Path, env: Env) -> list[Worker]:
    """A main instance and secondaries that work in other ways."""
    # afl-fuzz meets others only every half minute: what is known is given to
    # it at the start.
    afl.starting_points(folders["start"], folders["seeds"], folders["corpus"])
    mutator = None
    # The library mutates operations of programs.
    if not options.no_mutator and target not in paths.TEXT_TARGETS:
        mutator = binary.parent / "libclaimcheck-mutator.so"
        if not mutator.exists():
            raise Failure(f"{mutator}: the mutator library is not built",
                          HARNESS)
    cmplog = binary.parent.with_name(binary.parent.name + "-cmplog") / target
    folders["afl"].mkdir(parents=True, exist_ok=True)
    prefix = afl.prefix_of(options.host)
    workers: list[Worker] = []
    for index in range(options.jobs):
        argv = afl.command(binary, options, index, folders,
                           dictionary_of(target),
                           cmplog if cmplog.exists() else None, prefix,
                           first_core(options, target))
        workers.append(afl.Afl(
            f"{target}-{afl.instance(index)}", argv,
            afl.environment(env, mutator, index),
            out / f"{afl.instance(index)}.log",
            folders["afl"] / afl.instance(index, prefix), binary,
            folders["crashes"]))
    return workers


def set_up(options: argparse.Namespace) -> Built:
    """Install and build what this campaign needs; where it lies."""
    if options.build_dir:
        return Built(build.given(options.build_dir, "claimcheck"))
    print("setting up and building ...", flush=True)
    build.setup("build", "fuzz", *(["afl"] if options.engine == "afl" else []))
    replays = build.build("fuzz", "claimcheck", *options.target)
    if options.engine == "afl":
        built = build.build("afl")
        if options.jobs > 1:
            build.build("afl-cmplog", *options.target)
        return Built(built, replays)
    # A plug-in is built for one of the two.
    if options.sanitized or options.on:
        return Built(replays)
    return Built(build.build("fuzz-fast", *options.target), replays)
