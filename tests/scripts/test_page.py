# SPDX-License-Identifier: MIT
"""The page of scripts/matrix in a browser, without a screen: nothing is wider
than the window, pale, cut off or out of sight; on a wide and a narrow screen,
light, dark and on paper. Skipped (77) where there is no Chromium."""

import html
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from helper import ROOT

from claimcheck import matrix_page

BUILD = pathlib.Path(os.environ["CLAIMCHECK_BUILD"])
MEASURE = pathlib.Path(__file__).with_name("measure_page.js")
BROWSER = (shutil.which("chromium") or shutil.which("chromium-browser")
           or shutil.which("google-chrome") or "")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu",
         "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run", "--window-size=1400,1000")
RELEASES = ("4.22", "4.21.1", "4.21", "4.20.3", "4.20", "4.19.5", "4.19",
            "4.18", "4.17")
DARK, PAPER = "(prefers-color-scheme: dark)", "@media print"
ABOUT = matrix_page.About("claimcheck", "0" * 40, "scripts/matrix", "corpus",
                          "2026-11-29")


def dumped(text):
    """The document that a browser makes of this one, with scripts run."""
    with tempfile.TemporaryDirectory(prefix="claimcheck-test-") as folder:
        file = pathlib.Path(folder) / "page.html"
        file.write_text(text, "utf-8")
        done = subprocess.run(
            [BROWSER, *FLAGS, f"--user-data-dir={folder}/profile",
             "--dump-dom", file.as_uri()], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            encoding="utf-8", timeout=600, check=False)
    return done.stdout


def works():
    """Does it start at all here?"""
    return "<p>42</p>" in dumped("<script>document.write('<p>' + 6 * 7 + "
                                 "'</p>')</script>")


def measured(views):
    """What is wrong with each of {name: (page, width, sticky heads)}."""
    # Within a script "</" would end it.
    frames = json.dumps([[name, *view] for name, view in
                         views.items()]).replace("</", r"<\/")
    text = dumped(f"""<!doctype html><meta charset="utf-8">
<body><script>{MEASURE.read_text("utf-8")}
const found = {{}};
for (const [name, page, width, sticky] of {frames}) {{
    const frame = document.createElement('iframe');
    frame.width = width;
    frame.height = 900;
    frame.srcdoc = page;
    frame.onload = () => {{
        found[name] = measure(frame.contentDocument, frame.contentWindow,
                              sticky);
        frame.remove();
        document.getElementById('found').textContent = JSON.stringify(found);
    }};
    document.body.append(frame);
}}
</script><pre id="found"></pre>""")
    said = re.search(r'<pre id="found">(.*)</pre>', text)
    assert said, text[-500:]
    return json.loads(html.unescape(said[1]))


def made():
    """Of the committed corpus; one release stands for all, for speed."""
    done = subprocess.run(
        [BUILD / "claimcheck", "matrix", "--json", "--release", "4.22",
         "corpus"], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, check=True)
    return matrix_page.render([{**json.loads(done.stdout), "release": name}
                               for name in RELEASES], ABOUT)


class InABrowser(unittest.TestCase):

    page = ""

    @classmethod
    def setUpClass(cls):
        cls.page = made()

    def test_each_way_to_see_it(self):
        for media in (DARK, PAPER):
            self.assertIn(media, self.page)
        views = {
            "wide": (self.page, 1280, True),
            "narrow": (self.page, 400, True),
            "dark": (self.page.replace(DARK, "all"), 1280, True),
            "dark, narrow": (self.page.replace(DARK, "all"), 400, True),
            "paper": (self.page.replace(PAPER, "@media all"), 1040, False)}
        found = measured(views)
        self.assertEqual(found, {name: [] for name in views})

    def test_what_is_wrong_is_seen(self):
        """A page with each fault fails for that reason, and for no other."""
        def style(rules):
            return self.page.replace("</style>", rules + "</style>")

        faults = {
            "contrast": style(".note { color: #999 }"),
            "wider than": style("h1 { width: 1300px }"),
            "sticks out": style(".rules td:nth-child(3) { max-width: 4rem; "
                                "white-space: nowrap }"),
            "the head is": style("thead th, thead td { position: static }"),
            "leads nowhere": self.page.replace('id="rule-CLAIM_OK"', "")}
        found = measured({
            says: (text, 1280, True) for says, text in faults.items()})
        self.assertEqual(set(found), set(faults))
        for says, wrong in found.items():
            self.assertTrue(wrong, says)
            for one in wrong:
                self.assertIn(says, one)


if __name__ == "__main__":
    if not BROWSER:
        print("skipped: no Chromium here; scripts/setup browser installs it")
        sys.exit(77)
    if not works():
        print(f"skipped: {BROWSER} does not start here")
        sys.exit(77)
    unittest.main()
