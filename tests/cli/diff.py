#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""claimcheck diff: one program on two sides; programs that tell two apart.

    tests/cli/diff.py CLAIMCHECK
"""

import re
import unittest

import tool

FAULT = "fault=claim_total.unclaimed.drop"
# Up to 4.19 freeing raises the claim again.
CASE = ("host nodes=1 pages=64 release=all\ncreate d1\nmax_mem d1 host\n"
        "claim d1 9\npopulate d1 4\ndecrease d1 4\nphysinfo\nclaim d1 0\n")


class Diff(tool.InFolder):
    def diff(self, text, *sides, code=1):
        (self.dir / "a.claim").write_text(text)
        return self.run_it("a.claim", *sides, code=code)[0]

    def run_it(self, *argv, code=1):
        done = self.claimcheck("diff", *argv)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout, done.stderr

    def test_counters(self):
        out = self.diff(CASE, "4.18", "4.22")
        self.assertRegex(
            out, r"^a\.claim: the first difference is at step 5: decrease d1 "
            r"4\n    both: 4, by DECREASE_DONE [^\n]*\n +counter +4\.18 +"
            r"4\.22\n +host\.claimed +9 +5\n +d1\.claim +9 +5\n"
            r"then at step 7: claim d1 0\n")
        # Between, nothing new differs.
        self.assertNotIn("physinfo", out)
        self.assertIn("the counters are the same again", out)

    def test_results(self):
        out = self.diff(CASE.replace("decrease d1 4", "destroy d1 steps=1")
                        .replace("claim d1 0", "claim d1 8"), "4.18", "4.22")
        self.assertRegex(out, r"    4\.18: \w+, by CLAIM_\w+ \(rules 1\.")
        self.assertIn("4.22: EINVAL, by CLAIM_DYING (rules 1.1 10)", out)

    def test_no_difference(self):
        out = self.diff(CASE, "4.18", "4.17", code=0)
        self.assertEqual(out, "a.claim: no difference in 7 steps\n")
        self.diff(CASE, "stub", "drift", code=0)

    def test_pages(self):
        out = self.diff("create d1\nmax_mem d1 host\npopulate d1 4\n",
                        "stub", "model")
        self.assertIn("other pages were chosen", out)

    def test_fault(self):
        out = self.diff("create d1\nmax_mem d1 host\nclaim d1 unclaimed+1\n"
                        "physinfo\n", "stub", FAULT)
        self.assertIn(FAULT + ": the run ends with OVER-CLAIM/claim: "
                      "heap_lock released with 60 pages claimed and 59 free, "
                      "by CLAIM_NOMEM", out)
        self.assertIn(FAULT + " ends at step 3", out)

    def test_fault_that_shows_at_the_end(self):
        fault = "fault=buddy_not_merged"
        out = self.diff("create d1\nmax_mem d1 host\npopulate d1 1\n",
                        "stub", fault)
        self.assertRegex(out, r"^a.claim: no difference in 3 steps\n"
                         + fault + ": while releasing all the run ends with "
                         r"BUDDY/drain: pages \d+ and \d+, order 0: not "
                         r"merged\n$")

    def test_programs_that_tell_apart(self):
        out, _ = self.run_it("--generate", "300", "4.19", "4.19.5")
        self.assertIn("EINVAL, by CLAIM_DYING (rules 1.1 10)", out)
        # Each is a program that does.
        programs = re.split(r"\n\n", out)[:-1]
        self.assertGreater(len(programs), 2)
        for program in programs:
            self.diff(program + "\n", "4.19", "4.19.5")
        out, _ = self.run_it("--generate", "300", "4.18", "4.19", code=0)
        self.assertIn("0 ways to tell", out)
        out, _ = self.run_it("--generate", "100", "stub", FAULT)
        self.assertIn("the run ends with OVER-CLAIM/claim: ", out)

    def test_bad_usage(self):
        usages: list[tuple[list[str], str]] = [
                (["4.17", "4.18"], "expected FILE... A B"),
                ([], "expected FILE... A B"),
                (["--generate", "3", "4.17"], "expected FILE... A B"),
                (["a", "4.17", "4.19.4"], "did you mean 4.19?"),
                (["a", "stub", "frob"], "--on frob"),
                (["a", "stub", "fault=frob"], "no such planted fault"),
                (["absent", "4.17", "4.18"], "absent: No such file")]
        for argv, says in usages:
            _, err = self.run_it(*argv, code=2)
            self.assertIn(says, err)

    def test_any_bytes(self):
        files = tool.any_bytes(self.dir / "files", 3, 150)
        for sides in ("4.17", "4.22"), ("stub", "model"), ("stub", FAULT):
            done = self.claimcheck("diff", "--raw", files, *sides)
            self.assertIn(done.returncode, (0, 1), done.stderr)
            # What a side does not offer is said, and the next file compared.
            left = done.stderr.splitlines()
            for line in left:
                self.assertRegex(line, r": cannot run on \S+: \S+ is not "
                                 "offered$")
            self.assertEqual(len(left) + len(re.findall(
                r": (?:the first difference|no difference|\S+ ends at step)",
                done.stdout)), 150)
            self.assertLess(len(left), 50 if "model" in sides else 1)


if __name__ == "__main__":
    unittest.main()
