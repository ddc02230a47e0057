#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The headers and libraries of Debian trixie's Xen (4.20): all that uses them
builds, and its programs run over the stub. Packages are fetched by lists of
our own and unpacked, nothing is installed; 77 where they cannot be had.

  newer_xen.py SOURCE_DIR FOLDER [LIBRARY]
  LIBRARY: libclaimcheck-xen.so as it was built with the headers that are
           installed here; without it all is built, and nothing is run
"""
from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SOURCE, FOLDER, *LIBRARY = (Path(a).resolve() for a in sys.argv[1:])
sys.path.insert(0, str(SOURCE / "scripts" / "lib"))

# pylint: disable=wrong-import-position
from claimcheck.errors import Failure  # noqa: E402
from claimcheck.vm_packages import Suite  # noqa: E402

# What libxenctrl needs; and the C library that those are built for.
PACKAGES = ("libxen-dev", "libxenmisc4.20", "libxencall1",
            "libxendevicemodel1", "libxenforeignmemory1", "libxentoollog1",
            "libxentoolcore1", "libxenevtchn1", "libxengnttab1", "libc6",
            "zlib1g")
ROOT = FOLDER / "root"
LIBRARIES = ROOT / "usr" / "lib" / "x86_64-linux-gnu"
BUILD = FOLDER / "build"
TARGETS = ("claimcheck-xen", "toolstack_sequence", "preload_calls",
           "build_domain", "live_smoke", "test_live_refusals")


def fetch() -> None:
    """The packages, unpacked; kept for the next run."""
    if (FOLDER / "complete").exists():
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    suite = Suite("trixie")
    for package in PACKAGES:
        deb = suite.download(package, str(FOLDER))
        subprocess.run(["dpkg-deb", "-x", deb, str(ROOT)], check=True)
        os.unlink(deb)
    (FOLDER / "complete").touch()


def build() -> None:
    """With those headers, against those libraries."""
    # They want symbols of a newer C library than this machine has.
    link = "-Wl,--unresolved-symbols=ignore-in-shared-libs " \
           f"-Wl,-rpath-link,{LIBRARIES}"
    for command in (
            ["cmake", "-S", str(SOURCE), "-B", str(BUILD), "-G", "Ninja",
             f"-DCMAKE_C_FLAGS=-isystem {ROOT / 'usr' / 'include'}",
             f"-DCMAKE_PREFIX_PATH={ROOT / 'usr'}",
             f"-DCMAKE_EXE_LINKER_FLAGS={link}"],
            ["cmake", "--build", str(BUILD), "--target", *TARGETS]):
        done = subprocess.run(command, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            sys.exit(done.stdout.decode(errors="replace"))


def run(library: Path, program: Path, *arguments: str,
        **settings: str) -> tuple[int, str]:
    """Over the stub; its exit code, and what it said."""
    done = subprocess.run(
        [LIBRARIES / "ld-linux-x86-64.so.2", "--library-path", LIBRARIES,
         "--preload", library, program, *arguments],
        env={**os.environ, **settings}, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, check=False)
    return done.returncode, done.stdout.decode(errors="replace")


def check(library: Path) -> int:
    """All programs over the stub."""
    newer = BUILD / "libclaimcheck-xen.so"
    example = BUILD / "toolstack_sequence"
    said = str(FOLDER / "said")
    lines = (SOURCE / "tests/live/toolstack_sequence.expected").read_text()
    wanted = [
        # The library of those headers takes their versions for any release.
        (run(newer, example, CLAIMCHECK_RELEASE=release), (0, lines))
        for release in ("4.17", "4.20.3", "4.22")]
    wanted += [
        # The library of the installed ones knows them from the release.
        (run(library, example, CLAIMCHECK_RELEASE="4.20.3"), (0, lines)),
        (run(library, example, CLAIMCHECK_RELEASE="4.17"),
         (1, "create: Permission denied\n")),
        (run(newer, BUILD / "tests/live/preload_calls", said), (0, "")),
        (run(newer, BUILD / "tests/live/build_domain",
             CLAIMCHECK_HOST="nodes=2 pages=1024"), (0, "")),
    ]
    for got, want in wanted:
        if got != want:
            print(f"FAIL: exit {got[0]}, expected {want[0]}; it said:\n"
                  f"{got[1]}expected:\n{want[1]}")
    layouts = subprocess.run([BUILD / "tests/live/test_live_refusals"],
                             check=False).returncode
    return int(layouts != 0 or any(got != want for got, want in wanted))


def main() -> int:
    try:
        fetch()
    except Failure as failure:
        print(f"skipped: {failure}")
        return failure.code
    build()
    return check(LIBRARY[0]) if LIBRARY else 0


if __name__ == "__main__":
    sys.exit(main())
