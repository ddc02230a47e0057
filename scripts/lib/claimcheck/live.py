# SPDX-License-Identifier: MIT
"""Run the same programs on a real Xen: Debian's hypervisor and dom0 in QEMU.

  scripts/live                 one boot: generated programs, then the corpus
  scripts/live --xen 4.20      another Xen: Debian has 4.17 and 4.20
  scripts/live --nodes 2       on a NUMA host
  scripts/live --release 4.22  checked by the rules of another release, or
  scripts/live --fault ID      with a fault planted in what is observed (one
                               of live/faults.def): must report a
                               disagreement and the step where it happened
  scripts/live --confirm       each weakness that was met must show again when
                               its program runs alone on a fresh boot

Everything runs in one boot, by the rules of that Xen's release. Generated
programs stop at the first disagreement; every case of the corpus is run. A
summary comes at the end; the whole output is in build/live/.

Exit codes: 0 held, 1 a disagreement, 2 bad usage, 3 the harness failed, 77
cannot run here; 128 + n stopped by signal n, with the summary; others are
those of scripts/xen-vm (see its --help).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from . import flags, locks, output
from .errors import (CANNOT_RUN, HARNESS, VIOLATION, Failure, Stopped, ending)
from .live_summary import Summary
from .paths import BUILD, ROOT
from .vm_packages import SUITES, XEN_DEFAULT

CLAIMCHECK = BUILD / "release" / "claimcheck"

# Generated programs first: the corpus has a program that leaks claims until
# the next boot, and a host with claims outstanding does not count as fresh.
GUEST = """
cd /sys/hypervisor/version
echo "host: Xen $(cat major).$(cat minor)$(cat extra)"
cd /work
./claimcheck generate --run {flags} --seed {seed} --steps {steps}; a=$?
./claimcheck replay {flags} corpus; b=$?
[ $a -gt $b ] && exit $a; exit $b
"""


# One generated program, and nothing before or after it.
ALONE = """
cd /work
exec ./claimcheck generate --run {flags} --seed {seed} --steps 1
"""


def build() -> None:
    """The release build's claimcheck, with its live part, and what the tests
    of label live run beside it."""
    preset = ["cmake", "--preset", "release"]
    commands = [[str(ROOT / "scripts" / "setup"), "build", "live"]]
    if not (BUILD / "release" / "CMakeCache.txt").exists():
        commands.append(preset)
    commands.append(["cmake", "--build", "--preset", "release", "--target",
                     "live_programs"])
    for command in commands:
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            sys.stderr.write(done.stdout.decode(errors="replace"))
            raise Failure(f"{' '.join(command)}: exit code {done.returncode}",
                          CANNOT_RUN if done.returncode == CANNOT_RUN
                          else HARNESS)


def claimcheck_flags(options: argparse.Namespace) -> str:
    """What every run of claimcheck in the guest has."""
    words = "--on live"
    if options.release:
        words += f" --release {options.release}"
    if options.fault:
        words += f" --fault {options.fault}"
    return words


def boot(options: argparse.Namespace, guest: str,
         take: Callable[[bytes], None]) -> int:
    """One boot, for that shell text; its exit code. take gets each line."""
    command = [str(ROOT / "scripts" / "xen-vm"), "--verbose",
               "--xen", options.xen, "--nodes", str(options.nodes),
               "--time-limit", str(options.time_limit),
               "--put", str(options.claimcheck), "--put", str(ROOT / "corpus"),
               "--", "sh", "-c", guest]
    with subprocess.Popen(command, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as vm:
        assert vm.stdout
        for line in vm.stdout:
            take(line)
    return vm.returncode if vm.returncode >= 0 else HARNESS


def run(options: argparse.Namespace, log: Path, summary: Summary) -> int:
    """The run itself. Lines go to stdout, the log and the summary."""
    guest = GUEST.format(flags=claimcheck_flags(options), seed=options.seed,
                         steps=options.steps)
    with output.stream(log) as out:
        def take(line: bytes) -> None:
            out.write(line)
            text = line.decode(errors="replace").rstrip()
            if summary.take(text):
                print(text, flush=True)

        return boot(options, guest, take)


def confirm(options: argparse.Namespace, summary: Summary) -> int:
    """Each program of the summary's weaknesses, alone on a fresh boot."""
    worst = 0
    print("each seed alone, on a fresh boot:")
    for name, (_, seed, _) in sorted(summary.seeds.items()):
        lines: list[str] = []
        code = boot(options, ALONE.format(flags=claimcheck_flags(options),
                                          seed=seed),
                    lambda line: lines.append(line.decode(errors="replace")))
        shown = any(line.startswith(f"weakness {name}:") for line in lines)
        print(f"  {name}: --seed {seed}: "
              + ("shown" if shown else "NOT SHOWN"), flush=True)
        worst = max(worst, code, 0 if shown else VIOLATION)
    return worst


def main(argv: list[str]) -> int:
    """scripts/live."""
    parser = flags.parser("live", __doc__)
    parser.add_argument("--steps", type=flags.number, default=200000,
                        metavar="N",
                        help="of generated programs (default 200000)")
    parser.add("--seed", default=1,
               help="of the first generated program (default 1)")
    parser.add_argument("--xen", choices=sorted(SUITES), default=XEN_DEFAULT,
                        help=f"which Xen (default {XEN_DEFAULT})")
    parser.add("--nodes")
    parser.add("--release", default="",
               help="whose rules apply (default: those of the host)")
    parser.add_argument("--fault", default="", metavar="ID",
                        help="plant a fault of live/faults.def")
    parser.add_argument("--confirm", action="store_true",
                        help="then run the shortest generated program of\n"
                        "each weakness alone, on a boot of its own")
    parser.add("--time-limit", default=900,
               help="seconds, without the boot (default 900)")
    parser.add_argument("--claimcheck", type=Path, metavar="FILE",
                        help="this binary (default: build the release one)")
    options = parser.parse_args(argv)
    if not options.claimcheck:
        build()
        options.claimcheck = CLAIMCHECK
    folder = BUILD / "live"
    folder.mkdir(parents=True, exist_ok=True)
    rules = f"-rules-{options.release}" if options.release else ""
    log = folder / f"xen-{options.xen}-nodes-{options.nodes}{rules}.log"
    summary = Summary(ROOT)
    with locks.alone(log):
        try:
            code = run(options, log, summary)
        except Stopped as stopped:
            summary.print(log, stopped.code)
            if summary.reports:
                ending.note(VIOLATION)
            raise
        summary.print(log, code)
        if options.confirm and not code:
            code = confirm(options, summary)
    return code
