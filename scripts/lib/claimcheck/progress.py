# SPDX-License-Identifier: MIT
"""Live progress: one line a target, redrawn on a terminal, else repeated."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from .campaign import Campaign

EVERY_TERMINAL = 1.0  # seconds
EVERY_LOG = 5.0
FIRST = 2.0  # until then there is nothing to tell


def count(number: float) -> str:
    """A number people can read in a narrow column."""
    for least, size, unit in ((1e9, 1e9, "G"), (1e6, 1e6, "M"),
                              (1e4, 1e3, "k")):
        if number >= least:
            return f"{number / size:.1f}{unit}"
    return str(int(number))


def clock(seconds: float) -> str:
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return (f"{hours}:" if hours else "") + f"{minutes:02}:{seconds:02}"


def line(campaign: Campaign, seconds: float) -> str:
    """One campaign as one line."""
    limit = f"/{clock(seconds)}" if seconds else ""
    runs = campaign.runs
    rate = runs / campaign.took if campaign.took >= 1 else 0
    steps = campaign.counted["steps"]
    parts = [
        f"{campaign.target:<16} {clock(campaign.took)}{limit}",
        f"runs {count(runs)}", f"{count(rate)}/s",
        f"cov {campaign.best('cov')}",
        f"corpus {campaign.best('corpus')}",
    ]
    if campaign.best("features"):
        parts.insert(4, f"ft {campaign.best('features')}")
    if steps:
        parts.append(f"steps {count(steps)}")
    found = len(campaign.findings)
    parts.append(f"VIOLATIONS {found}" if found else "ok")
    return "  ".join(parts)


class Progress:
    """Prints the lines of a group of campaigns as often as is useful."""

    def __init__(self, seconds: float, out: TextIO = sys.stdout) -> None:
        self.seconds = seconds
        self.out = out
        self.terminal = out.isatty()
        self.every = EVERY_TERMINAL if self.terminal else EVERY_LOG
        self.next = time.monotonic() + FIRST
        self.drawn = 0

    def show(self, group: list[Campaign], last: bool = False) -> None:
        now = time.monotonic()
        if not last and now < self.next:
            return
        self.next = now + self.every
        lines = [line(campaign, self.seconds) for campaign in group]
        if self.terminal:
            if self.drawn:
                self.out.write(f"\x1b[{self.drawn}A")
            self.out.write("".join(f"\x1b[2K{text}\n" for text in lines))
            self.drawn = 0 if last else len(lines)
        else:
            self.out.write("".join(text + "\n" for text in lines))
        self.out.flush()
