# SPDX-License-Identifier: MIT
"""scripts/fuzz with AFL++ on the real targets: does it work as it says, with
the mutator library and nothing beside it; and does it fail when it must?
"""

import pathlib
import re
import signal
import subprocess

from real import ROOT, Real, run_or_skip

from claimcheck import afl

AFL = ("--engine", "afl")
ONE = (*AFL, "--target", "fuzz_sequence")
ENGINE_BUILD = ROOT / "build/afl"


class Campaign(Real):
    def setUp(self):
        super().setUp()
        self.out = self.dir / "out"

    def queue(self, target, instance):
        """Names of this instance's finds: not seeds, not from others."""
        folder = self.out / target / "afl" / instance / "queue"
        return [f.name for f in folder.glob("id:*")
                if not re.search(",(orig|sync):", f.name)]

    def stats(self, target, instance):
        return afl.read_stats(
            self.out / target / "afl" / instance / "fuzzer_stats")

    def test_both_targets_two_instances(self):
        # What libFuzzer has found is there for AFL++ ...
        code, text = self.campaign(*self.BOTH, "--runs", "3000")
        self.assertEqual(code, 0, text)
        given = {target: self.inputs(target) for target in self.TARGETS}
        code, text = self.campaign(*AFL, *self.BOTH, "--jobs", "2",
                                   "--seconds", "6")
        self.assertEqual(code, 0, text)
        self.assertTrue(text.endswith("result: held\n"), text)
        self.assertEqual(text.count("stability   100 %"), 2, text)
        self.has_counts(text)
        for target in self.TARGETS:
            self.main_used_the_library_alone(target)
            self.secondary_logged_comparisons(target)
            self.began_with(target, given[target])
            # ... and the other way round.
            new = self.inputs(target).keys() - given[target].keys()
            self.assertTrue(new)
        self.libfuzzer_takes_over()

    def main_used_the_library_alone(self, target):
        finds = self.queue(target, "main")
        self.assertTrue(finds)
        self.assertFalse([name for name in finds if ",op:" in name])
        log = (self.out / target / "main.log").read_text(errors="replace")
        self.assertRegex(log, "Custom mutator .*libclaimcheck-mutator.so' "
                         "installed successfully")
        self.assertIn("AFL_CUSTOM_MUTATOR_ONLY with value 1", log)
        words = self.stats(target, "main")["command_line"].split()
        self.assertIn("-b", words)
        dictionary = ROOT / f"dicts/{target}.dict"
        self.assertEqual(dictionary.exists(), "-x" in words)

    def secondary_logged_comparisons(self, target):
        words = self.stats(target, "secondary1")["command_line"].split()
        self.assertIn("afl-cmplog", words[words.index("-c") + 1])
        # It mutates in AFL's own ways, so that there are two.
        self.assertTrue([n for n in self.queue(target, "secondary1")
                         if ",op:" in n])

    def began_with(self, target, given):
        folder = self.out / target / "afl/main/queue"
        names = " ".join(f.name for f in folder.glob("id:*,orig:*"))
        self.assertTrue(given)
        for name in given:
            self.assertIn(name, names)

    def libfuzzer_takes_over(self):
        code, text = self.campaign(*self.BOTH, "--runs", "1")
        self.assertEqual(code, 0, text)
        for target in self.TARGETS:
            log = (self.out / target / "worker-0.log").read_text()
            number = len(self.inputs(target))
            loaded = int(self.find(r"(\d+) files found in \S*/corpus/",
                                   log)[1])
            self.assertGreater(loaded, 20)
            self.assertLessEqual(loaded, number)

    def test_text_has_no_mutator_of_ours(self):
        code, text = self.campaign(*AFL, *self.TEXT, "--runs", "500")
        self.assertEqual(code, 0, text)
        self.assertIn("stability   100 %", text)
        log = (self.out / "fuzz_text/main.log").read_text(errors="replace")
        self.assertNotIn("Custom mutator", log)

    def test_ctrl_c(self):
        process = self.start(*ONE, "--seconds", "300")
        plot = self.out / "fuzz_sequence/afl/main/fuzzer_stats"
        self.wait_for("afl-fuzz at work", plot.is_file)
        process.send_signal(signal.SIGINT)
        text = process.communicate(timeout=100)[0].decode()
        self.assertEqual(process.returncode, 128 + signal.SIGINT, text)
        self.assertIn("stopped early by SIGINT", text)
        self.assertIn("result: held until SIGINT", text)


class MustFail(Real):
    def library(self, text):
        """A build folder like the real one, with another mutator library."""
        code, said = self.campaign(*ONE, "--runs", "1")
        self.assertEqual(code, 0, said)
        built = self.dir / "afl"
        built.mkdir()
        for name in ("claimcheck", "fuzz_sequence"):
            (built / name).symlink_to(ENGINE_BUILD / name)
        made = built / "libclaimcheck-mutator.so"
        if text is None:
            made.write_bytes(b"no library")
        else:
            source = self.dir / "mutator.c"
            source.write_text(text)
            subprocess.run(["clang-14", "-shared", "-fPIC", source, "-o",
                            made], check=True)
        return self.campaign(*ONE, "--seconds", "4", "--build-dir", built)

    def test_library_that_does_not_load(self):
        code, text = self.library(None)
        self.assertEqual(code, 3, text)
        self.assertIn("ended with exit code 1", text)

    def test_library_that_does_not_mutate(self):
        # afl-fuzz goes on without a word, with its own mutations.
        code, text = self.library(
            "void *afl_custom_init(void *a, unsigned s)\n"
            "{ (void)s; return a; }\n"
            "void afl_custom_deinit(void *d) { (void)d; }\n")
        self.assertEqual(code, 3, text)
        self.assertRegex(text, "mutator library .* does not mutate")

    def test_planted_fault_is_a_crash_file(self):
        code, text = self.campaign(
            *ONE, "--seconds", "150", "--seeds", self.dir / "poor",
            env={"CLAIMCHECK_FAULT": "claim_total.second.drop"})
        self.assertEqual(code, 1, text)
        self.assertIn("result: VIOLATION", text)
        file = pathlib.Path(self.find(r"(?m)^ +file    (.*)$", text)[1])
        self.assertTrue(file.name.startswith("crash-"), text)
        self.assertEqual(file.parent, self.dir / "out/fuzz_sequence/crashes")
        replay = self.find(r"(?m)^ +replay  (.*)$", text)[1]
        done = subprocess.run(replay, shell=True, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.crash_of_a_killed_campaign_is_told(file)

    def crash_of_a_killed_campaign_is_told(self, file):
        """As if that campaign had been killed before it could speak."""
        left = self.dir / "out/fuzz_sequence/afl/main/crashes"
        (left / "id:000099,sig:06").write_bytes(file.read_bytes())
        file.unlink()
        code, text = self.campaign(
            *ONE, "--seconds", "5", "--seeds", self.dir / "poor",
            env={"CLAIMCHECK_FAULT": "claim_total.second.drop"})
        self.assertEqual(code, 1, text)
        self.assertTrue(file.exists())

    def test_failing_seed_is_told(self):
        # afl-fuzz itself would pass over it.
        seed = self.dir / "poor/fuzz_sequence/claim.claim"
        seed.write_text("host nodes=1 pages=64 release=4.22\ncreate d1\n"
                        "max_mem d1 host\nclaim d1 4\nclaim d1 4\n")
        code, text = self.campaign(
            *ONE, "--seconds", "5", "--seeds", self.dir / "poor",
            env={"CLAIMCHECK_FAULT": "claim_total.second.drop"})
        self.assertEqual(code, 1, text)
        self.assertIn("out/fuzz_sequence/seeds/claim", text)


if __name__ == "__main__":
    run_or_skip("afl-fuzz", "clang-14")
