# SPDX-License-Identifier: MIT
"""The page on argument validation, from the JSON of `claimcheck matrix`.

Per release: a table of rules, the order of the checks of each kind of call,
and the program of each witness. Not here: getting the JSON (matrix.py), and
how a page looks (templates/).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from .page import Content, node, page, table

# One object of claimcheck matrix --json: a release.
Release = dict[str, Any]
Rule = dict[str, Any]
Witness = dict[str, Any]

RULE_COLUMNS: list[Content] = ["rule", "row", "says", "result", "evaluated",
                               "decided", "witness", "near miss"]


def render(releases: list[Release]) -> str:
    """The whole page."""
    parts: list[Content] = [node("h1", "Argument validation"),
                            overview(releases)]
    for release in releases:
        parts.append(node("h2", f"Release {release['release']}",
                          id=f"release-{release['release']}"))
        parts.append(rules(release))
        parts.extend(precedence(release))
    parts.append(node("h2", "Programs"))
    for release in releases:
        parts.extend(programs(release))
    return page("claimcheck matrix", *parts)


def overview(releases: list[Release]) -> Element:
    """What ran, and on which releases something is missing."""
    runs = sum(release["runs"] for release in releases)
    violations = sum(release["violations"] for release in releases)
    cases = max((release["runs"] for release in releases), default=0)
    rows = [node("tr", node("td", link(f"release-{release['release']}",
                                       release["release"])),
                 node("td", str(release["runs"])),
                 node("td", str(release["violations"])),
                 node("td", "complete") if release["complete"] else
                 node("td", "something is missing", class_="missing"))
            for release in releases]
    return node("div",
                node("p", f"{cases} cases, {runs} runs, "
                     f"{violations} violations."),
                table(["release", "runs", "violations", "matrix"], rows))


# ---- rules ----

def rules(release: Release) -> Element:
    """Each rule: what it says and returns, how often, its two cases."""
    return table(RULE_COLUMNS, [rule_row(release, rule)
                                for rule in release["rules"]])


def rule_row(release: Release, rule: Rule) -> Element:
    """One rule."""
    return node("tr", *(node("td", text) for text in (
        rule["id"], rule["row"], rule["text"], rule["result"] or "-",
        str(rule["evaluated"]), str(rule["decided"]))),
        witness_cell(release, rule), near_miss_cell(release, rule))


def witness_cell(release: Release, rule: Rule) -> Element:
    """A case that triggers the rule."""
    if rule["witness"]:
        cell = node("td", link(anchor(release, "witness", rule["id"]),
                               "witness"))
        if rule["cannot"]:  # it must not have decided
            cell.set("class", "missing")
            cell.set("title", rule["cannot"])
        return cell
    if rule["cannot"]:
        return node("td", rule["cannot"], class_="cannot")
    return node("td", "none", class_="missing")


def near_miss_cell(release: Release, rule: Rule) -> Element:
    """A case that narrowly avoids it."""
    if rule["near_miss"]:
        return node("td", link(anchor(release, "near-miss", rule["id"]),
                               "near miss"))
    if rule["no_near_miss"]:
        return node("td", rule["no_near_miss"], class_="cannot")
    if rule["witness"]:
        return node("td", "none", class_="missing")
    return node("td", "-")


# ---- the order of checks ----

def precedence(release: Release) -> Iterator[Element]:
    """For each kind of call, which of two rules decides."""
    families = dict.fromkeys(family for rule in release["rules"]
                             for family in rule["families"])
    pairs = {(pair["wins"], pair["over"]): pair for pair in release["pairs"]}
    met = {name for names, pair in pairs.items() if not pair["cannot"]
           for name in names}
    for family in families:
        members = [rule["id"] for rule in release["rules"]
                   if family in rule["families"] and rule["id"] in met]
        yield node("h3", f"Order of checks: {family}")
        yield node("p", "A call that violates both is decided by the rule of "
                   "the row, not by that of the column.")
        yield grid(release, members, pairs)


def grid(release: Release, members: list[str],
         pairs: dict[tuple[str, str], dict[str, Any]]) -> Element:
    """Each against each."""
    head: list[Content] = [""]
    head += [node("th", node("span", name)) for name in members]
    return table(head, [
        node("tr", node("th", first),
             *(pair_cell(release, pairs.get((first, second)))
               for second in members))
        for first in members], class_="grid")


def pair_cell(release: Release, pair: dict[str, Any] | None) -> Element:
    """Who wins, and the case that shows it."""
    if pair is None:
        return node("td")
    if pair["cannot"]:
        return node("td", "cannot", class_="cannot", title=pair["cannot"])
    if pair["witness"] is None:
        return node("td", "none", class_="missing")
    return node("td", link(anchor(release, "pair", pair["wins"],
                                  pair["over"]), "wins"))


# ---- programs ----

def programs(release: Release) -> Iterator[Element]:
    """The programs that the tables above link to."""
    for rule in release["rules"]:
        if rule["witness"]:
            yield program(anchor(release, "witness", rule["id"]),
                          f"{release['release']} {rule['id']}",
                          rule["witness"])
        if rule["near_miss"]:
            yield program(anchor(release, "near-miss", rule["id"]),
                          f"{release['release']} {rule['id']} avoided",
                          rule["near_miss"], ", one argument changed")
    for pair in release["pairs"]:
        if pair["witness"] and not pair["cannot"]:
            yield program(
                anchor(release, "pair", pair["wins"], pair["over"]),
                f"{release['release']} {pair['wins']} before {pair['over']}",
                pair["witness"])


def program(name: str, title: str, witness: Witness,
            note: str = "") -> Element:
    """One program up to the step that matters."""
    return node("section", node(
        "h4", f"{title}: {witness['file']}, step {witness['step']}{note}"),
        node("pre", witness["program"]), id=name)


# ---- links ----

def anchor(release: Release, *parts: str) -> str:
    """The id of a place on the page."""
    return "-".join((parts[0], release["release"], *parts[1:]))


def link(target: str, text: str) -> Element:
    return node("a", text, href=f"#{target}")
