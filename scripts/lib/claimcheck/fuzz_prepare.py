# SPDX-License-Identifier: MIT
"""What a campaign of scripts/fuzz needs before it starts: builds, folders,
seeds, workers.

Not here: the command line (fuzz.py), the campaign itself (campaign.py).
"""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

from . import (afl, build, campaign, formats, libfuzzer, output, paths, replay,
               sanitized, seeds, summary, tools)
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


def prepare(target: str, options: argparse.Namespace, built: Built,
            found: Findings | None = None,
            fault: str | None = None) -> campaign.Campaign:
    """Folders, seeds and workers of one target."""
    out = folder_of(options, target, fault)
    found = found or Findings(options.out / "findings")
    folders = {"corpus": options.corpus / target, "crashes": out / "crashes",
               "seeds": out / "seeds", "afl": out / "afl",
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
    env = tools.sanitizer_env()
    env["CLAIMCHECK_MASK"] = ",".join(found.masks())
    if fault:
        env["CLAIMCHECK_FAULT"] = fault
    if options.release:
        env["CLAIMCHECK_RELEASE"] = options.release
    if options.on:
        env["CLAIMCHECK_ON"] = options.on
    killed = afl.rescue(folders["afl"], folders["crashes"],
                        folders["corpus"])
    make = afl_workers if options.engine == "afl" else libfuzzer_workers
    for file in out.glob("stats-*.jsonl"):
        file.unlink()
    workers = make(target, options, out, folders, binary, env)
    for index, worker in enumerate(workers):
        worker.env = dict(
            worker.env, CLAIMCHECK_STATS=str(out / f"stats-{index}.jsonl"))
    made = campaign.Campaign(target, options.engine, folders, workers)
    made.fault = fault
    if options.engine == "afl":
        # It passes over what fails among them, so they are replayed first.
        killed += given + paths.files_in(folders["corpus"])
        made.before_count = lambda: afl.share_queue(folders["afl"],
                                                    folders["corpus"])
    if built.replays:
        made.sanitized = sanitized.Sanitized(
            built.replays / target, env, out, folders["crashes"],
            lambda: [*paths.files_in(folders["seeds"]),
                     *paths.files_in(folders["corpus"]),
                     *afl.own_finds(folders["afl"])])
    made.seed_findings = replay.many(
        (built.replays or built.explores) / target, killed, env)
    go_on(made, options, built.claimcheck, found, fault)
    return made


def folder_of(options: argparse.Namespace, target: str,
              fault: str | None) -> Path:
    """Where logs and crashes go; apart for each of several faults."""
    out: Path = options.out / fault if fault else options.out
    return out / target


def go_on(made: campaign.Campaign, options: argparse.Namespace,
          claimcheck: Path, found: Findings, fault: str | None) -> None:
    """What a campaign does after a finding: it is filed, and masked; a process
    that has ended gets a successor for the time or runs that are left."""
    def filing(finding: Finding) -> bool:
        may = found.take(finding, made.target, fault)
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
    workers: list[Worker] = []
    for index in range(options.jobs):
        argv = afl.command(binary, options, index, folders,
                           dictionary_of(target),
                           cmplog if cmplog.exists() else None)
        workers.append(afl.Afl(
            f"{target}-{afl.instance(index)}", argv,
            afl.environment(env, mutator, index),
            out / f"{afl.instance(index)}.log",
            folders["afl"] / afl.instance(index), binary,
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
