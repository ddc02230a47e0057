# SPDX-License-Identifier: MIT
"""scripts/fuzz as a whole, on a fake target: exit codes, summary, trouble."""

import json
import re
import signal
import subprocess
import unittest
import unittest.mock

from helper import FAKES, LONG, PATIENCE, SHORT, InFolder

from claimcheck import campaign, fuzz, progress
from claimcheck.fuzz_prepare import Built, prepare


class Results(InFolder):
    def test_held(self):
        code, text = self.fuzz("held")
        self.assertEqual(code, 0, text)
        self.assertIn("runs        1,234,567", text)
        self.assertIn("steps       3,703,701", text)
        self.assertIn("12 edges, 15 features", text)
        self.assertIn("findings    none", text)
        details = (self.dir / "out/fuzz_fake/summary.txt").read_text()
        self.assertIn("claim  0 1,234,567  EINVAL 2", details)
        self.assertIn("DYING  1", details)
        self.assertIn("1 files (+1)", text)
        self.assertTrue(text.endswith("result: held\n"))

    def test_runs_that_are_not_counted(self):
        """An input that is no program of the target's kinds, or one of a
        process that was killed."""
        code, text = self.fuzz("held,uncounted")
        self.assertEqual(code, 0, text)
        self.assertIn("runs        1,234,567", text)
        self.assertIn("not counted 34,567 runs (steps, rules): no program of "
                      "this\n               target's, or the engine killed "
                      "the process\n", text)

    def test_jobs_are_summed(self):
        code, text = self.fuzz("held", *SHORT, "--jobs", "3")
        self.assertEqual(code, 0, text)
        self.assertIn("runs        3,703,701", text)
        self.assertIn("3 processes", text)

    def test_violation(self):
        code, text = self.fuzz("violation")
        self.assertEqual(code, 1, text)
        file = self.dir / "out/fuzz_fake/crashes/crash-0123"
        self.assertIn(f"replay  {FAKES}/claimcheck replay {file}", text)
        self.assertIn("\n  PROTECT/populate  1 time, fuzz_fake\n", text)
        self.assertTrue(file.exists())
        details = (self.dir / "out/fuzz_fake/summary.txt").read_text()
        self.assertIn("| step 3: populate d1", details)
        self.assertNotIn("in abort", details)
        report = file.with_name("crash-0123.txt").read_text()
        self.assertTrue(report.startswith("claimcheck: violation: PROTECT"))

    def test_sanitizer_report(self):
        code, text = self.fuzz("asan")
        self.assertEqual(code, 1, text)
        self.assertIn("AddressSanitizer: heap-buffer-overflow a.c:3", text)

    def test_violation_is_not_hidden_by_trouble(self):
        code, text = self.fuzz("violation", *SHORT, "--jobs", "2")
        self.assertEqual(code, 1, text)

    def test_history(self):
        """A line each minute and one at the end, of each campaign."""
        for _ in range(2):
            self.assertEqual(self.fuzz("held")[0], 0)
        lines = [json.loads(line) for line in (
            self.dir / "out/fuzz_fake/history.jsonl").read_text().splitlines()]
        self.assertEqual([line["runs"] for line in lines], [1234567] * 2)
        self.assertEqual(lines[0]["findings"], 0)

    def test_zero_runs(self):
        code, text = self.fuzz("zero")
        self.assertEqual(code, 3, text)
        self.assertIn("no run was made", text)

    def test_killed_worker(self):
        code, text = self.fuzz("killed")
        self.assertEqual(code, 3, text)
        self.assertIn("fuzz_fake-0 was killed by SIGKILL", text)

    def test_exit_without_finding(self):
        code, text = self.fuzz("garbage")
        self.assertEqual(code, 3, text)
        self.assertIn("exit code 1 and no finding", text)
        self.assertIn("what is that flag?", text)


class Interruptions(InFolder):
    def stopped_by(self, number, how="held"):
        process = subprocess.Popen(
            self.command(*LONG), env=self.environment(how),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(process.kill)
        self.wait_for("an input", (
            self.dir / "corpus/fuzz_fake/found-by-fake").exists)
        process.send_signal(number)
        text = process.communicate(timeout=PATIENCE)[0].decode()
        return process.returncode, text

    def test_ctrl_c_and_sigterm(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            code, text = self.stopped_by(number)
            self.assertEqual(code, 128 + number, text)
            self.assertIn(f"stopped early by {number.name}", text)
            self.assertIn("runs        500", text)
            self.assertIn(f"result: held until {number.name}", text)
            (self.dir / "corpus/fuzz_fake/found-by-fake").unlink()

    def test_kill_minus_nine_leaves_no_worker_and_keeps_inputs(self):
        self.stopped_by(signal.SIGKILL)
        self.assertTrue(
            (self.dir / "corpus/fuzz_fake/found-by-fake").exists())
        out = str(self.dir).encode()
        self.wait_for("no worker left", lambda: out not in subprocess.run(
            ["ps", "-eo", "args"], stdout=subprocess.PIPE).stdout)

    def test_deaf_worker_is_killed(self):
        options = fuzz.arguments(
            [str(w) for w in self.command(*LONG)[1:]])
        with unittest.mock.patch.dict("os.environ", {"FAKE": "deaf"}):
            one = prepare("fuzz_fake", options, Built(FAKES))
        loop = campaign.Loop(progress.Progress(0), 0)
        found = self.dir / "corpus/fuzz_fake/found-by-fake"

        def tell():
            """To stop, once it has come to where it does not listen."""
            if found.exists() and not loop.reason:
                loop.on_signal(signal.SIGTERM, None)
        loop.beside = tell
        with unittest.mock.patch.object(campaign, "SIGNAL_PATIENCE", 0.1):
            loop.run_group([one])
        self.assertEqual(one.workers[0].code, -signal.SIGKILL)

    def test_worker_past_its_time_is_killed(self):
        options = fuzz.arguments(
            [str(w) for w in self.command(*LONG)[1:]])
        one = prepare("fuzz_fake", options, Built(FAKES))
        loop = campaign.Loop(progress.Progress(1), 1)
        with unittest.mock.patch.object(campaign, "OVERTIME", 0.5):
            loop.run_group([one])
        self.assertTrue(any("did not end in time" in t for t in one.trouble))


class Hosts(InFolder):
    """Several machines on one folder; here two names."""

    def argv(self, host, *args):
        words = [str(word) for word in self.command(*args)]
        for flag in "--corpus", "--out":
            del words[words.index(flag):words.index(flag) + 2]
        return [*words, "--sync", str(self.dir / "shared"), "--host", host]

    def test_two_at_once_one_of_them_killed(self):
        """Nobody waits for the other; corpus and findings are of both."""
        killed = subprocess.Popen(
            self.argv("one", *LONG), stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT, env=self.environment("held"))
        found = self.dir / "shared/corpus/fuzz_fake/found-by-fake"
        self.wait_for("an input", found.exists)
        done = subprocess.run(
            self.argv("two", *SHORT, "--keep-going"),
            env=self.environment("PROTECT/populate"), stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        killed.kill()
        killed.wait()
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertTrue((self.dir / "shared/findings/PROTECT-populate/input")
                        .is_file())
        for host in "one", "two":
            self.assertTrue((self.dir / "shared/hosts" / host / "fuzz_fake"
                             ).is_dir())
        # Whoever was killed may come back.
        done = subprocess.run(
            self.argv("one", *SHORT), stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, env=self.environment("held"))
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_one_name_for_two_is_refused(self):
        process = subprocess.Popen(
            self.argv("one", *LONG), stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT, env=self.environment("held"))
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        self.wait_for("it has begun", (
            self.dir / "shared/corpus/fuzz_fake/found-by-fake").exists)
        done = subprocess.run(
            self.argv("one", *SHORT), stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, env=self.environment("held"))
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertIn("in use by process", done.stdout)


class BadInput(InFolder):
    def refuses(self, expected, *args):
        code, text = self.fuzz("held", *args)
        self.assertEqual(code, 2, text)
        self.assertRegex(text, expected)

    def test_usage(self):
        self.refuses("unrecognized arguments: --bogus", "--bogus")
        self.refuses("unknown fault no_such, expected one of those",
                     "--fault", "no_such")
        self.refuses("for instance claim_total.unclaimed.drop",
                     "--fault", "claim_total.unclamed.drop")
        self.refuses("unknown release 5, expected one of: 4.17,", "--release",
                     "5")
        for flag, value in (("--seconds", "0"), ("--jobs", "many"),
                            ("--runs", "1.5"), ("--seed", "")):
            self.refuses("expected a whole number, 1 or more", flag, value)
        self.refuses("invalid choice", "--engine", "honggfuzz")
        self.refuses("--no-mutator goes with", "--no-mutator")
        self.refuses("--host goes with --sync", "--host", "h")
        self.refuses("expected letters", "--sync", "d", "--host", "a/b")
        self.refuses("at most 12 letters", "--sync", "d", "--engine", "afl",
                     "--host", "a.b")
        self.refuses("--tree DIR goes with --on xen", "--tree", "t")
        self.refuses("--on H goes with --engine libfuzzer", "--on", "xen",
                     "--engine", "afl")
        self.refuses("absent: no such folder", "--on", "xen", "--tree",
                     self.dir / "absent")
        self.refuses("fuzz_other: no such fuzz target",
                     "--target", "fuzz_other")

    def test_no_seeds(self):
        for file in self.seeds.iterdir():
            file.unlink()
        self.refuses("no seeds there")
        self.seeds.rmdir()
        self.refuses("no seeds there")

    def test_empty_seeds(self):
        (self.seeds / "one.claim").write_text("")
        (self.seeds / "two").write_text("")
        self.refuses("all seeds are empty")

    def test_bad_seed(self):
        (self.seeds / "three.claim").write_text("bad d1\n")
        self.refuses("three.claim:1:1: unknown operation bad")

    def test_read_only_and_full_disk(self):
        mount = "mkdir -p {0} && mount -t tmpfs -o {1} none {0} && exec \"$@\""
        corpus = self.dir / "corpus/fuzz_fake"
        for how, expected in (("ro", "Read-only file system"),
                              ("size=16k", "No space left on device")):
            prefix = ["unshare", "-m", "sh", "-c",
                      mount.format(corpus, how), "sh"]
            if subprocess.run([*prefix, "true"],
                              stderr=subprocess.DEVNULL).returncode != 0:
                self.skipTest("cannot mount here")
            code, text = self.fuzz("held", *LONG, prefix=prefix)
            self.assertEqual(code, 3, text)
            self.assertIn(expected, text)
            self.assertIn(str(corpus), text)

    def test_what_is_fuzzed(self):
        options = fuzz.arguments([str(w) for w in self.command(
            *LONG, "--on", "./mine.so")[1:]])
        one = prepare("fuzz_fake", options, Built(FAKES))
        self.assertEqual([worker.env["CLAIMCHECK_ON"]
                          for worker in one.workers], ["./mine.so"])

    def test_a_finding_ends_the_sanitized_build_too(self):
        """Each input that fails takes a process: the rest is told of."""
        replays = self.dir / "replays"
        replays.mkdir()
        (replays / "fuzz_fake").symlink_to(FAKES / "replays")
        (replays / "claimcheck").symlink_to(FAKES / "claimcheck")
        for number in range(200):
            (self.seeds / f"s{number}").write_text(f"BUG {number}")
        options = fuzz.arguments(
            [str(w) for w in self.command(*LONG)[1:]])
        with unittest.mock.patch.dict("os.environ", {"FAKE": "held"}):
            one = prepare("fuzz_fake", options, Built(FAKES, replays))
        campaign.Loop(progress.Progress(0), 0).run_group([one])
        self.assertEqual({f.signature for f in one.findings},
                         {"BUDDY/claim"})
        self.assertLess(len(one.findings), 20)
        assert one.sanitized
        self.assertRegex(one.sanitized.told(), "inputs, [0-9]+ not;")

    def test_disk_that_fills_up(self):
        options = fuzz.arguments(
            [str(w) for w in self.command(*LONG)[1:]])
        one = prepare("fuzz_fake", options, Built(FAKES))
        loop = campaign.Loop(progress.Progress(0), 0)
        full = OSError(28, "No space left on device")
        with unittest.mock.patch("claimcheck.output.probe_write",
                                 side_effect=full):
            loop.run_group([one])
        self.assertTrue(re.search("corpus .*No space", str(one.trouble)))
        self.assertTrue(one.workers[0].stopped)


if __name__ == "__main__":
    unittest.main()
