# SPDX-License-Identifier: MIT
"""The chapter of rules: a row each, how often it decided in each release, and
whether it was avoided narrowly."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from xml.etree.ElementTree import Element

from .matrix_cases import Cases
from .matrix_data import Release, Rule, group_of, link
from .page import Content, node, table


def chapter(releases: list[Release], cases: Cases) -> Iterator[Element]:
    yield node("p", "A number is how often the rule decided a call of the "
               "corpus; it leads to a case. Rules that are checked first "
               "stand first. ", node("span", "not here", class_="cannot"),
               ": the release does not have the rule.")
    head: list[Content] = ["rule", "row", "says", "near miss"]
    head += [release["release"] for release in releases]
    rows = []
    for title, group in groupby(releases[0]["rules"],
                                lambda rule: group_of(rule["id"])):
        rows.append(node("tr", node("th", title, colspan=str(len(head)),
                                    scope="colgroup"), class_="group"))
        rows += [rule_row(releases, rule["id"], cases) for rule in group]
    yield node("div", table(head, rows, class_="rules"), class_="wide")


def rule_row(releases: list[Release], name: str, cases: Cases) -> Element:
    """One rule in all releases."""
    each = [find(release, name) for release in releases]
    return node(
        "tr", node("th", name, scope="row"), node("td", each[0]["row"]),
        node("td", each[0]["text"]),
        near_miss_cell(releases, each, cases),
        *(decided_cell(rule, cases) for rule in each),
        id=f"rule-{name}")


def find(release: Release, name: str) -> Rule:
    found: Rule = next(rule for rule in release["rules"]
                       if rule["id"] == name)
    return found


def decided_cell(rule: Rule, cases: Cases) -> Element:
    """How often it decided, and the case that shows it."""
    often = f"evaluated {rule['evaluated']} times"
    if rule["witness"]:
        cell = node("td", link(cases.name(rule["id"], rule["witness"]),
                               str(rule["decided"])), title=often)
        if rule["cannot"]:  # it must not have decided
            cell.set("class", "missing")
            cell.set("title", rule["cannot"])
        return cell
    if rule["cannot"]:
        return node("td", "not here", class_="cannot", title=rule["cannot"])
    return node("td", "none", class_="missing", title=often)


def lacks_near_miss(rule: Rule) -> bool:
    """Decided, a near miss is required, and there is none."""
    return bool(rule["witness"] and not rule["near_miss"]
                and not rule["no_near_miss"] and not rule["cannot"])


def near_miss_cell(releases: list[Release], each: list[Rule],
                   cases: Cases) -> Element:
    """What was changed to avoid it, in the newest release that has it."""
    lacking = [release["release"] for release, rule in zip(releases, each)
               if lacks_near_miss(rule)]
    if lacking:
        return node("td", "none in " + ", ".join(lacking), class_="missing")
    for release, rule in zip(releases, each):
        if rule["near_miss"]:
            return node("td", link(cases.name(rule["id"], rule["witness"]),
                                   rule["near_miss"]["changed"]))
    why = each[0]["no_near_miss"]
    return node("td", why or "-", class_="cannot")
