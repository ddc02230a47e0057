# SPDX-License-Identifier: MIT
"""Exit codes of all scripts, and the one exception that carries them."""

from __future__ import annotations

from collections.abc import Callable

HELD = 0
VIOLATION = 1
BAD_INPUT = 2  # bad usage or input, or the work could not be carried out
CANNOT_RUN = 77  # something this machine lacks


class Failure(Exception):
    """Stops a script: the message is for people, the code for the caller."""

    def __init__(self, message: str, code: int = BAD_INPUT) -> None:
        super().__init__(message)
        self.code = code


def run_main(name: str, main: Callable[[list[str]], int],
             argv: list[str]) -> int:
    """Call main(argv) and turn what it raises into a message and a code."""
    import sys

    try:
        return main(argv)
    except Failure as failure:
        print(f"scripts/{name}: {failure}", file=sys.stderr)
        return failure.code
    except KeyboardInterrupt:
        print(f"scripts/{name}: interrupted", file=sys.stderr)
        return BAD_INPUT
    except OSError as error:
        # A full disk or a read-only folder, met anywhere: say which file.
        print(f"scripts/{name}: {describe(error)}", file=sys.stderr)
        return BAD_INPUT


def describe(error: OSError) -> str:
    """An OSError as `file: reason`."""
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}" if error.filename else reason
