#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `claimcheck matrix` prints: a summary, all of it with --full, a table
with --csv, objects with --json; the same totals in each, from any folder.

    tests/cli/matrix_output.py CLAIMCHECK
"""

import csv
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import unittest

import tool
from tool import CLAIMCHECK

ROOT = pathlib.Path(__file__).resolve().parents[2]
SMALL = ROOT / "corpus/fuzz_reservation"


def matrix(*args, cwd=None, program=CLAIMCHECK):
    """Exit code, stdout, stderr."""
    done = subprocess.run([program, "matrix", *args], cwd=cwd,
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True)
    return done.returncode, done.stdout, done.stderr


class Output(tool.InFolder):

    def test_the_same_totals_everywhere(self):
        """Counted from the rules and pairs of the JSON."""
        code, text, _ = matrix("--json", "--release", "4.17", SMALL)
        self.assertEqual(code, 1)
        release, = [json.loads(line) for line in text.splitlines()]
        rules, pairs = release["rules"], release["pairs"]
        inside = [rule for rule in rules if not rule["cannot"]]
        counted = {
            "rules": len(rules), "in_release": len(inside),
            "witnessed": sum(bool(rule["witness"]) for rule in inside),
            "near_required": sum(not rule["no_near_miss"] for rule in inside),
            "near_misses": sum(bool(rule["near_miss"]) for rule in inside),
            "pairs": sum(not pair["cannot"] for pair in pairs),
            "pairs_witnessed": sum(bool(pair["witness"]) for pair in pairs),
            "values": len(release["fields"]),
            "values_tried": sum(bool(value["outcomes"])
                                for value in release["fields"]),
            "wrong": 0}
        self.assertEqual(release["totals"], counted)
        self.assertGreater(counted["rules"], counted["in_release"])
        self.assertGreater(counted["in_release"], counted["witnessed"])

        code, text, _ = matrix("--release", "4.17", SMALL)
        self.assertEqual(code, 1)
        line, = re.findall("^4.17 .*", text, re.M)
        self.assertEqual(list(map(int, re.findall(r"\b\d+\b", line[4:]))), [
            counted[name] for name in (
                "in_release", "rules", "witnessed", "near_misses",
                "near_required", "pairs_witnessed", "pairs", "values_tried",
                "values")])
        self.assertIn("something is missing", line)
        # 92 of 95: which and why; a range of rules has one reason.
        names, said = [rule["id"] for rule in rules], {}
        for first, last, why in re.findall(
                r"^  (\w+) (?:\.\. (\w+),)?.* not in 4\.17: (.*)$", text,
                re.M):
            for name in names[names.index(first):
                              names.index(last or first) + 1]:
                said[name] = why
        self.assertEqual(said, {rule["id"]: rule["cannot"] for rule in rules
                                if rule["cannot"]})

        code, text, _ = matrix("--csv", "--release", "4.17", SMALL)
        self.assertEqual(code, 1)
        rows = list(csv.DictReader(io.StringIO(text), strict=True))
        for row in rows:  # as many cells as the head has
            self.assertNotIn(None, [*row, *row.values()], row)
        of = {what: [row["status"] for row in rows if row["what"] == what]
              for what in ("rule", "pair")}
        self.assertEqual(len(of["rule"]), counted["rules"])
        self.assertEqual(of["rule"].count("tested"), counted["witnessed"])
        self.assertEqual(of["rule"].count("cannot"),
                         counted["rules"] - counted["in_release"])
        self.assertEqual(of["pair"].count("tested"),
                         counted["pairs_witnessed"])
        self.assertEqual(of["pair"].count("missing"),
                         counted["pairs"] - counted["pairs_witnessed"])
        tried = {row["text"]: row["status"] for row in rows
                 if row["what"] == "value"}
        self.assertEqual(len(tried), counted["values"])
        self.assertEqual(list(tried.values()).count("missing"),
                         counted["values"] - counted["values_tried"])

    def test_the_summary_is_short(self):
        _, short, _ = matrix("--release", "4.22", SMALL)
        _, full, _ = matrix("--release", "4.22", "--full", SMALL)
        self.assertLess(short.count("\n"), 30)
        self.assertGreater(full.count("\n"), 300)
        self.assertIn("--full", short)
        self.assertIn("more", short)  # what is missing is named, in part
        self.assertTrue(full.startswith(short))
        self.assertIn("claim: nr_extents: 1: CLAIM_", full)
        self.assertIn("NOT TRIED", full)

    def test_a_failing_case_shows(self):
        code, text, err = matrix("--release", "4.22", "--fault",
                                 "claim_total.unclaimed.drop",
                                 ROOT / "corpus/litmus")
        self.assertEqual(code, 1)
        self.assertRegex(text, "4.22 .* [1-9][0-9]* cases fail")
        self.assertIn("OVER-CLAIM/claim", err)

    def test_each_step_has_its_result(self):
        (self.dir / "a.claim").write_text(
            "create d1\ncreate d1\nanon_free index=0\n"
            "max_mem d1 8\nclaim d1 9\n")
        _, text, _ = matrix("--json", "--release", "4.22", self.dir)
        rules = {rule["id"]: rule for rule in json.loads(text)["rules"]}
        witness = rules["CLAIM_ABOVE_MAX"]["witness"]
        self.assertEqual(witness["results"],
                         ["0", "EEXIST", None, "0", "EINVAL"])
        near = rules["CLAIM_ABOVE_MAX"]["near_miss"]
        self.assertEqual(near["results"][:4], witness["results"][:4])
        self.assertEqual(near["changed"], "dom")

    def test_the_shortest_program_is_shown(self):
        """Whatever the order of the files."""
        (self.dir / "a.claim").write_text(
            "physinfo\nphysinfo\ncreate d1\nmax_mem d1 8\nclaim d1 9\n")
        (self.dir / "b.claim").write_text("create d1\nclaim d1 9\n")
        _, text, _ = matrix("--json", "--release", "4.22", self.dir)
        rules = {rule["id"]: rule for rule in json.loads(text)["rules"]}
        witness = rules["CLAIM_ABOVE_MAX"]["witness"]
        self.assertEqual((witness["file"], witness["step"]),
                         (f"{self.dir}/b.claim", 2))
        near = rules["CLAIM_ABOVE_MAX"]["near_miss"]
        self.assertEqual((near["file"], near["step"], len(near["results"])),
                         (f"{self.dir}/b.claim", 2, 2))

    def test_by_field(self):
        (self.dir / "a.claim").write_text(
            "create d1\nmax_mem d1 8\n"
            "claim d1 9\nclaim d1 8\nclaim d1 0\n")
        _, text, _ = matrix("--json", "--release", "4.22", self.dir)
        values = {(value["call"], value["field"], value["values"]): value
                  for value in json.loads(text)["fields"]}
        found = {name: {one["rule"]: (one["count"], one["result"])
                        for one in value["outcomes"]}
                 for name, value in values.items()}
        # Every call is in one class of each field; of a counter, in several.
        nr = "claim", "nr_extents, against the domain's counters"
        self.assertEqual(found[*nr, "the limit"], {"CLAIM_OK": (1, "0")})
        self.assertEqual(found[*nr, "the limit + 1"],
                         {"CLAIM_ABOVE_MAX": (1, "EINVAL")})
        self.assertEqual(found["claim", "domid", "an existing domain"],
                         {"CLAIM_OK": (1, "0"), "CLAIM_RELEASE": (1, "0"),
                          "CLAIM_ABOVE_MAX": (1, "EINVAL")})
        self.assertEqual(found["claim", "domid", "DOMID_SELF"], {})
        self.assertEqual(found["domctl", "cmd", "max_mem"],
                         {"MAX_MEM_OK": (1, "0")})

    def test_from_any_folder(self):
        code, text, err = matrix("--release", "4.22", cwd=self.dir)
        self.assertEqual((code, err), (0, ""))
        self.assertRegex(text, "4.22 .*complete")
        # Its own corpus/ comes first.
        (self.dir / "corpus").mkdir()
        (self.dir / "corpus/a.claim").write_text("physinfo\n")
        code, text, _ = matrix("--release", "4.22", cwd=self.dir)
        self.assertEqual(code, 1)
        self.assertIn("1 case,", text)

    def test_without_a_corpus(self):
        program = self.dir / "bin/claimcheck"
        program.parent.mkdir()
        shutil.copy(CLAIMCHECK, program)
        code, text, err = matrix(cwd=self.dir, program=program)
        self.assertEqual((code, text), (2, ""))
        for place in ("corpus", f"{self.dir}/share/claimcheck/corpus"):
            self.assertIn(place, err)
        shutil.copytree(SMALL, self.dir / "share/claimcheck/corpus")
        code, text, err = matrix("--release", "4.22", cwd="/",
                                 program=program)
        self.assertEqual((code, err), (1, ""))
        self.assertIn(f"{self.dir}/share/claimcheck/corpus", text)

    def test_one_form_at_a_time(self):
        code, _, err = matrix("--json", "--csv", SMALL)
        self.assertEqual(code, 2)
        self.assertIn("--json, --csv and --full", err)


if __name__ == "__main__":
    os.environ.pop("CLAIMCHECK_FAULT", None)
    unittest.main()
