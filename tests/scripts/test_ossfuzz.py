# SPDX-License-Identifier: MIT
"""scripts/check-oss-fuzz: a bad build is seen, by each of its rules."""

import unittest
import unittest.mock

from helper import ROOT, InFolder

from claimcheck import ossfuzz, ossfuzz_build, ossfuzz_check


class OssFuzz(InFolder):
    def test_wrong_sanitizer_is_seen(self):
        disassembly = b"call 1 <__asan_load4>\ncallq 2 <__ubsan_x>\n" * 300
        with unittest.mock.patch("subprocess.run") as run:
            run.return_value.stdout = disassembly

            def check(sanitizer):
                return ossfuzz_check.check_calls(self.dir / "t", sanitizer)

            self.assertEqual(len(check("address")), 2)  # few asan, much ubsan
            self.assertEqual(len(check("undefined")), 1)  # asan in it
            self.assertEqual(len(check("memory")), 2)

    def test_foreign_library_is_seen(self):
        with unittest.mock.patch("subprocess.run") as run:
            run.return_value.stdout = (
                b"\tlinux-vdso.so.1 (0x1)\n\tlibc.so.6 => /lib/libc.so.6\n"
                b"\tlibxxhash.so.0 => /lib/libxxhash.so.0\n"
                b"\t/lib64/ld-linux-x86-64.so.2 (0x2)\n")
            self.assertEqual(ossfuzz_check.check_libraries(self.dir / "t"),
                             ["t: needs libxxhash.so.0"])

    def test_missing_seeds_and_targets_are_seen(self):
        problems = ossfuzz_check.check_files(self.dir, ["fuzz_a"])
        self.assertIn("expected ['fuzz_a']", problems[0])

    def test_changed_sources_are_seen(self):
        file = self.dir / "a.c"
        file.write_text("1")
        before = ossfuzz_build.tree_hash(self.dir)
        file.rename(self.dir / "b.c")
        self.assertNotEqual(before, ossfuzz_build.tree_hash(self.dir))

    def test_this_tree(self):
        problems, targets = ossfuzz.check_tree(ROOT)
        self.assertEqual(problems, [])
        self.assertIn("fuzz_reservation", targets)

    def test_undefined_and_address_are_never_mixed(self):
        flags = ossfuzz_build.SANITIZERS
        self.assertNotIn("undefined", flags["address"])
        self.assertNotIn("address", flags["undefined"])


if __name__ == "__main__":
    unittest.main()
