# SPDX-License-Identifier: MIT
"""What the chapters of the page on argument validation share: the objects of
`claimcheck matrix --json`, and how releases and rules are named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from xml.etree.ElementTree import Element

from .page import node

Release = dict[str, Any]  # one object: a line of the JSON
Rule = dict[str, Any]
Pair = dict[str, Any]
Witness = dict[str, Any]

# Chapters of the rules, by what the names of rules begin with.
GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Entry of a hypercall", ("CALLER", "COMMAND", "CLAIM_COMPAT")),
    ("XENMEM_claim_pages", ("CLAIM",)),
    ("Reservation calls: front end for 32-bit callers", ("COMPAT",)),
    ("Reservation calls: front end", ("RESV",)),
    ("XENMEM_populate_physmap, XENMEM_increase_reservation",
     ("POPULATE", "ALLOC", "ASSIGN", "INCREASE")),
    ("XENMEM_decrease_reservation", ("DECREASE",)),
    ("XENMEM_current_reservation, XENMEM_maximum_reservation", ("QUERY",)),
    ("domctl", ("DOMCTL", "MAX", "AFFINITY", "INFO", "UNPAUSE", "CREATE",
                "DESTROY")),
    ("Claim sets, draft v7", ("SET7", "GET7")),
    ("Claim sets, draft v8", ("SET8", "GET8")),
    ("sysctl", ("SYSCTL", "PHYSINFO", "NUMAINFO")),
    ("Pages out of use", ("OFFLINE", "ONLINE", "BREAK")),
    ("Mappings, the hypervisor's own pages, extra pages",
     ("MAP", "UNMAP", "ANON", "EXTRA")),
    ("Contents of pages", ("WRITE",)),
    ("XENMEM_exchange", ("EXCHANGE",)))
OTHER = "Other rules"

# Kinds of calls, by the names that the JSON has for them.
TITLES = {
    "claim": "XENMEM_claim_pages",
    "reservation": "Populate, increase and decrease, 64-bit callers",
    "compat reservation": "Populate, increase and decrease, 32-bit callers",
    "query": "XENMEM_current_reservation, XENMEM_maximum_reservation",
    "domctl": "domctl", "sysctl": "sysctl", "any memory_op": "memory_op"}


def group_of(rule: str) -> str:
    """The title under which a rule stands."""
    first = rule.split("_")[0]
    return next((title for title, names in GROUPS
                 if first in names or rule in names), OTHER)


def wanted(release: Release) -> list[Pair]:
    """The pairs that one call can violate."""
    return [pair for pair in release["pairs"] if not pair["cannot"]]


def outcome(rule: Rule) -> str:
    """How a call ends that the rule decides: of "no list: EINVAL" the end."""
    return str(rule["text"]).rpartition(": ")[2]


def accepts(rule: Rule) -> bool:
    """Does the call that it decides succeed? "Claim is released, 0" does."""
    return bool(rule["end"]) or str(rule["text"]).endswith(" 0")


def title_of(calls: str) -> str:
    return TITLES.get(calls, calls)


def order_of(calls: str) -> str:
    """The id of the grid of that kind of call."""
    return "order-" + calls.replace(" ", "-")


def listed(words: Iterable[str]) -> str:
    return ", ".join(words)


def releases_text(names: Sequence[str], releases: list[Release]) -> str:
    """Some of the releases, in as few words as they need."""
    every = [release["release"] for release in releases]
    if len(names) == len(every):
        return "any release"
    ends = every.index(names[0]), every.index(names[-1])
    if len(names) > 2 and ends[1] - ends[0] + 1 == len(names):
        return f"{names[-1]} to {names[0]}"
    return listed(names)


def link(target: str, *text: str) -> Element:
    return node("a", *text, href=f"#{target}")
