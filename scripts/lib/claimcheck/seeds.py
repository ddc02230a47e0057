# SPDX-License-Identifier: MIT
"""Seeds: the hand-made cases of corpus/<target>/, turned into bytes.

A .claim file is text and is converted by `claimcheck bytes`; any other file is
taken as bytes. Converted files are kept and made again only when the text or
the converter is newer. A target that takes text (paths.TEXT_TARGETS) gets its
files as they are. Targets of text and of whole programs have litmus tests and
their like besides: nearly every planted fault is found by one of them, before
anything is mutated.
"""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from . import output, paths
from .errors import Failure


# What a target has besides its own folder.
MORE = {"fuzz_text": ("litmus", "regress"),
        "fuzz_sequence": ("litmus", "matrix", "regress")}
# What `claimcheck bytes` says of a case that is only possible as text.
NO_BYTES = "has no bytes"
BATCH = 500  # cases a process
TAIL = 5  # lines of one that failed


def prepare(root: Path, target: str, out: Path,
            claimcheck: Path) -> list[Path]:
    """Fill folder `out` with the seeds of a target, root/target; return the
    files.

    An absent or empty source, or a file that does not convert, is an error:
    a fuzzer that starts from nothing would look the same from outside.
    """
    as_text = target in paths.TEXT_TARGETS
    files = {file: seed_name(root if as_text or name != target
                             else root / name, file, as_text)
             for name in (target, *MORE.get(target, ()))
             if (root / name).is_dir()
             for file in paths.files_in(root / name)}
    if not files:
        raise Failure(f"{root / target}: no seeds there, expected .claim or "
                      "byte files")
    output.require_writable(out, "seed folder")
    wanted = unique({file: out / name for file, name in files.items()})
    for stale in paths.files_in(out):
        if stale not in wanted:
            stale.unlink()
    texts = {}
    for seed, file in wanted.items():
        if file.suffix != ".claim" or as_text:
            copy(file, seed)
        elif not is_fresh(file, seed, claimcheck):
            texts[seed] = file
    problems = convert(texts, claimcheck)
    if problems:
        raise Failure("\n".join(["seeds do not convert:"] + problems))
    if not any(seed.stat().st_size for seed in wanted if seed.exists()):
        raise Failure(f"{root / target}: all seeds are empty")
    return sorted(seed for seed in wanted if seed.exists())


def seed_name(source: Path, file: Path, as_text: bool) -> str:
    """A flat name: folders become part of it, the suffix of text that is
    converted goes."""
    path = file.relative_to(source)
    if path.suffix == ".claim" and not as_text:
        path = path.with_suffix("")
    return "-".join(path.parts)


def unique(names: dict[Path, Path]) -> dict[Path, Path]:
    """{seed: its source}; two sources of one name are an error: one of them
    would be lost."""
    sources: dict[Path, Path] = {}
    for file, seed in names.items():
        if seed in sources:
            raise Failure(f"{file}: its seed {seed.name} would have the name "
                          f"of that of {sources[seed]}, expected another "
                          "name")
        sources[seed] = file
    return sources


def copy(file: Path, out: Path) -> None:
    """A seed that is taken as it is, if it is not there already."""
    data = file.read_bytes()
    if not out.exists() or out.read_bytes() != data:
        output.write_whole(out, data)


def is_fresh(file: Path, out: Path, claimcheck: Path) -> bool:
    """Was it made of this text by this converter?"""
    newest = max(file.stat().st_mtime, claimcheck.stat().st_mtime
                 if claimcheck.exists() else 0)
    return out.exists() and out.stat().st_mtime > newest


def convert(wanted: dict[Path, Path], claimcheck: Path) -> list[str]:
    """{seed: its source}, by few processes: one costs as much as hundreds of
    cases; what went wrong. A case that has no bytes, because its host is too
    large, is left out."""
    batches: dict[Path, list[Path]] = {}
    for seed, file in wanted.items():
        # In one folder no two have the same name.
        batches.setdefault(file.parent, []).append(seed)
    problems = []
    for batch in batches.values():
        for at in range(0, len(batch), BATCH):
            problems += convert_batch({seed: wanted[seed] for seed in
                                       batch[at:at + BATCH]}, claimcheck)
    return problems


def convert_batch(wanted: dict[Path, Path], claimcheck: Path) -> list[str]:
    """The same, of files of different names, by one process."""
    # Beside the seeds, not among them: an engine reads folders in folders.
    beside = next(iter(wanted)).parent.parent
    with tempfile.TemporaryDirectory(prefix=output.NEW,
                                     dir=beside) as scratch:
        try:
            done = subprocess.run(
                [claimcheck, "bytes", *wanted.values(), "-o", scratch],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT)
        except FileNotFoundError:
            return [f"{claimcheck}: not built"]
        said = done.stdout.decode("utf-8", "replace").splitlines()
        problems = []
        for seed, file in wanted.items():
            made = Path(scratch) / file.stem
            about = [line for line in said if line.startswith(f"{file}:")]
            if made.exists() and not about:
                made.replace(seed)
            elif not about:
                problems.append("\n".join([
                    f"{file}: exit code {done.returncode}, nothing said of it",
                    *said[-TAIL:]]))
            elif not any(NO_BYTES in line for line in about):
                problems += about
    return problems
