# SPDX-License-Identifier: MIT
"""Writing files: whole or not at all. Nothing else in this package opens a
file for writing (tests/lint/writes.py).

Not here: where files lie (paths.py), who may write there (locks.py).
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
import tempfile
import time
from pathlib import Path
from typing import BinaryIO, Literal

from . import paths
from .errors import BAD_INPUT, HARNESS, Failure

NEW = ".new-"  # begins the name of a file that is not whole yet


def write_whole(path: Path, data: bytes | str) -> None:
    """Write a file so that nobody, not even after kill -9 or on a full disk,
    sees half of it: beside its place, then renamed. A link stays one, a device
    or pipe (--html /dev/stdout) is what it was, and a file that was there
    keeps its mode."""
    path = Path(path).resolve()
    if isinstance(data, str):
        data = data.encode()
    if path.exists() and not path.is_file():
        scratch(path, data)
        return
    new = path.with_name(NEW + secrets.token_hex(8))
    try:
        with open(new, "xb") as out:
            out.write(data)
            out.flush()
            if path.exists():
                os.fchmod(out.fileno(), stat.S_IMODE(path.stat().st_mode))
            os.fsync(out.fileno())
        os.replace(new, path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def stream(path: Path, mode: Literal["wb", "ab"] = "wb") -> BinaryIO:
    """A file that grows while somebody works: the log of a process, or
    scratch. What is cut off is no loss there."""
    return open(path, mode)


LOG_MAX = 64 << 20  # bytes; of a process that goes on for weeks


def rotate(log: Path) -> None:
    """Keep the log of the process before as LOG.1, and no older one."""
    if log.is_file():
        log.replace(log.with_name(log.name + ".1"))


def scratch(path: Path, data: bytes | str) -> None:
    """A file that nobody reads after us."""
    with stream(path) as out:
        out.write(data.encode() if isinstance(data, str) else data)


# Reasons that lie in what the user named; all others lie in the machine.
NOT_A_FOLDER = (errno.ENOTDIR, errno.EEXIST)


def require_writable(folder: Path, what: str) -> None:
    """Make the folder and prove by writing that it can hold new files."""
    try:
        Path(folder).mkdir(parents=True, exist_ok=True)
        probe_write(folder)
        sweep(folder)
    except OSError as error:
        raise Failure(f"{what} {folder}: {error.strerror or error}",
                      BAD_INPUT if error.errno in NOT_A_FOLDER else HARNESS
                      ) from None


# Far longer than any file takes to be written.
STALE_SECONDS = 3600


def sweep(folder: Path) -> None:
    """Remove what a write_whole() left that was killed."""
    for file in Path(folder).glob(NEW + "*"):
        try:
            if time.time() - file.stat().st_mtime > STALE_SECONDS:
                file.unlink()
        except FileNotFoundError:
            pass  # somebody else's, whole by now


# More than a page, so that a disk with only small slack left counts as full.
PROBE_BYTES = 64 * 1024


def probe_write(folder: Path) -> None:
    """Raise OSError if a file cannot be written in this folder now.

    The engines drop inputs without a word when a write fails, so the scripts
    ask by themselves. Permission bits say nothing when the user is root.
    """
    with tempfile.TemporaryFile(dir=folder) as probe:
        probe.write(b"\0" * PROBE_BYTES)
        probe.flush()
        os.fsync(probe.fileno())


# Names that tell contents: the whole hash, which engines give, perhaps after
# the kind of finding; or its first digits after a description (names.py).
BY_HASH = re.compile(r"^(?:[a-z]+-)?([0-9a-f]{40})$|-([0-9a-f]{16})$")


def misnamed(folder: Path) -> list[Path]:
    """Files whose names tell another content than they have: an engine's
    write that a full disk or a kill cut short, or damage since."""
    wrong = []
    for file, data in paths.contents(folder):
        if match := BY_HASH.search(file.name):
            digits = match[1] or match[2]
            if not paths.content_name(data).startswith(digits):
                wrong.append(file)
    return wrong


# Far longer than an engine takes from a file's name to its contents.
SETTLE_SECONDS = 2


def mend(folder: Path) -> list[Path]:
    """Give misnamed files of a corpus their true names, and remove those of
    them that are empty; what was mended. Whatever an input holds, it is one:
    nothing is lost. Another campaign's files that are just being written are
    left alone."""
    wrong = misnamed(folder)
    if not wrong:
        return []
    time.sleep(SETTLE_SECONDS)
    wrong = [file for file in misnamed(folder) if file in wrong]
    for file in wrong:
        data = file.read_bytes()
        if data:
            file.rename(file.with_name(paths.content_name(data)))
        else:
            file.unlink()
    return wrong
