# SPDX-License-Identifier: MIT
"""The end of a campaign, in words."""

from __future__ import annotations

import re
import shlex
import textwrap
from pathlib import Path

from . import paths, stats
from .campaign import Campaign
from .progress import count
from .worker import Finding

REPORT_LINES_SHOWN = 40
FILES_SHOWN = 3  # per signature
# The report's own command: it knows the release, the planted fault and what
# kind of bytes the target takes, but not where the file went since. Settings
# come before the program.
REPLAY = re.compile(r"^replay:\s+((?:\w+=\S+ )*)(?:\S*/)?(\w+)((?: \S+)*?) "
                    r"(?:'.*'|\S+)$")


def lines(campaign: Campaign, claimcheck: Path) -> list[str]:
    """The summary of one campaign; claimcheck: the CLI for replaying."""
    counted = campaign.counted
    took = campaign.took
    processes = len(campaign.workers)
    rate = campaign.runs / took if took else 0
    out = [
        f"== {campaign.target}: {took:.0f} s of {campaign.engine}, "
        f"{processes} process{'es' if processes > 1 else ''}",
        f"   runs        {campaign.runs:,} ({count(rate)}/s)",
        "   steps       " + (
            f"{counted['steps']:,}" if counted["processes"] else
            "not counted: no process wrote its counts"),
        f"   coverage    {campaign.best('cov')} edges"
        + (f", {campaign.best('features')} features"
           if campaign.best("features") else ""),
        f"   corpus      {campaign.corpus_after:,} files "
        f"({campaign.corpus_after - campaign.corpus_before:+}) in "
        f"{campaign.folders['corpus']}",
    ]
    if campaign.sanitized:
        out.append(f"   sanitized   {campaign.sanitized.told()} replayed with "
                   "ASan and UBSan")
    stability = [w.status.stability for w in campaign.workers
                 if w.status.stability is not None]
    if stability:
        out.append(f"   stability   {min(stability):g} %")
    # An engine that kills its processes takes the last counts with them.
    missed = campaign.runs - counted["runs"]
    if counted["processes"] and missed > 0:
        out.append(f"   counted     steps and what follows in "
                   f"{counted['runs']:,} runs, not in the last {missed:,}")
    if counted["torn"]:
        out.append(f"   torn        {counted['torn']} lines of the counts "
                   "could not be read")
    if counted["ops"]:
        out.append("   operations and their results")
        out += ["     " + text for text in
                stats.operations_table(counted["ops"])]
    met = {k: n for k, n in sorted(counted["weaknesses"].items()) if n}
    if met:
        out.append("   known weaknesses met")
        width = max(map(len, met))
        out += [f"     {name:<{width}}  {number:,}"
                for name, number in met.items()]
    if counted["rules"]:
        missed = [k for k, n in counted["rules"].items() if not n]
        out.append(f"   rules       {len(counted['rules']) - len(missed)} of "
                   f"{len(counted['rules'])} reached"
                   + (", not reached:" if missed else ""))
        out += textwrap.wrap(" ".join(missed), initial_indent=" " * 5,
                             subsequent_indent=" " * 5, width=79,
                             break_on_hyphens=False)
    out += violations(campaign.findings, claimcheck, campaign.target)
    found = {finding.file for finding in campaign.findings}
    earlier = [file for file in campaign.earlier if str(file) not in found]
    if earlier:
        out.append(f"   earlier     {len(earlier)} findings of earlier "
                   f"campaigns in {campaign.folders['crashes']}")
    out += [f"   error       {trouble}" for trouble in campaign.trouble]
    return out


def violations(findings: list[Finding], claimcheck: Path,
               target: str) -> list[str]:
    """What was found: signature, file, how to replay, and the report."""
    if not findings:
        return ["   violations  none"]
    out = [f"   violations  {len(findings)}"]
    by_signature: dict[str, list[Finding]] = {}
    for finding in findings:
        by_signature.setdefault(finding.signature, []).append(finding)
    for signature, same in by_signature.items():
        out.append(f"     {signature}")
        for finding in same[:FILES_SHOWN]:
            if finding.file:
                out.append(f"       file    {finding.file}")
                out.append("       replay  "
                           + replay(finding, claimcheck, target))
            else:
                out.append("       file    none was written")
        if len(same) > FILES_SHOWN:
            out.append(f"       and {len(same) - FILES_SHOWN} more files")
    for finding in findings[:1]:
        out.append(f"   report of {finding.signature}")
        out += ["     | " + text
                for text in finding.report[:REPORT_LINES_SHOWN]]
        if len(finding.report) > REPORT_LINES_SHOWN:
            out.append(f"     | ... the rest is in {finding.file}.txt")
    return out


def replay(finding: Finding, claimcheck: Path, target: str) -> str:
    """The command that shows this finding again, ready to be pasted."""
    settings, program, words = "", "claimcheck", ["replay"]
    if target in paths.TEXT_TARGETS:
        program, words = target, []
    for line in finding.report:
        if match := REPLAY.match(line.strip()):
            settings, program, words = match[1], match[2], match[3].split()
            break
    return settings + shlex.join(
        [str(claimcheck.parent / program), *words, finding.file])
