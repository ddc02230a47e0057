# SPDX-License-Identifier: MIT
"""Seeds, files written whole, byte formats, names of inputs."""

import unittest

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
