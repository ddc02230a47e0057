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

from helper import ROOT

from claimcheck import matrix_page

BUILD = pathlib.Path(os.environ["CLAIMCHECK_BUILD"])
HOSTILE = '</pre><script>"&\'\x01'


class Page(html.parser.HTMLParser):
    """The parts of a page that the tests ask for."""

    VOID = {"meta"}

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.open = [], [], []
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


def witness(**more):
    return {"file": "a.claim", "step": 1, "call": "physinfo",
            "program": "host nodes=1\nphysinfo\n", **more}


def rule(name, **more):
    return {"id": name, "row": "1.1 1", "text": "it says", "result": "EINVAL",
            "families": ["claim"], "evaluated": 2, "decided": 1,
            "cannot": None, "no_near_miss": None, "witness": witness(),
            "near_miss": witness(), **more}


RELEASE = {"release": "4.22", "runs": 7, "violations": 0, "complete": True,
           "rules": [rule("ONE"), rule("TWO")],
           "pairs": [{"wins": "ONE", "over": "TWO", "cannot": None,
                      "witness": witness()}]}


class Render(unittest.TestCase):
    """The page of made-up results."""

    def page(self, change=None):
        release = copy.deepcopy(RELEASE)
        if change:
            change(release)
        return Page(matrix_page.render([release]))

    def test_all_is_there(self):
        page = self.page()
        self.assertEqual(page.classes, ["grid"])
        for section in ("witness-4.22-ONE", "near-miss-4.22-ONE",
                        "witness-4.22-TWO", "near-miss-4.22-TWO",
                        "pair-4.22-ONE-TWO"):
            self.assertIn(section, page.ids)
            self.assertIn(f"#{section}", page.links)

    def test_what_is_missing_shows(self):
        def no_witness(release):
            release["rules"][0].update(witness=None, near_miss=None, decided=0)

        def no_near_miss(release):
            release["rules"][0]["near_miss"] = None

        def decided_though_impossible(release):
            release["rules"][0]["cannot"] = "because"

        def no_pair(release):
            release["pairs"][0]["witness"] = None

        def incomplete(release):
            release["complete"] = False

        for change in (no_witness, no_near_miss, decided_though_impossible,
                       no_pair, incomplete):
            self.assertEqual(self.page(change).classes.count("missing"), 1,
                             change.__name__)

    def test_reasons_show(self):
        def change(release):
            release["rules"][0].update(witness=None, near_miss=None,
                                       cannot="no such test")
            release["rules"][1].update(near_miss=None,
                                       no_near_miss="the last one")

        page = self.page(change)
        self.assertNotIn("missing", page.classes)
        self.assertIn("no such test", page.text)
        self.assertIn("the last one", page.text)

    def test_everything_is_escaped(self):
        def change(release):
            for one in release["rules"]:
                one.update(id=one["id"] + HOSTILE, text=HOSTILE)
                one["witness"].update(file=HOSTILE, program=HOSTILE)
            release["pairs"][0].update(cannot=HOSTILE)

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
            timeout=200)
        return done.returncode, done.stdout, done.stderr

    def test_the_committed_corpus(self):
        """Every rule, pair and program of the JSON is on the page."""
        code, out, err = self.matrix("--html", "made/page.html", "--json",
                                     "made/matrix.json")
        self.assertEqual((code, err), (0, ""))
        self.assertIn("made/page.html", out)
        page = Page((self.dir / "made/page.html").read_text())
        releases = [json.loads(line) for line in
                    (self.dir / "made/matrix.json").read_text().splitlines()]
        self.assertGreaterEqual(len(releases), 9)
        self.assertEqual(page.open, [])
        self.assertEqual(len(page.ids), len(set(page.ids)))
        self.assertEqual({name[1:] for name in page.links}, set(page.ids))
        self.assertNotIn("missing", page.classes)
        programs = [one[key]["program"] for release in releases
                    for part in ("rules", "pairs") for one in release[part]
                    for key in ("witness", "near_miss") if one.get(key)]
        self.assertGreater(len(programs), 9 * 300)
        self.assertEqual(page.tags.count("pre"), len(programs))
        for release in releases:
            self.assertIn(f"Release {release['release']}", page.text)
            for one in release["rules"]:
                self.assertIn(one["text"], page.text)
        shown = re.sub(r"\s+", " ", page.text)
        for program in set(programs):
            self.assertIn(re.sub(r"\s+", " ", program).strip(), shown)

    def test_incomplete_and_violated(self):
        (self.dir / "one.claim").write_text("create d1\nclaim d1 1\n")
        code, out, _ = self.matrix("--html", "page.html", "--release", "4.22",
                                   "one.claim")
        self.assertEqual(code, 1)
        self.assertIn("release 4.22: something is missing, 0 violations", out)
        self.assertIn("missing", Page((self.dir / "page.html").read_text())
                      .classes)
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
