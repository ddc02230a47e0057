# SPDX-License-Identifier: MIT
"""tests/ci/jobs.py: rows of a matrix, what is filled in, exit codes."""

import contextlib
import io
import pathlib
import sys
import tempfile
import unittest
import unittest.mock

import jobs

FLOW = """
name: x
on: push
jobs:
  good:
    strategy: {matrix: {a: [1, 2]}}
    env: {FROM_JOB: "yes"}
    steps:
      - uses: actions/checkout@v4
      - run: |
          test "$FROM_JOB" = yes
          test ${{ matrix.a }} -lt 3
          echo x >> "$GITHUB_STEP_SUMMARY"
  bad:
    steps: [{run: "false\n true"}]
  slow:
    timeout-minutes: 0.0001
    steps: [{run: sleep 5}]
  lacking:
    steps: [{run: exit 77}]
"""


class Jobs(unittest.TestCase):
    def main(self, *argv):
        """(exit code, output) with FLOW as the only workflow."""
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "x.yml").write_text(FLOW)
            out = io.StringIO()
            with unittest.mock.patch.object(
                    jobs, "FOLDER", pathlib.Path(folder)), (
                    unittest.mock.patch.object(sys, "argv", ["", *argv])), (
                    contextlib.redirect_stdout(out)), (
                    contextlib.redirect_stderr(out)):
                try:
                    return jobs.main(), out.getvalue()
                except SystemExit as end:
                    return end.code, out.getvalue()

    def rows(self, **matrix):
        return jobs.rows({"strategy": {"matrix": matrix}})

    def test_rows(self):
        """As GitHub's documentation has it."""
        self.assertEqual(jobs.rows({}), [{}])
        self.assertEqual(self.rows(a=[1, 2], b=[3]),
                         [{"a": 1, "b": 3}, {"a": 2, "b": 3}])
        self.assertEqual(self.rows(a=[1, 2], exclude=[{"a": 1}]), [{"a": 2}])
        self.assertEqual(self.rows(a=[1, 2], include=[{"a": 1, "c": 9},
                                                      {"a": 5}]),
                         [{"a": 1, "c": 9}, {"a": 2}, {"a": 5}])
        self.assertEqual(self.rows(include=[{"n": 1}, {"n": 2}]),
                         [{"n": 1}, {"n": 2}])

    def test_filled(self):
        self.assertEqual(jobs.filled("${{ matrix.a }} ${{github.ref}}",
                                     {"a": 7}), "7 refs/heads/local")
        with self.assertRaises(KeyError):
            jobs.filled("${{ matrix.b }}", {"a": 7})

    def test_short(self):
        self.assertEqual(jobs.shortened("x --seconds 3600 --jobs 2"),
                         "x --seconds 2 --jobs 2")

    def test_good(self):
        code, text = self.main("x.yml:good")
        self.assertEqual(code, 0, text)
        self.assertIn("x.yml:good(a=2) step 1: exit code 0", text)

    def test_bad(self):
        """The first command that fails ends a step."""
        self.assertEqual(self.main("x.yml:bad")[0], 1)
        self.assertEqual(self.main("x.yml")[0], 1)

    def test_too_long(self):
        code, text = self.main("x.yml:slow")
        self.assertEqual(code, 1)
        self.assertIn("not done after 0.001 minutes", text)

    def test_cannot_run(self):
        self.assertEqual(self.main("x.yml:lacking")[0], 77)
        self.assertEqual(self.main("x.yml:lacking", "x.yml:good")[0], 0)

    def test_list_and_leave_out(self):
        self.assertEqual(self.main("--list")[0], 0)
        code, text = self.main("--leave-out", "false", "x.yml:bad")
        self.assertEqual(code, 0)
        self.assertIn("left out", text)

    def test_usage(self):
        self.assertEqual(self.main("y.yml")[0], 2)
        self.assertEqual(self.main("--bogus")[0], 2)


if __name__ == "__main__":
    unittest.main()
