# SPDX-License-Identifier: MIT
"""The N-th write, rename, open, ... of a script fails, or kills it: what it
was to write is then as before or as it should be, and its exit code is true.

A few N of each script by default; with CLAIMCHECK_SWEEP=all every one.
CLAIMCHECK_BUILD names the build folder, which has the library that lets calls
fail (tests/cli/fail.c) and claimcheck.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest
import xml.etree.ElementTree

from helper import FAKES, PATIENCE, ROOT, InFolder

from claimcheck import output, paths

BUILD = pathlib.Path(os.environ["CLAIMCHECK_BUILD"])
FAIL = BUILD / "tests/cli/libfail.so"
ALL = os.environ.get("CLAIMCHECK_SWEEP") == "all"
SAMPLES = 2  # of each script and way to fail
KINDS = "write,create,rename,fsync,close,mkdir"
WAYS = ("once", "on", "kill")
SKIPPED = 77
# A libFuzzer that keeps all that it is given to merge.
MERGES = """#!/bin/sh
set -e
for word; do
    case $word in
    -*) ;;
    *) if [ -z "$out" ]; then out=$word; else cp "$word"/* "$out"; fi ;;
    esac
done
"""
CASE = "host nodes=1 pages=16 release=4.22\ncreate d1\nclaim d1 3\n"
# Streams, which may be cut off: logs, what workers count.
# How long it took, and when: no two runs agree.
SECONDS = re.compile(rb'"seconds": [0-9.e-]+, ?|"(?:first|last)": "[^"]*"'
                     rb'|"(?:time|last_new|total_seconds)": [0-9]+'
                     rb'|\btime="[0-9.]+"|(?<=\| fuzz_fake \| )[0-9]+'
                     rb'|\([0-9,]+/s\)|: [0-9]+ s of '
                     rb'|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]+Z')
STREAMS = ("worker-", "stats-")


class Sweep(InFolder):
    def setUp(self):
        super().setUp()
        self.work = self.dir / "work"
        self.built = self.dir / "built"
        self.built.mkdir()
        (self.built / "claimcheck").symlink_to(BUILD / "claimcheck")
        for target in "fuzz_text", "fuzz_sequence":
            (self.built / target).write_text(MERGES)
            (self.built / target).chmod(0o755)

    def begin(self):
        """The folder as it is before a run."""
        shutil.rmtree(self.work, ignore_errors=True)
        corpus = self.work / "corpus"
        for target in "fuzz_text", "fuzz_sequence":
            (corpus / target).mkdir(parents=True)
            for data in b"one", b"two":
                name = paths.content_name(data)
                (corpus / target / name).write_bytes(data)
        (corpus / "FORMAT").write_bytes(subprocess.run(
            [BUILD / "claimcheck", "--version"], stdout=subprocess.PIPE,
            check=True).stdout.split(b", ")[1])
        more = self.work / "more"
        shutil.copytree(corpus, more)
        (more / "fuzz_text" / paths.content_name(b"3")).write_bytes(b"3")
        (self.work / "case.claim").write_text(CASE)
        (self.work / "page.html").write_text("an old page")

    def run_it(self, argv, env=None, **fail):
        done = subprocess.run(
            [sys.executable, "-B", "-m", "claimcheck", *map(str, argv)],
            env=dict(os.environ, PYTHONPATH=str(ROOT / "scripts/lib"),
                     TMPDIR=str(self.dir), **(env or {}),
                     **{name: str(value) for name, value in fail.items()}),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=PATIENCE)
        return done.returncode, done.stdout.decode()

    def state(self):
        """{file: contents}, without what is no result."""
        return {str(file.relative_to(self.work)):
                SECONDS.sub(b"", file.read_bytes())
                for file in paths.files_in(self.work)
                if not file.name.startswith(STREAMS)}

    def sweep(self, argv, codes=(0,), env=None):
        """All of the above, for one script."""
        self.begin()
        before = self.state()
        counter = self.dir / "counter"
        failing = {"LD_PRELOAD": FAIL, "FAIL_CALLS": KINDS,
                   "FAIL_UNDER": self.dir, "FAIL_PROGRAM": "python3",
                   "FAIL_LOG": self.dir / "log",
                   "FAIL_STDIO": 0}
        code, text = self.run_it(argv, env, **failing, FAIL_AT=0,
                                 FAIL_COUNTER=counter)
        self.assertIn(code, codes, text)
        after = self.state()
        self.assertNotEqual(before, after, "a script that writes nothing")
        total = int.from_bytes(counter.read_bytes(), "little")
        self.assertGreater(total, 3)
        for how in WAYS:
            step = 1 if ALL else total // SAMPLES + 1
            for number in range(1, total + 1, step):
                self.begin()
                counter.unlink(missing_ok=True)
                code, text = self.run_it(
                    argv, env, **failing, FAIL_AT=number, FAIL_HOW=how,
                    FAIL_COUNTER=counter)
                self.judge(f"{argv[0]} {argv[1]}, call {number} of {total}, "
                           f"{how}: exit {code}\n{text}", code, codes, before,
                           after, how)
        return total

    def judge(self, what, code, codes, before, after, how):
        now = self.state()
        for name in set(before) | set(after) | set(now):
            known = [before.get(name), after.get(name)]
            if name.endswith(".jsonl"):  # grows by whole rows
                rows = after[name].splitlines(keepends=True)
                known += [b"".join(rows[:n]) for n in range(len(rows))]
            if name in now and (name.startswith("out/findings/")
                                or name == "out/fuzz_fake/summary.txt"):
                # They tell what failed, too: whole they must be.
                self.assertEqual(now[name][-1:], b"\n", name)
                if name.endswith(".xml"):
                    xml.etree.ElementTree.fromstring(now[name])
                continue
            self.assertIn(now.get(name), known,
                          f"{name} is neither old nor new, {what}")
        if code in codes:
            self.assertEqual(now, after, f"not done, {what}")
        else:
            self.assertIn(code, (3, -9) if how == "kill" else (3,), what)
        # Nothing that was there is gone, but for what takes its place.
        contents = set(now.values())
        for name, data in before.items():
            if name not in after:
                self.assertIn(data, contents, f"{name} is lost, {what}")
        self.assertEqual(output.misnamed(self.work), [], what)
        self.assertNotIn("Traceback", what)

    def corpus(self, verb, target, *more):
        return self.sweep(["corpus", verb, "--target", target, "--build-dir",
                           self.built, "--corpus", self.work / "corpus",
                           *more])

    def test_corpus_merge(self):
        self.corpus("merge", "fuzz_text", self.work / "more")

    def test_corpus_minimize(self):
        self.corpus("minimize", "fuzz_sequence")

    def test_corpus_convert(self):
        self.sweep(["corpus", "convert", "--target", "fuzz_sequence",
                    "--build-dir", self.built, "--old",
                    self.built / "claimcheck", "--corpus", self.work / "new",
                    self.work / "more"])

    def test_corpus_add(self):
        self.sweep(["corpus", "add", "--target", "fuzz_sequence",
                    "--build-dir", self.built, "--name", "what-it-is",
                    "--into", self.work / "cases", self.work / "case.claim"])

    def test_matrix(self):
        self.sweep(["matrix", "--build-dir", self.built, "--release", "4.22",
                    "--html", self.work / "page.html", "--json",
                    self.work / "page.json", self.work / "case.claim"],
                   codes=(1,))

    def test_hunt(self):
        self.sweep(["hunt", "--engine", "generator", "--fault",
                    "gate_missing", "--runs", "2", "--build-dir", self.built,
                    "--out", self.work / "hunt"], codes=(0, 1))

    def test_fuzz(self):
        # The calls of its worker do not count.
        (self.built / "fuzz_fake").write_text(
            f"#!/bin/sh\nunset LD_PRELOAD\nexec {FAKES}/fuzz_fake \"$@\"\n")
        (self.built / "fuzz_fake").chmod(0o755)
        (self.built / "claimcheck").unlink()
        (self.built / "claimcheck").symlink_to(FAKES / "claimcheck")
        self.sweep(["fuzz", "--build-dir", self.built, "--target", "fuzz_fake",
                    "--seeds", self.dir / "seeds", "--corpus",
                    self.work / "found", "--out", self.work / "out"],
                   codes=(1,), env={"FAKE": "violation"})


if __name__ == "__main__":
    if not FAIL.exists():
        print(f"cannot run here: no {FAIL}")
        sys.exit(SKIPPED)
    unittest.main()
