# SPDX-License-Identifier: MIT
"""scripts/fuzz: build, fuzz all targets, tell what came of it."""

from __future__ import annotations

import argparse
import os
import re
import socket
from pathlib import Path

from . import (afl, build, campaign, choices, findings_forms, flags, forever,
               fuzz_prepare, known, libfuzzer, locks, paths, summary, xen)
from .errors import HARNESS, HELD, VIOLATION, Failure, worst
from .findings import Findings
from .fuzz_prepare import Built
from .progress import Progress

DEFAULT_SECONDS = 60
ROUND_SECONDS = 3600  # of --forever
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
    parser.add("--release", action="append",
               help="fix the Xen release, for instance 4.17; of several\n"
               "(repeated, or R,R,...), one after the other")
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
    parser.add_argument("--forever", action="store_true",
                        help="round after round of --seconds (default "
                        f"{ROUND_SECONDS}), with\n--keep-going, until it is "
                        "stopped; the corpora are kept\nminimal, and "
                        "STATE/index.html shows how it goes")
    parser.add_argument("--state", type=Path, metavar="STATE", default=None,
                        help="of --forever: corpus, logs, findings; whatever "
                        "ended it, it\ngoes on from there (default "
                        "build/forever)")
    parser.add("--corpus", "--build-dir")
    parser.add_argument("--seeds", type=Path, metavar="DIR",
                        default=paths.SEEDS,
                        help="seeds: DIR/TARGET (default corpus)")
    parser.add("--out", default=paths.CAMPAIGN,
               help="logs and crashes: DIR/TARGET (default build/campaign)")
    parser.add_argument("--sync", type=Path, metavar="DIR",
                        help="share corpus and findings with other hosts: DIR "
                        "is one\nfolder of all, logs are in DIR/hosts/HOST")
    parser.add_argument("--host", metavar="HOST", default=None,
                        help="with --sync: this host's name (default: the "
                        "machine's)")
    options = parser.parse_args(argv)
    share(parser, options)
    last_for_ever(parser, options)
    if options.seconds is None:
        options.seconds = (0 if options.runs else ROUND_SECONDS
                           if options.forever else DEFAULT_SECONDS)
    if options.no_mutator and options.engine != "afl":
        parser.error("--no-mutator goes with --engine afl; libFuzzer's "
                     "targets have it built in")
    if options.tree and options.on != "xen":
        parser.error("--tree DIR goes with --on xen")
    if options.sanitized and options.engine == "afl":
        parser.error("--sanitized goes with --engine libfuzzer")
    if options.on and options.engine == "afl":
        parser.error("--on H goes with --engine libfuzzer")
    for several in ("fault", "release"):
        setattr(options, several, [
            name for names in getattr(options, several) or []
            for name in names.split(",")])
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
    host = options.host = options.host or socket.gethostname()
    if not HOST.match(host):
        parser.error(f"--host {host}: expected letters, digits, . _ -")
    if options.engine == "afl" and not afl.HOST.match(host):
        parser.error(f"--host {host}: expected with --engine afl at most 12 "
                     "letters, digits, _ -")
    folder = options.sync.absolute()
    options.corpus, options.out = folder / "corpus", folder / "hosts" / host
    options.findings = folder / "findings"


def last_for_ever(parser: flags.Parser, options: argparse.Namespace) -> None:
    """Where --forever has things: in one folder."""
    if not options.forever:
        if options.state:
            parser.error("--state goes with --forever")
        return
    if options.runs:
        parser.error("--runs does not go with --forever, whose rounds take "
                     "--seconds each")
    options.keep_going = True
    if options.sync and options.state:
        parser.error("--state does not go with --sync DIR, which has all")
    if not options.sync:
        state = (options.state or paths.FOREVER).absolute()
        options.corpus, options.out = state / "corpus", state / "logs"
        options.findings = state / "findings"
    options.state = options.out if options.sync else state


def check(options: argparse.Namespace) -> None:
    """What can be known to be wrong before anything is built."""
    for name in options.release:
        choices.require("release", name, choices.releases())
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
        done.append(findings_forms.of(one))
    if loop.reason:
        print(f"stopped early by {loop.reason}" + (
            f"; not started: {', '.join(left)}" if left else ""))
    found.write()
    findings_forms.write_all(
        options.out / "findings", list(found.filed.values()), done,
        built.version)
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
    targets = flags.targets(options)
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
        if options.forever:
            return forever.run(options, built)
        return fuzz(options, built)


def fuzz(options: argparse.Namespace, built: Built) -> int:
    """Run all campaigns; the exit code."""
    found = Findings(options.findings or options.out / "findings",
                     options.keep_going, options.rows)
    left = [campaign.name_of(target, fault, release)
            for release, fault in fuzz_prepare.variants(options)
            for target in options.target]
    loop = campaign.Loop(Progress(options.seconds), options.seconds)
    begun = loop.run(fuzz_prepare.groups(options, built, found))
    return finish(begun, left[len(begun):], loop, found, options, built)
