#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Files with hostile names: what is printed of them does nothing to a
terminal, a printed command does what it says when it is pasted, and in an
emitted program a name is a comment and nothing else.

    tests/cli/names.py CLAIMCHECK LIBFAIL
"""

from __future__ import annotations

import os
import re
import subprocess
import unittest

import failing
from failing import BROKEN, CLAIMCHECK, FAULT, GOOD

# With C code for a comment that ends too early.
CODE = b"int claimcheck_evil;"
NAMES = (
    b"it's a case", b"-o", b"--help", b"$(touch pwned)", b"`touch pwned`",
    b"a;touch pwned", b"two\nlines", b"ends\n", b"\x1b[31mred\x07",
    b"c1 \xc2\x9b31m", b"not utf8 \xff\xc3", b"\xe2\x80\xaertl",
    "Kötter".encode(), b"%s%n", b"back\\", b"??", b"\"quoted\"", b"~", b"#",
    b"x*/ " + CODE + b" /*", b"y\n" + CODE + b"\n", b"z??/\n" + CODE,
    b"\\\n" + CODE, b"*", b"tab\t", b" ",
)
# What must not reach a terminal.
RAW = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e"
                 "\u2066-\u2069]")


class Names(failing.Scratch):
    def setUp(self) -> None:
        super().setUp()
        os.chdir(self.folder)

    def file(self, name: bytes, text: str) -> bytes:
        if b"/" in name:
            os.makedirs(os.path.dirname(name), exist_ok=True)
        with open(name, "w", encoding="ascii") as file:
            file.write(text)
        return name

    def claimcheck(self, *args: str | bytes, code: int = 0) -> tuple[str, str]:
        done = subprocess.run([CLAIMCHECK, *map(os.fsencode, args)],
                              capture_output=True, check=False,
                              stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, code, (args, done.stderr))
        # Strict: all of it is UTF-8.
        out, err = done.stdout.decode(), done.stderr.decode()
        for text in (out, err):
            found = RAW.search(text)
            self.assertFalse(found, (args, found))
        return out, err

    def test_terminal(self) -> None:
        for name in NAMES:
            with self.subTest(name=name):
                path = b"./" + self.file(name, GOOD)
                out, _ = self.claimcheck("replay", "--trace", path)
                # A newline of a name begins no line.
                self.assertEqual(len([line for line in out.splitlines()
                                      if line.startswith("./")]), 2, out)
                self.claimcheck("replay", "--json", path)
                self.claimcheck("matrix", "--full", "--release", "4.17", path,
                                code=1)
                for form in ("--json", "--csv"):
                    self.claimcheck("matrix", form, "--release", "4.17", path,
                                    code=1)
                self.claimcheck("explain", path)
                self.claimcheck("diff", path, "4.17", "4.18")
                self.file(name, "not a case\n")
                for verb in ("text", "replay", "shrink", "matrix", "emit-c"):
                    _, err = self.claimcheck(verb, path, code=2)
                    self.assertIn(":1:1: ", err)
                self.claimcheck("text", name + b"/absent", code=2)
                os.unlink(name)

    def test_arguments(self) -> None:
        """What is quoted of a command's own words."""
        for word in ("\x1b[31m", "\u202e"):
            for args in ((word,), ("--" + word,), ("replay", "--on", word),
                         ("replay", "--fault", word, "x"),
                         ("generate", "--seed", word), ("ops", word),
                         ("--list", word), ("replay", "--on", f"/{word}.so",
                                            "x")):
                self.claimcheck(*args, code=2)

    def test_commands(self) -> None:
        for name in NAMES:
            with self.subTest(name=name):
                self.file(name, BROKEN)
                # As a path it may look like an option.
                _, err = self.claimcheck("replay", "--fault", FAULT, "--",
                                         name, code=1)
                commands = re.findall(
                    r"^(replay|shrink|as text): +(.*(?:\n'$)?)", err, re.M)
                self.assertEqual(len(commands), 3, err)
                for what, command in commands:
                    done = subprocess.run(["sh", "-c", command], check=False,
                                          capture_output=True)
                    self.assertEqual(done.returncode, what == "replay",
                                     (command, done.stderr))
                self.assertFalse(os.path.exists("pwned"))
                os.unlink(name)

    def test_emitted(self) -> None:
        os.mkdir("cases")
        for i, name in enumerate((*NAMES, b"x*/ " + CODE + b" /*.claim")):
            name = b"%d%s" % (i, name)
            self.file(b"cases/" + name, GOOD)
        out, _ = self.claimcheck("emit-c", "cases")
        programs = re.split(r"/\*\n \* (?=[^\n]*, made by)", out)[1:]
        self.assertEqual(len(programs), len(NAMES) + 1)
        # The comments of all, and what comes after them once.
        heads = ["/*\n * " + program.split("*/", 1)[0] + "*/\n"
                 for program in programs]
        source = "".join(heads) + programs[0].split("*/", 1)[1]
        for standard in ("-std=gnu11", "-trigraphs"):
            for options in (["-fsyntax-only"], ["-E"]):
                done = subprocess.run(
                    ["cc", "-Wall", "-Wextra", "-Werror", standard, *options,
                     "-x", "c", "-"], text=True, input=source,
                    capture_output=True, check=False)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertNotIn("claimcheck_evil", done.stdout)


if __name__ == "__main__":
    unittest.main()
