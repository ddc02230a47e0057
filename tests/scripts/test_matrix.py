# SPDX-License-Identifier: MIT
"""scripts/matrix: the page shows what claimcheck matrix says, all of it, and
its links lead somewhere; exit codes and bad usage."""

import copy
import html.parser
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from helper import PATIENCE, ROOT

from claimcheck import matrix_cases, matrix_data, matrix_page

BUILD = pathlib.Path(os.environ["CLAIMCHECK_BUILD"])
HOSTILE = '</pre><script>"&\'\x01'


class Page(html.parser.HTMLParser):
    """The parts of a page that the tests ask for."""

    VOID = {"meta"}

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.open, self.leaves = [], [], [], []
        self.text, self.classes, self.tags = "", [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        if "id" in given:
            self.ids.append(given["id"])
        if tag == "a":
            self.links.append(given["href"])
        if "class" in given:
            self.classes.append(given["class"])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        self.text += data
        if self.open:
            self.leaves.append((self.open[-1], data))


def witness(**more):
    return {"file": "a.claim", "step": 1, "call": "physinfo",
            "program": "host nodes=1 release=4.22\nphysinfo\n",
            "results": ["0"], **more}


def rule(name, **more):
    return {"id": name, "row": "1.1 1", "text": "it says: EINVAL",
            "result": "EINVAL", "families": ["claim"], "end": False,
            "evaluated": 2, "decided": 1, "cannot": None,
            "no_near_miss": None, "witness": witness(),
            "near_miss": witness(changed="caller", results=["EPERM"],
                                 program="host nodes=1 release=4.22\n"
                                 "physinfo caller=d1\n"), **more}


def value(name, *rules):
    return {"call": "claim", "field": "domid", "values": name,
            "outcomes": [{"rule": one, "count": 3, "step": 1,
                          "result": "EINVAL", "most": None,
                          "file": "a.claim"} for one in rules]}


RELEASE = {"release": "4.22", "on": "stub", "runs": 7, "violations": 0,
           "complete": True,
           "totals": {"rules": 2, "in_release": 2, "witnessed": 2,
                      "near_required": 2, "near_misses": 2, "pairs": 1,
                      "pairs_witnessed": 1, "values": 2, "values_tried": 2,
                      "wrong": 0},
           "rules": [rule("ONE"), rule("TWO", text="done: 0", end=True)],
           "pairs": [{"wins": "ONE", "over": "TWO", "cannot": None,
                      "witness": witness()}],
           "fields": [value("d1", "ONE"), value("self", "ONE", "TWO")]}
ABOUT = matrix_page.About("the tool", "abc123", "scripts/matrix", "corpus",
                          "2026-11-29")


class Render(unittest.TestCase):
    """The page of made-up results."""

    def page(self, *changes):
        """Of one release for each change, the newest first."""
        releases = []
        for number, change in enumerate(changes or [None]):
            releases.append(copy.deepcopy(RELEASE))
            releases[-1]["release"] = f"4.{22 - number}"
            if change:
                change(releases[-1])
        return Page(matrix_page.render(releases, ABOUT))

    def test_all_is_there(self):
        page = self.page()
        self.assertNotIn("missing", " ".join(page.classes))
        for place in ("rule-ONE", "rule-TWO", "case-ONE-1", "case-TWO-1",
                      "order-claim"):
            self.assertIn(place, page.ids)
            self.assertIn(f"#{place}", page.links)
        for text in ("the tool", "abc123", "scripts/matrix", "2026-11-29",
                     "corpus: 7 cases", "Complete."):
            self.assertIn(text, page.text)

    def test_what_is_missing_shows(self):
        """In a cell of its own, and in the verdict by name."""
        def no_witness(release):
            release["rules"][0].update(witness=None, near_miss=None, decided=0)

        def no_near_miss(release):
            release["rules"][0]["near_miss"] = None

        def decided_though_impossible(release):
            release["rules"][0]["cannot"] = "because"

        def no_pair(release):
            release["pairs"][0]["witness"] = None

        def not_tried(release):
            release["fields"][0]["outcomes"] = []

        for change, says in ((no_witness, "no witness: ONE"),
                             (no_near_miss, "no near miss: ONE"),
                             (decided_though_impossible, "it cannot: ONE"),
                             (no_pair, "not seen: ONE before TWO"),
                             (not_tried, "not tried: claim: domid: d1")):
            def incomplete(release, change=change):
                change(release)
                release["complete"] = False

            page = self.page(None, incomplete)  # not in the newest
            self.assertEqual(page.classes.count("missing"), 1, says)
            self.assertEqual(page.classes.count("verdict missing"), 1)
            self.assertIn("Not complete.", page.text)
            self.assertRegex(page.text, f"4.21, .*{says}")

    def test_what_it_ran_on(self):
        def other(release):
            release["on"] = "my.so"

        self.assertIn("not speak of a Xen binary", self.page().text)
        page = self.page(other)
        self.assertIn("my.so", page.text)
        self.assertNotIn("stub", page.text)

    def test_failed_runs_and_totals_show(self):
        def fails(release):
            release["violations"] = 3

        def lacks(release):
            release["totals"]["witnessed"] = 1

        page = self.page(fails, lacks)
        self.assertEqual(page.classes.count("missing"), 2)
        self.assertIn("3 runs failed", page.text)
        self.assertIn("1 of 2", page.text)

    def test_reasons_show(self):
        def change(release):
            release["rules"][0].update(witness=None, near_miss=None,
                                       decided=0, cannot="no such test")
            release["rules"][1].update(near_miss=None,
                                       no_near_miss="how a call ends")
            release["pairs"][0].update(cannot="no such test", witness=None)
            for one in release["fields"]:
                one["outcomes"] = one["outcomes"][1:] or [
                    {**one["outcomes"][0], "rule": "TWO"}]

        page = self.page(change)
        self.assertNotIn("missing", page.classes)
        self.assertIn("ONE is not in any release (no such test)", page.text)
        self.assertIn("how a call ends", page.text)
        self.assertIn("ONE and TWO: no such test", page.text)

    def test_a_case(self):
        """Results, the deciding step, who loses, what was changed."""
        page = self.page()
        self.assertIn("physinfo                 = 0", page.text)
        self.assertIn("Decides over TWO (done: 0)", page.text)
        self.assertIn("with another caller in the last step", page.text)
        self.assertIn("physinfo caller=d1 = EPERM", page.text)
        self.assertIn(("mark", "caller=d1"), page.leaves)
        self.assertTrue(any(tag == "mark" and text.startswith(" 1  physinfo")
                            for tag, text in page.leaves))

    def test_one_case_for_what_is_the_same(self):
        """In two releases; and another where results differ."""
        def differs(release):
            release["rules"][0]["witness"]["results"] = ["EPERM"]

        self.assertEqual(self.page(None, None).tags.count("article"), 2)
        self.assertEqual(self.page(None, differs).tags.count("article"), 3)

    def test_everything_is_escaped(self):
        def change(release):
            for one in release["rules"]:
                one.update(id=one["id"] + HOSTILE, text=HOSTILE)
                one["witness"].update(file=HOSTILE,
                                      program="host\n" + HOSTILE)
            release["pairs"][0].update(cannot=HOSTILE)
            for one in release["fields"]:
                one.update(field=HOSTILE, outcomes=[])

        page = self.page(change)
        self.assertNotIn("script", page.tags)
        self.assertEqual(page.open, [])
        self.assertIn(HOSTILE, page.text)


class Script(unittest.TestCase):
    """scripts/matrix on the claimcheck of this build."""

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="claimcheck-test-"))
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)

    def matrix(self, *args):
        """Exit code, stdout, stderr."""
        done = subprocess.run(
            [ROOT / "scripts/matrix", "--build-dir", BUILD, *args],
            env=dict(os.environ, PYTHONDONTWRITEBYTECODE="1"), cwd=self.dir,
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=PATIENCE)
        return done.returncode, done.stdout, done.stderr

    def test_the_committed_corpus(self):
        """Every rule, pair, value and program of the JSON is on the page."""
        code, out, err = self.matrix(
            "--html", "made/page.html", "--json", "made/matrix.json",
            "--date", "2026-11-29")
        self.assertEqual((code, err), (0, ""))
        self.assertRegex(out, r"made/page.html \([0-9]+ KB\)")
        text = (self.dir / "made/page.html").read_text()
        page = Page(text)
        releases = [json.loads(line) for line in
                    (self.dir / "made/matrix.json").read_text().splitlines()]
        self.assertGreaterEqual(len(releases), 9)
        self.assertGreater(releases[0]["release"], releases[-1]["release"])
        self.assertLess(len(text), 1 << 20)  # to be mailed
        self.assertNotIn("script", page.tags)
        self.assertEqual(page.open, [])
        self.assertEqual(len(page.ids), len(set(page.ids)))
        self.assertLessEqual({name[1:] for name in page.links}, set(page.ids))
        self.assertNotIn("missing", " ".join(page.classes))
        self.assertNotIn(matrix_data.OTHER, page.text)
        self.the_json_is_shown(page, releases)
        # The same sources and date: the same page, to the byte.
        releases = [json.loads(line) for line in
                    (self.dir / "made/matrix.json").read_text().splitlines()]
        tool, commit, command = re.findall(r"<dd>(?:<code>)?([^<]*)",
                                           text)[:3]
        about = matrix_page.About(tool, commit, command, "corpus",
                                  "2026-11-29")
        self.assertEqual(matrix_page.render(releases, about), text)

    def the_json_is_shown(self, page, releases):
        shown = re.sub(r"\s+", " ", page.text)
        for release in releases:
            count = release["totals"]
            for part, whole, _ in matrix_page.TOTALS:
                self.assertIn(f"{count[part]} of {count[whole]}", shown)
            for one in release["rules"]:
                self.assertIn(one["text"], shown)
            for one in release["fields"]:
                self.assertIn(one["values"], shown)
        lines = {re.sub(r"\s+", " ", line).strip()
                 for line in page.text.splitlines()}
        cases = matrix_cases.Cases(releases).all.values()
        self.assertEqual(page.tags.count("article"), len(cases))
        programs = [one["witness"] for release in releases
                    for part in ("rules", "pairs") for one in release[part]
                    if one["witness"]]
        self.assertGreater(len(programs), 9 * 250)
        for one in programs:
            for number, (step, result) in enumerate(zip(
                    one["program"].splitlines()[1:], one["results"]), 1):
                self.assertIn(f"{number} {step} = {result}" if result else
                              f"{number} {step} no call: there is nothing to "
                              "do", lines)

    def test_incomplete_and_violated(self):
        (self.dir / "one.claim").write_text("create d1\nclaim d1 1\n")
        code, out, _ = self.matrix("--html", "page.html", "--release", "4.22",
                                   "one.claim")
        self.assertEqual(code, 1)
        self.assertIn("release 4.22: something is missing, 0 violations", out)
        page = Page((self.dir / "page.html").read_text())
        self.assertIn("missing", page.classes)
        self.assertIn("not given (--date)", page.text)
        code, out, err = self.matrix(
            "--html", "page.html", "--release", "4.22", "--fault",
            "claim_total.unclaimed.drop", ROOT / "corpus/litmus")
        self.assertEqual(code, 1)
        self.assertRegex(out, "release 4.22: .* [1-9][0-9]* violations")
        self.assertIn("OVER-CLAIM/claim", err)

    def test_bad_usage(self):
        for args, say in ((["--frobnicate"], "--frobnicate"),
                          (["--release", "3.0"], "--release 3.0: expected"),
                          (["--fault", "no_such"], "no_such"),
                          (["--date", "today"], "expected a day as"),
                          (["/nonexistent"], "No such file"),
                          (["--build-dir", "/nonexistent"], "/nonexistent")):
            code, _, err = self.matrix("--html", "page.html", *args)
            self.assertEqual(code, 2, args)
            self.assertIn(say, err)
            self.assertFalse((self.dir / "page.html").exists(), args)
        code, _, err = self.matrix("--html", "/dev/full", ROOT /
                                   "corpus/litmus", "--release", "4.22")
        self.assertEqual(code, 3)
        self.assertIn("No space left", err)
        self.assertTrue(pathlib.Path("/dev/full").is_char_device())


if __name__ == "__main__":
    unittest.main()
