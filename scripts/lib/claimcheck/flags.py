# SPDX-License-Identifier: MIT
"""The command lines of all scripts: one kind of parser, and the flags that
several of them share. A flag of one script only stands in that script.

A bad flag or value ends with exit code 2, by argparse.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import SupportsWrite

from . import paths
from .errors import Failure


def number(text: str) -> int:
    """A positive whole number, for argparse."""
    # isdecimal() alone takes digits of other scripts, too.
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(
            f"{text}: expected a whole number, 1 or more")
    return int(text)


# What each shared flag takes. A script may say more, or otherwise, in add().
SHARED: dict[str, dict[str, Any]] = {
    "--target": dict(
        action="append", metavar="T",
        help="only this target (may be repeated); default: all"),
    "--seconds": dict(type=number, metavar="N"),
    "--runs": dict(type=number, metavar="N", default=0),
    "--seed": dict(type=number, metavar="S"),
    "--release": dict(metavar="R"),
    "--nodes": dict(
        type=number, metavar="N", default=1,
        help="NUMA nodes of the host, with one CPU each (default 1)"),
    "--time-limit": dict(type=number, metavar="S"),
    "--build-dir": dict(
        type=Path, metavar="DIR",
        help="use the programs in DIR; install and build nothing"),
    "--corpus": dict(
        type=Path, metavar="DIR", default=paths.CORPUS,
        help="found inputs: DIR/TARGET (default build/corpus)"),
    "--out": dict(type=Path, metavar="DIR"),
}


class Parser(argparse.ArgumentParser):
    """A parser whose help keeps its line breaks, and which takes no
    abbreviated flags: `--see` must not mean another flag tomorrow."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("formatter_class", argparse.RawTextHelpFormatter)
        super().__init__(allow_abbrev=False, **kwargs)

    def _print_message(self, message: str,
                       file: SupportsWrite[str] | None = None) -> None:
        """Not as argparse does, which hides that nobody could hear."""
        (file or sys.stderr).write(message)

    def add(self, *names: str, **changes: Any) -> Parser:
        """Add shared flags; `changes` go before what SHARED says."""
        for name in names:
            self.add_argument(name, **{**SHARED[name], **changes})
        return self


def parser(script: str, description: str, exits: str = "",
           **kwargs: Any) -> Parser:
    """The parser of scripts/SCRIPT; exits: what its exit codes mean."""
    return Parser(prog=f"scripts/{script}", description=description,
                  epilog=f"Exit: {exits}." if exits else None, **kwargs)


def targets(options: argparse.Namespace) -> list[str]:
    """Those there are; a --build-dir of somebody's own may have others."""
    return (options.build_dir and options.target) or paths.targets()


def chosen(wanted: list[str] | None, known: Iterable[str],
           what: str) -> list[str]:
    """What a repeated flag asked for, each once; all if it was not given."""
    known = list(known)
    for name in wanted or []:
        if name not in known and name != "all":
            raise Failure(f"unknown {what} {name}, expected one of: "
                          f"{', '.join(known)}")
    if not wanted or "all" in wanted:
        return known
    return list(dict.fromkeys(wanted))
