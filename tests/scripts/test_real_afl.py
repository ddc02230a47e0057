# SPDX-License-Identifier: MIT
"""scripts/fuzz with AFL++ on the real targets: does it work as it says, with
the mutator library and nothing beside it; and does it fail when it must?
"""

import pathlib
import re
import shutil
import signal
import subprocess

from helper import LONG, ROOT
from real import SECONDS_MAX, Real, run_or_skip

from claimcheck import afl, paths, seeds

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
        code, text = self.campaign_until(
            lambda: all(self.has_found(target, given[target])
                        for target in self.TARGETS),
            *AFL, *self.BOTH, "--jobs", "2")
        self.assertEqual(code, 0, text)
        self.assertTrue(text.endswith("result: held\n"), text)
        self.assertEqual(text.count("stability   100 %"), 2, text)
        self.has_counts(text)
        for target in self.TARGETS:
            self.main_used_the_library_alone(target)
            self.secondary_logged_comparisons(target)
            self.began_with(target, given[target])
            # ... and the other way round.
            self.assertTrue(self.has_found(target, given[target]))
        self.libfuzzer_takes_over()

    def has_found(self, target, given):
        """Has each instance found something, and the corpus got some?"""
        return (self.queue(target, "main")
                and self.own_mutations(target, "secondary1")
                and self.inputs(target).keys() - given.keys())

    def own_mutations(self, target, instance):
        """Finds by what AFL itself does to inputs."""
        return [name for name in self.queue(target, instance)
                if ",op:" in name]

    def main_used_the_library_alone(self, target):
        self.assertFalse(self.own_mutations(target, "main"))
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
        process = self.start(*ONE, *LONG)
        self.wait_for("afl-fuzz at work", lambda: int(self.stats(
            "fuzz_sequence", "main").get("execs_done", 0)) > 0)
        process.send_signal(signal.SIGINT)
        text = process.communicate(timeout=SECONDS_MAX)[0].decode()
        self.assertEqual(process.returncode, 128 + signal.SIGINT, text)
        self.assertIn("stopped early by SIGINT", text)
        self.assertIn("result: held until SIGINT", text)


class Order(Real):
    """What an input does is its own doing: no run leaves anything to the next,
    which a campaign sees, by chance, as a stability below 100 %."""

    def test_any_order_has_the_same_edges(self):
        code, text = self.campaign(*ONE, "--runs", "1")  # builds
        self.assertEqual(code, 0, text)
        more = self.generated()
        for target in paths.targets():
            given = seeds.prepare(paths.SEEDS, target,
                                  self.dir / "seeds" / target,
                                  ENGINE_BUILD / "claimcheck")
            given += more if target not in paths.TEXT_TARGETS else []
            first = self.maps(target, given)
            other = self.maps(target, given[::-1])
            self.assertEqual(first.keys(), {file.name for file in given})
            self.assertEqual(first.keys(), other.keys())
            self.assertEqual([], [name for name, edges in first.items()
                                  if other[name] != edges], target)

    def generated(self):
        """Programs as a campaign has them: longer than the seeds."""
        text, data = self.dir / "text", self.dir / "bytes"
        text.mkdir()
        data.mkdir()
        for words in (f"generate --wide --count 1000 -o {text}",
                      f"bytes {text} -o {data}"):
            subprocess.run([ENGINE_BUILD / "claimcheck", *words.split()],
                           check=True, timeout=SECONDS_MAX)
        return sorted(data.iterdir())

    def maps(self, target, files):
        """{seed: its edges with their counts}, run in this order."""
        ordered, made = self.dir / "ordered", self.dir / "maps"
        for folder in ordered, made:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
        for at, file in enumerate(files):
            shutil.copy(file, ordered / f"{at:05}-{file.name}")
        log = subprocess.run(
            ["afl-showmap", "-r", "-s", "-t", str(SECONDS_MAX * 1000),
             "-i", ordered, "-o", made, "--", ENGINE_BUILD / target],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=SECONDS_MAX)
        self.assertEqual(log.returncode, 0, log.stdout.decode())
        return {file.name.partition("-")[2]: file.read_bytes()
                for file in made.iterdir()}


class Hosts(Real):
    def argv_of(self, host, *args):
        return [str(w) for w in (
            ROOT / "scripts/fuzz", *ONE, "--sync", self.dir / "shared",
            "--host", host, "--seeds", self.dir / "poor", *args)]

    def test_two_at_once_one_of_them_killed(self):
        """The other takes in what it found; so does the corpus, once it is
        back."""
        code, text = self.campaign(*ONE, "--runs", "1")  # builds
        self.assertEqual(code, 0, text)
        killed = subprocess.Popen(
            self.argv_of("one", *LONG), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        self.addCleanup(killed.wait)
        self.addCleanup(killed.kill)
        folder = self.dir / "shared/afl/fuzz_sequence"

        def finds(host):
            return [file for file in folder.glob(f"{host}-*/queue/id:*")
                    if ",orig:" not in file.name]
        self.wait_for("finds of one", lambda: len(finds("one")) > 20)
        other = subprocess.Popen(
            self.argv_of("two", *LONG), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(other.kill)
        self.wait_for("finds of one with two", lambda: any(
            ",sync:one-" in file.name for file in finds("two")))
        killed.kill()
        killed.wait()
        known = {file.read_bytes() for file in finds("one")}
        other.send_signal(signal.SIGINT)
        text = other.communicate(timeout=SECONDS_MAX)[0].decode()
        self.assertEqual(other.returncode, 128 + signal.SIGINT, text)
        self.assertTrue(finds("one"))  # whose they are, nobody else clears
        done = subprocess.run(
            self.argv_of("one", "--runs", "1"), stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=SECONDS_MAX)
        self.assertEqual(done.returncode, 0, done.stdout.decode())
        corpus = self.dir / "shared/corpus/fuzz_sequence"
        self.assertLessEqual(known - {b""}, {
            file.read_bytes() for file in corpus.iterdir()})


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
        return self.campaign(*ONE, "--runs", "1", "--build-dir", built)

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
            *ONE, *LONG, "--seeds", self.dir / "poor",
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
            *ONE, "--runs", "1", "--seeds", self.dir / "poor",
            env={"CLAIMCHECK_FAULT": "claim_total.second.drop"})
        self.assertEqual(code, 1, text)
        self.assertTrue(file.exists())

    def test_failing_seed_is_told(self):
        # afl-fuzz itself would pass over it.
        seed = self.dir / "poor/fuzz_sequence/claim.claim"
        seed.write_text("host nodes=1 pages=64 release=4.22\ncreate d1\n"
                        "max_mem d1 host\nclaim d1 4\nclaim d1 4\n")
        code, text = self.campaign(
            *ONE, "--runs", "1", "--seeds", self.dir / "poor",
            env={"CLAIMCHECK_FAULT": "claim_total.second.drop"})
        self.assertEqual(code, 1, text)
        self.assertIn("out/fuzz_sequence/seeds/claim", text)


if __name__ == "__main__":
    run_or_skip("afl-fuzz", "clang-14")
