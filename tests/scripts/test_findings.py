# SPDX-License-Identifier: MIT
"""Findings by signature: filed once, masked, known until a day; the forms that
services read, and the ten lines that people do.
"""

import datetime
import json
import unittest
import unittest.mock
import xml.etree.ElementTree

from helper import FAKES, SHORT, InFolder

from claimcheck import findings, findings_forms, known, summary
from claimcheck.errors import Failure
from claimcheck.worker import Finding

TODAY = datetime.date.today()
LATER, PAST = TODAY + datetime.timedelta(9), TODAY - datetime.timedelta(1)


class Known(InFolder):
    def read(self, text):
        (self.dir / "known").write_text(text)
        return known.read(self.dir / "known")

    def test_rows(self):
        rows = self.read("# why\n\nA-B/claim  2099-01-31  a reason, so\n")
        row = rows["A-B/claim"]
        self.assertEqual((row.until, row.reason, row.place),
                         (datetime.date(2099, 1, 31), "a reason, so",
                          f"{self.dir}/known:3"))

    def test_what_is_no_row(self):
        for text, place, wanted in (
                ("A/b\n", "1:4", "SIGNATURE YYYY-MM-DD REASON"),
                ("A/b 2099-01-01\n", "1:15", "REASON"),
                ("\nA/b 2099-13-01 x\n", "2:5", "a day as in"),
                ("-x 2099-01-01 x\n", "1:1", "a signature as in"),
                ("A/b 2099-01-01 x\nA/b 2099-01-01 y\n", "2:1",
                 "expected one line")):
            with self.assertRaises(Failure) as raised:
                self.read(text)
            self.assertIn(f"known:{place}: ", str(raised.exception))
            self.assertIn(wanted, str(raised.exception))

    def test_no_file(self):
        with self.assertRaisesRegex(Failure, "absent: No such file"):
            known.read(self.dir / "absent")


class Filed(InFolder):
    def findings(self, *rows, keep=True):
        file = self.dir / "known"
        file.write_text("".join(f"{row}\n" for row in rows))
        return findings.Findings(self.dir / "findings", keep,
                                 known.read(file))

    def finding(self, signature, data="input"):
        file = self.dir / "crash"
        file.write_text(data)
        return Finding(str(file), signature,
                       [f"claimcheck: violation: {signature}", "  detail"])

    def test_once(self):
        found = self.findings()
        for _ in range(3):
            self.assertTrue(found.take(self.finding("A-B/claim"), "fuzz_x"))
        found.write()
        self.assertEqual(found.masks(), ["A-B/claim"])
        folder = self.dir / "findings/A-B-claim"
        filed = findings.read(folder / "finding.json")
        assert filed
        self.assertEqual((filed.count, filed.detail, filed.known),
                         (3, "detail", None))
        self.assertLessEqual(filed.first, filed.last)
        self.assertEqual((folder / "input").read_text(), "input")
        self.assertIn("violation: A-B", (folder / "report.txt").read_text())
        self.assertEqual(sorted(f.name for f in folder.iterdir()),
                         ["finding.json", "input", "report.txt"])

    def test_again_in_a_later_campaign(self):
        """It counts on, from the day that it was first seen."""
        with unittest.mock.patch.object(findings, "now", return_value="1"):
            found = self.findings()
            found.take(self.finding("A-B/claim"), "fuzz_x")
            found.write()
        found = self.findings()
        found.take(self.finding("A-B/claim", "another"), "fuzz_x")
        one = found.filed["A-B/claim"]
        self.assertEqual((one.count, one.first), (2, "1"))
        self.assertEqual(len(found.new), 1)

    def test_without_keep_going_the_first_ends_the_campaign(self):
        found = self.findings(keep=False)
        self.assertFalse(found.take(self.finding("A-B/claim"), "fuzz_x"))
        self.assertEqual(found.masks(), [])
        self.assertFalse((self.dir / "findings").exists())

    def test_known(self):
        """Masked from the start, and no failure; on its last day it is."""
        found = self.findings(f"A-B/claim {LATER} why",
                              f"C/claim {TODAY} over", keep=False)
        self.assertEqual(found.masks(), ["A-B/claim"])
        self.assertTrue(found.take(self.finding("A-B/claim"), "fuzz_x"))
        self.assertFalse(found.take(self.finding("C/claim"), "fuzz_x"))
        self.assertEqual([one.signature for one in found.new], ["C/claim"])
        text = "\n".join(summary.findings(found, self.dir))
        self.assertIn(f"known:2: C/claim was known until {TODAY}, and counts "
                      "again", text)
        self.assertIn("1 new, 1 known", text)

    def test_known_by_its_folder(self):
        """What a sanitizer says is no signature with a place of ours."""
        found = self.findings(f"ASan-stack-overflow-in-f {LATER} why")
        found.take(self.finding("ASan: stack-overflow in f"), "fuzz_x")
        self.assertEqual(found.new, [])
        self.assertEqual(found.masks(), [])

    def test_what_was_only_counted(self):
        found = self.findings(f"A-B/claim {LATER} why")
        found.met({"A-B/claim": 7}, "fuzz_x")
        one = found.filed["A-B/claim"]
        self.assertEqual((one.count, one.known), (7, "why"))

    def test_ten_lines(self):
        for number in (0, 1, 2, 3, 4, 5, 9, 10, 40):
            found = self.findings(keep=False)
            for i in range(number):
                found.take(self.finding(f"A/call{i}"), "fuzz_x")
            lines = summary.findings(found, self.dir)
            self.assertLessEqual(len(lines), 10, number)
            self.assertGreaterEqual(len(lines), min(number, 9) + 1)

    def test_forms(self):
        found = self.findings(f"C/claim {LATER} <why> & |")
        found.take(self.finding("OVER-CLAIM/claim"), "fuzz_x", "fault_f")
        found.take(self.finding("C/claim"), "fuzz_x")
        done = [findings_forms.Done("fuzz_x", "fault_f", "afl", 1.5, 10, 20,
                                    30, ["a < b"])]
        shown = self.dir / "shown.md"
        with unittest.mock.patch.dict(
                "os.environ", {"GITHUB_STEP_SUMMARY": str(shown)}):
            findings_forms.write_all(self.dir / "findings",
                                     list(found.filed.values()), done, "1.0")
        text = {name: (self.dir / "findings" / name).read_text() for name in
                ("findings.json", "junit.xml", "findings.sarif",
                 "summary.md")}
        self.assertEqual(shown.read_text(), text["summary.md"])
        self.assertIn("| `OVER-CLAIM/claim` | 1 | fuzz_x | detail |",
                      text["summary.md"])
        self.assertIn("known: <why> & \\|", text["summary.md"])
        suite = xml.etree.ElementTree.fromstring(text["junit.xml"])
        self.assertEqual([suite.get(name) for name in (
            "tests", "failures", "errors", "skipped")], ["3", "1", "1", "1"])
        run = json.loads(text["findings.sarif"])["runs"][0]
        self.assertEqual([r["level"] for r in run["results"]],
                         ["error", "note"])
        place = run["results"][0]["locations"][0]["physicalLocation"]
        self.assertEqual(place["artifactLocation"]["uri"],
                         "harness/engine/invariants.def")
        self.assertGreater(place["region"]["startLine"], 1)
        made = json.loads(text["findings.json"])
        self.assertEqual(made["findings"][0]["fault"], "fault_f")
        self.assertEqual(made["campaigns"][0]["runs"], 10)


class KeepGoing(InFolder):
    """scripts/fuzz on a target that finds one thing after the other."""

    HOW = "PROTECT/populate,CLAIM-SUM/claim"

    def test_each_once(self):
        code, text = self.fuzz(self.HOW, *SHORT, "--keep-going")
        self.assertEqual(code, 1, text)
        self.assertIn("findings    2 new, 0 known", text)
        self.assertRegex(text, "runs        1,234,[67]")
        self.assertEqual(text.count("result: VIOLATION"), 1)
        for name in "PROTECT-populate", "CLAIM-SUM-claim":
            folder = self.dir / "out/findings" / name
            filed = findings.read(folder / "finding.json")
            assert filed
            self.assertEqual(filed.count, 1)
            self.assertIn(f"replay  {FAKES}/claimcheck replay --fault f --raw "
                          f"{folder}/input", text)

    def test_known_ones_do_not_fail_it(self):
        file = self.dir / "known"
        file.write_text(f"PROTECT/populate {LATER} why\n"
                        f"CLAIM-SUM/claim {LATER} why\n")
        code, text = self.fuzz(self.HOW, *SHORT, "--known", file)
        self.assertEqual(code, 0, text)
        file.write_text(f"PROTECT/populate {LATER} why\n"
                        f"CLAIM-SUM/claim {PAST} why\n")
        code, text = self.fuzz(self.HOW, *SHORT, "--known", file)
        self.assertEqual(code, 1, text)
        self.assertIn(f"{file}:2: CLAIM-SUM/claim was known until", text)
        file.write_text("PROTECT/populate soon\n")
        code, text = self.fuzz(self.HOW, *SHORT, "--known", file)
        self.assertEqual(code, 2, text)
        self.assertIn(f"{file}:1:22: expected", text)

    def test_what_cannot_be_masked(self):
        """The campaign ends, instead of starting anew for ever."""
        code, text = self.fuzz("asan", *SHORT, "--keep-going")
        self.assertEqual(code, 3, text)
        self.assertRegex(text, "was ended 21 times in a row by "
                         "AddressSanitizer")


if __name__ == "__main__":
    unittest.main()
