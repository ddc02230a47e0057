# SPDX-License-Identifier: MIT
"""The parts of scripts/mutants: where a file is mutated, the list of mutants
that make no difference; and some real ones, of which one is noticed.
"""

import contextlib
import io
import os
import pathlib
import subprocess
import unittest
import unittest.mock

from helper import ROOT, InFolder

from claimcheck import mutants, mutants_points
from claimcheck.errors import CANNOT_RUN, Failure
from claimcheck.mutants_equal import Equivalents

BUILD = pathlib.Path(os.environ["CLAIMCHECK_BUILD"])

SOURCE = """\
#include <assert.h>
#include <stdbool.h>
#define LIMIT 8 /* not 9 */
#define TOO_MANY(n) (LIMIT < (n))

static bool many(int n)
{
    assert(n >= 0);
    if ( TOO_MANY(n) )
        return true;

    return n == 7; /* n != 7 */
}

int count(int n);
int count(int n)
{
    n += 2;
    return many(n) ? n : 0;
}
"""


class Points(InFolder):
    def found(self, source=SOURCE):
        file = self.dir / "a.c"
        file.write_text(source)
        try:
            every = list(mutants_points.find(
                self.dir, {"a.c": (["cc", str(file)], str(self.dir))},
                ["a.c"]))
        except Failure as failure:
            if failure.code == CANNOT_RUN:
                self.skipTest(str(failure))
            raise
        return {(m.line(source), m.function, *m.before_after(source))
                for m in every}, every

    def test_what_and_where(self):
        found, every = self.found()
        for expected in (
                (3, "many", "#define LIMIT 8 /* not 9 */",
                 "#define LIMIT (8 + 1) /* not 9 */"),
                (4, "many", "#define TOO_MANY(n) (LIMIT < (n))",
                 "#define TOO_MANY(n) (LIMIT <= (n))"),
                (10, "many", "return true;", "return false;"),
                (12, "many", "return n == 7; /* n != 7 */",
                 "return n != 7; /* n != 7 */"),
                (18, "count", "n += 2;", "n -= 2;"),
                (18, "count", "n += 2;", ";"),
                (19, "count", "return many(n) ? n : 0;", "return 0;"),
        ):
            self.assertIn(expected, found)
        self.assertNotIn(8, [row[0] for row in found])  # no assertions
        self.assertEqual(len(every), len(set(every)))
        lines = SOURCE.count("\n")
        for mutant in every:
            text = mutant.apply(SOURCE)
            self.assertEqual(text.count("\n"), lines)
            self.assertNotEqual(text, SOURCE)

    def test_the_end_of_a_comment_is_no_operator(self):
        (self.dir / "half.h").write_text("#define HALF(n) ((n) / 2)\n")
        found, _ = self.found('#include "half.h"\n'
                              "int half(int n);\n"
                              "int half(int n)\n"
                              "{ return /* of it */\n"
                              "HALF(n); }\n")
        self.assertFalse([row for row in found if "of it **" in row[3]],
                         found)

    def test_a_sample_is_the_same_and_other_seeds_have_others(self):
        _, every = self.found()
        some = mutants.sample(every, 5, 1)
        self.assertEqual(len(some), 5)
        self.assertEqual(some, mutants.sample(every, 5, 1))
        self.assertNotEqual(some, mutants.sample(every, 5, 2))
        self.assertEqual(every, mutants.sample(every, None, 1))


class Equal(InFolder):
    ENTRY = "# words\n\na.c f\n- n < 2\n+ n <= 2\n= it is odd,\n  always\n"

    def read(self, text):
        (self.dir / "list").write_text(text)
        return Equivalents(self.dir / "list")

    def test_entry(self):
        listed = self.read(self.ENTRY)
        mutant = mutants_points.Mutant("a.c", 0, 1, "", "f")
        self.assertEqual(listed.reason(mutant, "n < 2", "n <= 2"),
                         "it is odd, always")
        self.assertIsNone(listed.reason(mutant, "n < 2", "n > 2"))

    def test_bad(self):
        for text in (self.ENTRY + "\n" + self.ENTRY,
                     self.ENTRY.replace("= ", ""), "a.c\n- a\n+ b\n= c\n",
                     self.ENTRY.replace("+ ", "* ")):
            with self.assertRaises(Failure):
                self.read(text)

    def test_no_such_mutant(self):
        with self.assertRaises(Failure):
            self.read(self.ENTRY).check([], ["a.c"])
        self.read(self.ENTRY).check([], ["b.c"])


class Real(unittest.TestCase):
    def mutants(self, *args):
        done = subprocess.run(
            [ROOT / "scripts/mutants", "--build-dir", BUILD, "--jobs", "1",
             *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        if done.returncode == CANNOT_RUN:
            self.skipTest(done.stdout)
        return done.returncode, done.stdout

    def test_sample(self):
        """Twelve of the stub's domctls; none survives, if not one that is new
        and was not looked at (docs/mutants.md)."""
        code, text = self.mutants("--in", "stub/domctl.c", "--sample", "12",
                                  "--steps", "20000", "--least", "90")
        self.assertEqual(code, 0, text)

    def test_nothing_notices(self):
        """Where nobody judges, all survive, and are shown."""
        said = io.StringIO()
        with unittest.mock.patch.object(mutants, "harness", return_value=[]), \
                contextlib.redirect_stdout(said):
            code = mutants.main(["--build-dir", str(BUILD), "--in",
                                 "stub/domctl.c", "--sample", "2"])
        self.assertEqual(code, 1, said.getvalue())
        self.assertIn("\n+ ", said.getvalue())
        self.assertIn("\nscore: 0.0 %", said.getvalue())

    def test_bad_usage(self):
        for args in (["--in", "docs"], ["--sample", "0"], ["--in", "/"]):
            self.assertEqual(self.mutants(*args)[0], 2)


if __name__ == "__main__":
    unittest.main()
