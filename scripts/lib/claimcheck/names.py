# SPDX-License-Identifier: MIT
"""Names of machine-found inputs that say what they are.

RELEASE-OPERATIONS-LENGTH-HASH, for instance 4.17-claim-destroy-12-0f3c5a...:
a function of the contents alone, so that a name is the same wherever and
whenever it is given, and equal contents never have two.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from . import output, paths
from .errors import HARNESS, Failure
from .paths import Word

OPERATIONS_SHOWN = 4
# Nearly every input has them, so they tell nothing of one.
COMMON = ("create", "max_mem")
HASH_DIGITS = 16


def give(files: Sequence[Path], target: str,
         claimcheck: Path) -> dict[Path, str]:
    """{file: name} for these files, by one run of `claimcheck text`. Those of
    a target that takes text need not be programs: their hash alone."""
    if target in paths.TEXT_TARGETS:
        return {file: paths.content_name(file.read_bytes()) for file in files}
    with tempfile.TemporaryDirectory() as scratch:
        texts = to_text(files, claimcheck, Path(scratch))
        return {file: name_of(text.read_text(), paths.content_name(
            file.read_bytes())) for file, text in texts.items()}


def name_of(text: str, digest: str) -> str:
    """The name of an input with this canonical text."""
    release = re.search(r"^host .*\brelease=(\S+)", text, re.M)
    words = []
    number = 0
    for line in text.splitlines()[1:]:
        if not line or line[0] == "#":
            continue
        number += 1
        word = line.split()[0]
        command = re.search(r"\bcmd=(\w+)", line)
        word = command[1] if command else word
        if word not in words and word not in COMMON:
            words.append(word)
    parts = [release[1] if release else "none", *words[:OPERATIONS_SHOWN],
             str(number), digest[:HASH_DIGITS]]
    return "-".join(parts)


def to_text(files: Sequence[Path], claimcheck: Path,
            scratch: Path) -> dict[Path, Path]:
    """{file: its canonical text as a file in scratch}."""
    bytes_dir, text_dir = scratch / "bytes", scratch / "text"
    bytes_dir.mkdir()
    text_dir.mkdir()
    texts = {}
    for number, file in enumerate(files):
        output.scratch(bytes_dir / str(number), file.read_bytes())
        texts[file] = text_dir / f"{number}.claim"
    run(claimcheck, "text", "--raw", bytes_dir, "-o", text_dir)
    lacking = [str(f) for f, text in texts.items() if not text.is_file()]
    if lacking:
        raise Failure(f"{claimcheck} text wrote nothing for {lacking[0]}",
                      HARNESS)
    return texts


def run(claimcheck: Path, *args: Word) -> str:
    """Run the CLI; its output. A failure of it is ours."""
    try:
        done = subprocess.run([claimcheck, *args], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
    except OSError as error:
        raise Failure(f"{claimcheck}: {error.strerror}") from None
    text = done.stdout.decode("utf-8", "replace")
    if done.returncode != 0:
        tail = "\n  ".join(text.splitlines()[-12:])
        raise Failure(f"{claimcheck} {args[0]}: exit code "
                      f"{done.returncode}\n  {tail}", HARNESS)
    return text
