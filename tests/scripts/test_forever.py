# SPDX-License-Identifier: MIT
"""scripts/fuzz --forever on a fake target, and its parts: rounds, history and
page, corpora kept minimal, findings taken over, what ends it.
"""

import datetime
import json
import re
import signal
import subprocess
import unittest
import unittest.mock

from helper import FAKES, LONG, PATIENCE, InFolder

from claimcheck import (campaign, findings, forever, fuzz, history,
                        history_page, known, output, progress)
from claimcheck.fuzz_prepare import Built, prepare
from claimcheck.worker import Finding


def line(**more):
    made = dict.fromkeys(history.NUMBERS, 1)
    return {**made, "target": "t", "release": None, "fault": None, **more}


class Whole(InFolder):
    """Campaigns end at once while there is the file `enough`."""

    def setUp(self):
        super().setUp()
        self.enough = self.dir / "enough"
        self.enough.touch()
        self.said = self.dir / "said"

    def argv(self, *args):
        words = [str(word) for word in self.command(*args)]
        for flag in "--corpus", "--out":
            del words[words.index(flag):words.index(flag) + 2]
        return [*words, "--forever", "--state", str(self.dir / "state")]

    def start(self, how, *args):
        with self.said.open("wb") as out:
            process = subprocess.Popen(
                self.argv(*LONG, *args),
                env=dict(self.environment(how), FAKE_UNTIL=str(self.enough)),
                stdin=subprocess.DEVNULL, stdout=out,
                stderr=subprocess.STDOUT)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def lines(self, *below):
        return history.read(self.dir.joinpath(
            "state/logs", *below, "fuzz_fake", history.FILE))

    def until(self, number, *below):
        """So many campaigns have ended."""
        self.wait_for(f"{number} campaigns", lambda: any(
            one["campaigns"] >= number for one in self.lines(*below)))

    def end(self, process, number=signal.SIGTERM):
        """In the middle of a campaign: (exit code, output)."""
        self.enough.unlink()
        waits = self.dir / "enough.waits"
        self.wait_for("a campaign that lasts", waits.exists)
        process.send_signal(number)
        code = process.wait(PATIENCE)
        waits.unlink()
        self.enough.touch()
        return code, self.said.read_text()

    def test_until_sigterm(self):
        """The summary tells of all rounds, and of what was counted."""
        process = self.start("held")
        self.until(2)
        code, text = self.end(process)
        self.assertEqual(code, 143, text)
        final = self.lines()[-1]
        self.assertIn(f" in {final['campaigns']} campaigns of libfuzzer",
                      text)
        self.assertIn(f"runs        {final['total_runs']:,}, "
                      f"{final['total_runs']:,} of them since", text)
        self.assertIn("12 edges, 15 features", text)
        self.assertTrue(text.endswith("result: held until SIGTERM\n"), text)
        self.assertGreaterEqual(final["total_runs"], 2 * 1234567)

    def test_killed_and_started_again(self):
        process = self.start("held")
        self.until(1)
        before = self.lines()[-1]
        self.end(process, signal.SIGKILL)
        process = self.start("held")
        self.until(before["campaigns"] + 1)
        code, text = self.end(process)
        self.assertEqual(code, 143, text)
        lines = self.lines()
        for earlier, later in zip(lines, lines[1:]):
            self.assertLessEqual(earlier["total_runs"], later["total_runs"])
            # What was new then is not new again.
            self.assertEqual(earlier["last_new"], later["last_new"])
        since = lines[-1]["total_runs"] - before["total_runs"]
        self.assertIn(f"{since:,} of them since this start", text)

    def test_one_at_a_time(self):
        self.start("held")
        self.wait_for("an input", (self.dir / "state/corpus/fuzz_fake"
                                   "/found-by-fake").exists)
        done = subprocess.run(self.argv(), env=self.environment("held"),
                              stdout=subprocess.PIPE, text=True,
                              stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertIn("in use by process", done.stdout)

    def test_findings_are_taken_over(self):
        """Filed once, in whatever session; and each ends with 1."""
        for session in range(2):
            process = self.start("PROTECT/populate")
            self.until(1 + 2 * session)
            code, text = self.end(process)
            self.assertEqual(code, 1, text)
            self.assertIn("1 new, 0 known", text)
            filed = findings.read(
                self.dir / "state/findings/PROTECT-populate/finding.json")
            assert filed
            self.assertEqual(filed.count, 1)
        self.assertIn("goes on: 1 findings of before, 0 of which", text)
        page = (self.dir / "state/index.html").read_text()
        self.assertIn("<td>PROTECT/populate</td>", page)
        sarif = json.loads((self.dir / "state/logs/findings/findings.sarif")
                           .read_text())
        self.assertEqual(len(sarif["runs"][0]["results"]), 1)

    def test_each_release(self):
        process = self.start("held", "--release", "4.17,4.20")
        self.until(1, "4.17")
        self.until(1, "4.20")
        code, text = self.end(process)
        self.assertEqual(code, 143, text)
        self.assertIn("== fuzz_fake as 4.17: ", text)
        self.assertIn("<h2>fuzz_fake as 4.20</h2>",
                      (self.dir / "state/index.html").read_text())

    def test_corpus_is_kept_minimal(self):
        corpus = self.dir / "state/corpus/fuzz_fake"
        corpus.mkdir(parents=True)
        (corpus.parent / "FORMAT").write_text("byte format 1\n")
        for number in range(200):
            (corpus / f"input{number}").write_bytes(b"%d" % (number % 7))
        process = self.start("held")
        self.wait_for("few files", lambda: len(list(corpus.iterdir())) < 20)
        code, text = self.end(process)
        self.assertEqual(code, 143, text)
        self.assertEqual({file.read_bytes() for file in corpus.iterdir()},
                         {b"input", *(b"%d" % n for n in range(7))})

    def test_corpus_that_cannot_be_made_minimal(self):
        """It is told, and the campaigns go on."""
        corpus = self.dir / "state/corpus/fuzz_fake"
        corpus.mkdir(parents=True)
        for number in range(200):
            (corpus / f"input{number}").write_bytes(b"%d" % number)
        process = self.start("held,bad_merge")
        self.wait_for("word of it", lambda: "minimize fuzz_fake ended with "
                      "exit code 3" in self.said.read_text())
        self.until(self.lines()[-1]["campaigns"] + 1)
        code, text = self.end(process)
        self.assertEqual(code, 143, text)
        self.assertGreaterEqual(len(list(corpus.iterdir())), 200)

    def test_gives_up(self):
        """When it is no use; not for ever at full speed."""
        process = self.start("garbage")
        code = process.wait(PATIENCE)
        text = self.said.read_text()
        self.assertEqual(code, 3, text)
        self.assertIn("given up: 3 campaigns in a row", text)
        self.assertIn("what is that flag?", text)

    def test_usage(self):
        for expected, *args in (
                ("--runs does not go with", "--forever", "--runs", "5"),
                ("--state does not go with", "--forever", "--sync", "d",
                 "--state", "e"),
                ("--state goes with --forever", "--state", "e")):
            code, text = self.fuzz("held", *args)
            self.assertEqual(code, 2, text)
            self.assertIn(expected, text)


class Parts(InFolder):
    def test_history_goes_on_after_a_line_that_was_cut_off(self):
        file = self.dir / history.FILE
        history.append(file, line(runs=5))
        with open(file, "ab") as out:
            out.write(b'{"time": 7, "tar')
        history.append(file, line(runs=6))
        self.assertEqual([one["runs"] for one in history.read(file)], [5, 6])

    def test_history_stays_small(self):
        """First and last of each series stay."""
        file = self.dir / history.FILE
        with unittest.mock.patch.object(history, "LINES_MAX", 50):
            history.append(file, line(fault="f", runs=7))
            for number in range(500):
                history.append(file, line(time=number))
        lines = history.read(file)
        self.assertLessEqual(len(lines), 51)
        self.assertEqual([one["time"] for one in lines[1:]][::len(lines) - 2],
                         [0, 499])
        last = history.last(lines, ("t", None, "f"))
        assert last
        self.assertEqual(last["runs"], 7)

    def test_another_build_or_engine_has_other_coverage(self):
        made = campaign.Campaign("t", "libfuzzer", {
            "corpus": self.dir, "crashes": self.dir / "crashes"}, [])
        made.version = "new"
        made.follow(line(version="old", features=99))
        self.assertEqual(made.best_seen, 0)
        made.follow(line(version="new", engine="afl", features=99))
        self.assertEqual(made.best_seen, 0)
        made.follow(line(version="new", engine="libfuzzer", features=99))
        self.assertEqual(made.best_seen, 99)
        self.assertEqual(made.last_new, 1)

    def test_page(self):
        """It can be read without a script, and says all that it must."""
        found = findings.Filed("A-B/claim", "t", None, "i", "r", 3, "then",
                               "now", "<b>", gone="2.0")
        lines = [line(time=60 * n, edges=n * n, last_new=60)
                 for n in range(3000)]
        text = history_page.page(lines + [line(target="u", release="4.17")],
                                 [found])
        tags = re.findall(r"<(\w+)", text)
        self.assertEqual(tags.count("svg"), 14)
        self.assertNotIn("script", tags)
        self.assertIn("does not fail in 2.0", text)
        self.assertIn("&lt;b&gt;", text)
        self.assertIn("edges: 8,994,001", text.replace("8.994e+06",
                                                       "8,994,001"))
        self.assertLess(len(text), 200_000)

    def test_empty_page(self):
        self.assertIn("Nothing yet", history_page.page([], []))

    def test_what_does_not_fail_any_more(self):
        """It is not masked; should it come back, it counts."""
        folder = self.dir / "findings"
        crash = self.dir / "crash"
        crash.write_text("one")
        finding = Finding(str(crash), "A-B/claim", ["x"])
        found = findings.Findings(folder, True)
        found.take(finding, "t")
        found.write()
        later = findings.Findings(folder, True)
        later.resume("2.0", lambda one: False)
        self.assertEqual((later.masks(), later.new), ([], []))
        self.assertEqual(later.filed["A-B/claim"].gone, "2.0")
        later.write()
        crash.write_text("a longer one")
        later.take(finding, "t")
        self.assertEqual(later.masks(), ["A-B/claim"])
        self.assertEqual(len(later.new), 1)
        self.assertEqual((folder / "A-B-claim/input").read_text(),
                         "a longer one")

    def test_known_until_a_day_that_comes(self):
        """While the campaign goes on."""
        day = datetime.date.today() + datetime.timedelta(1)
        rows = {"A-B/claim": known.Row("A-B/claim", day, "why", "f:1")}
        found = findings.Findings(self.dir, True, rows)
        found.take(Finding("", "A-B/claim", []), "t")
        self.assertEqual(found.new, [])
        with unittest.mock.patch.object(findings.datetime, "date") as date:
            date.today.return_value = day
            found.read_rows()
        self.assertEqual(len(found.new), 1)
        self.assertEqual(len(found.expired), 1)

    def test_large_log(self):
        """Its process is replaced; nobody takes that for the end."""
        options = fuzz.arguments(
            [str(w) for w in self.command(*LONG)[1:]])
        with unittest.mock.patch.dict("os.environ", {"FAKE": "held"}):
            one = prepare("fuzz_fake", options, Built(FAKES))
        loop = campaign.Loop(progress.Progress(0), 0)
        loop.beside = lambda: loop.on_signal(
            signal.SIGTERM, None) if one.past and not loop.reason else None
        with unittest.mock.patch.multiple(
                campaign, PROBE_EVERY=0.1), unittest.mock.patch.object(
                    output, "LOG_MAX", 10):
            loop.run_group([one])
        self.assertEqual((one.trouble, one.findings), ([], []))
        self.assertGreaterEqual(len(one.past), 1)
        logs = sorted(f.name for f in one.workers[0].log.parent.glob("*.log*"))
        self.assertEqual(logs, ["worker-0.log", "worker-0.log.1"])

    def test_old_crashes_go(self):
        folder = self.dir / "crashes"
        folder.mkdir()
        for number in range(5):
            (folder / f"crash-{number}").touch()
            (folder / f"crash-{number}.txt").touch()
        with unittest.mock.patch.object(forever, "CRASHES_KEPT", 2):
            forever.trim(folder)
        self.assertEqual(len(list(folder.iterdir())), 4)


if __name__ == "__main__":
    unittest.main()
