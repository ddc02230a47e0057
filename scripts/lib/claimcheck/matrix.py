# SPDX-License-Identifier: MIT
"""scripts/matrix: the page on argument validation, for reviews.

Runs `claimcheck matrix --json` over a corpus and writes the page.
"""

from __future__ import annotations

import argparse
import datetime
import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from . import build, flags, matrix_page, output, paths
from .errors import HARNESS, HELD, VIOLATION, Failure


def arguments(argv: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = flags.parser(
        "matrix", "Write one page, for reviews, with all that claimcheck "
        "matrix finds: per release\nand rule a case that triggers it, one "
        "that narrowly avoids it, and the rules it\noverrides; per field "
        "the values that were tried and what came back.",
        "0 nothing is missing, 1 something is or a case fails (the page "
        "shows it),\n2 bad usage or input, 3 the harness failed, 77 cannot "
        "run here;\n128 + n stopped by signal n")
    parser.add_argument("corpus", nargs="*", metavar="CORPUS",
                        help="files and folders (default: corpus/ of this "
                        "tree)")
    parser.add_argument("--html", type=Path, metavar="FILE",
                        default=paths.BUILD / "matrix.html",
                        help="where the page goes (default "
                        "build/matrix.html)")
    parser.add_argument("--json", type=Path, metavar="FILE",
                        help="also keep what the page is made from")
    parser.add_argument("--date", type=date, metavar="YYYY-MM-DD",
                        help="the day that the page names; without it the "
                        "page names\nnone: two pages of the same sources are "
                        "the same")
    parser.add("--release", help="that release only (default: each)")
    parser.add_argument("--on", metavar="H",
                        help="what the cases run on, as for claimcheck "
                        "replay (default stub)")
    parser.add_argument("--fault", metavar="ID",
                        help="on a stub with that planted fault")
    parser.add("--build-dir")
    return parser.parse_args(argv)


def date(text: str) -> str:
    """A day as --date takes it."""
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%d").date().isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text}: expected a day as 2026-11-29") from None


def set_up(options: argparse.Namespace) -> Path:
    """The claimcheck to run."""
    if options.build_dir:
        return build.given(options.build_dir, "claimcheck") / "claimcheck"
    print("setting up and building ...", file=sys.stderr, flush=True)
    build.setup("build")
    return build.build("release", "claimcheck") / "claimcheck"


def run(claimcheck: Path,
        options: argparse.Namespace) -> tuple[int, str]:
    """Exit code and JSON of claimcheck matrix."""
    argv = [str(claimcheck), "matrix", "--json"]
    for name in ("on", "release", "fault"):
        if getattr(options, name):
            argv += [f"--{name}", getattr(options, name)]
    # The corpus of this tree by its name there, wherever this is called.
    where = None if options.corpus else paths.ROOT
    argv += ["--", *(options.corpus or ["corpus"])]
    try:
        done = subprocess.run(argv, cwd=where, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, encoding="utf-8")
    except OSError as error:
        raise Failure(f"{claimcheck}: {error.strerror}") from None
    if done.returncode not in (HELD, VIOLATION):
        raise Failure(f"claimcheck matrix: exit code {done.returncode}",
                      done.returncode if done.returncode > 0 else HARNESS)
    return done.returncode, done.stdout


def about(claimcheck: Path, options: argparse.Namespace,
          argv: list[str]) -> matrix_page.About:
    """What the page says of its making."""
    return matrix_page.About(
        tool=said([str(claimcheck), "--version"]) or "unknown",
        commit=commit(),
        command=shlex.join(["scripts/matrix", *argv]),
        corpus=", ".join(options.corpus or ["corpus"]),
        date=options.date or "not given (--date)")


def commit() -> str:
    """The commit of this tree, and whether files differ from it."""
    git = ["git", "-C", str(paths.ROOT)]
    head = said([*git, "rev-parse", "HEAD"])
    if not head:
        return "unknown: the sources are not in git"
    changed = said([*git, "status", "--porcelain"])
    return head + (" and changes that are not committed" if changed else "")


def said(argv: list[str]) -> str:
    """What a program prints; nothing if it is not there or fails."""
    try:
        return subprocess.run(argv, stdin=subprocess.DEVNULL, check=True,
                              capture_output=True,
                              encoding="utf-8").stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""


def parse(text: str) -> list[dict[str, Any]]:
    """One object a release."""
    releases = [json.loads(line) for line in text.splitlines()]
    if not releases:
        raise Failure("claimcheck matrix printed nothing", HARNESS)
    return releases


def main(argv: list[str]) -> int:
    options = arguments(argv)
    claimcheck = set_up(options)
    code, text = run(claimcheck, options)
    releases = parse(text)
    if options.json:
        write(options.json, text)
    page = matrix_page.render(releases, about(claimcheck, options, argv))
    write(options.html, page)
    for release in releases:
        print(f"release {release['release']}: "
              + ("complete" if release["complete"] else "something is missing")
              + f", {release['violations']} violations")
    print(f"{options.html} ({len(page.encode()) // 1024} KB)")
    return code


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    output.write_whole(path, text)
