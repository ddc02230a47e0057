# SPDX-License-Identifier: MIT
"""The page on argument validation, from the JSON of `claimcheck matrix`: what
was reviewed, the verdict, how to read it; then the chapters.

Not here: getting the JSON (matrix.py), the chapters (matrix_rules.py,
matrix_fields.py, matrix_order.py, matrix_cases.py), and how a page looks
(templates/).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from . import matrix_cases, matrix_fields, matrix_order, matrix_rules
from .matrix_data import Release, link, listed, releases_text, wanted
from .page import Content, node, page, table

# Of what is missing, so many are named for each release.
NAMED = 12

CHAPTERS = (("rules", "Rules and releases"), ("fields", "By field"),
            ("order", "Order of the checks"), ("cases", "Cases"))

TOTALS: tuple[tuple[str, str, str], ...] = (
    ("witnessed", "in_release", "rules with a witness"),
    ("near_misses", "near_required", "near misses"),
    ("pairs_witnessed", "pairs", "pairs in order"),
    ("values_tried", "values", "classes of values tried"))

READ: tuple[tuple[str, str], ...] = (
    ("Rule", "A reason for which a call ends with a certain result, as "
     "docs/rules.md lists them: the check of an argument, or one of the ends "
     "of a call that passed all checks."),
    ("Witness", "A call that the rule decides: it passed every rule before. "
     "A number in a grid says how often that happened, and leads to the "
     "case."),
    ("Near miss", "The same program with one argument of that call changed, "
     "so that the rule is evaluated and lets the call pass: the check "
     "refuses no more than it must."),
    ("Precedence", "A call that violates two rules, decided by the first: "
     "the checks are made in the order that the rules have."),
    ("Class of values", "Values of a field that a reader would tell apart. "
     "For each: what came back, and by which rule; what was accepted is "
     "marked."),
)


@dataclass
class About:
    """What the page says of its making."""
    tool: str
    commit: str
    command: str
    corpus: str
    date: str


def render(releases: list[Release], about: About) -> str:
    """The whole page; the releases as they shall stand, newest first."""
    cases = matrix_cases.Cases(releases)
    return page(
        "Argument validation - claimcheck",
        node("header",
             node("h1", "Argument validation of Xen's memory-claim calls"),
             node("p", "Which checks there are, in which order they are made, "
                  "which were exercised, and what got past them.",
                  class_="lead")),
        node("main", *opening(releases, about), contents(),
             *chapter("rules", *matrix_rules.chapter(releases, cases)),
             *chapter("fields", *matrix_fields.chapter(releases)),
             *chapter("order", *matrix_order.chapter(releases, cases)),
             *chapter("cases", *cases.chapter(releases))))


def chapter(name: str, *content: Content) -> Iterator[Element]:
    yield node("section", node("h2", dict(CHAPTERS)[name], id=name), *content,
               class_=f"chapter-{name}")


def contents() -> Element:
    return node("nav", *(link(name, title) for name, title in CHAPTERS),
                aria_label="Chapters")


# ---- opening ----

def opening(releases: list[Release], about: About) -> Iterator[Element]:
    """What was reviewed, the verdict, how to read it."""
    cases = max((release["runs"] for release in releases), default=0)
    runs = sum(release["runs"] for release in releases)
    yield node("dl", *pairs([
        ("Tool", about.tool), ("Commit", about.commit),
        ("Command", node("code", about.command)),
        ("Corpus", f"{about.corpus}: {cases} cases, each run on every "
         f"release ({runs} runs)"),
        ("Run on", releases[0]["on"]),
        ("Rules of", "Xen " + ", ".join(release["release"]
                                        for release in releases)),
        ("Date", about.date)]), class_="about")
    yield verdict(releases)
    yield totals(releases)
    yield why_fewer(releases)
    yield node("h2", "How to read it", id="reading")
    yield node("dl", *pairs(READ), class_="reading")
    yield node("p", "After each step, result and counters were compared with "
               "a reference model of the rules. " + limits(releases[0]["on"])
               + "Everything here is computed from the corpus; nothing is "
               "written by hand.", class_="note")


def limits(hypervisor: str) -> str:
    """What the page does not speak of."""
    if hypervisor != "stub":
        return ""
    return ("The calls were made on the stub hypervisor of claimcheck: the "
            "page does not speak of a Xen binary. The same cases can be run "
            "on one (docs/live.md). ")


def pairs(rows: Iterable[tuple[str, Content]]) -> Iterator[Element]:
    for term, says in rows:
        yield node("div", node("dt", term), node("dd", says))


def verdict(releases: list[Release]) -> Element:
    """Complete, or what is missing."""
    failing = sum(release["violations"] for release in releases)
    lacking = [release for release in releases if not release["complete"]]
    if not failing and not lacking:
        return node("p", node("strong", "Complete. "),
                    "Every rule that a release has decided a call, every one "
                    "that can be avoided narrowly was, every pair of checks "
                    "that one call can violate was seen in its order, every "
                    "class of values was tried, and no case failed.",
                    class_="verdict")
    box = node("div", node("p", node("strong", "Not complete. "),
                           f"{failing} runs failed; something is missing in "
                           f"{len(lacking)} of {len(releases)} releases."),
               class_="verdict missing")
    for release in releases:
        for what, names in missing(release):
            more = len(names) - NAMED
            box.append(node("p", f"{release['release']}, {what}: "
                            + listed(names[:NAMED])
                            + (f", and {more} more" if more > 0 else "")))
    return box


def missing(release: Release) -> Iterator[tuple[str, list[str]]]:
    """What is required and not there, by what it is."""
    found = {
        "no witness": [rule["id"] for rule in release["rules"]
                       if not rule["cannot"] and not rule["decided"]],
        "no near miss": [rule["id"] for rule in release["rules"]
                         if matrix_rules.lacks_near_miss(rule)],
        "decided, though it cannot": [
            rule["id"] for rule in release["rules"]
            if rule["cannot"] and rule["decided"]],
        "order not seen": [f"{pair['wins']} before {pair['over']}"
                           for pair in wanted(release)
                           if not pair["witness"]],
        "not tried": [f"{value['call']}: {value['field']}: {value['values']}"
                      for value in release["fields"]
                      if not value["outcomes"]]}
    for what, names in found.items():
        if names:
            yield what, names


def totals(releases: list[Release]) -> Element:
    """A line for each release."""
    rows = []
    for release in releases:
        count = release["totals"]
        cells = [node("th", release["release"], scope="row"),
                 node("td", f"{count['in_release']} of {count['rules']}")]
        for part, whole, _ in TOTALS:
            cell = node("td", f"{count[part]} of {count[whole]}")
            if count[part] != count[whole]:
                cell.set("class", "missing")
            cells.append(cell)
        cells.append(node("td", str(release["violations"]),
                          **({"class_": "missing"} if release["violations"]
                             else {})))
        rows.append(node("tr", *cells))
    return node("div", table(
        ["release", "rules in it", *(says for _, _, says in TOTALS),
         "failed runs"], rows, class_="totals"), class_="wide")


def joined(names: list[str]) -> list[str | Element]:
    """Links to rules, and the verb; of many only the ends."""
    links: list[str | Element] = [link(f"rule-{name}", name)
                                  for name in names]
    if not links[1:]:
        return [links[0], " is"]
    if not links[2:]:
        return [links[0], " and ", links[1], " are"]
    return [links[0], " to ", links[-1], f" ({len(links)} rules) are"]


def why_fewer(releases: list[Release]) -> Element:
    """The same totals everywhere: why not every rule counts in a release."""
    absent: dict[tuple[str, str], list[str]] = {}
    for release in releases:
        for rule in release["rules"]:
            if rule["cannot"]:
                absent.setdefault((rule["id"], rule["cannot"]), []).append(
                    release["release"])
    count = len(releases[0]["rules"])
    says = node("p", f"{count} rules are known (model/rules.def). A release "
                "is held to those that it has.", class_="note")
    alike: dict[tuple[str, str], list[str]] = {}
    for (name, why), where in absent.items():
        alike.setdefault((releases_text(where, releases), why),
                         []).append(name)
    for (where_text, why), names in alike.items():
        says.append(node("span", " ", *joined(names), f" not in {where_text} "
                         f"({why})."))
    return says
