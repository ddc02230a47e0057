# SPDX-License-Identifier: MIT
"""A page that shows how campaigns went: a table, plots, findings. One file of
HTML and SVG, without scripts. Not here: where the numbers come from
(history.py).
"""

from __future__ import annotations

import time
import xml.etree.ElementTree as xml
from collections.abc import Callable

from . import history, progress
from .campaign import name_of
from .findings import Filed
from .history import Line, Series
from .page import Content, node, page as whole, table

WIDTH, HEIGHT = 360, 120  # of a plot, in pixels
EDGE = 4
POINTS_MAX = 400  # of a plot: more cannot be seen

Point = tuple[float, float]


def page(lines: list[Line], found: list[Filed]) -> str:
    """The page of these lines of histories."""
    by_series: dict[Series, list[Line]] = {}
    for line in sorted(lines, key=lambda line: int(line["time"])):
        by_series.setdefault(history.series(line), []).append(line)
    newest = max((line["time"] for line in lines), default=0)
    parts: list[Content] = [
        node("h1", "claimcheck: campaigns"),
        node("p", f"As of {day(newest)}." if lines else "Nothing yet."),
        overview(by_series), node("h2", "Findings"), findings(found)]
    for key, its in by_series.items():
        parts += [node("h2", title(key)), plots(its)]
    return whole("claimcheck: campaigns", *parts)


def day(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds))


def title(key: Series) -> str:
    target, release, fault = key
    return name_of(target, fault, release)


def overview(by_series: dict[Series, list[Line]]) -> xml.Element:
    rows = []
    for (target, release, fault), its in by_series.items():
        line = its[-1]
        cells = [target, release or "as inputs say", fault or "",
                 progress.clock(line["total_seconds"]),
                 f"{line['campaigns']:,}", f"{line['total_runs']:,}",
                 f"{line['edges']:,}", f"{line['features']:,}",
                 f"{line['corpus']:,}", day(line["last_new"]),
                 f"{line['findings']:,}"]
        rows.append(node("tr", *(node("td", cell) for cell in cells)))
    return table(["target", "release", "fault", "time", "campaigns", "runs",
                  "edges", "features", "corpus", "last new feature",
                  "findings of the last campaign"], rows)


def findings(found: list[Filed]) -> xml.Element:
    if not found:
        return node("p", "None.")
    rows = [node("tr", *(node("td", cell) for cell in (
        one.signature, f"{one.count:,}", one.target, one.release or "",
        one.fault or "", one.first, one.last, state(one), one.detail)))
        for one in found]
    return table(["signature", "times", "target", "release", "fault",
                  "first seen", "last seen", "state", "detail"], rows)


def state(one: Filed) -> str:
    if one.gone:
        return f"does not fail in {one.gone}"
    return f"known: {one.known}" if one.known is not None else "open"


def plots(lines: list[Line]) -> xml.Element:
    """Of one series, side by side."""
    def points(value: Callable[[Line], float]) -> list[Point]:
        return [(line["time"], value(line)) for line in lines]

    return node("div", *(plot(name, points(value)) for name, value in (
        ("edges", lambda line: line["edges"]),
        ("features", lambda line: line["features"]),
        ("files of the corpus", lambda line: line["corpus"]),
        ("runs", lambda line: line["total_runs"]),
        ("runs a second", lambda line: line["runs"] / max(
            1, line["seconds"])),
        ("findings of a campaign", lambda line: line["findings"]),
        ("hours since the last new feature", lambda line: max(
            0, line["time"] - line["last_new"]) / 3600))))


def plot(name: str, points: list[Point]) -> xml.Element:
    """A line over time, from nought to its largest value."""
    points = points[::-(-len(points) // POINTS_MAX)] + points[-1:]
    begin, end = points[0][0], points[-1][0]
    top = max(value for _, value in points) or 1
    across, up = max(1, end - begin), HEIGHT - 2 * EDGE
    path = " ".join(
        f"{EDGE + (at - begin) / across * (WIDTH - 2 * EDGE):.1f},"
        f"{EDGE + up - value / top * up:.1f}" for at, value in points)
    drawn = node(
        "svg",
        node("rect", width=str(WIDTH), height=str(HEIGHT), fill="none",
             stroke="#999"),
        # A circle: a single point is no line.
        node("polyline", points=path, fill="none", stroke="#06c",
             **{"stroke-width": "1.5"}),
        node("circle", cx=path.split()[-1].split(",")[0],
             cy=path.split()[-1].split(",")[1], r="2.5", fill="#06c"),
        width=str(WIDTH), height=str(HEIGHT), role="img",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        **{"aria-label": f"{name}: {points[-1][1]:,.6g} at the end, "
           f"{top:,.6g} at most"})
    return node(
        "figure", node("figcaption", f"{name}: {points[-1][1]:,.6g}, at most "
                       f"{top:,.6g}"), drawn,
        node("div", f"{day(begin)} to {day(end)}"),
        style="display: inline-block; margin: 0.5em 1em 0.5em 0")
