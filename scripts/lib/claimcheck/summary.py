# SPDX-License-Identifier: MIT
"""The end of a campaign, in words: a few lines for the screen, all of it in a
file, and the findings last.
"""

from __future__ import annotations

import itertools
import re
import shlex
import textwrap
from pathlib import Path

from . import output, paths, stats
from .campaign import Campaign
from .findings import Filed, Findings
from .progress import count
from .worker import Finding

FILE = "summary.txt"
LINES_MAX = 10  # of the findings
SETTING = re.compile(r"\w+=")  # before the program


def lines(campaign: Campaign, out: Path) -> list[str]:
    """The summary of one campaign for the screen; all of it in out/FILE."""
    short, tables = numbers(campaign), details(campaign)
    output.write_whole(out / FILE, "\n".join(short + tables) + "\n")
    return short + [f"   details     {out / FILE}"] + [
        f"   error       {trouble}" for trouble in campaign.trouble]


def numbers(campaign: Campaign) -> list[str]:
    counted = campaign.counted
    took = campaign.took
    processes = len(campaign.workers)
    rate = campaign.runs / took if took else 0
    out = [
        f"== {campaign.name}: {took:.0f} s of {campaign.engine}, "
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
    # Targets count programs: not inputs that are none of theirs. An engine
    # that kills its processes takes the last counts with them.
    missed = campaign.runs - counted["runs"]
    if counted["processes"] and missed > 0:
        out += [f"   not counted {missed:,} runs (steps, rules): no program "
                "of this", " " * 15 +
                "target's, or the engine killed the process"]
    if counted["torn"]:
        out.append(f"   torn        {counted['torn']} lines of the counts "
                   "could not be read")
    if counted["rules"]:
        reached = sum(n > 0 for n in counted["rules"].values())
        out.append(f"   rules       {reached} of {len(counted['rules'])} "
                   "reached")
    earlier = earlier_findings(campaign)
    if earlier:
        out.append(f"   earlier     {len(earlier)} findings of earlier "
                   f"campaigns in {campaign.folders['crashes']}")
    return out


def earlier_findings(campaign: Campaign) -> list[Path]:
    found = {finding.file for finding in campaign.findings}
    return [file for file in campaign.earlier if str(file) not in found]


def details(campaign: Campaign) -> list[str]:
    """What was reached, in tables."""
    counted = campaign.counted
    out = []
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
    missed = [k for k, n in counted["rules"].items() if not n]
    if missed:
        out.append("   rules not reached")
        out += textwrap.wrap(" ".join(missed), initial_indent=" " * 5,
                             subsequent_indent=" " * 5, width=79,
                             break_on_hyphens=False)
    for finding in campaign.findings:
        out.append(f"   report of {finding.signature}, {finding.file}")
        out += ["     | " + text for text in finding.report]
    return out


def findings(found: Findings, forms: Path) -> list[str]:
    """The findings of all campaigns, in LINES_MAX lines at most."""
    rows = [f"{row.place}: {row.signature} was known until {row.until}, and "
            "counts again" for row in found.expired]
    filed = sorted(found.filed.values(), key=lambda one: bool(one.known))
    if not filed:
        return rows + ["findings    none"]
    known = len(filed) - len(found.new)
    out = rows + [f"findings    {len(found.new)} new, {known} known, in "
                  f"{forms}"]
    left = LINES_MAX - 1
    each = 4 if len(filed) <= 2 else 2 if len(filed) <= 4 else 1
    for number, one in enumerate(filed):
        if left == 1 and number < len(filed) - 1:
            out.append(f"  and {len(filed) - number} more")
            break
        told = [f"  {one.signature}  {one.count:,} "
                f"time{'s' if one.count > 1 else ''}, {one.target}"
                + (f", known: {one.known}" if one.known else ""),
                f"    replay  {one.replay or 'no input was kept'}",
                f"    file    {one.input or 'none was written'}",
                f"    report  {one.report or 'none'}"]
        out += told[:each]
        left -= each
    return out


def replay(finding: Finding, claimcheck: Path, target: str) -> str:
    """The command that shows this finding again, ready to be pasted: the
    report's own knows the release, the planted fault and what kind of bytes
    the target takes, but not where the file went since."""
    if not finding.file:
        return ""
    words = finding.command("replay")[:-1]
    settings = list(itertools.takewhile(SETTING.match, words))
    program, *rest = words[len(settings):] or (
        [target] if target in paths.TEXT_TARGETS else ["claimcheck", "replay"])
    command = shlex.join([str(claimcheck.parent / Path(program).name), *rest,
                          finding.file])
    for word in reversed(settings):  # a quoted name would be none
        name, value = word.split("=", 1)
        command = f"{name}={shlex.quote(value)} {command}"
    return command


def replay_filed(one: Filed, finding: Finding, claimcheck: Path) -> str:
    """The same of the input that was kept."""
    kept = Finding(one.input, finding.signature, finding.report)
    return replay(kept, claimcheck, one.target)
