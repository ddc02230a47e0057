# SPDX-License-Identifier: MIT
"""What scripts/fuzz reads and shows: counts, logs, reports, numbers."""

import json
import argparse
import pathlib
import unittest

from helper import InFolder

from claimcheck import libfuzzer, progress, stats, summary
from claimcheck.worker import Finding


class Stats(InFolder):
    def write(self, *entries):
        file = self.dir / "stats.jsonl"
        file.write_text("".join(
            (e if isinstance(e, str) else json.dumps(e)) + "\n"
            for e in entries))
        return stats.read(file)

    def test_processes_are_summed(self):
        one = {"runs": 2, "steps": 9, "ops": {"claim": {"0": 1, "EPERM": 4}}}
        two = {"runs": 3, "steps": 1, "ops": {"claim": {"0": 5}},
               "weaknesses": {"W": 2}, "rules": {"a": 1}}
        total = self.write(one, two)
        self.assertEqual((total["runs"], total["steps"]), (5, 10))
        self.assertEqual(total["ops"], {"claim": {"0": 6, "EPERM": 4}})
        self.assertEqual(total["weaknesses"], {"W": 2})

    def test_later_line_of_a_process_replaces(self):
        total = self.write({"runs": 2, "pid": 7}, {"runs": 5, "pid": 7},
                           {"runs": 1, "pid": 8})
        self.assertEqual(total["runs"], 6)
        self.assertEqual(total["processes"], 2)

    def test_torn_line_is_counted(self):
        total = self.write({"runs": 2}, '{"runs": 7, "st')
        self.assertEqual((total["runs"], total["torn"]), (2, 1))

    def test_missing_file(self):
        self.assertEqual(stats.read(self.dir / "none")["processes"], 0)

    def test_operation_never_run(self):
        self.assertEqual(stats.operations_table({"a": {}, "bb": {"0": 1}}),
                         ["a   never run", "bb  0 1"])


class Log(unittest.TestCase):
    def worker(self, *lines):
        worker = libfuzzer.LibFuzzer("w", [], {}, pathlib.Path("log"))
        for line in lines:
            worker.line(line)
        return worker

    def test_status(self):
        status = self.worker(
            "#2\tINITED exec/s: 0 rss: 30Mb",
            "#43\tNEW    cov: 17 ft: 55 corp: 27/641b lim: 137 exec/s: 12 "
            "rss: 31Mb L: 4/137 MS: 1 CrossOver-",
            "#1048576\tpulse  cov: 17 ft: 55 corp: 27/641b lim: 4096 "
            "exec/s: 524288 rss: 141Mb").status
        self.assertEqual((status.runs, status.cov, status.features,
                          status.corpus, status.rate),
                         (1048576, 17, 55, 27, 524288))

    def test_report_keeps_its_lines_and_first_signature(self):
        worker = self.worker("noise", "claimcheck: violation: A/b", "text",
                             "claimcheck: violation: C/d",
                             "==1== ERROR: libFuzzer: deadly signal", "#0")
        self.assertEqual(worker.signature, "A/b")
        self.assertEqual(worker.report[:2],
                         ["claimcheck: violation: A/b", "text"])
        self.assertNotIn("#0", worker.report)

    def test_report_of_a_signal_keeps_assertion_and_stack(self):
        worker = self.worker("noise", "t: a.c:1: f: Assertion `x' failed.",
                             "claimcheck: violation: SIGABRT/decrease",
                             "==1== ERROR: libFuzzer: deadly signal", "#0")
        self.assertIn("Assertion", worker.report[0])
        self.assertIn("#0", worker.report)

    def test_command_line(self):
        options = argparse.Namespace(seconds=60, runs=0, seed=7)
        folders = {"corpus": pathlib.Path("c"), "seeds": pathlib.Path("s"),
                   "crashes": pathlib.Path("x")}
        argv = [str(word) for word in libfuzzer.command(
            pathlib.Path("t"), options, 1, folders, pathlib.Path("d.dict"))]
        self.assertIn("-max_total_time=60", argv)
        self.assertIn("-seed=8", argv)
        self.assertIn("-dict=d.dict", argv)
        self.assertEqual(argv[-2:], ["c", "s"])
        self.assertFalse([a for a in argv if a.startswith("-runs")])


class Replay(unittest.TestCase):
    def command(self, *report, target="fuzz_sequence"):
        return summary.replay(Finding("/x/a b", "S", list(report)),
                              pathlib.Path("/b/claimcheck"), target)

    def test_flags_of_the_report_are_kept(self):
        self.assertEqual(
            self.command("claimcheck: violation: S", "replay:  build/release/"
                         "claimcheck replay --release 4.17 --fault f --raw "
                         "./crash-0a"),
            "/b/claimcheck replay --release 4.17 --fault f --raw '/x/a b'")

    def test_file_that_the_report_names(self):
        for name in "./crash-0a", "'/a b/crash-0a'":
            self.assertEqual(
                self.command("replay:  /b/claimcheck replay --fault f --raw "
                             + name),
                "/b/claimcheck replay --fault f --raw '/x/a b'")

    def test_command_of_a_target(self):
        self.assertEqual(
            self.command("replay:  build/dev/fuzz_text ./crash-0a"),
            "/b/fuzz_text '/x/a b'")
        self.assertEqual(
            self.command("replay:  CLAIMCHECK_RELEASE=4.17 CLAIMCHECK_FAULT=f "
                         "/a/fuzz_text ./crash-0a"),
            "CLAIMCHECK_RELEASE=4.17 CLAIMCHECK_FAULT=f /b/fuzz_text '/x/a b'")

    def test_what_is_quoted(self):
        self.assertEqual(
            self.command("replay:  '/a b/claimcheck' replay --on './my x.so' "
                         "--raw 'it'\\''s one'"),
            "/b/claimcheck replay --on './my x.so' --raw '/x/a b'")
        self.assertEqual(
            self.command("replay:  CLAIMCHECK_ON='./my x.so' '/a b/fuzz_text' "
                         "./crash-0a"),
            "CLAIMCHECK_ON='./my x.so' /b/fuzz_text '/x/a b'")

    def test_command_that_was_cut_off(self):
        self.assertEqual(self.command("replay:  /a/claimcheck replay --on 'b"),
                         "/b/claimcheck replay '/x/a b'")

    def test_report_without_a_command(self):
        self.assertEqual(self.command("==1== ERROR"),
                         "/b/claimcheck replay '/x/a b'")
        self.assertEqual(self.command("==1== ERROR", target="fuzz_text"),
                         "/b/fuzz_text '/x/a b'")


class Reports(InFolder):
    def test_no_report_among_inputs(self):
        crash = Finding(str(self.dir / "crash-1"), "S", ["text"])
        seed = Finding(str(self.seeds / "two"), "S", ["text"])
        for finding in (crash, seed):
            libfuzzer.keep_report(finding, self.dir)
        self.assertTrue((self.dir / "crash-1.txt").exists())
        self.assertFalse((self.seeds / "two.txt").exists())


class Numbers(unittest.TestCase):
    def test_count(self):
        self.assertEqual([progress.count(n) for n in
                          (0, 9999, 12345, 2_097_152, 3e9)],
                         ["0", "9999", "12.3k", "2.1M", "3.0G"])

    def test_clock(self):
        self.assertEqual(progress.clock(59.9), "00:59")
        self.assertEqual(progress.clock(3661), "1:01:01")


if __name__ == "__main__":
    unittest.main()
