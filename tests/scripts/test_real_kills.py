# SPDX-License-Identifier: MIT
"""kill -9 at random moments of two campaigns at once on one corpus, and of the
care for it: nothing that was reached is lost, nothing is half there.

A few kills by default; CLAIMCHECK_KILLS=N for more, CLAIMCHECK_SEED=S for
other moments.
"""

import os
import random
import shutil
import signal
import subprocess
import time

from helper import LONG, ROOT
from real import SECONDS_MAX, Real, run_or_skip

from claimcheck import output, paths

KILLS = int(os.environ.get("CLAIMCHECK_KILLS", "4"))
SEED = int(os.environ.get("CLAIMCHECK_SEED", "1"))
TARGET = "fuzz_reservation"
ONE = ("--target", TARGET)
BUILT = ROOT / "build/fuzz"
LONGEST = 1.5  # seconds until a kill


class Kills(Real):
    def setUp(self):
        super().setUp()
        subprocess.run([ROOT / "scripts/fuzz", *ONE, "--runs", "1", "--corpus",
                        self.dir / "unused", "--out", self.dir / "unused"],
                       stdout=subprocess.DEVNULL, check=True)  # builds
        self.folder = self.dir / "corpus" / TARGET

    def begin(self, name):
        """A campaign with a folder of its own, on the one corpus."""
        (self.dir / name / TARGET / "worker-0.log").unlink(missing_ok=True)
        return subprocess.Popen(
            [*self.argv("fuzz", *ONE, *LONG, "--build-dir",
                        BUILT, "--out", self.dir / name)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)

    def found(self):
        """Contents of the files that are whole now."""
        return {data for file, data in paths.contents(self.folder)
                if paths.content_name(data) == file.name}

    def reached(self, corpus):
        """Edges that a corpus reaches."""
        done = subprocess.run(
            [ROOT / "scripts/corpus", "stats", *ONE, "--build-dir", BUILT,
             "--corpus", corpus], stdout=subprocess.PIPE, check=True)
        return int(self.find(r"cov (\d+)", done.stdout.decode())[1])

    def test_two_campaigns(self):
        moments = random.Random(SEED)
        running = {name: self.begin(name) for name in ("a", "b")}
        known: set[bytes] = set()
        busy = 0
        for _ in range(KILLS):
            time.sleep(moments.uniform(0.1, LONGEST))
            known |= self.found()
            name = moments.choice("ab")
            running[name].kill()
            running[name].communicate()
            # At once, and on the same folder: its workers may still end.
            running[name] = self.begin(name)
            self.assertIsNone(running["b" if name == "a" else "a"].poll())
            busy += running[name].poll() is None
        self.assertEqual(busy, KILLS)
        self.wait_for("both at work", lambda: all(
            "NEW " in log or "REDUCE" in log or "pulse" in log or "INITED"
            in log for log in (self.log(name) for name in running)))
        # A slow machine may have killed each before its first input.
        self.wait_for("an input", self.found)
        known |= self.found()
        for process in running.values():
            process.send_signal(signal.SIGINT)
        for process in running.values():
            text = process.communicate(timeout=SECONDS_MAX)[0].decode()
            self.assertEqual(process.returncode, 130, text)
            self.assertIn("result: held until SIGINT", text)
            self.assertIn(", 1 process", text)
        self.wait_for("no worker left", lambda: not self.left_running())
        self.all_is_whole()
        # An input may have gone for a smaller one that reaches as much.
        union = self.dir / "union" / TARGET
        union.mkdir(parents=True)
        shutil.copy(self.dir / "corpus/FORMAT", union.parent)
        for data in known:
            (union / paths.content_name(data)).write_bytes(data)
        reached = self.reached(self.dir / "corpus")
        print(f"{KILLS} kills of two campaigns: {len(known)} inputs seen, "
              f"{len(self.found())} at the end, {reached} edges")
        self.assertGreaterEqual(reached, self.reached(union.parent))

    def log(self, name):
        log = self.dir / name / TARGET / "worker-0.log"
        return log.read_text(errors="replace") if log.exists() else ""

    def all_is_whole(self):
        """As the next campaign finds it: a kill may have cut an engine's
        write, which that campaign puts right."""
        code, text = self.campaign(*ONE, "--runs", "1", "--build-dir", BUILT)
        self.assertEqual(code, 0, text)
        self.assertEqual(output.misnamed(self.folder), [])
        code, text = self.corpus_tool("check", *ONE, "--build-dir", BUILT)
        self.assertEqual(code, 0, text)

    def test_care_of_the_corpus(self):
        """merge and minimize: what is needed is there after any kill."""
        code, text = self.campaign(*ONE, "--runs", "3000", "--seed", "1",
                                   "--build-dir", BUILT)
        self.assertEqual(code, 0, text)
        kept, other = self.dir / "kept", self.dir / "other"
        shutil.copytree(self.dir / "corpus", kept)
        shutil.copytree(self.dir / "corpus", other)
        known = self.contents(self.folder)
        begun = time.monotonic()
        code, text = self.corpus_tool("minimize", *ONE, "--build-dir", BUILT)
        took = time.monotonic() - begun
        self.assertEqual(code, 0, text)
        needed = self.contents(self.folder)
        moments = random.Random(SEED)
        for number in range(KILLS):
            verb = moments.choice((["minimize"], ["merge", str(other)]))
            shutil.rmtree(self.folder)
            shutil.copytree(kept / TARGET, self.folder)
            process = subprocess.Popen(
                self.argv("corpus", *verb, *ONE, "--build-dir", BUILT),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(moments.uniform(0, 1.2 * took))
            process.kill()
            process.wait()
            left = self.contents(self.folder)
            self.assertLessEqual(needed, left, f"kill {number}")
            self.assertLessEqual(left, known, f"kill {number}")
            self.assertEqual(output.misnamed(self.folder), [])

    @staticmethod
    def contents(folder):
        return {file.read_bytes() for file in paths.files_in(folder)}


if __name__ == "__main__":
    run_or_skip("clang-14")
