# SPDX-License-Identifier: MIT
"""The chapter by field: for each kind of call and each field of it the classes
of values that were tried, what came back, and by which rule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from xml.etree.ElementTree import Element

from .matrix_data import (Release, Rule, accepts, link, releases_text,
                          title_of)
from .page import Content, node, table

Key = tuple[str, str, str]  # call, field, values


@dataclass
class Outcome:
    """What one rule made of a class of values."""
    result: str
    first: str
    count: int
    releases: list[str] = field(default_factory=list)


@dataclass
class Value:
    """One class of values in all releases."""
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    tried: set[str] = field(default_factory=set)


def chapter(releases: list[Release]) -> Iterator[Element]:
    yield node("p", "Numbers are calls on the newest release that shows it; "
               "releases are named where not all show it. Other fields of "
               "the call may be wrong as well: then the rule that is checked "
               "first decides. ", node("span", "Underlined", class_="passed"),
               ": the call was accepted.")
    rules = {rule["id"]: rule for release in releases
             for rule in release["rules"]}
    values = collect(releases)
    for call, keys in groupby(values, lambda key: key[0]):
        yield node("h3", title_of(call))
        yield node("div", fields(list(keys), values, rules, releases),
                   class_="wide")


def collect(releases: list[Release]) -> dict[Key, Value]:
    """Every class of values, with what each release made of it."""
    values: dict[Key, Value] = {}
    for release in releases:
        for one in release["fields"]:
            value = values.setdefault(
                (one["call"], one["field"], one["values"]), Value())
            for found in one["outcomes"]:
                value.tried.add(release["release"])
                value.outcomes.setdefault(
                    found["rule"], outcome(found)).releases.append(
                        release["release"])
    return values


def outcome(found: dict[str, Any]) -> Outcome:
    result = found["result"]
    if found["most"]:
        result += f" to {found['most']}"
    return Outcome(result, f"{found['file']}, step {found['step']}",
                   found["count"])


def fields(keys: list[Key], values: dict[Key, Value],
           rules: dict[str, Rule], releases: list[Release]) -> Element:
    """The table of one kind of call."""
    head: list[Content] = ["field", "values", "what came back, by which rule"]
    rows = []
    for _, group in groupby(keys, lambda key: key[1]):
        members = list(group)
        for key in members:
            cells = [node("td", key[2]),
                     came_back(values[key], rules, releases)]
            if key == members[0]:
                cells.insert(0, node("th", key[1], scope="rowgroup",
                                     rowspan=str(len(members))))
            rows.append(node("tr", *cells, **(
                {"class_": "first"} if key == members[0] else {})))
    return table(head, rows, class_="fields")


def came_back(value: Value, rules: dict[str, Rule],
              releases: list[Release]) -> Element:
    """Results by rule, in the order of the checks."""
    untried = [release["release"] for release in releases
               if release["release"] not in value.tried]
    cell = node("td")
    if untried:
        cell.set("class", "missing")
        cell.append(node("span", "not tried in "
                         + releases_text(untried, releases)))
    order = list(rules)
    for name in sorted(value.outcomes, key=order.index):
        one = value.outcomes[name]
        where = ""
        has = [release["release"] for release in releases
               if not any(rule["id"] == name and rule["cannot"]
                          for rule in release["rules"])]
        if one.releases != has:
            where = ", " + releases_text(one.releases, releases)
        cell.append(node(
            "span", node("b", one.result), " ", link(f"rule-{name}", name),
            f" {one.count}{where}", title=f"first: {one.first}",
            class_="passed" if accepts(rules[name]) else "outcome"))
        cell[-1].tail = " "
    return cell
