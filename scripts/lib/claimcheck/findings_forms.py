# SPDX-License-Identifier: MIT
"""Findings in the forms that services read: JSON, JUnit, SARIF, Markdown."""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from . import output, paths
from .campaign import Campaign, name_of
from .findings import Filed, folder_name

INVARIANTS = "harness/engine/invariants.def"
SARIF_SCHEMA = ("https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/"
                "schemas/sarif-schema-2.1.0.json")


@dataclass
class Done:
    """One campaign, in numbers."""

    target: str
    fault: str | None
    engine: str
    seconds: float
    runs: int
    edges: int
    corpus: int
    trouble: list[str]
    release: str | None = None

    @property
    def name(self) -> str:
        return name_of(self.target, self.fault, self.release)


def of(one: Campaign) -> Done:
    return Done(one.target, one.fault, one.engine, round(one.took, 1),
                one.runs, one.best("cov"), one.corpus_after, one.trouble,
                one.release)


def write_all(folder: Path, found: list[Filed], done: list[Done],
              version: str, last: bool = True) -> None:
    """findings.json, junit.xml, findings.sarif and summary.md in a folder; the
    last also where GitHub shows it, at the end."""
    output.require_writable(folder, "findings")
    for name, text in (("findings.json", as_json(found, done)),
                       ("junit.xml", junit(found, done)),
                       ("findings.sarif", sarif(found, version)),
                       ("summary.md", markdown(found, done))):
        output.write_whole(folder / name, text)
    shown = os.environ.get("GITHUB_STEP_SUMMARY")
    if shown and last:
        with output.stream(Path(shown), "ab") as out:
            out.write(markdown(found, done).encode())


def as_json(found: list[Filed], done: list[Done]) -> str:
    return json.dumps({"findings": [asdict(one) for one in found],
                       "campaigns": [asdict(one) for one in done]},
                      indent=2) + "\n"


def told(one: Filed) -> str:
    """One line for people."""
    return (f"{one.signature}: {one.detail or 'see the report'} "
            f"({one.target}{f', {one.fault}' if one.fault else ''}, "
            f"{one.count} times)")


def junit(found: list[Filed], done: list[Done]) -> str:
    """A test case for each campaign, and one for each finding."""
    cases = []
    for campaign in done:
        inner = "".join(f"<error message={quoteattr(text)}/>"
                        for text in campaign.trouble)
        cases.append(f'<testcase classname="fuzz" '
                     f'name={quoteattr(campaign.name)} '
                     f'time="{campaign.seconds:.1f}">{inner}</testcase>')
    for one in found:
        kind = ("failure" if one.known is None else "skipped")
        words = told(one) + (f": {one.known}" if one.known else "")
        cases.append(f'<testcase classname={quoteattr(one.target)} '
                     f'name={quoteattr(one.signature)}>'
                     f'<{kind} message={quoteattr(words)}/></testcase>')
    failures = sum(one.known is None for one in found)
    errors = sum(bool(one.trouble) for one in done)
    return ('<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<testsuite name="claimcheck" tests="{len(cases)}" '
            f'failures="{failures}" errors="{errors}" '
            f'skipped="{len(found) - failures}">\n'
            + "".join(f"{case}\n" for case in cases) + "</testsuite>\n")


def place_of(signature: str) -> tuple[str, int]:
    """Where the tree says what was broken: services want a place in it."""
    name = signature.split("/")[0]
    lines = (paths.ROOT / INVARIANTS).read_text().splitlines()
    for number, line in enumerate(lines, 1):
        if re.match(rf'INVARIANT\(\w+, "{re.escape(name)}"', line):
            return INVARIANTS, number
    return INVARIANTS, 1


def sarif(found: list[Filed], version: str) -> str:
    rules = sorted({one.signature.split("/")[0] for one in found})
    driver: dict[str, Any] = {
        "name": "claimcheck", "version": version,
        "rules": [{"id": name} for name in rules]}
    return json.dumps({
        "$schema": SARIF_SCHEMA, "version": "2.1.0",
        "runs": [{"tool": {"driver": driver},
                  "results": [result(one) for one in found]}]},
        indent=2) + "\n"


def result(one: Filed) -> dict[str, Any]:
    file, line = place_of(one.signature)
    made: dict[str, Any] = {
        "ruleId": one.signature.split("/")[0],
        "level": "error" if one.known is None else "note",
        "message": {"text": told(one)},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": file},
            "region": {"startLine": line}}}],
        # The same finding in the next run is the same alert.
        "partialFingerprints": {
            "signature": folder_name(one.signature)}}
    if one.known is not None:
        made["suppressions"] = [{"kind": "external",
                                 "justification": one.known}]
    return made


def markdown(found: list[Filed], done: list[Done]) -> str:
    lines = ["## claimcheck", "",
             "| campaign | seconds | runs | edges | corpus | |",
             "|---|---|---|---|---|---|"]
    lines += [f"| {one.name} | {one.seconds:.0f} | {one.runs:,} | "
              f"{one.edges:,} | {one.corpus:,} | "
              f"{cell('; '.join(one.trouble))} |" for one in done]
    lines += ["", "No findings." if not found else
              "| finding | times | by | |\n|---|---|---|---|"]
    lines += [f"| `{cell(one.signature)}` | {one.count:,} | {one.target} | "
              + (f"known: {cell(one.known)}" if one.known is not None
                 else cell(one.detail)) + " |" for one in found]
    return "\n".join(lines) + "\n\n"


def cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
