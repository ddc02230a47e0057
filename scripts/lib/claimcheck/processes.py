# SPDX-License-Identifier: MIT
"""The processes that a script started, and theirs, ended with it.

Not here: workers of a campaign, which end in order (worker.py).
"""

from __future__ import annotations

import _thread
import ctypes
import os
import signal
import sys
import threading
import time
from typing import Any

libc = ctypes.CDLL(None, use_errno=True)
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

# Interrupts a system call, and is ignored where nobody asked for it.
WAKE = signal.SIGURG
POLITE_SECONDS = 0.3  # from SIGTERM to SIGKILL
LOOK_SECONDS = 0.05
LOOKS = 200
# A package that is half installed is worse than a process that stays.
LEFT_ALONE = ("apt-get", "dpkg")


def adopt_orphans() -> None:
    """What our children leave behind becomes ours, so that it is found."""
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1)


def wake_main() -> None:
    """Python's signal handlers run in the main thread, but the kernel may give
    a signal to any thread, while the main one waits for a lock: for hours, if
    what it waits for is a job of another. So it is woken."""
    heard, told = os.pipe()
    os.set_blocking(told, False)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    signal.signal(WAKE, lambda *_: None)
    _thread.start_new_thread(wake, (heard, threading.get_ident()))


def wake(heard: int, main: int) -> None:
    while True:
        if set(os.read(heard, 64)) - {WAKE}:
            signal.pthread_kill(main, WAKE)


def die_with_parent() -> None:
    """In a child before exec: no orphan goes on fuzzing for hours."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def children() -> dict[int, list[tuple[int, str]]]:
    """{pid: its living children, with their names} of all processes."""
    found: dict[int, list[tuple[int, str]]] = {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8",
                      errors="replace") as stat:
                head, _, rest = stat.read().rpartition(")")
        except OSError:
            continue  # it has ended
        state, parent = rest.split()[:2]
        if state not in "ZX":
            found.setdefault(int(parent), []).append(
                (int(entry), head.partition("(")[2]))
    return found


def descendants() -> list[int]:
    """Our children, theirs, and so on; not below what is left alone."""
    below, found, todo = children(), [], [os.getpid()]
    while todo:
        for pid, name in below.get(todo.pop(), []):
            if name not in LEFT_ALONE:
                found.append(pid)
                todo.append(pid)
    return found


def send_all(number: int) -> None:
    for pid in descendants():
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


reaping = False


def ending() -> bool:
    """Has end_all() been called?"""
    return reaping


def end_all() -> None:
    """End all that runs, from now on until we end ourselves; other threads
    start nothing more, and end when they try.

    For signal handlers: the main thread may be starting a thread, or end one,
    and have the locks of the module threading. So this takes none of them."""
    global reaping
    reaping = True
    sys.addaudithook(start_no_more)
    _thread.start_new_thread(reap, ())


def start_no_more(event: str, _args: tuple[Any, ...]) -> None:
    if (event == "subprocess.Popen"
            and threading.get_ident() != threading.main_thread().ident):
        raise SystemExit(0)  # of this thread only, and in silence


def reap() -> None:
    send_all(signal.SIGTERM)
    time.sleep(POLITE_SECONDS)
    while True:
        send_all(signal.SIGKILL)
        time.sleep(LOOK_SECONDS)


def wait_for_all() -> None:
    """After end_all(), as the last thing: until nothing is left."""
    for _ in range(LOOKS):
        if not descendants():
            return
        time.sleep(LOOK_SECONDS)
