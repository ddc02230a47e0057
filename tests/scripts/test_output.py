# SPDX-License-Identifier: MIT
"""What scripts write is whole or not there; one writer at a time; names that
tell contents tell the truth.
"""

import os
import pathlib
import shutil
import signal
import stat
import subprocess
import unittest
import unittest.mock

from helper import FAKES, LONG, ROOT, InFolder

from claimcheck import corpus, locks, output, paths
from claimcheck.errors import Failure

TRUE_NAME = paths.content_name(b"input")


class Whole(InFolder):
    def test_links_and_devices_stay_what_they_are(self):
        (self.dir / "link").symlink_to("file")
        output.write_whole(self.dir / "link", b"data")
        self.assertTrue((self.dir / "link").is_symlink())
        self.assertEqual((self.dir / "file").read_bytes(), b"data")
        os.mkfifo(self.dir / "pipe")
        reader = os.open(self.dir / "pipe", os.O_RDONLY | os.O_NONBLOCK)
        output.write_whole(self.dir / "pipe", "data")
        self.assertEqual(os.read(reader, 9), b"data")
        os.close(reader)
        self.assertTrue(stat.S_ISFIFO(os.stat(self.dir / "pipe").st_mode))

    def test_who_may_read(self):
        """A new file has the rights that the user gives new files; what is
        there already keeps its own."""
        self.addCleanup(os.umask, os.umask(0o022))
        new, old = self.dir / "new", self.dir / "old"
        old.write_bytes(b"old")
        for mode in 0o600, 0o664:
            old.chmod(mode)
            output.write_whole(old, b"data")
            self.assertEqual(stat.S_IMODE(old.stat().st_mode), mode)
        output.write_whole(new, b"data")
        self.assertEqual(stat.S_IMODE(new.stat().st_mode), 0o644)

    def test_full_disk(self):
        """No more bytes than so many: the old file stays, no new one comes,
        under whatever name."""
        old = self.dir / "old"
        old.write_bytes(b"old")
        done = subprocess.run(
            ["sh", "-c", 'ulimit -f 1; trap "" XFSZ; exec python3 -B -c "$1"',
             "sh", f"""
import sys
sys.path.insert(0, "{ROOT}/scripts/lib")
from pathlib import Path
from claimcheck import output
for name in "old", "{TRUE_NAME}":
    try:
        output.write_whole(Path("{self.dir}") / name, bytes(100000))
        sys.exit(9)
    except OSError as error:
        assert error.errno == 27, error
"""], stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(old.read_bytes(), b"old")
        self.assertEqual({p.name for p in self.dir.iterdir()},
                         {"old", "seeds"})


class Names(InFolder):
    def files(self, **contents):
        folder = self.dir / "files"
        folder.mkdir(exist_ok=True)
        for name, data in contents.items():
            (folder / name.replace("_", "-")).write_bytes(data)
        return folder

    def test_what_a_full_disk_leaves_of_an_engine(self):
        """libFuzzer gives the name before the contents."""
        empty = paths.content_name(b"whole")
        folder = self.files(**{TRUE_NAME: b"inp", empty: b"", "other": b"x",
                               f"4.22_claim_{TRUE_NAME[:16]}": b"input"})
        self.assertEqual({p.name for p in output.misnamed(folder)},
                         {TRUE_NAME, empty})
        output.mend(folder)
        self.assertEqual(output.misnamed(folder), [])
        self.assertEqual((folder / paths.content_name(b"inp")).read_bytes(),
                         b"inp")
        self.assertEqual(len(list(folder.iterdir())), 3)

    def test_findings(self):
        folder = self.files(**{f"crash_{TRUE_NAME}": b"", "crash_x": b""})
        self.assertEqual([p.name for p in output.misnamed(folder)],
                         [f"crash-{TRUE_NAME}"])


class Locks(InFolder):
    def begun(self):
        """A campaign, at work."""
        process = subprocess.Popen(
            [*self.command(*LONG)], stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env=self.environment("held"))
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        mark = self.dir / "corpus/fuzz_fake/found-by-fake"
        self.wait_for("it is at work", mark.exists)
        mark.unlink()
        return process

    def test_the_second_campaign_is_told_who_is_first(self):
        first = self.begun()
        code, text = self.fuzz("violation")
        self.assertEqual(code, 2, text)
        self.assertRegex(text, rf"/out/findings: in use by process "
                         rf"{first.pid} on \S+ since [-0-9]+ [:0-9]+: ")
        self.assertIn(" ".join(LONG), text)
        self.assertFalse(list((self.dir / "out/fuzz_fake/crashes").iterdir()))
        first.send_signal(signal.SIGINT)
        text = first.communicate()[0].decode()
        self.assertIn("result: held until SIGINT", text)
        self.assertIn("1 process", text)

    def test_a_killed_campaign_is_no_obstacle(self):
        first = self.begun()
        first.kill()
        code, text = self.fuzz("held")
        self.assertEqual(code, 0, text)
        first.communicate()

    def test_workers_keep_the_lock(self):
        place = self.dir / "place"
        with locks.alone(place):
            worker = subprocess.Popen(["sleep", "600"], pass_fds=locks.held)
        self.addCleanup(worker.wait)
        self.addCleanup(worker.kill)
        with unittest.mock.patch.object(locks, "LOOKS", 2), \
                unittest.mock.patch.object(locks, "is_alive",
                                           return_value=False):
            with self.assertRaisesRegex(Failure, "not its workers"):
                with locks.alone(place):
                    pass

    def test_care_of_a_corpus(self):
        built = self.dir / "built"
        built.mkdir()
        for name, fake in (("claimcheck", "claimcheck"),
                           ("fuzz_text", "fuzz_fake")):
            (built / name).symlink_to(FAKES / fake)
        (self.dir / "corpus/fuzz_text").mkdir(parents=True)
        (self.dir / "corpus/fuzz_text/one").write_bytes(b"1")
        verbs: dict[str, list] = {
            "minimize": [], "merge": [self.dir / "corpus"],
            "convert": ["--old", built / "claimcheck", self.dir / "old"]}
        for verb, more in verbs.items():
            with locks.alone(self.dir / "corpus/fuzz_text"):
                done = subprocess.run(
                    [ROOT / "scripts/corpus", verb, "--target", "fuzz_text",
                     "--build-dir", built, "--corpus", self.dir / "corpus",
                     *more], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            text = done.stdout.decode()
            self.assertEqual(done.returncode, 2, text)
            self.assertIn(f"in use by process {os.getpid()}", text)


class Merges(InFolder):
    def test_files_of_a_merge_are_private_and_go(self):
        program = self.dir / "merge"
        program.write_text("#!/bin/sh\n"
                           'stat -c "%a %n" "$TMPDIR"; touch "$TMPDIR/x"\n')
        program.chmod(0o755)
        mode, name = corpus.fuzzer(program, "-merge=1").split()
        self.assertEqual(mode, "700")
        self.assertNotEqual(name, os.environ.get("TMPDIR", "/tmp"))
        self.assertFalse(pathlib.Path(name).exists())


class FullDisk(InFolder):
    def test_campaign(self):
        """Of an engine that writes on a disk that is full, nothing stays
        under a name that tells another content."""
        folder = self.dir / "corpus/fuzz_fake"
        folder.mkdir(parents=True)
        inside = ["unshare", "-m", "sh", "-c", "mount -t tmpfs -o size=128k "
                  f'none {folder} && "$@"; code=$?; cp -r {folder} '
                  f"{self.dir}/left; exit $code", "sh"]
        if not shutil.which("unshare") or subprocess.run(
                [*inside[:-1], "sh", "true"], stderr=subprocess.DEVNULL
                ).returncode:
            self.skipTest("cannot mount here")
        shutil.rmtree(self.dir / "left")
        code, text = self.fuzz("fills", *LONG, prefix=inside)
        self.assertEqual(code, 3, text)
        self.assertIn("No space left", text)
        left = self.dir / "left"
        self.assertGreater(len(list(left.iterdir())), 2)
        self.assertEqual(output.misnamed(left), [])
        self.assertFalse([f for f in left.iterdir() if not f.stat().st_size
                          and not f.name.startswith(".")])


if __name__ == "__main__":
    unittest.main()
