# SPDX-License-Identifier: MIT
"""AFL++: command lines, folders, and when its mutator counts as used."""

import argparse
import pathlib
import unittest
import unittest.mock

from helper import FAKES, InFolder

from claimcheck import afl, campaign, paths, replay
from claimcheck.worker import Finding


class Afl(InFolder):
    def test_folders(self):
        folder = self.dir / "afl/main"
        for kind in ("crashes", "hangs", "queue"):
            (folder / kind).mkdir(parents=True)
            (folder / kind / "id:000000,x").write_bytes(kind.encode())
        (folder / "crashes/README.txt").write_text("not a crash")
        crashes = self.dir / "crashes"
        crashes.mkdir()
        self.assertEqual(afl.share_queue(self.dir / "afl", crashes), 1)
        self.assertEqual(afl.share_queue(self.dir / "afl", crashes), 0)
        kept = afl.rescue(self.dir / "afl", crashes, self.dir)
        self.assertEqual(len(kept), 2)
        self.assertEqual((self.dir / paths.content_name(b"queue"))
                         .read_bytes(), b"queue")
        names = sorted(p.name.split("-")[0] for p in crashes.iterdir())
        self.assertEqual(names[1:], ["crash", "hang"])
        self.assertEqual(list((self.dir / "afl").iterdir()), [])

    def test_a_file_for_each_signature(self):
        """afl-fuzz keeps one for each way; all are counted."""
        crashes, folder = self.dir / "crashes", self.dir / "afl/main/crashes"
        for made in crashes, folder:
            made.mkdir(parents=True)
        for number in range(3):
            (folder / f"id:{number}").write_text(f"BUG {number}")
        worker = afl.Afl("a", [], {"CLAIMCHECK_STATS": "/none"},
                         self.dir / "log", folder.parent,
                         FAKES / "replays", crashes)
        with unittest.mock.patch.object(afl, "REPLAYS_A_LOOK", 2):
            worker.scan()
            self.assertEqual(len(worker.findings), 2)
            worker.scan()
        self.assertEqual({(f.signature, f.file) for f in worker.findings},
                         {("BUDDY/claim", str(next(crashes.iterdir())))})
        self.assertEqual(len(worker.findings), 3)
        self.assertEqual(len(list(crashes.iterdir())), 1)
        one = campaign.Campaign("t", "afl", {
            "corpus": crashes, "crashes": crashes}, [worker])
        said = unittest.mock.Mock()
        said.confirm.side_effect = lambda finding: finding
        said.findings = []
        one.sanitized = said
        one.confirm()
        self.assertEqual(said.confirm.call_count, 1)
        self.assertEqual((len(one.all_findings()), len(one.findings)),
                         (3, 1))
        afl.hand_over(self.dir / "afl", crashes)
        self.assertEqual(afl.rescue(self.dir / "afl", crashes, crashes), [])

    def test_what_a_killed_campaign_left_is_told_once(self):
        crashes = self.dir / "crashes"
        crashes.mkdir()
        for name in "one", "two":
            (crashes / name).touch()
        (self.dir / "seed").touch()
        found = replay.once([Finding(str(file), "A/b") for file in (
            crashes / "one", crashes / "two", self.dir / "seed")], crashes)
        self.assertEqual([pathlib.Path(one.file).name for one in found],
                         ["one", "one", "seed"])
        self.assertEqual(len(list(crashes.iterdir())), 1)
        self.assertTrue((self.dir / "seed").exists())

    def test_hosts_that_share_a_folder(self):
        """Each clears its own; one campaign's names are not the next one's,
        and fit what afl-fuzz takes."""
        made = []
        for host in "a", "a-b", None:
            with unittest.mock.patch("time.time", return_value=2e9):
                prefix = afl.prefix_of(host)
            for index in 0, 1:
                name = afl.instance(index, prefix)
                folder = self.dir / "afl" / name / "queue"
                folder.mkdir(parents=True)
                (folder / "id:1").write_text(name)
                made.append(name)
        self.assertEqual(made[:2], ["a-x2qxvk-m", "a-x2qxvk-s1"])
        with unittest.mock.patch("time.time", return_value=2e9 + 1):
            self.assertNotIn(afl.instance(0, afl.prefix_of("a")), made)
        for at, host in enumerate(("a", "a-b", None)):
            wanted = made[2 * at:2 * at + 2]
            self.assertEqual([one.name for one in afl.own(
                self.dir / "afl", host)], wanted)
            corpus = self.dir / f"corpus{at}"
            corpus.mkdir()
            afl.rescue(self.dir / "afl", corpus, corpus, host)
            self.assertEqual(
                {file.read_text() for file in corpus.iterdir()}, set(wanted))
        self.assertEqual(list((self.dir / "afl").iterdir()), [])
        longest = afl.instance(99, afl.prefix_of("h" * 12))
        self.assertLessEqual(len(longest), 24)
        self.assertTrue(afl.HOST.match("h" * 12))
        self.assertFalse(afl.HOST.match("h" * 13))

    def test_instances(self):
        options = argparse.Namespace(seconds=9, runs=0, seed=0)
        folders = dict.fromkeys(
            ("corpus", "seeds", "crashes", "afl", "start"), pathlib.Path("f"))
        argv = [[str(w) for w in afl.command(
            pathlib.Path("t"), options, i, folders,
            cmplog=pathlib.Path("t.cmplog"))] for i in range(3)]
        self.assertIn("-M", argv[0])
        self.assertIn("-F", argv[0])
        self.assertIn("t.cmplog", argv[1])
        self.assertIn("-p", argv[2])
        for words in argv:
            self.assertIn("-b", words)

    def test_unused_mutator_is_trouble(self):
        queue = self.dir / "queue"
        queue.mkdir()
        loaded = ("[+] Custom mutator '/x.so' installed successfully.\n")

        def trouble(name, log, **env):
            for old in queue.iterdir():
                old.unlink()
            (queue / name).write_bytes(b"x")
            (self.dir / "log").write_text(log)
            worker = afl.Afl("a", [], env, self.dir / "log", self.dir,
                             self.dir / "t", self.dir)
            worker.code = 0
            worker.ended()
            return worker.trouble or ""

        library = {"AFL_CUSTOM_MUTATOR_LIBRARY": "/x.so"}
        own = "id:000001,src:000000,time:1,execs:2,op:havoc,rep:2,+cov"
        its = "id:000001,src:000000,time:1,execs:2,operations,+cov"
        seed = "id:000000,time:0,execs:0,orig:seed"
        self.assertEqual(trouble(own, ""), "")
        self.assertEqual(trouble(its, loaded, **library), "")
        self.assertEqual(trouble(seed, loaded, **library), "")
        self.assertIn("not loaded", trouble(its, "", **library))
        self.assertIn("not work alone", trouble(own, loaded, **library))
        self.assertIn("does not mutate", trouble(
            its, f"[!] {afl.LIBRARY_EMPTY}.\n" + loaded, **library))

    def test_mutator_works_alone(self):
        env = afl.environment({}, pathlib.Path("/x.so"), 0)
        self.assertEqual(env["AFL_CUSTOM_MUTATOR_ONLY"], "1")
        self.assertNotIn("AFL_CUSTOM_MUTATOR_LIBRARY",
                         afl.environment({}, pathlib.Path("/x.so"), 1))


if __name__ == "__main__":
    unittest.main()
