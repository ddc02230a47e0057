#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""claimcheck promote: from a crash to a test, each command printed by the one
before; and what is no test.

    tests/cli/promote.py CLAIMCHECK
"""

import re
import unittest

import tool

FAULT = ("--fault", "claim_total.unclaimed.drop")
CASE = ("host nodes=2 pages=64 release=4.18\ncreate d3\nphysinfo\n"
        "max_mem d3 host\nmemory_op caller=dom0 abi=64 cmd=claim domid=d3 "
        "nr=unclaimed+1 list=null\nphysinfo\n")
NAME = "over-claim-claim-nomem.claim"
PATH = "corpus/regress/" + NAME
PROMOTED = """\
# OVER-CLAIM/claim: heap_lock released with 4 pages claimed and 3 free
# Rules 1.2 d: more than unclaimed memory: ENOMEM.
# Found by fuzz_sequence on stub, 4.22, 2026-11-29, with fault \
claim_total.unclaimed.drop.
host nodes=1 pages=8 release=all
create d1                                = 0
max_mem d1 host                          = 0
claim d1 unclaimed+1                     = ENOMEM
expect host.claimed=0 d1.claim=0
"""


class Promote(tool.InFolder):
    def setUp(self):
        super().setUp()
        self.regress = self.dir / "corpus/regress"
        self.regress.mkdir(parents=True)

    def run_it(self, *argv, code=0):
        done = self.claimcheck(*argv)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout, done.stderr

    def paste(self, command, code=0):
        done = self.shell(command)
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout

    def case(self, text):
        (self.dir / "a.claim").write_text(text)
        return "a.claim"

    def names(self):
        return sorted(path.name for path in self.regress.iterdir())

    def test_three_commands(self):
        """... as printed, but for the date. The name wants quotes."""
        name = "crash of 'today'"
        self.run_it("bytes", self.case(CASE), "-o", name)
        _, err = self.run_it("replay", "--raw", *FAULT, name, code=1)
        out = self.paste(re.findall("^promote: (.*)$", err, re.M)[0]
                         + " --date 2026-11-29 --found-by fuzz_sequence")
        self.assertEqual(self.names(), [NAME])
        self.assertEqual((self.dir / PATH).read_text(), PROMOTED)
        self.paste(re.findall("^fails: +(.*)$", out, re.M)[0], code=1)
        self.run_it("replay", PATH)
        git = "git -c user.name=a -c user.email=a@b "
        self.paste(git + "init -q .")
        self.paste(re.findall("^commit: +(.*)$", out, re.M)[0].replace(
            "git commit", git + "commit -q"))
        self.assertEqual(
            self.paste("git show --name-only --format=%s").split(),
            ["corpus:", NAME[:-len(".claim")] + ":", "OVER-CLAIM/claim",
             PATH])

    def test_each_command_prints_the_next(self):
        """From a crash: shrink, explain, promote; also by way of a file."""
        for output in "", " -o 'short one.claim'":
            name = "crash of 'today'"
            self.run_it("bytes", self.case(CASE), "-o", name)
            _, err = self.run_it("replay", "--raw", *FAULT, name, code=1)
            for what, code in ("shrink", 0), ("explain", 1), ("promote", 0):
                command = re.findall(f"^{what}: +(.*)$", err, re.M)[0]
                if what == "shrink":
                    command += output
                done = self.shell(command)
                self.assertEqual(done.returncode, code, done.stderr)
                err = done.stderr
            self.assertEqual(self.names(), [NAME])
            (self.dir / PATH).unlink()

    def test_duplicates(self):
        self.run_it("promote", *FAULT, self.case(CASE))
        for text in CASE, CASE.replace("pages=64", "pages=32"):
            _, err = self.run_it("promote", *FAULT, self.case(text), code=2)
            self.assertIn(PATH + " is the same test already: "
                          "OVER-CLAIM/claim", err)
        self.assertEqual(len(self.names()), 1)
        # The same program under another signature is the same test.
        path = self.dir / PATH
        path.write_text(path.read_text().replace("OVER-CLAIM/", "OTHER/"))
        self.run_it("promote", *FAULT, self.case(CASE), code=2)
        # Another program of that name is none.
        path.write_text("host release=4.22\nphysinfo = 0\n")
        self.run_it("promote", *FAULT, self.case(CASE))
        self.assertEqual(self.names(), [NAME[:-len(".claim")] + "-2.claim",
                                        NAME])

    def test_releases(self):
        """Results that differ between releases name theirs only."""
        self.run_it("promote", "--fault", "free_never_regrows", self.case(
            "host release=4.17\ncreate d1\nmax_mem d1 host\n"
            "populate d1 4\nclaim d1 9\ndecrease d1 2\n"))
        text = (self.regress / self.names()[0]).read_text()
        self.assertNotIn("release=all", text)
        self.assertIn("4.17", text)
        self.run_it("replay", "corpus/regress")

    def test_commit(self):
        self.run_it("promote", *FAULT, "--commit", "abc123", self.case(CASE))
        self.assertIn(", with fault claim_total.unclaimed.drop, at commit "
                      "abc123.\n", (self.dir / PATH).read_text())

    def test_what_is_no_test(self):
        for text, options, says in (
                (CASE, (), "nothing to promote: the case passes"),
                ("physinfo = EPERM\n", (), "the rules do not bear out what "
                 "the case expects"),
                (CASE, ("-o", "absent"), "absent: expected a folder that "
                 "exists"),
                ("clam d1\n", (), "did you mean claim?")):
            _, err = self.run_it("promote", *options, self.case(text), code=2)
            self.assertIn(says, err)
        self.run_it("promote", code=2)
        self.assertEqual(self.names(), [])

    def test_any_bytes(self):
        tool.any_bytes(self.dir / "files", 7, 100)
        for options in (), FAULT, ("--fault", "memory_op.user.errno"):
            done = self.claimcheck("promote", "--raw", *options, "files")
            self.assertIn(done.returncode, (0, 2), done.stderr)
            other = [line for line in done.stderr.splitlines() if not
                     re.search("nothing to promote|same test already", line)]
            self.assertEqual(other, [])
        self.assertNotEqual(self.names(), [])
        self.run_it("replay", "corpus/regress")


if __name__ == "__main__":
    unittest.main()
