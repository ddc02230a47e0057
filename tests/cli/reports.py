#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What a report says, in words: each with a fault that makes it say so.

    tests/cli/reports.py CLAIMCHECK
"""

import re
import unittest

import tool

HOST = "host nodes=1 pages=64 release=4.22\n"
BEGIN = HOST + "create d1\nmax_mem d1 host\n"
# fault, case, what its report says
SAYS = (
    ("claim_double_fetch", BEGIN + "claim d1 5\n",
     "  extent_start was read twice\n"),
    ("claim_locks_reversed", BEGIN + "claim d1 5\n",
     "page_alloc_lock of d1 taken while heap_lock is held: against the "
     "lock order"),
    ("claim_without_heap_lock", BEGIN + "claim d1 5\n",
     "heap_lock released by one that does not hold it"),
    ("failed_claim_keeps_lock", BEGIN + "claim d1 unclaimed+1\n",
     "page_alloc_lock of d1 is held on return"),
    ("info_no_claim", BEGIN + "claim d1 5\ndomain_info d1\n",
     "d1.claim is told as 0, it is 5"),
    ("info_hides_dying",
     BEGIN + "populate d1 2\nmap d1 1\ndestroy d1\ndomain_info d1\n",
     "d1 is told to be alive, it is dying"),
    ("physinfo_no_claims", BEGIN + "claim d1 5\nphysinfo\n",
     "host.claimed is told as 0, it is 5"),
    ("numainfo_shifted", HOST.replace("nodes=1", "nodes=2")
     + "create d1\nnumainfo\n", "node0.free is told as "),
    # Where a file of the stub was compiled does not matter to anybody.
    ("claim_bug_on_refusal", BEGIN + "claim d1 unclaimed+1\n",
     " (stub/heap_claim.c:"),
    ("free_spends_claim",
     BEGIN + "populate d1 4\nclaim d1 9\ndecrease d1 2\n",
     "but it gave back "),
)
# A start extent comes back as a result: as large as it is, spelled alike.
LARGE = (HOST + "memory_op cmd=increase domid=self start=0x3ffffffffffffff "
         "nr=5 = 0\n")


class Reports(tool.InFolder):
    def replay(self, text, *options):
        (self.dir / "a.claim").write_text(text)
        done = self.claimcheck("replay", *options, "a.claim")
        return done.returncode, done.stdout, done.stderr

    def test_words(self):
        for fault, text, says in SAYS:
            with self.subTest(fault):
                code, _, err = self.replay(text, "--fault", fault)
                self.assertEqual(code, 1, err)
                self.assertIn(says, err)
                self.assertNotIn("../", err.splitlines()[1])

    def test_large_results(self):
        code, _, err = self.replay(LARGE)
        self.assertEqual(code, 1)
        self.assertIn("expected 0, got 0x3ffffffffffffff", err)
        self.assertNotIn("288230376151711743", err)

    def test_one_report_for_all_releases(self):
        case = BEGIN.replace("4.22", "all") + "claim d1 unclaimed+1\n"
        code, out, err = self.replay(
            case, "--fault", "claim_total.unclaimed.drop")
        self.assertEqual(code, 1)
        self.assertEqual(out.count(": violation\n"), 9)
        self.assertEqual(err.count("claimcheck: violation:"), 1, err)
        # The newest stands for them, and the others are named.
        self.assertIn("\nhost nodes=1 pages=64 release=4.22\n", err)
        self.assertRegex(err, r"\n\(in the same way on 4\.17, .*, 4\.21\.1\)")
        self.assertEqual(len(re.findall("^replay: ", err, re.M)), 1)

    def test_failures_that_differ_are_two_reports(self):
        # Up to 4.18 freeing raises the claim again: what is expected is wrong
        # there, and otherwise wrong where the last line decides.
        case = (BEGIN.replace("4.22", "4.17,4.18,4.22")
                + "claim d1 9\npopulate d1 4\ndecrease d1 4\n"
                "expect d1.claim=5\nclaim d1 0 = EINVAL\n")
        code, _, err = self.replay(case)
        self.assertEqual(code, 1)
        self.assertEqual(err.count("claimcheck: violation:"), 2, err)
        self.assertIn("(in the same way on 4.17)", err)

    def test_results_for_other_releases(self):
        case = BEGIN + "claim d1 5 = 0\n"
        for release, says in (("4.18", "held (its results are for other "
                               "releases: not checked)"), ("4.22", "held")):
            code, out, _ = self.replay(case, "--release", release)
            self.assertEqual(code, 0)
            self.assertIn(f"a.claim: {release}: {says}\n", out)
        # Without results there is nothing to say.
        _, out, _ = self.replay(BEGIN, "--release", "4.18")
        self.assertIn("a.claim: 4.18: held\n", out)
        _, out, _ = self.replay(case, "--json", "--release", "4.18")
        self.assertIn('"results_checked":false', out)
        _, out, _ = self.replay(case, "--json", "--release", "4.22")
        self.assertIn('"results_checked":true', out)

    def test_command_of_a_generated_program(self):
        done = self.claimcheck("generate", "--run", "--count", "500",
                               "--wide", "--ops", "20", "--fault",
                               "redeem_twice")
        self.assertEqual(done.returncode, 1)
        says = re.findall("^claimcheck: violation: .*$", done.stderr, re.M)[0]
        again = self.shell(
            re.findall("^run: +(.*)$", done.stderr, re.M)[0])
        self.assertEqual(again.returncode, 1)
        self.assertIn(says + "\n", again.stderr)
        self.assertIn("1 programs,", again.stdout)
        program = self.shell(
            re.findall("^program: +(.*)$", done.stderr, re.M)[0])
        code, _, err = self.replay(program.stdout, "--fault", "redeem_twice")
        self.assertEqual(code, 1)
        self.assertIn(says + "\n", err)

    def test_nothing_is_counted_after_a_parse_error(self):
        code, out, err = self.replay("clam d1\n")
        self.assertEqual((code, out), (2, ""), err)

    def test_trace_shows_what_failed(self):
        for text, mark in (
                (HOST + "expect host.claimed=1\nphysinfo\n",
                 " >  -  (before the first step)\n"),
                (BEGIN + "claim d1 unclaimed+1 = 0\n",
                 " >  3  claim d1 unclaimed+1 ")):
            _, out, err = self.replay(text, "--trace")
            self.assertIn(mark, out)
            self.assertIn(mark, err)

    def test_trace_is_of_one_run(self):
        """An audit after the program found it, and a second run the step."""
        for fault in "split_misaligned", "free_keeps_page_count":
            _, out, err = self.replay(
                BEGIN + "populate d1 1 order=2\n", "--trace", "--fault",
                fault)
            for text in out, err:
                self.assertEqual(len(re.findall("^ [ >]  1  create", text,
                                                re.M)), 1, text)
                self.assertEqual(text.count("\n >"), 1, text)


if __name__ == "__main__":
    unittest.main()
