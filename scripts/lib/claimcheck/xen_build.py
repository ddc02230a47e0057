# SPDX-License-Identifier: MIT
"""scripts/xen-build: Xen's own allocator and memory_op as a plug-in.

build(source, out, flavour) is for other scripts. The interface: a tree that
xen_source.look() took, a folder for everything that is made, a flavour; it
returns the path of claimcheck-xen.so, or raises Failure with the compiler's
first error. The file is put in place when it is
whole. Nothing outside out is written.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from . import (flags, output, paths, xen_changes, xen_headers, xen_link,
               xen_source)
from .errors import HELD, Failure

PLUGIN = "claimcheck-xen.so"

# Ours that are compiled like Xen's, and ours that are not. Of the stub: its
# front end, and what that refers to.
XEN_SIDE = ("xen_look.c", "xen_boot.c", "xen_calls.c", "xen_domain.c",
            "xen_locks.c", "xen_provide.c")
OUR_SIDE = ("plugin.c", "machine.c", "front.c", "map.c", "ubsan.c")
STUB = ("domctl.c", "sysctl.c", "page_offline.c", "checks.c", "faults.c",
        "guest.c", "locks.c", "lookup.c", "releases.c", "memory_op.c",
        "claim.c", "reservation.c", "compat.c", "exchange.c",
        "claim_set.c", "heap.c",
        "heap_alloc.c", "heap_claim.c", "heap_offline.c", "heap_parts.c",
        "heap_set.c", "heap_audit.c", "heap_contents.c")

# Xen's own: it relies on these.
XEN_FLAGS = ("-nostdinc", "-fno-builtin", "-fno-common",
             "-fno-strict-aliasing", "-std=gnu99", "-D__XEN__")
COMMON_FLAGS = ("-g", "-fPIC", "-fvisibility=hidden", "-w")


@dataclass(frozen=True)
class Flavour:
    """How it is compiled."""

    compiler: str = "gcc"
    debug: bool = True
    ubsan: bool = False
    coverage: bool = False  # counters for libFuzzer; clang only
    changes: tuple[str, ...] = ()  # of xen_changes.py

    def name(self) -> str:
        """As in build/xen/NAME/claimcheck-xen.so."""
        return "-".join([Path(self.compiler).name,
                         "debug" if self.debug else "release"]
                        + ["ubsan"] * self.ubsan
                        + ["coverage"] * self.coverage
                        + list(self.changes))

    def clang(self) -> bool:
        """Is it a clang?"""
        return "clang" in Path(self.compiler).name


def compiler(flavour: Flavour) -> list[str]:
    """The compiler's words, through ccache if there is one."""
    if not shutil.which(flavour.compiler):
        raise Failure(f"compiler {flavour.compiler} not found")
    ccache = shutil.which("ccache")
    return [*([ccache] if ccache else []), flavour.compiler]


def folder_of(source: xen_source.Source, flavour: Flavour) -> Path:
    """Where its plug-in lies: Debian's where --on xen looks for it, those of
    other trees apart from each other."""
    place = paths.BUILD / "xen"
    if source.tree.parent != xen_source.CACHE:
        name = hashlib.sha256(str(source.tree).encode()).hexdigest()[:12]
        place = place / f"{source.tree.name}-{name}"
    return place / flavour.name()


def xen_flags(tree: Path, gen: Path, flavour: Flavour) -> list[str]:
    """How Xen's units are compiled, without config.h."""
    xen = tree / "xen"
    folders = [xen_headers.XEN / "shim", xen_headers.XEN, gen,
               xen / "include", xen / "arch/x86/include", xen,
               xen / "arch/x86/include/asm/mach-generic",
               xen / "arch/x86/include/asm/mach-default"]
    words = [*COMMON_FLAGS, *XEN_FLAGS, f"-fmacro-prefix-map={xen}/=",
             f"-fmacro-prefix-map={paths.ROOT}/=",
             # The last that fits counts, and this lies in the one before.
             f"-fmacro-prefix-map={gen}/=",
             "-O1" if flavour.debug else "-O2",
             *(f"-I{folder}" for folder in folders)]
    if flavour.ubsan:
        # A guest's address may be 0, and Xen adds an offset to it.
        words += ["-fsanitize=undefined", "-fno-sanitize=alignment,vptr,"
                  "object-size,pointer-overflow"]
    if flavour.coverage:
        words += ["-fsanitize-coverage=inline-8bit-counters,pc-table"]
    return words


def our_flags(source: xen_source.Source, flavour: Flavour) -> list[str]:
    """How our own side is compiled."""
    name = f"{source.version}, {flavour.name()}"
    stash = any(f.name == xen_source.STASH for f in source.features)
    return [*COMMON_FLAGS, "-O2", "-std=gnu11", "-D_GNU_SOURCE",
            *(["-DXEN_HAS_STASH"] if stash else []), f"-I{paths.ROOT}",
            f"-I{xen_headers.XEN}", f'-DXEN_BUILD="{name}"',
            # Xen has one of that name, too.
            "-Dcompat_memory_op=stub_compat_memory_op",
            f"-fmacro-prefix-map={paths.ROOT}/="]


def compile_all(source: xen_source.Source, work: Path,
                flavour: Flavour) -> list[Path]:
    """All objects, Xen's with their state gathered."""
    tree = source.tree
    cc, gen, xen = compiler(flavour), work / "gen", tree / "xen"
    xcc = [*cc, *xen_flags(tree, gen, flavour)]
    xen_headers.generate(xen, gen, xcc, flavour.debug, flavour.clang())
    xcc += ["-include", str(xen / "include/xen/config.h")]
    output.scratch(gen / "absent.c",
                   xen_link.absent(xen_headers.listed("absent.list")))
    output.scratch(gen / "known.c", xen_headers.known(xen))
    changed = xen_changes.apply(xen, gen, flavour.changes)

    objects = []
    sources = [(gen if unit in changed else xen) / unit
               for unit in xen_headers.listed("units.list")]
    sources += [xen_headers.XEN / name for name in XEN_SIDE]
    for unit in [*sources, gen / "cut.c"]:
        obj = work / (str(unit.relative_to(unit.parents[2]))
                      .replace("/", "_") + ".o")
        xen_headers.run([*xcc, "-c", str(unit), "-o", str(obj)])
        xen_link.gather_state(obj)
        objects.append(obj)

    ours = [*cc, *our_flags(source, flavour)]
    for unit in ([xen_headers.XEN / name for name in OUR_SIDE]
                 + [paths.ROOT / "stub" / name for name in STUB]
                 + [gen / "absent.c", gen / "known.c"]):
        obj = work / f"our_{unit.parent.name}_{unit.stem}.o"
        xen_headers.run([*ours, "-c", str(unit), "-o", str(obj)])
        objects.append(obj)
    return objects


def build(source: xen_source.Source, out: Path, flavour: Flavour) -> Path:
    """Build a tree into out; the plug-in's path."""
    out = out.absolute()
    work = out / f"work-{os.getpid()}"
    work.mkdir(parents=True)
    try:
        objects = compile_all(source, work, flavour)
        xen_link.link(compiler(flavour), objects, work / PLUGIN)
        os.replace(work / PLUGIN, out / PLUGIN)
    finally:
        if not os.environ.get("CLAIMCHECK_KEEP"):
            shutil.rmtree(work, ignore_errors=True)
    return out / PLUGIN


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    """The command line."""
    parser = flags.parser(
        "xen-build", "Compile a Xen tree's page allocator and memory_op into "
        f"{PLUGIN}, a plug-in\nfor --on; its path is printed.",
        "0 built, 2 it could not be built, 77 Debian's source cannot be "
        "fetched here")
    parser.add_argument("--tree", type=Path, metavar="DIR",
                        help="a Xen source tree, 4.17 or later (default: "
                        "Debian's, as\nscripts/xen-source gets it)")
    parser.add_argument("--compiler", default="gcc", metavar="CC",
                        help="gcc (default) or clang")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--debug", action="store_true",
                      help="with Xen's assertions (default)")
    kind.add_argument("--release", action="store_true",
                      help="as it is shipped")
    parser.add_argument("--ubsan", action="store_true",
                        help="undefined behaviour ends a run, but for\n"
                        "xen/known.list")
    parser.add_argument("--coverage", action="store_true",
                        help="counters that guide libFuzzer; clang only")
    parser.add_argument("--change", action="append", default=[],
                        metavar="NAME",
                        help="a bug put back or taken out, or a step of\n"
                        "another release, as docs/findings.md has them:\n"
                        + ",\n".join(c.name for c in xen_changes.CHANGES))
    parser.add_argument("--out", type=Path, metavar="DIR",
                        help="in place of build/xen/FLAVOUR, or of\n"
                        "build/xen/NAME-HASH/FLAVOUR for a tree of yours")
    return parser.parse_args(argv)


def main(argv: list[str]) -> int:
    """The command."""
    options = arguments(argv)
    flavour = Flavour(options.compiler, not options.release, options.ubsan,
                      options.coverage, tuple(options.change))
    if flavour.coverage and not flavour.clang():
        raise Failure("--coverage: expected --compiler clang")
    source = xen_source.look(options.tree or xen_source.debian())
    print(build(source, options.out or folder_of(source, flavour), flavour))
    sys.stdout.flush()
    return HELD
