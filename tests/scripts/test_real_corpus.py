# SPDX-License-Identifier: MIT
"""scripts/corpus on inputs that libFuzzer really found."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

from real import ROOT, Real, run_or_skip

TARGET = "fuzz_sequence"
ONE = ("--target", TARGET)
NAME = re.compile(r"^(4\.\d+(\.\d+)?|draft-v\d)(-[a-z0-9_]+){0,4}"
                  r"-\d+-[0-9a-f]{16}$")
CLAIMCHECK = ROOT / "build/fuzz/claimcheck"
FORMER = 60  # a byte format that no build has


class Corpus(Real):
    found: pathlib.Path | None = None  # a corpus that all tests begin with

    def setUp(self):
        super().setUp()
        self.folder = self.dir / "corpus" / TARGET
        if Corpus.found is None:
            code, text = self.campaign(*ONE, "--runs", "2000", "--seed", "1")
            self.assertEqual(code, 0, text)
            Corpus.found = pathlib.Path(tempfile.mkdtemp()) / "found"
            self.addClassCleanup(shutil.rmtree, Corpus.found.parent)
            shutil.copytree(self.dir / "corpus", Corpus.found)
        else:
            shutil.copytree(Corpus.found, self.dir / "corpus")

    def tool(self, code, *args, env=None):
        """scripts/corpus must end with this code; its output."""
        got, text = self.corpus_tool(*args, env=env)
        self.assertEqual(got, code, text)
        return text

    def reached(self):
        """Coverage and features of the corpus."""
        text = self.tool(0, "stats", *ONE)
        return [int(n) for n in
                self.find(r"cov (\d+) ft (\d+)", text).groups()]

    def test_minimize_until_stable(self):
        before, files = self.reached(), len(self.inputs(TARGET))
        self.tool(0, "minimize", *ONE)
        after = self.inputs(TARGET)
        self.assertLess(len(after), files)
        self.assertEqual(self.reached()[0], before[0])
        for name in after:
            self.assertRegex(name, NAME)
        text = self.tool(0, "minimize", *ONE)
        # Which of equals stays may change with their order; never more do.
        self.assertLessEqual(len(self.inputs(TARGET)), len(after), text)
        self.assertEqual(self.reached()[0], before[0])

    def test_merge_takes_what_adds(self):
        other = self.dir / "other"
        shutil.copytree(self.dir / "corpus", other)
        shutil.rmtree(self.folder)
        self.tool(0, "merge", *ONE, other)
        first = self.inputs(TARGET)
        self.assertTrue(first)
        text = self.tool(0, "merge", *ONE, other)
        self.assertIn(" 0 added", text)
        self.assertEqual(self.inputs(TARGET), first)

    def test_check_and_add(self):
        self.assertIn(" 0 fail", self.tool(0, "check", *ONE))
        # Each that fails is run in a process of its own: a few are enough.
        for file in sorted(self.folder.iterdir())[50:]:
            file.unlink()
        fault = {"CLAIMCHECK_FAULT": "claim_total.second.drop"}
        text = self.tool(1, "check", *ONE, env=fault)
        self.assertRegex(text, str(self.folder))
        one = self.folder / sorted(self.inputs(TARGET))[0]
        into = self.dir / "cases"
        self.tool(0, "add", *ONE, "--name", "what-it-is", "--into", into, one)
        case = into / TARGET / "what-it-is.claim"
        self.assertTrue(case.read_text().startswith("host "))
        self.assertIn("exists already", self.tool(
            2, "add", *ONE, "--name", "what-it-is", "--into", into, one))
        self.assertIn("expected letters", self.tool(
            2, "add", *ONE, "--name", "a/b", "--into", into, one))

    def test_no_corpus(self):
        for verb in ("stats", "check", "minimize"):
            done = subprocess.run(
                [ROOT / "scripts/corpus", verb, *ONE, "--corpus",
                 self.dir / "none"], stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT)
            self.assertEqual(done.returncode, 2)
            self.assertIn(b"no inputs there", done.stdout)
        self.assertFalse((self.dir / "none" / TARGET).exists())
        self.assertIn("no inputs there",
                      self.tool(2, "merge", *ONE, self.dir / "none"))

    def test_kill_minus_nine_at_any_moment(self):
        """Whatever is there then is whole, and nothing needed is gone."""
        kept = self.dir / "kept"
        shutil.copytree(self.dir / "corpus", kept)
        known = set(self.inputs(TARGET).values())
        begun = time.monotonic()
        self.tool(0, "minimize", *ONE, "--build-dir", CLAIMCHECK.parent)
        took = time.monotonic() - begun
        needed = set(self.inputs(TARGET).values())
        for part in (0.2, 0.5, 0.8, 0.95):
            shutil.rmtree(self.dir / "corpus")
            shutil.copytree(kept, self.dir / "corpus")
            process = subprocess.Popen(
                self.argv("corpus", "minimize", *ONE, "--build-dir",
                          CLAIMCHECK.parent),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(part * took)
            process.send_signal(signal.SIGKILL)
            process.wait()
            left = set(self.inputs(TARGET).values())
            self.assertLessEqual(needed, left)
            self.assertLessEqual(left, known)


class Formats(Real):
    """An older build is played by a script: its format is this one's with all
    bytes turned round."""

    def old_build(self):
        old = self.dir / "old-claimcheck"
        old.write_text(f"""#!/usr/bin/env python3
import pathlib, subprocess, sys
if sys.argv[1:] == ["--version"]:
    print("claimcheck 0.0.9, byte format {FORMER}")
    sys.exit(0)
verb, raw, source, _, out = sys.argv[1:]
assert (verb, raw) == ("text", "--raw")
turned = pathlib.Path(out) / "turned"
turned.mkdir()
for file in pathlib.Path(source).iterdir():
    (turned / file.name).write_bytes(bytes(255 - b for b in
                                           file.read_bytes()))
code = subprocess.run(["{CLAIMCHECK}", verb, raw, turned, "-o", out])
for file in turned.iterdir():
    file.unlink()
turned.rmdir()
sys.exit(code.returncode)
""")
        old.chmod(0o755)
        return old

    def test_conversion(self):
        code, text = self.campaign(*ONE, "--runs", "2000", "--seed", "1")
        self.assertEqual(code, 0, text)
        code, text = self.corpus_tool("minimize", *ONE)
        new = self.dir / "corpus" / TARGET
        former = self.dir / "former"
        (former / TARGET).mkdir(parents=True)
        (former / "FORMAT").write_text(f"byte format {FORMER}\n")
        for file in new.iterdir():
            (former / TARGET / file.name).write_bytes(
                bytes(255 - b for b in file.read_bytes()))
        wanted = self.meanings(new)
        self.assertEqual((new.parent / "FORMAT").read_text(),
                         f"byte format {self.here()}\n")
        self.refused_and_told_how(former)
        shutil.rmtree(new.parent)
        code, text = self.corpus_tool("convert", *ONE, "--old",
                                      self.old_build(), former)
        self.assertEqual(code, 0, text)
        self.assertIn(f"from byte format {FORMER} to {self.here()}", text)
        self.assertEqual(self.meanings(new), wanted)
        # What is of this format already is not converted by that build.
        code, text = self.corpus_tool("convert", *ONE, "--old",
                                      self.old_build(), new.parent)
        self.assertEqual(code, 2, text)

    def refused_and_told_how(self, former):
        for argv in (["fuzz", "--out", str(self.dir / "out"), "--runs", "1"],
                     ["corpus", "check"], ["corpus", "minimize"],
                     ["corpus", "stats"]):
            done = subprocess.run(
                [ROOT / "scripts" / argv[0], *argv[1:], *ONE, "--corpus",
                 former], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            text = done.stdout.decode()
            self.assertEqual(done.returncode, 2, text)
            self.assertIn(
                f"byte format {FORMER}, this build has {self.here()}", text)
            self.assertIn("scripts/corpus convert --old CLAIMCHECK", text)
        code, text = self.corpus_tool("merge", *ONE, former)
        self.assertEqual(code, 2, text)

    def here(self):
        """This build's byte format."""
        text = subprocess.run([CLAIMCHECK, "--version"], check=True,
                              stdout=subprocess.PIPE).stdout.decode()
        return int(text.split()[-1])

    def meanings(self, folder):
        """The programs of a folder as text."""
        out = pathlib.Path(self.dir / "text")
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        subprocess.run([CLAIMCHECK, "text", "--raw", folder, "-o", out],
                       check=True)
        return sorted({file.read_text() for file in out.iterdir()})


if __name__ == "__main__":
    os.environ.pop("CLAIMCHECK_FAULT", None)
    run_or_skip("clang-14")
