# SPDX-License-Identifier: MIT
"""The byte format of a corpus: noted in it, checked, converted.

A fuzz target takes any bytes, so an input of another format would run and mean
something else; and an engine changes the header's version like any other byte,
so no input can tell which format it is of. So the folder says it, in the file
FORMAT beside the targets' folders. Text is the form that stays: conversion is
the old build's `claimcheck text`, then this build's `claimcheck bytes`.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from . import names, output, paths
from .errors import HARNESS, Failure

MARK = "FORMAT"
PATTERN = re.compile(r"\bbyte format (\d+)\s*$")
# A corpus without the mark was found before there was one, or by a service.
UNMARKED = 1


def of_build(claimcheck: Path) -> int:
    """The byte format a build reads and writes."""
    match = PATTERN.search(names.run(claimcheck, "--version"))
    if not match:
        raise Failure(f"{claimcheck} --version names no byte format", HARNESS)
    return int(match[1])


def of_corpus(corpus: Path) -> int:
    """The byte format of a corpus."""
    mark = corpus / MARK
    if not mark.is_file():
        return UNMARKED
    match = PATTERN.search(mark.read_text(errors="replace"))
    if not match:
        raise Failure(f"{mark}:1:1: expected 'byte format N'")
    return int(match[1])


def require(corpus: Path, claimcheck: Path) -> None:
    """Refuse a corpus of another format than this build's."""
    has, wanted = of_corpus(corpus), of_build(claimcheck)
    if has != wanted and holds_inputs(corpus):
        raise Failure(
            f"{corpus}: byte format {has}, this build has {wanted}; convert "
            f"it with a claimcheck of format {has}:\n  scripts/corpus convert "
            f"--old CLAIMCHECK {corpus} --corpus NEW")


def holds_inputs(corpus: Path) -> bool:
    """Is there anything but the mark?"""
    return corpus.is_dir() and any(
        file != corpus / MARK for file in paths.files_in(corpus))


def note(corpus: Path, claimcheck: Path) -> None:
    """Require this build's format and write down that it is this."""
    require(corpus, claimcheck)
    mark = corpus / MARK
    if not mark.is_file() or of_corpus(corpus) != of_build(claimcheck):
        output.require_writable(corpus, "corpus")
        output.write_whole(
            mark, f"byte format {of_build(claimcheck)}\n".encode())


def convert(source: Path, target: str, old: Path, claimcheck: Path,
            folder: Path) -> int:
    """Put what is in source/target, of old's format, into `folder`; the
    number of files."""
    has = of_corpus(source)
    if of_build(old) != has:
        raise Failure(f"{old}: byte format {of_build(old)}, but {source} has "
                      f"{has}")
    files = [f for f in paths.files_in(source / target) if f.stat().st_size]
    if not files:
        raise Failure(f"{source / target}: no inputs there")
    output.require_writable(folder, "corpus")
    if target in paths.TEXT_TARGETS:  # its meaning stays
        put(files, target, folder, claimcheck)
        return len(files)
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        texts = names.to_text(files, old, scratch)
        made = scratch / "new"
        made.mkdir()
        names.run(claimcheck, "bytes", scratch / "text", "-o", made)
        new = paths.files_in(made)
        if len(new) != len(texts):
            raise Failure(f"{source / target}: {len(texts)} inputs became "
                          f"{len(new)}", HARNESS)
        put(new, target, folder, claimcheck)
    return len(files)


def put(files: list[Path], target: str, folder: Path,
        claimcheck: Path) -> int:
    """Put files into a corpus under names that say what they are, unless
    their contents are there already under any; how many were new."""
    there = {paths.content_name(data) for _, data in paths.contents(folder)}
    new = 0
    for file, name in names.give(files, target, claimcheck).items():
        data = file.read_bytes()
        digest = paths.content_name(data)
        if digest not in there:
            output.write_whole(folder / name, data)
            there.add(digest)
            new += 1
    return new
