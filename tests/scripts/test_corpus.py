# SPDX-License-Identifier: MIT
"""Seeds, files written whole, byte formats, names of inputs."""

import unittest
import unittest.mock

from helper import FAKES, InFolder

from claimcheck import errors, output, paths, seeds


class Seeds(InFolder):
    def prepare(self):
        return seeds.prepare(self.seeds.parent, self.seeds.name,
                             self.dir / "bytes", FAKES / "claimcheck")

    def test_text_is_converted_and_bytes_are_copied(self):
        self.assertEqual([p.name for p in self.prepare()], ["one", "two"])

    def test_removed_seed_goes(self):
        self.prepare()
        (self.seeds / "two").unlink()
        self.assertEqual([p.name for p in self.prepare()], ["one"])
        self.assertEqual(len(paths.files_in(self.dir / "bytes")), 1)

    def test_changed_text_is_converted_again(self):
        self.prepare()
        (self.seeds / "one.claim").write_text("claim d1 2\n")
        self.prepare()
        self.assertEqual((self.dir / "bytes/one").read_text(), "claim d1 2\n")

    def test_folders_do_not_collide(self):
        (self.seeds / "sub").mkdir()
        (self.seeds / "sub/one.claim").write_text("claim d1 3\n")
        self.assertEqual([p.name for p in self.prepare()],
                         ["one", "sub-one", "two"])

    def test_no_seed_is_lost_to_another_of_its_name(self):
        (self.seeds / "sub").mkdir()
        (self.seeds / "sub/one.claim").write_text("claim d1 3\n")
        (self.seeds / "sub-one").write_bytes(b"\3")
        with self.assertRaisesRegex(errors.Failure, "sub-one"):
            self.prepare()

    def test_text_stays_text_for_who_takes_it(self):
        root = self.seeds.parent
        for folder in "fuzz_text", "litmus", "other":
            (root / folder).mkdir()
            (root / folder / "one.claim").write_text(folder)
        made = seeds.prepare(root, "fuzz_text", self.dir / "text",
                             FAKES / "claimcheck")
        self.assertEqual({p.name: p.read_text() for p in made},
                         {"fuzz_text-one.claim": "fuzz_text",
                          "litmus-one.claim": "litmus"})

    def test_litmus_tests_are_seeds_of_whole_programs(self):
        root = self.seeds.parent
        for folder in "litmus", "matrix":
            (root / folder).mkdir()
            (root / folder / "one.claim").write_text(folder)
        names = [p.name for p in seeds.prepare(
            root, "fuzz_sequence", self.dir / "bytes", FAKES / "claimcheck")]
        self.assertEqual(names, ["litmus-one", "matrix-one"])

    def test_each_that_does_not_convert_is_told(self):
        """The others may be many, and a process may die among them."""
        for number in range(6):
            (self.seeds / f"{number}.claim").write_text(
                "bad" if number in (1, 5) else "claim d1 1\n")
        with unittest.mock.patch.object(seeds, "BATCH", 3), \
                self.assertRaises(errors.Failure) as raised:
            self.prepare()
        for number in 1, 5:
            self.assertIn(f"{number}.claim:1:1: unknown",
                          str(raised.exception))
        self.assertEqual(str(raised.exception).count("unknown"), 2)
        self.assertEqual({p.name for p in paths.files_in(self.dir / "bytes")},
                         {"0", "2", "3", "4", "one", "two"})

    def test_converter_that_dies(self):
        dies = self.dir / "dies"
        dies.write_text("#!/bin/sh\necho oh no\nkill -9 $$\n")
        dies.chmod(0o755)
        with self.assertRaisesRegex(
                errors.Failure, "(?s)one.claim: exit code -9, .*oh no"):
            seeds.prepare(self.seeds.parent, self.seeds.name,
                          self.dir / "bytes", dies)

    def test_case_without_bytes_is_left_out(self):
        (self.seeds / "big.claim").write_text(
            "host pages=1024\n")
        self.assertEqual([p.name for p in self.prepare()], ["one", "two"])


class Files(InFolder):
    def test_failed_write_leaves_the_old_file(self):
        target = self.dir / "file"
        output.write_whole(target, b"old")
        with self.assertRaises(TypeError):
            output.write_whole(target, 7)  # type: ignore
        self.assertEqual(target.read_bytes(), b"old")
        self.assertFalse(list(self.dir.glob(".new-*")))


if __name__ == "__main__":
    unittest.main()
