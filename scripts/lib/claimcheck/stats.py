# SPDX-License-Identifier: MIT
"""What the targets counted: the lines of the CLAIMCHECK_STATS file.

Each process appends JSON objects, one a line. A process that gives its "pid"
may write several, each replacing the one before (so that the count of a
process that was killed is known up to its last line); without "pid" a line
stands for a whole process.
"""

import json

NESTED = ("ops", "weaknesses", "rules")


def read(path):
    """Sum of all processes: {"runs", "steps", "ops", ...}, and torn lines.

    A missing file gives zeros: nothing was counted.
    """
    last = {}
    torn = 0
    try:
        with open(path, encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(lines):
                try:
                    entry = json.loads(line)
                    entry["runs"] = int(entry["runs"])
                except (ValueError, KeyError, TypeError):
                    torn += 1
                    continue
                last[entry.get("pid", -number - 1)] = entry
    except FileNotFoundError:
        pass
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
