# SPDX-License-Identifier: MIT
"""How scripts/xen-vm ends when it is not COMMAND that ends it."""

from __future__ import annotations

import sys

from . import errors


class Failure(errors.Failure):
    """An end of this script that is not COMMAND's: exit code and message."""

    def __init__(self, text: str, code: int) -> None:
        super().__init__(text, code)
        self.booted = False


def say(text: str) -> None:
    print("xen-vm: " + text, file=sys.stderr, flush=True)
