# SPDX-License-Identifier: MIT
"""Exit codes of all scripts (docs/exit-codes.md), and how a script ends: by
its own result, a Failure, a signal, or an error of ours.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import traceback
import types
from collections.abc import Callable, Iterable, Iterator

from . import processes

HELD = 0
VIOLATION = 1
BAD_INPUT = 2  # bad usage or input: the user can change it
HARNESS = 3  # we failed ourselves: no space, a tool or a program of ours
CANNOT_RUN = 77  # something this machine lacks
SIGNALLED = 128  # plus the signal's number

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Failure(Exception):
    """Stops a script: the message is for people, the code for the caller."""

    def __init__(self, message: str, code: int = BAD_INPUT) -> None:
        super().__init__(message)
        self.code = code


class Stopped(BaseException):
    """A signal that asks us to end. Not an Exception: nobody goes on."""

    def __init__(self, number: int) -> None:
        self.name = signal.Signals(number).name
        self.code = SIGNALLED + number
        super().__init__(self.name)


def rank(code: int) -> int:
    """The worse a code, the lower."""
    order = [HARNESS, VIOLATION, BAD_INPUT]
    if code in order:
        return order.index(code)
    return 3 if code > SIGNALLED else {CANNOT_RUN: 4, HELD: 5}.get(code, 0)


def worst(*codes: int) -> int:
    """The one to end with if all of these apply."""
    return min(codes, key=rank)


class Ending:
    """What is known so far of how this script ends, for when it is stopped:
    it tells what it did not come to, and hides no violation."""

    def __init__(self) -> None:
        self.code = HELD
        self.left: list[str] = []

    def note(self, code: int) -> None:
        self.code = worst(self.code, code)

    def in_turn(self, names: Iterable[str]) -> Iterator[str]:
        """These names, one after the other; those from the one under way on
        are left if it ends early."""
        self.left = list(names)
        for name in list(self.left):
            yield name
            self.left.remove(name)


ending = Ending()


def run_main(name: str, main: Callable[[list[str]], int],
             argv: list[str]) -> int:
    """Call main(argv) and turn what it raises into a message and a code."""
    if None in (sys.stdout, sys.stderr):
        return HARNESS  # closed: nothing can be told
    for number in STOPPING:
        signal.signal(number, on_signal)
    processes.adopt_orphans()
    processes.wake_main()
    try:
        code = worst(guarded(f"scripts/{name}", main, argv), ending.code)
        if processes.ending():
            processes.wait_for_all()
        return code if flushed() else HARNESS
    except Stopped as stopped:  # while it was ending anyway
        return stopped.code


def on_signal(number: int, _frame: types.FrameType | None) -> None:
    """The first unwinds, while what we started is ended; the next ends us."""
    if processes.ending():
        os._exit(SIGNALLED + number)
    processes.end_all()
    raise Stopped(number)


def guarded(name: str, main: Callable[[list[str]], int],
            argv: list[str]) -> int:
    """The code of main(argv), whatever it raises."""
    try:
        return main(argv)
    except Failure as failure:
        return told(f"{name}: {failure}", failure.code)
    except SystemExit as end:  # argparse
        return end.code if isinstance(end.code, int) else HARNESS
    except Stopped as stopped:
        left = f"; not done: {', '.join(ending.left)}" if ending.left else ""
        return told(f"{name}: stopped by {stopped.name}{left}", stopped.code)
    except OSError as error:
        # A full disk or a read-only folder, met anywhere: say which file.
        return told(f"{name}: {describe(error)}", HARNESS)
    except subprocess.CalledProcessError as error:
        return told(f"{name}: {error.cmd[0]}: exit code {error.returncode}",
                    HARNESS)
    except Exception:
        return told(f"{name}: an error of this script:\n"
                    + traceback.format_exc(), HARNESS)


def told(text: str, code: int) -> int:
    """Say why it ends so; the code, if anybody can hear."""
    try:
        sys.stdout.flush()
        print(text, file=sys.stderr, flush=True)
    except OSError:
        return worst(HARNESS, code)
    return code


def flushed() -> bool:
    """Is all that was printed out? If not, the interpreter must not try once
    more, and end with a code of its own."""
    try:
        sys.stdout.flush()
        return True
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        try:
            print(f"stdout: {error.strerror}", file=sys.stderr)
        except OSError:
            pass
        return False


def describe(error: OSError) -> str:
    """An OSError as `file: reason`."""
    reason = error.strerror or str(error)
    return f"{error.filename}: {reason}" if error.filename else reason
