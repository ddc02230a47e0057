# SPDX-License-Identifier: MIT
"""What the targets counted: the lines of the CLAIMCHECK_STATS files.

Each worker has a file of its own, because a line is longer than what one write
appends in one piece. Each process appends JSON objects, one a line. A process that gives its "pid"
may write several, each replacing the one before (so that the count of a
process that was killed is known up to its last line); without "pid" a line
stands for a whole process.
"""

import json

NESTED = ("ops", "weaknesses", "rules", "fault")


def entries(path):
    """The lines of one file as dicts, None for a torn one."""
    try:
        with open(path, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                try:
                    entry = json.loads(line)
                    entry["runs"] = int(entry["runs"])
                    yield entry
                except (ValueError, KeyError, TypeError):
                    yield None
    except FileNotFoundError:
        pass


def read(*files):
    """Sum of all processes: {"runs", "steps", "ops", ...}, and torn lines.

    A missing file gives zeros: nothing was counted.
    """
    last = {}
    torn = 0
    for path in files:
        for number, entry in enumerate(entries(path)):
            if entry is None:
                torn += 1
            else:
                last[path, entry.get("pid", -number - 1)] = entry
    total = {"runs": 0, "steps": 0, "processes": len(last), "torn": torn,
             **{name: {} for name in NESTED}}
    for entry in last.values():
        total["runs"] += entry["runs"]
        total["steps"] += int(entry.get("steps", 0))
        for name in NESTED:
            add(total[name], entry.get(name, {}))
    return total


def add(total, more):
    """Add counts into counts, to any depth."""
    for key, value in more.items():
        if isinstance(value, dict):
            add(total.setdefault(key, {}), value)
        else:
            total[key] = total.get(key, 0) + value


def operations_table(ops):
    """Lines `name  result count ...`, most frequent result first."""
    lines = []
    width = max((len(name) for name in ops), default=0)
    for name in sorted(ops):
        results = sorted(ops[name].items(), key=lambda kv: (-kv[1], kv[0]))
        cells = [f"{result} {count:,}" for result, count in results if count]
        lines.append(f"{name:<{width}}  " + ("  ".join(cells) or "never run"))
    return lines
