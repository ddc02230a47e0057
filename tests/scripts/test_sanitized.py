# SPDX-License-Identifier: MIT
"""The sanitized build beside a fast one: what it replays, and what it says."""

import pathlib
import signal
import unittest
import unittest.mock

from helper import FAKES, InFolder

from claimcheck import paths, sanitized
from claimcheck.worker import Finding


class Sanitized(InFolder):
    def setUp(self):
        super().setUp()
        self.corpus = self.dir / "corpus"
        self.crashes = self.dir / "crashes"
        for folder in self.corpus, self.crashes:
            folder.mkdir()
        self.one = sanitized.Sanitized(
            FAKES / "replays", {}, self.dir / "out", self.crashes,
            lambda: paths.files_in(self.corpus))

    def put(self, **files):
        for name, text in files.items():
            (self.corpus / name).write_text(text)

    def run_out(self):
        self.wait_for("all replayed", lambda: not self.one.poll())

    def test_each_input_once(self):
        self.put(a="1", b="2")
        self.run_out()
        self.put(c="3")
        self.run_out()
        self.assertEqual(self.one.replayed, 3)
        self.assertEqual(self.one.findings, [])
        self.assertEqual(self.one.told(), "3 inputs; 0 failures")
        self.assertEqual(list(self.one.scratch.iterdir()), [])
        self.one.finish()
        self.assertFalse(self.one.scratch.exists())

    def test_looks_seldom_while_an_engine_works(self):
        """Its folders may have many files; when it has ended, all count."""
        looks = unittest.mock.Mock(side_effect=self.one.inputs)
        self.one.inputs = looks
        with unittest.mock.patch.object(sanitized, "LOOK_EVERY", 1e9):
            self.assertFalse(self.one.poll(more=True))
            self.put(a="1")
            for _ in range(9):
                self.assertFalse(self.one.poll(more=True))
            self.assertEqual(looks.call_count, 1)
            self.run_out()
        self.assertEqual(self.one.replayed, 1)

    def test_one_that_fails_does_not_hide_others(self):
        self.put(a="1", b="BUG 1", c="2", d="BUG 2", e="3")
        self.run_out()
        self.assertEqual([(f.file, f.signature) for f in self.one.findings],
                         [(str(self.corpus / name), "BUDDY/claim")
                          for name in ("b", "d")])
        self.assertEqual(self.one.replayed, 5)

    def test_input_that_its_engine_removed(self):
        self.put(a="1", b="BUG")
        self.one.look()
        (self.corpus / "b").unlink()
        self.run_out()
        kept = self.crashes / f"crash-{paths.content_name(b'BUG')}"
        self.assertEqual([f.file for f in self.one.findings], [str(kept)])
        self.assertEqual(kept.read_bytes(), b"BUG")

    def test_state_that_is_left_over(self):
        self.put(a="1", b="STATE")
        self.run_out()
        self.assertIn("not alone: state is left over",
                      self.one.findings[0].signature)

    def test_program_that_does_not_start(self):
        self.one.binary = pathlib.Path("/bin/false")
        self.put(a="1")
        self.run_out()
        self.assertIn("exit code 1 of /bin/false",
                      self.one.findings[0].signature)

    def test_stopped(self):
        """What was not replayed is told."""
        self.put(a="SLOW", b="1")
        self.assertTrue(self.one.poll())
        self.one.stop(signal.SIGKILL)
        self.run_out()
        self.assertEqual(self.one.findings, [])
        self.assertEqual(self.one.told(), "0 inputs, 2 not; 0 failures")

    def test_failures_of_the_fast_build(self):
        self.put(bug="BUG", fine="1")
        found = self.one.confirm(Finding(str(self.corpus / "bug"), "X"))
        self.assertEqual(found.signature, "BUDDY/claim")
        found = self.one.confirm(Finding(str(self.corpus / "fine"), "X"))
        self.assertEqual(found.signature, "X, not in the sanitized build")
        self.assertEqual(self.one.told(), "0 inputs; 2 failures")


if __name__ == "__main__":
    unittest.main()
