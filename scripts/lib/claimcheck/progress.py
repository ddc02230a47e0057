# SPDX-License-Identifier: MIT
"""Live progress: one line a target, redrawn on a terminal, else repeated."""

from __future__ import annotations

import os
import re
import sys
import time
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from .campaign import Campaign

EVERY_TERMINAL = 1.0  # seconds
EVERY_LOG = 5.0
LOG_WIDTH = 100
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


def line(campaign: Campaign, seconds: float, width: int = 80) -> str:
    """One campaign as one line, which fits; what tells least goes first."""
    limit = f"/{clock(seconds)}" if seconds else ""
    runs = campaign.runs
    rate = runs / campaign.took if campaign.took >= 1 else 0
    # (how soon it goes, text)
    parts = [(0, f"{campaign.target:<16}"), (1, clock(campaign.took) + limit),
             (4, f"runs {count(runs)}"), (3, f"{count(rate)}/s"),
             (5, f"cov {campaign.best('cov')}"),
             (7, f"ft {campaign.best('features')}"),
             (6, f"corpus {campaign.best('corpus')}"),
             (8, f"steps {count(campaign.counted['steps'])}"),
             (2, f"last new {time.time() - campaign.last_new:.0f} s ago"),
             (0, verdict(campaign))]
    parts = [part for part in parts if not part[1].endswith(" 0")]
    while len(joined(parts)) > width and max(parts)[0]:
        parts.remove(max(parts))
    text = joined(parts)
    if len(text) > width:
        end = " " + verdict(campaign)
        text = text[:max(0, width - len(end))].rstrip() + end[-width:]
    return text


def joined(parts: list[tuple[int, str]]) -> str:
    return " ".join(text for _, text in parts)


def verdict(campaign: Campaign) -> str:
    found = len({finding.signature for finding in campaign.findings})
    return f"FOUND {found}" if found else "ok"


RED, GREEN, PLAIN = "\x1b[31m", "\x1b[32m", "\x1b[0m"


def coloured(text: str) -> str:
    """The verdict at the end of a line."""
    head, space, word = text.rpartition(" ok")
    if space and not word:
        return f"{head} {GREEN}ok{PLAIN}"
    return re.sub(r"FOUND \d+$", lambda m: f"{RED}{m[0]}{PLAIN}", text)


class Progress:
    """Prints the lines of a group of campaigns as often as is useful."""

    def __init__(self, seconds: float, out: TextIO = sys.stdout) -> None:
        self.seconds = seconds
        self.out = out
        self.terminal = out.isatty()
        self.every = EVERY_TERMINAL if self.terminal else EVERY_LOG
        self.next = time.monotonic() + FIRST
        self.drawn = 0
        # https://no-color.org: set, whatever to.
        self.colours = (self.terminal and not os.environ.get("NO_COLOR")
                        and os.environ.get("TERM") != "dumb")

    def width(self) -> int:
        """Columns; one less, since some terminals wrap at the last."""
        try:
            return max(10, os.get_terminal_size(self.out.fileno()).columns - 1)
        except (OSError, ValueError):
            return LOG_WIDTH

    def show(self, group: list[Campaign], last: bool = False) -> None:
        now = time.monotonic()
        if not last and now < self.next:
            return
        self.next = now + self.every
        lines = [line(campaign, self.seconds, self.width())
                 for campaign in group]
        if self.colours:
            lines = [coloured(text) for text in lines]
        if self.terminal:
            if self.drawn:
                self.out.write(f"\x1b[{self.drawn}A")
            self.out.write("".join(f"\x1b[2K{text}\n" for text in lines))
            self.drawn = 0 if last else len(lines)
        else:
            self.out.write("".join(text + "\n" for text in lines))
        self.out.flush()
