#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""claimcheck explain: the story of a case, as text and as a page.

    tests/cli/stories.py CLAIMCHECK
"""

import html.parser
import random
import re
import shutil
import subprocess
import unittest

import tool

FAULT = ("--fault", "claim_total.unclaimed.drop")
LIMIT_FAULT = ("--fault", "claim_stores_total")
CASE = ("host nodes=1 pages=64 release=4.22\ncreate d1\nmax_mem d1 host\n"
        "claim d1 unclaimed+1\n")
# Elements without an end, and those of the SVG that end at once.
VOID = {"meta", "rect", "path", "br"}


class Page(html.parser.HTMLParser):
    """Elements that are not closed, links and the ids that they need."""

    def __init__(self, text):
        super().__init__()
        self.open, self.bad, self.ids, self.links = [], [], set(), []
        self.classes, self.tags = set(), []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append(tag)
        self.ids.add(given.get("id"))
        self.links += [given[key] for key in ("href", "src") if key in given]
        self.classes.update((given.get("class") or "").split())
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.bad.append(f"</{tag}>")


class Stories(tool.InFolder):
    def explain(self, text, *options, code=0):
        (self.dir / "a.claim").write_text(text)
        done = self.claimcheck("explain", *options, "a.claim")
        self.assertEqual(done.returncode, code, done.stderr)
        return done.stdout

    def page(self, text, *options, code=0):
        page = Page(self.explain(text, "--html", "-", *options, code=code))
        self.assertEqual((page.open, page.bad), ([], []))
        for link in page.links:  # nothing from elsewhere, and all are there
            self.assertEqual(link[:1], "#", link)
            self.assertIn(link[1:], page.ids)
        self.assertNotIn("script", page.tags)
        return page

    def test_what_a_step_says(self):
        text = self.explain(CASE)
        self.assertIn("a.claim on stub, 4.22: held\n", text)
        self.assertRegex(
            text, r"\n    3  claim d1 unclaimed\+1 +=  *ENOMEM\n"
            r"      dom0 claims memory for d1, for it to own 60 pages\.\n"
            r"      Rule CLAIM_NOMEM \(rules 1\.2 d\): [^\n]*\n"
            r"      Nothing changes\.\n")
        self.assertRegex(text, r"\n +d1\.max +0 +64\n")
        self.assertNotIn("lock", text)

    def test_windows(self):
        text = self.explain(CASE.replace("+1", ""), "--windows")
        self.assertRegex(text, r"page_alloc_lock taken \(heap_claim:\d+\)\n")
        self.assertIn(": 59 pages free, 59 claimed\n", text)
        text = self.explain(CASE, "--windows", *FAULT, code=1)
        self.assertIn("60 claimed  <- more than there are", text)

    def test_a_failure(self):
        text = self.explain(CASE, *FAULT, code=1)
        self.assertRegex(text, r"\n >  3  claim d1 ")
        self.assertIn("VIOLATION OVER-CLAIM/claim: heap_lock released", text)
        self.assertRegex(text, r"\n      !  d1\.claim +0 +0 +60\n")
        text = self.explain(CASE + "expect d1.claim=1\n", code=1)
        self.assertRegex(text, r"\n      !  d1\.claim +0 +1 +0\n")
        text = self.explain("expect host.claimed=1\nphysinfo\n", code=1)
        self.assertIn(" >  -  (before the first step)\n", text)
        # The newest release that fails.
        text = self.explain(CASE.replace("4.22", "all").replace("+1", "")
                            + "physinfo\ndomain_info d1 = ESRCH\n", code=1)
        self.assertIn("on stub, 4.22: violation: EXPECT/domain_info", text)

    def test_a_case_that_cannot_run(self):
        self.explain("host release=4.22\nmemory_op cmd=claim\n", "--on",
                     "stub", "--release", "4.17")
        self.explain("anon_alloc\n", "--on", "model")
        self.explain("clam d1\n", code=2)

    def test_page(self):
        page = self.page(CASE)
        self.assertEqual(page.tags.count("section"), 3 + 1)
        self.assertLessEqual({"d0", "free", "bound", "hit"}, page.classes)
        self.assertNotIn("fail", page.classes)
        page = self.page(CASE, *FAULT, code=1)
        self.assertLessEqual({"fail", "failed", "differs", "claim"},
                             page.classes)
        page = self.page("expect host.claimed=1\nphysinfo\n", code=1)
        self.assertIn("failed", page.classes)

    def test_bound_of_a_limit(self):
        """A limit that is exceeded is drawn, with the domain alone."""
        case = ("host nodes=1 pages=64 release=4.22\ncreate d1\n"
                "max_mem d1 8\npopulate d1 4\nclaim d1 8\n")
        self.assertNotIn("limit", self.page(case).classes)
        self.assertNotIn("limit", self.page(CASE, *FAULT, code=1).classes)
        text = self.explain(case, "--html", "-", *LIMIT_FAULT, code=1)
        self.assertIn("CAP/claim", text)
        self.assertEqual(text.count("<figure>"), 2)
        alone = text.split("<figure>")[2]
        self.assertIn("limit of d1: ", alone)
        self.assertNotIn("class=\"free\"", alone)
        # No limit at first, then 8 pages: what is claimed rises above.
        line = re.findall(
            r'class="bound limit" fill=none d="M([\d ]+)"', alone)[0]
        points = [int(n) for n in line.split()]
        self.assertEqual(len(set(points[1::2])), 2)
        claim = re.findall(r'<path class="d1 claim" d="M([\d ]+)', alone)[0]
        top = min(int(n) for n in claim.split()[1::2])
        self.assertLess(top, points[-1])
        self.assertIn(">8</text>", alone)
        page = self.page(case, *LIMIT_FAULT, code=1)
        self.assertLessEqual({"fail", "limit"}, page.classes)

    def test_page_of_any_name(self):
        name = "<b>&\"'.claim"
        (self.dir / name).write_text(CASE)
        done = self.claimcheck("explain", "--html", ".", name)
        self.assertEqual(done.returncode, 0, done.stderr)
        text = (self.dir / (name[:-len(".claim")] + ".html")).read_text()
        self.assertIn("&lt;b&gt;&amp;&quot;", text)
        self.assertEqual(Page(text).bad, [])

    @unittest.skipUnless(shutil.which("chromium"), "chromium is missing")
    def test_page_in_a_browser(self):
        """It is as wide as the window, and says all without scripts."""
        (self.dir / "a.html").write_text(
            self.explain(CASE, "--html", "-", *FAULT, code=1)
            .replace("</main>", "</main><p id=w></p><script>"
                     "document.getElementById('w').textContent="
                     "'width '+(document.documentElement.scrollWidth<="
                     "document.documentElement.clientWidth)</script>"))
        for width in 1280, 500:
            done = subprocess.run(
                ["chromium", "--headless", "--no-sandbox", "--disable-gpu",
                 "--disable-background-networking", "--dump-dom",
                 f"--user-data-dir={self.dir}/profile",
                 f"--window-size={width},800", f"file://{self.dir}/a.html"],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, text=True)
            self.assertEqual(done.returncode, 0)
            self.assertIn("<p id=\"w\">width true</p>", done.stdout)

    def test_many_pages_out_of_use(self):
        """What brings them back is told, whatever their numbers are."""
        file = self.dir / "many.claim"
        file.write_text("host nodes=4 pages=128 release=4.22\n"
                        "sysctl cmd=page_offline action=offline start=32 "
                        "end=543\n")
        done = self.claimcheck("replay", "--trace", file)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("action=online start=32 end=543", done.stdout)

    def test_any_bytes(self):
        """No byte string makes it fail; with a fault, and without."""
        files = self.dir / "files"
        files.mkdir()
        chosen = random.Random(13)
        for i in range(150):
            size = chosen.choice((0, 1, 3, 4, 20, 150, 600))
            kind = bytes([16 + chosen.randrange(4)])
            (files / f"{i}").write_bytes(
                kind + chosen.randbytes(size) if i % 5 else
                chosen.randbytes(size))
        for options in (), FAULT, ("--windows",), ("--on", "model"):
            for html_too in (), ("--html", "-"):
                done = self.claimcheck("explain", "--raw", *options,
                                       *html_too, files)
                self.assertIn(done.returncode, (0, 1, 77), done.stderr)
                stories = len(re.findall(r"^\S+ on \w+, 4\.|^</main>",
                                         done.stdout, re.M))
                skipped = done.stderr.count(": cannot run on ")
                self.assertEqual(stories + skipped, 150)


if __name__ == "__main__":
    unittest.main()
