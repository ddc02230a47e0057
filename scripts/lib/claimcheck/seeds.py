# SPDX-License-Identifier: MIT
"""Seeds: the hand-made cases of corpus/<target>/, turned into bytes.

A .claim file is text and is converted by `claimcheck bytes`; any other file is
taken as bytes. Converted files are kept and made again only when the text or
the converter is newer. A target that takes text (paths.TEXT_TARGETS) gets its
files as they are, and litmus tests besides.
"""

from __future__ import annotations

import concurrent.futures
import subprocess
from pathlib import Path

from . import build, output, paths
from .errors import Failure


# What a target that takes text has besides its own folder.
MORE_TEXT = ("litmus", "regress")


def prepare(root: Path, target: str, out: Path,
            claimcheck: Path) -> list[Path]:
    """Fill folder `out` with the seeds of a target, root/target; return the
    files.

    An absent or empty source, or a file that does not convert, is an error:
    a fuzzer that starts from nothing would look the same from outside.
    """
    as_text = target in paths.TEXT_TARGETS
    names = (target, *MORE_TEXT) if as_text else (target,)
    files = {file: seed_name(root if as_text else root / name, file, as_text)
             for name in names if (root / name).is_dir()
             for file in paths.files_in(root / name)}
    if not files:
        raise Failure(f"{root / target}: no seeds there, expected .claim or "
                      "byte files")
    output.require_writable(out, "seed folder")
    wanted = unique({file: out / name for file, name in files.items()})
    for stale in paths.files_in(out):
        if stale not in wanted:
            stale.unlink()
    with concurrent.futures.ThreadPoolExecutor(build.cores()) as pool:
        problems = [p for p in pool.map(
            lambda pair: convert(pair[1], pair[0], claimcheck, as_text),
            wanted.items()) if p]
    if problems:
        raise Failure("\n".join(["seeds do not convert:"] + problems))
    if not any(seed.stat().st_size for seed in wanted):
        raise Failure(f"{root / target}: all seeds are empty")
    return sorted(wanted)


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


def convert(file: Path, out: Path, claimcheck: Path,
            as_text: bool = False) -> str | None:
    """One seed, if it is not there already; what went wrong, or None."""
    if file.suffix != ".claim" or as_text:
        data = file.read_bytes()
        if not out.exists() or out.read_bytes() != data:
            output.write_whole(out, data)
        return None
    newest = max(file.stat().st_mtime, Path(claimcheck).stat().st_mtime
                 if Path(claimcheck).exists() else 0)
    if out.exists() and out.stat().st_mtime > newest:
        return None
    made = out.with_name(output.NEW + out.name)
    try:
        done = subprocess.run([claimcheck, "bytes", file, "-o", made],
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
    except FileNotFoundError:
        return f"{claimcheck}: not built"
    if done.returncode != 0 or not made.exists():
        made.unlink(missing_ok=True)
        text = done.stdout.decode("utf-8", "replace").strip()
        return text or f"{file}: exit code {done.returncode}, nothing said"
    made.replace(out)
    return None
