# SPDX-License-Identifier: MIT
"""Releases and planted faults by name, as the sources list them: what is
misspelt is refused before anything is built.
"""

from __future__ import annotations

import difflib
import re

from . import paths
from .errors import Failure

RELEASE = re.compile(r'^(RELEASE|DRAFT)\(\w+, *"([^"]+)"', re.MULTILINE)
FAULT = re.compile(r"\bFAULT\((\w+),")
# A check of an argument has faults of its own; not each has all of them.
CHECK = re.compile(r"\bCHECK\((\w+), (\w+),")
KINDS = ("drop", "errno", "swap", "early")


def releases(*kinds: str) -> list[str]:
    """Of these kinds, RELEASE and DRAFT; of both without any."""
    text = (paths.ROOT / "hypervisor/releases.def").read_text()
    return [match[2] for match in RELEASE.finditer(text)
            if not kinds or match[1] in kinds]


def faults() -> list[str]:
    """All planted faults, and perhaps some that a build does not have."""
    names = []
    for file in sorted((paths.ROOT / "stub").glob("*.[cdh]*")):
        text = file.read_text()
        names += FAULT.findall(text)
        names += [f"{group}.{check}.{kind}" for group, check
                  in CHECK.findall(text) for kind in KINDS]
    return names


def require(what: str, name: str, known: list[str]) -> None:
    """A Failure that says which were meant."""
    if name in known:
        return
    near = difflib.get_close_matches(name, known, 3, 0.6)
    raise Failure(f"unknown {what} {name}, expected " + (
        f"for instance {' or '.join(near)}" if near
        else f"one of: {', '.join(known)}" if len(known) < 20
        else "one of those that `claimcheck faults` lists"))
