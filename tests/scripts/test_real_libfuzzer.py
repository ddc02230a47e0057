# SPDX-License-Identifier: MIT
"""scripts/fuzz with libFuzzer on the real targets: many processes on one
corpus, and every way a campaign may be cut off.
"""

import json
import os
import re
import signal
import subprocess

from helper import LONG, ROOT
from real import SECONDS_MAX, Real, run_or_skip

ONE = ("--target", "fuzz_sequence")


class Jobs(Real):
    def test_two_processes_one_corpus_one_summary(self):
        code, text = self.campaign_until(
            lambda: all(map(self.both_brought_inputs, self.TARGETS)),
            *self.BOTH, "--jobs", "2")
        self.assertEqual(code, 0, text)
        self.assertTrue(text.endswith("result: held\n"), text)
        for target in self.TARGETS:
            self.assertEqual(
                len(re.findall(rf"== {target}: .*, 2 processes", text)), 1)
            # Each look at the campaign is one line, not one a process.
            clocks = re.findall(rf"(?m)^{target} +(\S+) +runs", text)
            # (and one at the end, which may come right after another).
            self.assertLessEqual(len(clocks), len(set(clocks)) + 1, text)
            self.assertTrue(clocks, text)
            self.runs_are_added_up(target, text)
            self.assertTrue(self.both_brought_inputs(target))
            self.has_counts(text)
        # All of that once more with sanitizers.
        told = re.findall(r"(?m)^   sanitized   (.*)$", text)
        self.assertEqual(len(told), 2)
        for target, words in zip(self.TARGETS, told):
            number = self.find(r"^([\d,]+) inputs; 0 failures", words)[1]
            self.assertGreaterEqual(int(number.replace(",", "")),
                                    len(self.inputs(target)))

    def runs_are_added_up(self, target, text):
        out = self.dir / "out" / target
        runs = sum(int(self.find(r"number_of_executed_units: (\d+)",
                                 (out / f"worker-{i}.log").read_text())[1])
                   for i in range(2))
        shown = self.find(rf"== {target}:.*\n   runs +([\d,]+)", text)[1]
        self.assertEqual(int(shown.replace(",", "")), runs)

    def both_brought_inputs(self, target):
        """Did each process find some, and take in what the other found?"""
        logs = [(self.dir / "out" / target / f"worker-{i}.log").read_text()
                for i in range(2)]
        return len(self.inputs(target)) > 20 and all(
            re.search(rf"#\d+\s+{word} ", log) for log in logs
            for word in ("NEW", "RELOAD"))


class FastBuild(Real):
    def test_what_is_in_it(self):
        """Assertions and counters; no sanitizers, no comparisons."""
        code, text = self.campaign(*ONE, "--runs", "1")
        self.assertEqual(code, 0, text)
        wanted = subprocess.run(
            ["nm", "-u", *(ROOT / "build/fuzz-fast").rglob("libcc_*.a")],
            text=True, stdout=subprocess.PIPE, check=True).stdout
        for name, there in (("__assert_fail", True),
                            ("__sanitizer_cov_8bit_counters_init", True),
                            ("__sanitizer_cov_trace", False),
                            ("__asan_", False), ("__ubsan_", False)):
            self.assertEqual(name in wanted, there, name)


class Text(Real):
    def test_text(self):
        """Litmus tests are seeds; what is found is text, and stays."""
        code, text = self.campaign(*self.TEXT, "--runs", "1500")
        self.assertEqual(code, 0, text)
        self.has_counts(text)
        seeds = self.dir / "out/fuzz_text/seeds"
        self.assertTrue(list(seeds.glob("litmus-*.claim")))
        found = self.inputs("fuzz_text")
        self.assertGreater(len(found), 20)
        for verb in "check", "minimize", "check":
            code, text = self.corpus_tool(verb, *self.TEXT)
            self.assertEqual(code, 0, text)
        kept = self.inputs("fuzz_text")
        self.assertLessEqual(kept.items(), found.items())


class CutOff(Real):
    def begun(self, *args, env=None):
        log = self.dir / "out/fuzz_sequence/worker-0.log"
        log.unlink(missing_ok=True)
        process = self.start(*ONE, *LONG, *args, env=env)
        folder = self.dir / "corpus/fuzz_sequence"
        self.wait_for("inputs found", lambda: log.is_file() and
                      "INITED" in log.read_text(errors="replace") and
                      len(list(folder.iterdir())) >= 20)
        return process

    def test_ctrl_c_and_sigterm(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            process = self.begun("--jobs", "2")
            process.send_signal(number)
            text = process.communicate(timeout=SECONDS_MAX)[0].decode()
            self.assertEqual(process.returncode, 128 + number, text)
            self.assertIn(f"stopped early by {number.name}", text)
            self.assertIn(f"result: held until {number.name}", text)
            self.has_counts(text)

    def test_kill_minus_nine_loses_nothing(self):
        process = self.begun()
        process.kill()
        process.communicate()
        self.wait_for("no worker left", lambda: not self.left_running())
        before = self.inputs("fuzz_sequence")
        self.assertGreaterEqual(len(before), 20)
        # All of it is whole, and the next campaign begins with it.
        code, text = self.campaign(*ONE, "--runs", "1")
        self.assertEqual(code, 0, text)
        self.assertLessEqual(before.items(),
                             self.inputs("fuzz_sequence").items())
        code, text = self.corpus_tool("check", *ONE)
        self.assertEqual(code, 0, text)

    def test_killed_worker(self):
        process = self.begun("--jobs", "2")
        workers: list[bytes] = []

        def two():
            workers[:] = subprocess.run(
                ["pgrep", "-f", f"/fuzz_sequence -print_final.*{self.dir}"],
                stdout=subprocess.PIPE).stdout.split()
            return len(workers) == 2
        self.wait_for("two workers", two)
        os.kill(int(workers[0]), signal.SIGKILL)
        text = process.communicate(timeout=SECONDS_MAX)[0].decode()
        self.assertEqual(process.returncode, 3, text)
        self.assertRegex(text, r"fuzz_sequence-\d was killed by SIGKILL")

    def test_disk_that_fills_up(self):
        folder = self.dir / "corpus/fuzz_sequence"
        folder.mkdir(parents=True)
        inside = ["unshare", "-m", "sh", "-c",
                  f'mount -t tmpfs -o size=300k none {folder} && exec "$@"',
                  "sh"]
        if subprocess.run([*inside, "true"], stderr=subprocess.DEVNULL
                          ).returncode != 0:
            self.skipTest("cannot mount here")
        done = subprocess.run(
            [*inside, *self.argv("fuzz", *ONE, *LONG, "--out",
                                 self.dir / "out")],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=SECONDS_MAX)
        text = done.stdout.decode()
        self.assertEqual(done.returncode, 3, text)
        self.assertIn(f"corpus {folder}: No space left on device", text)
        self.assertIn("== fuzz_sequence", text)


class Found(Real):
    def test_planted_fault(self):
        code, text = self.campaign(
            *ONE, *LONG, "--jobs", "2", "--seeds", self.dir / "poor",
            env={"CLAIMCHECK_FAULT": "claim_total.second.drop"})
        self.assertEqual(code, 1, text)
        self.assertIn("result: VIOLATION", text)
        self.assertRegex(text, "(?m)^   sanitized .* [12] failures")
        replay = self.find(r"(?m)^    replay  (.*)$", text)[1]
        self.assertIn("--fault claim_total.second.drop", replay)
        self.assertIn("build/fuzz/claimcheck", replay)
        done = subprocess.run(replay, shell=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 1, done.stdout)
        # The next campaign does not call it its own, nor does it hide it.
        code, text = self.campaign(*ONE, "--runs", "10")
        self.assertEqual(code, 0, text)
        self.assertRegex(text, "earlier     [12] findings of earlier")


class KeepGoing(Real):
    # Each shows in one way only.
    FAULTS = {"create.exists.errno": "RESULT-create",
              "physinfo_no_claims": "REPORT-physinfo",
              "unpause.running.errno": "RESULT-unpause",
              "domain_info.domid.errno": "RESULT-domain_info",
              "node_affinity.nodes.errno": "RESULT-node_affinity"}

    def test_five_faults_in_turn(self):
        """Five findings, none twice, one summary."""
        code, text = self.campaign(
            *ONE, "--runs", "2000", "--seed", "1", "--keep-going", "--fault",
            ",".join(self.FAULTS))
        self.assertEqual(code, 1, text)
        self.assertEqual(text.count("\nfindings    5 new, 0 known, in "), 1)
        folder = self.dir / "out/findings"
        self.assertEqual(
            {f.parent.name: json.loads(f.read_text())["fault"]
             for f in folder.glob("*/finding.json")},
            {name: fault for fault, name in self.FAULTS.items()})
        for name in self.FAULTS.values():
            self.is_whole(folder / name)

    def is_whole(self, folder):
        """The input is small, fails as its report says, and is its text."""
        filed = json.loads((folder / "finding.json").read_text())
        self.assertGreater(filed["count"], 1)
        done = subprocess.run(filed["replay"], shell=True, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn(f"violation: {filed['signature']}\n", done.stdout)
        self.assertIn(f"violation: {filed['signature']}\n",
                      (folder / "report.txt").read_text())
        text = (folder / "input.claim").read_text()
        self.assertLess(len(text.splitlines()), 12)
        again = subprocess.run(
            [ROOT / "build/fuzz/claimcheck", "text", "--raw",
             folder / "input"], text=True, stdout=subprocess.PIPE, check=True)
        self.assertIn(text.splitlines()[-1].split()[0], again.stdout)


if __name__ == "__main__":
    run_or_skip("clang-14")
