# SPDX-License-Identifier: MIT
"""The chapter of cases: the program of each witness with the result of every
step, once for all that it shows in all releases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

from .matrix_data import (Release, Rule, Witness, link, order_of,
                          releases_text)
from .page import Content, node

RELEASE = re.compile(r" release=\S+")
RECORDS = re.compile(r" records=\S+")  # how bytes are stored: not read here

# Rule that decides, file, program without the release, results.
Key = tuple[str, str, str, tuple[str | None, ...]]


@dataclass
class Case:
    """A program, and what its last step shows."""
    name: str
    rule: str
    witness: Witness
    releases: list[str] = field(default_factory=list)
    over: dict[str, list[str]] = field(default_factory=dict)  # by the loser
    near: list[Witness] = field(default_factory=list)


def text_of(witness: Witness) -> str:
    """The program as it is shown: for any release."""
    host, _, steps = str(witness["program"]).partition("\n")
    return RECORDS.sub("", RELEASE.sub("", host)) + "\n" + steps.rstrip("\n")


def key_of(rule: str, witness: Witness) -> Key:
    return (rule, witness["file"], text_of(witness),
            tuple(witness["results"]))


class Cases:
    """All witnesses, those that are the same program put together."""

    def __init__(self, releases: list[Release]) -> None:
        self.all: dict[Key, Case] = {}
        for release in releases:
            for rule in release["rules"]:
                if rule["witness"]:
                    case = self.add(release, rule["id"], rule["witness"])
                    if rule["near_miss"] and not case.near:
                        case.near.append(rule["near_miss"])
            for pair in release["pairs"]:
                if pair["witness"] and not pair["cannot"]:
                    case = self.add(release, pair["wins"], pair["witness"])
                    case.over.setdefault(pair["over"], []).append(
                        release["release"])

    def add(self, release: Release, rule: str, witness: Witness) -> Case:
        """The case of this witness, which may be there already."""
        key = key_of(rule, witness)
        if key not in self.all:
            number = sum(case.rule == rule for case in self.all.values())
            self.all[key] = Case(f"case-{rule}-{number + 1}", rule, witness)
        case = self.all[key]
        if release["release"] not in case.releases:
            case.releases.append(release["release"])
        return case

    def name(self, rule: str, witness: Witness) -> str:
        """The id of the place on the page where the rule decides it."""
        return self.all[key_of(rule, witness)].name

    def chapter(self, releases: list[Release]) -> Iterator[Element]:
        yield node("p", "Each step with what it returned. ",
                   node("mark", "The last step", class_="decides"),
                   " is the call that the rule decides; the rules over which "
                   "it decides are violated as well, and lose. Of a near "
                   "miss, ",
                   node("mark", "the argument that was changed"),
                   " is marked.")
        rules: dict[str, Rule] = {rule["id"]: rule
                                  for rule in releases[0]["rules"]}
        for rule in rules.values():
            own = [case for case in self.all.values()
                   if case.rule == rule["id"]]
            if own:
                yield node("h3", link(f"rule-{rule['id']}", rule["id"]),
                           f" {rule['row']}: {rule['text']}")
            for case in own:
                yield shown(case, rules, releases)


def shown(case: Case, rules: dict[str, Rule],
          releases: list[Release]) -> Element:
    """One case."""
    made = node("article", node(
        "h4", f"{case.witness['file']}, step {case.witness['step']}",
        node("small", " " + releases_text(case.releases, releases)
             .replace("any release", "every release"))), id=case.name)
    if case.over:
        made.append(overridden(case, rules, releases))
    made.append(program(case.witness))
    for near in case.near:
        made.append(node("p", f"Near miss: {changed(case.witness, near)}",
                         class_="near"))
        made.append(node("pre", *last_call(case.witness, near)))
    return made


def overridden(case: Case, rules: dict[str, Rule],
               releases: list[Release]) -> Element:
    """The rules that the call violates as well, and that lose."""
    both = [family for family in rules[case.rule]["families"]
            if all(family in rules[loser]["families"] for loser in case.over)]
    says = node("p", link(order_of(both[0]) if both else "order",
                          "Decides over"), " ")
    for number, (loser, where) in enumerate(case.over.items()):
        some = "" if where == case.releases else \
            f"; in {releases_text(where, releases)}"
        says.append(node("span", "; " if number else "",
                         link(f"rule-{loser}", loser),
                         f" ({rules[loser]['text']}{some})"))
    return says


def program(witness: Witness) -> Element:
    """Its lines, numbered, each with its result; the last one marked."""
    host, *steps = text_of(witness).split("\n")
    lines: list[Content] = [f"    {host}\n"]
    for number, (step, result) in enumerate(
            zip(steps, witness["results"]), 1):
        line = f"{number:2}  {returned(step, result)}"
        last = number == witness["step"]
        lines += [node("mark", line, class_="decides") if last else line,
                  "\n"]
    return node("pre", *lines)


def returned(step: str, result: str | None) -> str:
    return f"{step:<24} = {result}" if result is not None else \
        f"{step:<24}   no call: there is nothing to do"


def changed(witness: Witness, near: Witness) -> str:
    """What was changed, in words."""
    if near["changed"] == "llc":
        return "the same on a host with the other setting of LLC colouring"
    return f"the same with another {near['changed']} in the last step"


def last_call(witness: Witness, near: Witness) -> Iterator[Content]:
    """The last call of a near miss, and its host if that is another; with
    what differs marked."""
    was, now = (text_of(one).split("\n") for one in (witness, near))
    if now[0] != was[0]:
        yield "    "
        yield from marked(was[0], now[0])
        yield "\n"
    yield f"{near['step']:2}  "
    yield from marked(was[-1], now[-1])
    yield f" = {near['results'][-1]}"


def marked(was: str, now: str) -> Iterator[Content]:
    """The words of a line; those that the other has not are marked."""
    before = was.split()
    for number, word in enumerate(now.split()):
        yield " " if number else ""
        yield word if word in before else node("mark", word)
