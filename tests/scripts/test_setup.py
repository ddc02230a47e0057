# SPDX-License-Identifier: MIT
"""scripts/setup in a world of fake tools; bad usage of shell scripts."""

import shutil
import subprocess
import unittest

from helper import ROOT, InFolder


class Shell(unittest.TestCase):
    def code(self, *argv, **kwargs):
        done = subprocess.run([ROOT / argv[0], *argv[1:]],
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, **kwargs)
        return done.returncode, done.stdout.decode()

    def test_bad_usage(self):
        for script in ("setup", "test"):
            self.assertEqual(self.code(f"scripts/{script}", "--bogus")[0], 2)
        self.assertEqual(self.code("scripts/setup", "nogroup")[0], 2)
        self.assertEqual(self.code("scripts/test", "--jobs", "0")[0], 2)
        self.assertEqual(self.code("scripts/test", "--label")[0], 2)
        self.assertEqual(
            self.code("scripts/test", "--quick", "--nightly")[0], 2)
        self.assertEqual(
            self.code("scripts/test", "--compiler", "no-such-cc")[0], 2)


class Setup(InFolder):
    """scripts/setup in a world of fake tools, so that nothing is installed."""

    def setup_in(self, *args, **tools):
        bin_dir = self.dir / "bin"
        bin_dir.mkdir()
        for name in ("bash", "tr", "sort", "sed", "comm", "cat", "mktemp",
                     "rm", "env", "tail"):
            (bin_dir / name).symlink_to(str(shutil.which(name)))
        for name, text in tools.items():
            file = bin_dir / name.replace("_", "-")
            file.write_text("#!/usr/bin/env bash\n" + text + "\n")
            file.chmod(0o755)
        done = subprocess.run(
            ["/bin/bash", ROOT / "scripts/setup", *args],
            env={"PATH": str(bin_dir), "DIR": str(self.dir)},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout.decode()

    # All of group fuzz is there but llvm-14.
    QUERY = ("printf 'installed %s\\n' clang-14 libclang-rt-14-dev binutils;"
             " echo deinstall llvm-14; exit 1")

    def test_no_apt(self):
        code, text = self.setup_in("fuzz")
        self.assertEqual(code, 77, text)
        self.assertIn("clang-14", text)

    def test_check_lists_what_is_missing(self):
        code, text = self.setup_in("--check", "fuzz", dpkg_query=self.QUERY,
                                   apt_get="exit 9")
        self.assertEqual((code, text), (77, "llvm-14\n"))

    def test_installs_only_what_is_missing(self):
        code, text = self.setup_in(
            "fuzz", dpkg_query=self.QUERY, id="echo 0",
            apt_get='echo "$@" > "$DIR/asked"')
        self.assertEqual(code, 0, text)
        asked = (self.dir / "asked").read_text().split()
        self.assertEqual(asked[-1], "llvm-14")
        self.assertIn("--no-install-recommends", asked)
        self.assertNotIn("clang-14", asked)

    def test_not_root(self):
        code, text = self.setup_in("fuzz", dpkg_query=self.QUERY,
                                   id="echo 1000", apt_get="exit 9")
        self.assertEqual(code, 77, text)
        self.assertIn("not root", text)
        self.assertIn("llvm-14", text)

    def test_failed_install(self):
        code, text = self.setup_in("fuzz", dpkg_query=self.QUERY, id="echo 0",
                                   apt_get="echo no network; exit 100")
        self.assertEqual(code, 77, text)
        self.assertIn("no network", text)


if __name__ == "__main__":
    unittest.main()
