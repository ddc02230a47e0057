# SPDX-License-Identifier: MIT
"""scripts/fuzz: build, fuzz all targets, tell what came of it."""

import argparse
import os
import pathlib
import sys

from . import (afl, build, campaign, formats, libfuzzer, paths, replay,
               seeds, summary, tools)
from .errors import BAD_INPUT, HELD, VIOLATION, Failure, run_main
from .flags import number
from .progress import Progress

DEFAULT_SECONDS = 60


def arguments(argv):
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="scripts/fuzz", formatter_class=argparse.RawTextHelpFormatter,
        description="Fuzz the claim hypercalls: sets up, builds, fuzzes all "
        "targets,\nshows progress and ends with a summary.",
        epilog="Exit: 0 held, 1 violation, 2 bad usage or the campaign could "
        "not be\ncarried out, 77 cannot run here. Ctrl-C and SIGTERM end with "
        "the summary.")
    parser.add_argument("--seconds", type=number, metavar="N",
                        help=f"for each target (default {DEFAULT_SECONDS}; "
                        "without limit if --runs is given)")
    parser.add_argument("--runs", type=number, metavar="N", default=0,
                        help="stop each process after N runs")
    parser.add_argument("--target", action="append", metavar="T",
                        help="only this one (may be repeated); default: all")
    parser.add_argument("--jobs", type=number, metavar="N", default=1,
                        help="processes per target on one corpus")
    parser.add_argument("--corpus", type=pathlib.Path, metavar="DIR",
                        default=paths.CORPUS,
                        help="inputs found are read from and written to "
                        "DIR/TARGET\n(default build/corpus)")
    parser.add_argument("--engine", choices=("libfuzzer", "afl"),
                        default="libfuzzer")
    parser.add_argument("--no-mutator", action="store_true",
                        help="afl: do without claimcheck's mutator library, "
                        "which mutates\nwhole operations")
    parser.add_argument("--release", metavar="R",
                        help="pin the Xen release, for instance 4.17")
    parser.add_argument("--seed", type=number, metavar="S", default=0,
                        help="seed of the engines (default: random)")
    parser.add_argument("--build-dir", type=pathlib.Path, metavar="DIR",
                        help="use the targets in DIR; set up and build "
                        "nothing")
    parser.add_argument("--seeds", type=pathlib.Path, metavar="DIR",
                        default=paths.SEEDS,
                        help="seeds are in DIR/TARGET (default corpus)")
    parser.add_argument("--out", type=pathlib.Path, metavar="DIR",
                        default=paths.CAMPAIGN,
                        help="logs and crashes go to DIR/TARGET\n"
                        "(default build/campaign)")
    options = parser.parse_args(argv)
    if options.seconds is None:
        options.seconds = 0 if options.runs else DEFAULT_SECONDS
    if options.no_mutator and options.engine != "afl":
        parser.error("--no-mutator goes with --engine afl; libFuzzer's targets "
                     "have it built in")
    for name in ("corpus", "seeds", "out"):
        setattr(options, name, getattr(options, name).absolute())
    return options


def prepare(target, options, built):
    """Folders, seeds and workers of one target."""
    out = options.out / target
    folders = {"corpus": options.corpus / target, "crashes": out / "crashes",
               "seeds": out / "seeds", "afl": out / "afl",
               "start": out / "start"}
    binary = built / target
    if not os.access(binary, os.X_OK):
        raise Failure(f"{binary}: no such fuzz target")
    for name in ("corpus", "crashes"):
        paths.require_writable(folders[name], name)
    formats.note(options.corpus, built / "claimcheck")
    files = seeds.prepare(options.seeds / target, folders["seeds"],
                          built / "claimcheck")
    env = tools.sanitizer_env(
        asan_extra=afl.ASAN if options.engine == "afl" else "")
    if options.release:
        env["CLAIMCHECK_RELEASE"] = options.release
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
        killed += files + paths.files_in(folders["corpus"])
        made.before_count = lambda: afl.share_queue(folders["afl"],
                                                    folders["corpus"])
    made.seed_findings = replay.many(binary, killed, env)
    return made


def dictionary_of(target):
    path = paths.DICTS / f"{target}.dict"
    return path if path.exists() else None


def libfuzzer_workers(target, options, folders, binary, env):
    """One process per job, all on one corpus folder."""
    prefix = tools.steady_start()
    workers = []
    for index in range(options.jobs):
        argv = prefix + libfuzzer.command(binary, options, index, folders,
                                          dictionary_of(target))
        workers.append(libfuzzer.LibFuzzer(
            f"{target}-{index}", argv, env,
            options.out / target / f"worker-{index}.log"))
    return workers


def afl_workers(target, options, folders, binary, env):
    """A main instance and secondaries that work in other ways."""
    # afl-fuzz meets others only every half minute: what is known is given to
    # it at the start.
    afl.starting_points(folders["start"], folders["seeds"], folders["corpus"])
    mutator = None
    if not options.no_mutator:
        mutator = binary.parent / "libclaimcheck-mutator.so"
        if not mutator.exists():
            raise Failure(f"{mutator}: the mutator library is not built")
    cmplog = binary.parent.with_name(binary.parent.name + "-cmplog") / target
    workers = []
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


def set_up(options):
    """Install and build what this campaign needs; where it lies."""
    if options.build_dir:
        return options.build_dir.absolute()
    print("setting up and building ...", flush=True)
    if options.engine == "libfuzzer":
        build.setup("build", "fuzz")
        return build.build("fuzz", "claimcheck", *options.target)
    build.setup("build", "afl")
    built = build.build("afl")
    if options.jobs > 1:
        build.build("afl-cmplog", *options.target)
    return built


def finish(begun, left, loop, built):
    """Print the summaries; the exit code."""
    for one in begun:
        for finding in one.findings:
            libfuzzer.keep_report(finding, one.folders["crashes"])
        print("\n".join(summary.lines(one, built / "claimcheck")))
    if loop.reason:
        print(f"stopped early by {loop.reason}" + (
            f"; not begun: {', '.join(c.target for c in left)}"
            if left else ""))
    if any(one.findings for one in begun):
        print("result: VIOLATION")
        return VIOLATION
    if any(one.trouble for one in begun) or not begun:
        print("result: error, see above", flush=True)
        return BAD_INPUT
    print("result: held")
    return HELD


def main(argv):
    options = arguments(argv)
    known = paths.targets()
    if options.build_dir is None:
        for target in options.target or []:
            if target not in known:
                raise Failure(f"unknown target {target}, expected one of: "
                              f"{', '.join(known)}")
    options.target = list(dict.fromkeys(options.target or known))
    if not options.target:
        raise Failure("there is no target in harness/targets")
    built = set_up(options)
    campaigns = [prepare(target, options, built)
                 for target in options.target]
    # Side by side if there is a core for each process, else in turn.
    together = build.cores() >= len(campaigns) * options.jobs
    groups = [campaigns] if together else [[one] for one in campaigns]
    loop = campaign.Loop(Progress(options.seconds), options.seconds)
    begun = loop.run(groups)
    left = [one for one in campaigns if one not in begun]
    return finish(begun, left, loop, built)


if __name__ == "__main__":
    sys.exit(run_main("fuzz", main, sys.argv[1:]))
