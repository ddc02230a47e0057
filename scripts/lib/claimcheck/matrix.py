# SPDX-License-Identifier: MIT
"""scripts/matrix: the page on argument validation, for reviews.

Runs `claimcheck matrix --json` over a corpus and writes the page.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from . import build, flags, matrix_page, output, paths
from .errors import HARNESS, HELD, VIOLATION, Failure


def arguments(argv: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = flags.parser(
        "matrix", "Write one page with all that claimcheck matrix finds: per "
        "release and rule a case\nthat triggers it, one that narrowly avoids "
        "it, and the rules it overrides.",
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
    parser.add("--release", help="that release only (default: each)")
    parser.add_argument("--fault", metavar="ID",
                        help="on a stub with that planted fault")
    parser.add("--build-dir")
    return parser.parse_args(argv)


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
    for name in ("release", "fault"):
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


def parse(text: str) -> list[dict[str, Any]]:
    """One object a release."""
    releases = [json.loads(line) for line in text.splitlines()]
    if not releases:
        raise Failure("claimcheck matrix printed nothing", HARNESS)
    return releases


def main(argv: list[str]) -> int:
    options = arguments(argv)
    code, text = run(set_up(options), options)
    releases = parse(text)
    if options.json:
        write(options.json, text)
    write(options.html, matrix_page.render(releases))
    for release in releases:
        print(f"release {release['release']}: "
              + ("complete" if release["complete"] else "something is missing")
              + f", {release['violations']} violations")
    print(options.html)
    return code


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    output.write_whole(path, text)
