# SPDX-License-Identifier: MIT
"""Who may write into a folder: one campaign, one hunt, one care of a corpus.

The lock is the kernel's (flock), so that of a process that was killed is no
obstacle. Workers keep it, too: what they still write is not to be mixed with
the next campaign's.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shlex
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from .errors import BAD_INPUT, Failure

# For workers whose campaign was killed: they end within moments.
LOOKS, SECONDS_BETWEEN = 100, 0.1

held: list[int] = []  # descriptors, to be passed on to workers


@contextlib.contextmanager
def after_others(file: Path) -> Iterator[None]:
    """For work that is short, or that the next is glad of: it waits. `file`
    is the lock's own."""
    with open(file, "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def alone(*places: Path) -> Iterator[None]:
    """Hold the locks of folders or files; a Failure that says who does."""
    with contextlib.ExitStack() as stack:
        for place in places:
            stack.enter_context(one(place))
        yield


@contextlib.contextmanager
def one(place: Path) -> Iterator[None]:
    """The lock file lies beside the place, where no engine takes it for an
    input."""
    place.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(place.with_name(f".{place.name}.lock"),
                     os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        take(handle, place)
        held.append(handle)
        try:
            yield
        finally:
            held.remove(handle)
    finally:
        os.close(handle)


def take(handle: int, place: Path) -> None:
    """Lock it and write down who we are."""
    for _ in range(LOOKS):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            who = holder(handle)
            if is_alive(who):
                break_off(place, who, "")
        time.sleep(SECONDS_BETWEEN)
    else:
        break_off(place, who, ", which is gone, but not its workers")
    os.ftruncate(handle, 0)
    os.pwrite(handle, json.dumps({
        "pid": os.getpid(), "host": socket.gethostname(),
        "since": time.strftime("%Y-%m-%d %H:%M:%S"),
        "command": shlex.join(sys.argv)}).encode() + b"\n", 0)


def holder(handle: int) -> dict[str, object]:
    """What the holder wrote down; {} if it has not yet."""
    try:
        who = json.loads(os.pread(handle, 65536, 0))
    except ValueError:
        return {}
    return who if isinstance(who, dict) else {}


def is_alive(who: dict[str, object]) -> bool:
    """Of another machine, nobody here can know: then it is."""
    pid = who.get("pid")
    if not isinstance(pid, int) or who.get("host") != socket.gethostname():
        return bool(who)
    return Path(f"/proc/{pid}").exists()


def break_off(place: Path, who: dict[str, object], more: str) -> None:
    raise Failure(
        f"{place}: in use by process {who.get('pid', '?')} on "
        f"{who.get('host', '?')} since {who.get('since', '?')}{more}: "
        f"{who.get('command', '?')}", BAD_INPUT)
