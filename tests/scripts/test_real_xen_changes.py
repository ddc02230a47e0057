# SPDX-License-Identifier: MIT
"""Bugs that are put into Xen's tree are found by the programs that
docs/findings.md says, and by the case of the corpus; the tree as it is passes
both. Without Xen's source there is nothing to test: skipped, with the reason.
"""

import os
import pathlib
import re
import subprocess
import sys
import unittest

from helper import ROOT, InFolder
from real import SECONDS_MAX, SKIPPED

from claimcheck import xen, xen_build, xen_changes
from claimcheck.errors import CANNOT_RUN, Failure

BUILD = pathlib.Path(os.environ.get("CLAIMCHECK_BUILD", ROOT / "build/dev"))
RELEASE = "4.17"
# Enough for each row of the table, and for what is hidden behind others.
PROGRAMS = 5000
# The table is of the generator of one day.
PATIENCE = 10
# The bugs that this tree has around a page out of use.
REPAIRED = ("aligned-blocks", "whole-tail", "no-stale-order")
# No bug alone; what failed-assign-clean has besides its bug.
HARMLESS = ("populate-scrubs",)


def plugin(*changes):
    """The tree with these changes, built."""
    return xen.plugin(None, xen_build.Flavour(changes=changes))


def claimcheck(verb, on, *words):
    """Signatures, and all output, of a verb."""
    done = subprocess.run(
        [str(BUILD / "claimcheck"), verb, "--on", str(on), "--release",
         RELEASE, *map(str, words)], cwd=ROOT, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS_MAX)
    text = done.stdout.decode(errors="replace")
    if done.returncode not in (0, 1):
        raise AssertionError(f"exit {done.returncode}: {text[-2000:]}")
    return set(re.findall(r"violation: (\S+)", text)), text


def table():
    """(change, signature, programs, shortest, case) of each row."""
    text = (ROOT / "docs/findings.md").read_text()
    rows = re.findall(
        r"^\| `([\w-]+)` \|[^|]*\| `([A-Z-]+/\w+)` \| (\d+) \|[^|]*"
        r"\| ([^|]*) \| `(corpus/[^`]*)` \|$", text, re.M)
    return [(change, signature, int(programs), shortest, case)
            for change, signature, programs, shortest, case in rows]


class Changes(InFolder):

    def test_all_are_used(self):
        """Each change is in the table, or in a test below."""
        names = {row[0] for row in table()} | {*REPAIRED, *HARMLESS}
        self.assertEqual({c.name for c in xen_changes.CHANGES}, names)

    def test_found(self):
        """By PATIENCE times as many generated programs as it took when the
        table was made, by the shortest program and by the case."""
        for change, signature, programs, shortest, case in table():
            # What is a known weakness of the tree is a violation, if strict.
            known = ["--strict"] if change in REPAIRED else []
            file = self.dir / f"{change}.claim"
            file.write_text(shortest.replace("; ", "\n") + "\n")
            with self.subTest(change=change):
                on = plugin(change)
                for what in (file, case):
                    found, text = claimcheck("replay", on, *known, what)
                    self.assertEqual(found, {signature}, f"{what}: {text}")
                says = ("weakness offline-misaligned" if known
                        else "claimcheck: violation: ")
                _, text = claimcheck("generate", on, "--run", "--seed", 0,
                                     "--count", PATIENCE * programs)
                self.assertTrue(says in text, text[-2000:])

    def test_not_found(self):
        """In the tree as it is, and with a change that is no bug."""
        for changes in ((), HARMLESS):
            on = plugin(*changes)
            found, text = claimcheck("generate", on, "--run", "--seed", 0,
                                     "--count", PROGRAMS)
            self.assertEqual(found, set(), text[-2000:])
            for *_, case in table():
                found, text = claimcheck("replay", on, case)
                self.assertEqual(found, set(), text)

    def test_repaired(self):
        """Without its bugs around a page out of use, none of them is met."""
        _, text = claimcheck("generate", plugin(*REPAIRED), "--run", "--seed",
                             0, "--count", PROGRAMS)
        self.assertIn(" 0 violations", text)
        self.assertIn("weakness offline-below-claims", text)
        for name in ("offline-misaligned", "offline-broken-again"):
            self.assertNotIn(f"weakness {name}", text)

    def test_other_trees(self):
        """A change whose place is not there is refused."""
        file = self.dir / "common/page_alloc.c"
        file.parent.mkdir()
        file.write_text("static bool mark_page_free(void)\n{\n}\n")
        with self.assertRaisesRegex(
                Failure, r"common/page_alloc.c: mark_page_free\(\) has 0 "
                "places .*, expected 1: this tree cannot be changed so"):
            xen_changes.apply(self.dir, self.dir / "to", ["offlining-lost"])
        with self.assertRaisesRegex(Failure, "--change none: expected "
                                    "aligned-blocks, whole-tail, "):
            xen_changes.named("none")


if __name__ == "__main__":
    try:
        plugin()
    except Failure as failure:
        print(failure)
        sys.exit(SKIPPED if failure.code == CANNOT_RUN else 1)
    unittest.main()
