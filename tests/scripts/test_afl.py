# SPDX-License-Identifier: MIT
"""AFL++: command lines, folders, and when its mutator counts as used."""

import argparse
import pathlib
import unittest

from helper import InFolder

from claimcheck import afl, paths


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
        self.assertFalse((self.dir / "afl").exists())

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
