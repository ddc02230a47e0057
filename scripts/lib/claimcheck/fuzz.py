# SPDX-License-Identifier: MIT
"""scripts/fuzz: build, fuzz all targets, tell what came of it."""

from __future__ import annotations

import argparse
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

from . import (build, campaign, choices, findings_forms, flags, fuzz_prepare,
               known, libfuzzer, locks, names, paths, summary, xen)
from .errors import HARNESS, HELD, VIOLATION, Failure, worst
from .findings import Findings
from .fuzz_prepare import Built
from .progress import Progress

DEFAULT_SECONDS = 60
HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*$")


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
    parser.add_argument("--fault", action="append", metavar="ID",
                        help="plant this fault; of several (repeated, or "
                        "ID,ID,...),\none after the other")
    parser.add_argument("--keep-going", action="store_true",
                        help="file each finding under OUT/findings/SIGNATURE,"
                        "\nshrunk, and go on with that signature masked")
    parser.add_argument("--known", type=Path, metavar="FILE",
                        help="findings that do not fail the run; lines of "
                        "signature,\nlast day and reason")
    parser.add_argument("--on", metavar="H", help="what is fuzzed, as for "
                        "claimcheck replay: stub (default), xen,\n"
                        "which is built from Debian's source, or FILE.so;\n"
                        "without fuzz_text, which runs no hypervisor")
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
    parser.add_argument("--sync", type=Path, metavar="DIR",
                        help="libFuzzer: share corpus and findings with other "
                        "hosts: DIR\nis one folder of all, logs are in "
                        "DIR/hosts/HOST")
    parser.add_argument("--host", metavar="HOST", default=None,
                        help="with --sync: this host's name (default: the "
                        "machine's)")
    options = parser.parse_args(argv)
    share(parser, options)
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
    options.fault = [name for names in options.fault or []
                     for name in names.split(",")]
    for name in ("corpus", "seeds", "out"):
        setattr(options, name, getattr(options, name).absolute())
    return options


def share(parser: flags.Parser, options: argparse.Namespace) -> None:
    """Where --sync has things: the corpus is everybody's, and libFuzzer looks
    into it again and again; findings are filed for all."""
    options.findings = None
    if not options.sync:
        if options.host:
            parser.error("--host goes with --sync DIR")
        return
    if options.engine == "afl":
        parser.error("--sync goes with --engine libfuzzer")
    host = options.host or socket.gethostname()
    if not HOST.match(host):
        parser.error(f"--host {host}: expected letters, digits, . _ -")
    folder = options.sync.absolute()
    options.corpus, options.out = folder / "corpus", folder / "hosts" / host
    options.findings = folder / "findings"


def check(options: argparse.Namespace) -> None:
    """What can be known to be wrong before anything is built."""
    if options.release:
        choices.require("release", options.release, choices.releases())
    # Another implementation has faults of its own.
    environment = os.environ.get("CLAIMCHECK_FAULT")
    for name in options.fault or [environment] * bool(environment):
        if not options.on:
            choices.require("fault", name, choices.faults())
    options.rows = known.read(options.known) if options.known else {}


def finish(begun: list[campaign.Campaign], left: list[str],
           loop: campaign.Loop, found: Findings,
           options: argparse.Namespace, built: Built) -> int:
    """Print the summaries; the exit code."""
    done = []
    for one in begun:
        for finding in one.findings:
            libfuzzer.keep_report(finding, one.folders["crashes"])
        found.met(one.counted["masked"], one.target)
        print("\n".join(summary.lines(one, one.folders["crashes"].parent)))
        done.append(findings_forms.Done(
            one.target, one.fault, one.engine, round(one.took, 1), one.runs,
            one.best("cov"), one.corpus_after, one.trouble))
    if loop.reason:
        print(f"stopped early by {loop.reason}" + (
            f"; not started: {', '.join(left)}" if left else ""))
    found.write()
    findings_forms.write_all(
        options.out / "findings", list(found.filed.values()), done,
        names.run(built.claimcheck, "--version").strip())
    print("\n".join(summary.findings(found, found.folder)))
    code = worst(loop.code, HARNESS if any(one.trouble for one in begun)
                 else HELD, VIOLATION if found.new else HELD)
    print("result: " + {
        VIOLATION: "VIOLATION", HARNESS: "error, see above",
        HELD: "held"}.get(code, f"held until {loop.reason}" if begun
                          else "nothing was run"))
    return code


def main(argv: list[str]) -> int:
    options = arguments(argv)
    # A folder of somebody's own may have other targets.
    targets = paths.targets() if not options.build_dir else (
        options.target or paths.targets())
    if options.on:
        # These are about claimcheck itself.
        targets = [one for one in targets if one not in paths.TEXT_TARGETS]
    options.target = flags.chosen(options.target, targets, "target")
    if not options.target:
        raise Failure("harness/targets has no fuzz target")
    check(options)
    built = fuzz_prepare.set_up(options)
    if options.on == "xen":
        build.setup("xen")
        # The file by name: commands in reports then say which one it was.
        options.on = os.path.relpath(xen.plugin(options.tree, xen.FUZZ))
    with locks.alone(options.out / "findings",
                     *(options.out / target for target in options.target)):
        return fuzz(options, built)


def fuzz(options: argparse.Namespace, built: Built) -> int:
    """Run all campaigns; the exit code."""
    found = Findings(options.findings or options.out / "findings",
                     options.keep_going, options.rows)
    left = [campaign.name_of(target, fault)
            for fault in options.fault or [None] for target in options.target]
    loop = campaign.Loop(Progress(options.seconds), options.seconds)
    begun = loop.run(groups(options, built, found))
    return finish(begun, left[len(begun):], loop, found, options, built)


def groups(options: argparse.Namespace, built: Built,
           found: Findings) -> Iterator[list[campaign.Campaign]]:
    """As many side by side as there are cores for, the others in turn; each
    planted fault for itself."""
    abreast = max(1, build.cores() // options.jobs)
    for fault in options.fault or [None]:
        made = [fuzz_prepare.prepare(target, options, built, found, fault)
                for target in options.target]
        for at in range(0, len(made), abreast):
            yield made[at:at + abreast]
