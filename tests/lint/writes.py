#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Only one module of the scripts' package opens files for writing, so that
what is written is whole or not there.

    tests/lint/writes.py
"""

from __future__ import annotations

import ast
import pathlib
import unittest
from typing import Iterator

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "scripts/lib/claimcheck"
WRITERS = {
    "output.py",
    "locks.py",  # the lock's own file
}
# Methods of paths, and functions of modules, that write.
METHODS = {"write_text", "write_bytes", "touch"}
FUNCTIONS = {("os", "open"), ("tempfile", "mkstemp"),
             ("tempfile", "NamedTemporaryFile")}


def mode_of(call: ast.Call, position: int) -> str:
    """The mode of an open(); "?" if it is not written there."""
    nodes = [k.value for k in call.keywords if k.arg == "mode"]
    nodes += call.args[position:position + 1]
    if not nodes:
        return "r"
    return str(nodes[0].value) if isinstance(nodes[0], ast.Constant) else "?"


def writes(source: str) -> Iterator[int]:
    """Lines that open a file for writing."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id == "open":
            if mode_of(node, 1).strip("rbt"):
                yield node.lineno
        elif isinstance(called, ast.Attribute):
            owner = called.value.id if isinstance(called.value, ast.Name) \
                else ""
            if called.attr in METHODS or (owner, called.attr) in FUNCTIONS:
                if "O_RDWR" in ast.unparse(node) and "CREAT" not in \
                        ast.unparse(node) or "O_WRONLY" in ast.unparse(node):
                    continue  # a device that is there
                yield node.lineno
            elif called.attr == "open" and mode_of(
                    node, 1 if owner in ("gzip", "tarfile") else 0) in (
                        "w", "wb", "a", "ab", "x", "w+", "r+"):
                yield node.lineno


class Writes(unittest.TestCase):
    def test_package(self) -> None:
        files = sorted(PACKAGE.glob("*.py"))
        self.assertGreater(len(files), 30)
        found = [f"{file.name}:{line}" for file in files
                 if file.name not in WRITERS
                 for line in writes(file.read_text(encoding="utf-8"))]
        self.assertEqual(found, [], "use claimcheck.output instead")

    def test_each_way_is_seen(self) -> None:
        for bad in ('open(f, "w")', 'open(f, mode="ab")', "open(f, how)",
                    'f.write_text("")', 'f.write_bytes(b"")', "f.touch()",
                    'f.open("w")', 'gzip.open(f, "wb")',
                    "os.open(f, os.O_RDWR | os.O_CREAT)",
                    "tempfile.mkstemp()"):
            self.assertEqual(list(writes(bad)), [1], bad)
        for good in ("open(f)", 'open(f, "rb")', "tarfile.open(f)",
                     'gzip.open(f)', 'os.open("/dev/kvm", os.O_RDWR)'):
            self.assertEqual(list(writes(good)), [], good)


if __name__ == "__main__":
    unittest.main()
