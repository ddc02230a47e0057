# SPDX-License-Identifier: MIT
"""Seeds: the hand-made cases of corpus/<target>/, turned into bytes.

A .claim file is text and is converted by `claimcheck bytes`; any other file is
taken as bytes. Converted files are kept and made again only when the text or
the converter is newer.
"""

from __future__ import annotations

import concurrent.futures
import subprocess
from pathlib import Path

from . import build, paths
from .errors import Failure


def prepare(source: Path, out: Path, claimcheck: Path) -> list[Path]:
    """Fill folder `out` with the seeds of folder `source`; return the files.

    An absent or empty source, or a file that does not convert, is an error:
    a fuzzer that starts from nothing would look the same from outside.
    """
    source, out = Path(source), Path(out)
    files = paths.files_in(source) if source.is_dir() else []
    if not files:
        raise Failure(f"{source}: no seeds there, expected .claim or byte "
                      "files")
    paths.require_writable(out, "seed folder")
    wanted = {out / seed_name(source, file): file for file in files}
    for stale in paths.files_in(out):
        if stale not in wanted:
            stale.unlink()
    with concurrent.futures.ThreadPoolExecutor(build.cores()) as pool:
        problems = [p for p in pool.map(
            lambda pair: convert(pair[1], pair[0], claimcheck),
            wanted.items()) if p]
    if problems:
        raise Failure("\n".join(["seeds do not convert:"] + problems))
    if not any(seed.stat().st_size for seed in wanted):
        raise Failure(f"{source}: all seeds are empty")
    return sorted(wanted)


def seed_name(source: Path, file: Path) -> str:
    """A flat name: folders become part of it, the text's suffix goes."""
    return "-".join(file.relative_to(source).with_suffix("").parts) if (
        file.suffix == ".claim") else "-".join(
            file.relative_to(source).parts)


def convert(file: Path, out: Path, claimcheck: Path) -> str | None:
    """One seed, if it is not there already; what went wrong, or None."""
    if file.suffix != ".claim":
        paths.write_whole(out, file.read_bytes())
        return None
    newest = max(file.stat().st_mtime, Path(claimcheck).stat().st_mtime
                 if Path(claimcheck).exists() else 0)
    if out.exists() and out.stat().st_mtime > newest:
        return None
    made = out.with_name(paths.NEW + out.name)
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
