#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""All that says it is JSON is JSON, one object a line and nothing else, even
if names of files are what they may be.

    tests/guards/json_output.py CLAIMCHECK BUILD-FOLDER ENGINE

In the source folder. (scripts/hunt --json: hunt_script.py.)
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

CLAIMCHECK, BUILD, ENGINE = sys.argv[1:4]
del sys.argv[1:4]
CORPUS = sorted(str(path) for path in pathlib.Path("corpus").rglob("*.claim"))
# Verbs with --json: arguments, exit codes, keys that each object has.
VERBS: dict[str, tuple[list[str], tuple[int, ...], set[str]]] = {
    "replay": (["corpus"], (0,), {"file", "release", "outcome", "hash"}),
    "matrix": (["corpus"], (0,), {"release", "rules", "pairs"}),
    "hunt": (["--runs", "20"], (0, 1), {"fault", "verdict", "signature"}),
    "faults": ([], (0,),
               {"fault", "text", "releases", "signatures", "unseen"}),
    "marks": (["--count", "300"], (0, 1, 77), {"mark", "kind", "reached"}),
}
# What a path may hold, in bytes: quotes, controls, UTF-8 good and bad.
NAMES = (b'a"b\\c', b"tab\there", "ünï€\U0001f600".encode(), b"latin-\xfc",
         b"cut-\xe2\x82", b"long-\xf8\x88\x80\x80\x80", b"over-\xc0\xaf",
         b"half-\xed\xa0\x80-pair", b"high-\xf4\x90\x80\x80")


def claimcheck(*args):
    return subprocess.run([CLAIMCHECK, *args], stdin=subprocess.DEVNULL,
                          capture_output=True)


def strict(line):
    """One object; duplicate keys and NaN are errors."""
    def once(pairs):
        assert len(dict(pairs)) == len(pairs), f"key twice in {pairs}"
        return dict(pairs)

    def no_constant(word):
        raise ValueError(word)
    return json.loads(line.decode("utf-8"), object_pairs_hook=once,
                      parse_constant=no_constant)


class Json(unittest.TestCase):
    def objects(self, text, keys):
        lines = text.split(b"\n")
        self.assertEqual(lines.pop(), b"", "no newline at the end")
        found = [strict(line) for line in lines]
        for one in found:
            self.assertIsInstance(one, dict)
            self.assertLessEqual(keys, set(one))
        return found

    def verbs_with_json(self):
        """By their own help: a verb that learns --json needs a row above."""
        found = set()
        for line in claimcheck("--help").stdout.decode().splitlines()[1:]:
            if not line.startswith("  ") or len(line.split()) < 2:
                break
            verb = line.split()[0]
            if b"--json" in claimcheck(verb, "--help").stdout:
                found.add(verb)
        return found

    def test_each_verb(self):
        self.assertEqual(self.verbs_with_json(), set(VERBS))
        for verb, (args, codes, keys) in VERBS.items():
            done = claimcheck(verb, "--json", *args)
            self.assertIn(done.returncode, codes, done.stderr)
            if done.returncode == 77:
                continue
            found = self.objects(done.stdout, keys)
            self.assertGreaterEqual(len(found), 9, verb)

    def test_replay_tells_of_each_file(self):
        done = claimcheck("replay", "--json", "corpus")
        files = {one["file"] for one in self.objects(done.stdout, {"file"})}
        self.assertLessEqual(set(CORPUS), files)

    def test_names_of_files(self):
        folder = tempfile.mkdtemp(prefix="claimcheck-json-").encode()
        self.addCleanup(shutil.rmtree, folder)
        for name in NAMES:
            with open(os.path.join(folder, name + b".claim"), "wb") as out:
                out.write(b"create d1\nclaim d1 1\n")
        for verb, codes in ("replay", (0,)), ("matrix", (1,)):
            done = claimcheck(verb, "--json", folder)
            self.assertIn(done.returncode, codes, done.stderr)
            self.objects(done.stdout, {"release"})
        done = claimcheck("replay", "--json", folder)
        files = {one["file"] for one in self.objects(done.stdout, {"file"})}
        names = {os.path.basename(name) for name in files}
        self.assertEqual(len(names), len(NAMES))
        self.assertIn('a"b\\c.claim', names)
        self.assertIn("ünï€\U0001f600.claim", names)
        self.assertIn("latin-\ufffd.claim", names)

    def test_a_violation(self):
        done = claimcheck("replay", "--json", "--fault", "gate_missing",
                          "corpus/litmus")
        self.assertEqual(done.returncode, 1)
        outcomes = [one["outcome"] for one in
                    self.objects(done.stdout, {"outcome", "signature"})]
        self.assertIn("violation", outcomes)
        self.assertIn("held", outcomes)

    def test_statistics_of_a_target(self):
        folder = tempfile.mkdtemp(prefix="claimcheck-json-")
        self.addCleanup(shutil.rmtree, folder)
        stats = os.path.join(folder, "stats.jsonl")
        argv = (["-seed=1", "-runs=500"] if ENGINE == "libfuzzer"
                else ["corpus/fuzz_sequence"])
        done = subprocess.run(
            [os.path.join(BUILD, "fuzz_sequence"), *argv],
            env=dict(os.environ, CLAIMCHECK_STATS=stats),
            stdin=subprocess.DEVNULL, capture_output=True)
        self.assertEqual(done.returncode, 0, done.stderr[-2000:])
        with open(stats, "rb") as text:
            found = self.objects(text.read(), {
                "target", "pid", "runs", "steps", "ops", "weaknesses", "rules",
                "fault"})
        self.assertGreaterEqual(found[-1]["runs"], 10)
        self.assertGreaterEqual(sum(found[-1]["ops"]["claim"].values()), 1)


if __name__ == "__main__":
    unittest.main()
