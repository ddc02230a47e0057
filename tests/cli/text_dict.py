#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The words of dicts/fuzz_text.dict are those of `claimcheck ops`.

    tests/cli/text_dict.py CLAIMCHECK            compare
    tests/cli/text_dict.py CLAIMCHECK --update   write them anew
"""

import pathlib
import re
import subprocess
import sys

DICT = pathlib.Path(__file__).resolve().parents[2] / "dicts/fuzz_text.dict"
BEGIN, END = "# words:begin\n", "# words:end\n"
VALUE = re.compile(r"[a-z0-9.:_^!-]+|0x[0-9a-f]+")


def section(text, title):
    """The rows of a table, each split where two blanks or more are."""
    rows = text.split(f"{title}\n", 1)[1].split("\n\n", 1)[0].splitlines()
    return [re.split(r" {2,}", row.strip()) for row in rows]


def words(text):
    """All names and values, sorted."""
    found = set()
    for row in section(text, "Operations"):
        found.add(row[1] + " ")
        arguments = row[3] if len(row) > 3 else ""
        found |= {f" {pair.split()[0]}=" for pair in arguments.split(", ")
                  if pair}
    for row in section(text, "Kinds of arguments"):
        found |= set(VALUE.findall(row[-1])) - {"computed"}
    for title in ("Bases of page counts", "Names of commands", "Releases"):
        found |= {row[1] for row in section(text, title)} - {"(number)"}
    return sorted(found)


def main():
    ops = subprocess.run([sys.argv[1], "ops"], check=True,
                         stdout=subprocess.PIPE).stdout.decode()
    lines = "".join(f'"{word}"\n' for word in words(ops))
    old = DICT.read_text()
    head, rest = old.split(BEGIN)
    new = head + BEGIN + lines + END + rest.split(END)[1]
    if sys.argv[2:] == ["--update"]:
        DICT.write_text(new)
    elif new != old:
        sys.exit(f"{DICT}: differs from claimcheck ops; update it with\n"
                 f"  {sys.argv[0]} CLAIMCHECK --update")


if __name__ == "__main__":
    main()
