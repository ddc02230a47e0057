# SPDX-License-Identifier: MIT
"""The chapter on the order of the checks: for each kind of call a grid of the
rules that one call can violate together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from .matrix_cases import Cases
from .matrix_data import (Pair, Release, Rule, link, order_of, outcome,
                          releases_text, title_of)
from .page import Content, node, table


@dataclass
class Met:
    """One pair of rules, in all releases."""
    seen: list[tuple[Release, Pair]] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    cannot: dict[str, str] = field(default_factory=dict)


Pairs = dict[tuple[str, str], Met]


def chapter(releases: list[Release], cases: Cases) -> Iterator[Element]:
    yield node("p", "A call that violates the rule of the row and that of the "
               "column was decided by the rule of the row; the mark leads to "
               "the case. ", node("b", "✓"), ": the results tell the two "
               "apart. ", node("b", "="), ": both give the same result, so "
               "that their order cannot be seen from outside; it is what the "
               "model says. An empty place: the two cannot meet in one call, "
               "or the column is checked first.")
    pairs = collect(releases)
    rules: dict[str, Rule] = {rule["id"]: rule
                              for rule in releases[0]["rules"]}
    for family in dict.fromkeys(name for rule in rules.values()
                                for name in rule["families"]):
        members = [name for name, rule in rules.items()
                   if family in rule["families"]]
        own = {names: met for names, met in pairs.items()
               if set(names) <= set(members)}
        yield node("h3", title_of(family), id=order_of(family))
        yield node("div", grid(members, own, rules, releases, cases),
                   class_="wide")
        yield from never(own, releases)


def collect(releases: list[Release]) -> Pairs:
    """Every pair, with what each release says of it."""
    pairs: Pairs = {}
    for release in releases:
        for pair in release["pairs"]:
            met = pairs.setdefault((pair["wins"], pair["over"]), Met())
            if pair["cannot"]:
                met.cannot[release["release"]] = pair["cannot"]
            elif pair["witness"]:
                met.seen.append((release, pair))
            else:
                met.unseen.append(release["release"])
    return pairs


def grid(members: list[str], pairs: Pairs, rules: dict[str, Rule],
         releases: list[Release], cases: Cases) -> Element:
    """Rows and columns that have a pair to show."""
    meet = [names for names, met in pairs.items() if met.seen or met.unseen]
    rows = [name for name in members if any(name == a for a, _ in meet)]
    columns = [name for name in members if any(name == b for _, b in meet)]
    head: list[Content] = [node("td", "decides ↓ over →")]
    head += [node("th", node("span", name), scope="col") for name in columns]
    return table(head, [
        node("tr", node("th", link(f"rule-{first}", first), scope="row"),
             *(cell((first, second), pairs.get((first, second)), rules,
                    releases, cases) for second in columns))
        for first in rows], class_="grid")


def cell(names: tuple[str, str], met: Met | None, rules: dict[str, Rule],
         releases: list[Release], cases: Cases) -> Element:
    """Was the first seen to decide over the second?"""
    if not met or not met.seen and not met.unseen:
        return node("td", class_="blank")
    if met.unseen:
        return node("td", "none in " + releases_text(met.unseen, releases),
                    class_="missing")
    pair = met.seen[0][1]
    same = outcome(rules[names[0]]) == outcome(rules[names[1]])
    where = releases_text([one["release"] for one, _ in met.seen], releases)
    return node("td", link(cases.name(names[0], pair["witness"]),
                           "=" if same else "✓"),
                title=f"{names[0]} before {names[1]}: seen in {where}")


def never(pairs: Pairs, releases: list[Release]) -> Iterator[Element]:
    """Pairs in order that no call of any release can violate together."""
    why: dict[str, list[str]] = {}
    for (first, second), met in pairs.items():
        if len(met.cannot) == len(releases):
            why.setdefault(next(iter(met.cannot.values())), []).append(
                f"{first} and {second}")
    if why:
        yield node("p", "Cannot meet in a call:", class_="note")
        yield node("ul", *(node("li", f"{', '.join(names)}: {reason}")
                           for reason, names in why.items()), class_="note")
