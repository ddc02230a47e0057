# SPDX-License-Identifier: MIT
"""Running single inputs through a target, outside of any fuzzing."""

from __future__ import annotations

import subprocess
from pathlib import Path

from . import libfuzzer, tools
from .tools import Env
from .worker import Finding

BATCH = 200  # files a process; a process costs 30 ms, a run microseconds
SECONDS = 60  # for one file


def environment(env: Env | None) -> Env:
    """Ours, with the campaign's CLAIMCHECK_ variables: a replay wants reports
    with symbols, unlike afl-fuzz, and its runs are not counted."""
    own = {name: value for name, value in (env or {}).items()
           if name.startswith("CLAIMCHECK_") and name != "CLAIMCHECK_STATS"}
    return dict(tools.sanitizer_env(), **own)


def one(binary: Path, file: Path, env: Env | None = None) -> Finding | None:
    """Run one input: a Finding if it fails, else None. env: the campaign's."""
    try:
        done = subprocess.run(
            [*tools.steady_start(), binary, file], env=environment(env),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return Finding(str(file), "hang")
    if done.returncode == 0:
        return None
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    signature = f"exit code {done.returncode}"
    for line in lines:
        match = libfuzzer.SIGNATURE.match(line) or libfuzzer.SUMMARY.match(
            line)
        if match:
            signature = match[1].strip()
            break
    return Finding(str(file), signature, lines[:libfuzzer.REPORT_LINES])


def once(findings: list[Finding], crashes: Path) -> list[Finding]:
    """The same findings; of those in the folder of crashes one file of each
    signature stays, which the others name as theirs."""
    first: dict[str, Finding] = {}
    for finding in findings:
        kept = first.setdefault(finding.signature, finding)
        file = Path(finding.file)
        if kept.file != finding.file and file.parent == crashes:
            file.unlink(missing_ok=True)
            finding.file = kept.file
    return findings


def many(binary: Path, files: list[Path],
         env: Env | None = None) -> list[Finding]:
    """Findings among these files; each alone only where a batch fails."""
    findings = []
    files = [file for file in files if file.stat().st_size > 0]
    for at in range(0, len(files), BATCH):
        batch = files[at:at + BATCH]
        done = subprocess.run([*tools.steady_start(), binary, *batch],
                              env=environment(env),
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
        if done.returncode != 0:
            found = [one(binary, file, env) for file in batch]
            findings += [finding for finding in found if finding]
            if not any(found):
                findings.append(Finding(
                    str(batch[0]), f"exit code {done.returncode} when "
                    f"replayed with the {len(batch) - 1} files after it, "
                    "but not alone: state is left over"))
    return findings
