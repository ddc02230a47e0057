# SPDX-License-Identifier: MIT
"""scripts/fuzz: build, fuzz all targets, tell what came of it."""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

from . import (afl, build, campaign, flags, formats, libfuzzer, locks, output,
               paths, replay, sanitized, seeds, summary, tools, xen)
from .errors import HARNESS, HELD, VIOLATION, Failure, worst
from .paths import Folders
from .progress import Progress
from .tools import Env
from .worker import Worker

DEFAULT_SECONDS = 60


def arguments(argv: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = flags.parser(
        "fuzz", "Fuzz the claim hypercalls: installs what is missing, builds, "
        "fuzzes all targets,\nshows progress and ends with a summary.",
        "0 held, 1 violation, 2 bad usage or input, 3 the campaign could not "
        "be\ncarried out, 77 cannot run here; 128 + n stopped by signal n, "
        "with the\nsummary (docs/exit-codes.md)")
    parser.add("--seconds", help="for each target (default "
               f"{DEFAULT_SECONDS}; without limit if --runs\nis given)")
    parser.add("--runs", help="stop each process after N runs")
    parser.add("--target")
    parser.add_argument("--jobs", type=flags.number, metavar="N", default=1,
                        help="processes per target, on one corpus (default 1)")
    parser.add_argument("--engine", choices=("libfuzzer", "afl"),
                        default="libfuzzer", help="default: libfuzzer")
    parser.add_argument("--no-mutator", action="store_true",
                        help="AFL++: without claimcheck's mutator library, "
                        "which\nmutates whole operations")
    parser.add("--release", help="fix the Xen release, for instance 4.17")
    parser.add_argument("--on", metavar="H", help="what is fuzzed, as for "
                        "claimcheck replay: stub (default), xen,\n"
                        "which is built from Debian's source, or FILE.so")
    parser.add_argument("--tree", type=Path, metavar="DIR",
                        help="with --on xen: from this source tree")
    parser.add("--seed", default=0,
               help="seed of the engines (default: random)")
    parser.add_argument("--sanitized", action="store_true",
                        help="libFuzzer: explore with the sanitized build, "
                        "about ten times\nslower; default: it replays what a "
                        "fast one finds")
    parser.add("--corpus", "--build-dir")
    parser.add_argument("--seeds", type=Path, metavar="DIR",
                        default=paths.SEEDS,
                        help="seeds: DIR/TARGET (default corpus)")
    parser.add("--out", default=paths.CAMPAIGN,
               help="logs and crashes: DIR/TARGET (default build/campaign)")
    options = parser.parse_args(argv)
    if options.seconds is None:
        options.seconds = 0 if options.runs else DEFAULT_SECONDS
    if options.no_mutator and options.engine != "afl":
        parser.error("--no-mutator goes with --engine afl; libFuzzer's "
                     "targets have it built in")
    if options.tree and options.on != "xen":
        parser.error("--tree DIR goes with --on xen")
    if options.sanitized and options.engine == "afl":
        parser.error("--sanitized goes with --engine libfuzzer")
    if options.on and options.engine == "afl":
        parser.error("--on H goes with --engine libfuzzer")
    for name in ("corpus", "seeds", "out"):
        setattr(options, name, getattr(options, name).absolute())
    return options


@dataclass
class Built:
    """The builds of a campaign: the one that explores, and the sanitized one
    that replays what it finds; claimcheck is of the latter."""

    explores: Path
    replays: Path | None = None

    @property
    def claimcheck(self) -> Path:
        return (self.replays or self.explores) / "claimcheck"


def prepare(target: str, options: argparse.Namespace,
            built: Built) -> campaign.Campaign:
    """Folders, seeds and workers of one target."""
    out = options.out / target
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
    seeds.prepare(options.seeds, target, folders["seeds"], built.claimcheck)
    env = tools.sanitizer_env()
    if options.release:
        env["CLAIMCHECK_RELEASE"] = options.release
    if options.on:
        env["CLAIMCHECK_ON"] = options.on
    killed = afl.rescue(folders["afl"], folders["crashes"],
                        folders["corpus"])
    make = afl_workers if options.engine == "afl" else libfuzzer_workers
    for file in out.glob("stats-*.jsonl"):
        file.unlink()
    workers = make(target, options, folders, binary, env)
    for index, worker in enumerate(workers):
        worker.env = dict(
            worker.env, CLAIMCHECK_STATS=str(out / f"stats-{index}.jsonl"))
    made = campaign.Campaign(target, options.engine, folders, workers)
    if options.engine == "afl":
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
    return made


def dictionary_of(target: str) -> Path | None:
    path = paths.DICTS / f"{target}.dict"
    return path if path.exists() else None


def libfuzzer_workers(target: str, options: argparse.Namespace,
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
            options.out / target / f"worker-{index}.log"))
    return workers


def afl_workers(target: str, options: argparse.Namespace, folders: Folders,
                binary: Path, env: Env) -> list[Worker]:
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
            options.out / target / f"{afl.instance(index)}.log",
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


def finish(begun: list[campaign.Campaign], left: list[campaign.Campaign],
           loop: campaign.Loop, built: Built) -> int:
    """Print the summaries; the exit code."""
    for one in begun:
        for finding in one.findings:
            libfuzzer.keep_report(finding, one.folders["crashes"])
        print("\n".join(summary.lines(one, built.claimcheck)))
    if loop.reason:
        print(f"stopped early by {loop.reason}" + (
            f"; not started: {', '.join(c.target for c in left)}"
            if left else ""))
    code = worst(loop.code, HARNESS if any(one.trouble for one in begun)
                 else HELD, VIOLATION if any(one.findings for one in begun)
                 else HELD)
    print("result: " + {
        VIOLATION: "VIOLATION", HARNESS: "error, see above",
        HELD: "held"}.get(code, f"held until {loop.reason}" if begun
                          else "nothing was run"))
    return code


def main(argv: list[str]) -> int:
    options = arguments(argv)
    # A folder of somebody's own may have other targets.
    known = paths.targets() if not options.build_dir else (
        options.target or paths.targets())
    if options.on:
        # These are about claimcheck itself.
        known = [one for one in known if one not in paths.TEXT_TARGETS]
    options.target = flags.chosen(options.target, known, "target")
    if not options.target:
        raise Failure("harness/targets has no fuzz target")
    built = set_up(options)
    if options.on == "xen":
        build.setup("xen")
        # The file by name: commands in reports then say which one it was.
        options.on = os.path.relpath(xen.plugin(options.tree, xen.FUZZ))
    with locks.alone(*(options.out / target for target in options.target)):
        return fuzz(options, built)


def fuzz(options: argparse.Namespace, built: Built) -> int:
    """Run all campaigns; the exit code."""
    campaigns = [prepare(target, options, built)
                 for target in options.target]
    # As many side by side as there are cores for, the others in turn.
    abreast = max(1, build.cores() // options.jobs)
    groups = [campaigns[at:at + abreast]
              for at in range(0, len(campaigns), abreast)]
    loop = campaign.Loop(Progress(options.seconds), options.seconds)
    begun = loop.run(groups)
    left = [one for one in campaigns if one not in begun]
    return finish(begun, left, loop, built)
