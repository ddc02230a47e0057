# SPDX-License-Identifier: MIT
"""The parts below scripts/fuzz, each by itself."""

import os
import re
import json
import shutil
import subprocess
import types
import unittest
import unittest.mock

from helper import FAKES, ROOT, InFolder

from claimcheck import (afl, libfuzzer, ossfuzz, ossfuzz_build,
                        ossfuzz_check, paths, progress, seeds, stats,
                        summary)
from claimcheck.errors import Failure
from claimcheck.worker import Finding


class Stats(InFolder):
    def write(self, *entries):
        file = self.dir / "stats.jsonl"
        file.write_text("".join(
            (e if isinstance(e, str) else json.dumps(e)) + "\n"
            for e in entries))
        return stats.read(file)

    def test_processes_are_summed(self):
        one = {"runs": 2, "steps": 9, "ops": {"claim": {"0": 1, "EPERM": 4}}}
        two = {"runs": 3, "steps": 1, "ops": {"claim": {"0": 5}},
               "weaknesses": {"W": 2}, "rules": {"a": 1}}
        total = self.write(one, two)
        self.assertEqual((total["runs"], total["steps"]), (5, 10))
        self.assertEqual(total["ops"], {"claim": {"0": 6, "EPERM": 4}})
        self.assertEqual(total["weaknesses"], {"W": 2})

    def test_later_line_of_a_process_replaces(self):
        total = self.write({"runs": 2, "pid": 7}, {"runs": 5, "pid": 7},
                           {"runs": 1, "pid": 8})
        self.assertEqual(total["runs"], 6)
        self.assertEqual(total["processes"], 2)

    def test_torn_line_is_counted(self):
        total = self.write({"runs": 2}, '{"runs": 7, "st')
        self.assertEqual((total["runs"], total["torn"]), (2, 1))

    def test_missing_file(self):
        self.assertEqual(stats.read(self.dir / "none")["processes"], 0)

    def test_operation_never_run(self):
        self.assertEqual(stats.operations_table({"a": {}, "bb": {"0": 1}}),
                         ["a   never run", "bb  0 1"])


class Log(unittest.TestCase):
    def worker(self, *lines):
        worker = libfuzzer.LibFuzzer("w", [], {}, "log")
        for line in lines:
            worker.line(line)
        return worker

    def test_status(self):
        status = self.worker(
            "#2\tINITED exec/s: 0 rss: 30Mb",
            "#43\tNEW    cov: 17 ft: 55 corp: 27/641b lim: 137 exec/s: 12 "
            "rss: 31Mb L: 4/137 MS: 1 CrossOver-",
            "#1048576\tpulse  cov: 17 ft: 55 corp: 27/641b lim: 4096 "
            "exec/s: 524288 rss: 141Mb").status
        self.assertEqual((status.runs, status.cov, status.features,
                          status.corpus, status.rate),
                         (1048576, 17, 55, 27, 524288))

    def test_report_keeps_its_lines_and_first_signature(self):
        worker = self.worker("noise", "claimcheck: violation: A/b", "text",
                             "claimcheck: violation: C/d",
                             "==1== ERROR: libFuzzer: deadly signal", "#0")
        self.assertEqual(worker.signature, "A/b")
        self.assertEqual(worker.report[:2],
                         ["claimcheck: violation: A/b", "text"])
        self.assertNotIn("#0", worker.report)

    def test_report_of_a_signal_keeps_assertion_and_stack(self):
        worker = self.worker("noise", "t: a.c:1: f: Assertion `x' failed.",
                             "claimcheck: violation: SIGNAL-6/decrease",
                             "==1== ERROR: libFuzzer: deadly signal", "#0")
        self.assertIn("Assertion", worker.report[0])
        self.assertIn("#0", worker.report)

    def test_command_line(self):
        options = types.SimpleNamespace(seconds=60, runs=0, seed=7)
        folders = {"corpus": "c", "seeds": "s", "crashes": "x"}
        argv = libfuzzer.command("t", options, 1, folders, "d.dict")
        self.assertIn("-max_total_time=60", argv)
        self.assertIn("-seed=8", argv)
        self.assertIn("-dict=d.dict", argv)
        self.assertEqual(argv[-2:], ["c", "s"])
        self.assertFalse([a for a in argv if a.startswith("-runs")])


class Seeds(InFolder):
    def prepare(self):
        return seeds.prepare(self.seeds, self.dir / "bytes",
                             FAKES / "claimcheck")

    def test_text_is_converted_and_bytes_are_copied(self):
        self.assertEqual([p.name for p in self.prepare()], ["one", "two"])

    def test_removed_seed_goes(self):
        self.prepare()
        (self.seeds / "two").unlink()
        self.assertEqual([p.name for p in self.prepare()], ["one"])
        self.assertEqual(len(paths.files_in(self.dir / "bytes")), 1)

    def test_changed_text_is_converted_again(self):
        self.prepare()
        (self.seeds / "one.claim").write_text("claim d1 2\n")
        self.prepare()
        self.assertEqual((self.dir / "bytes/one").read_text(), "claim d1 2\n")

    def test_folders_do_not_collide(self):
        (self.seeds / "sub").mkdir()
        (self.seeds / "sub/one.claim").write_text("claim d1 3\n")
        self.assertEqual([p.name for p in self.prepare()],
                         ["one", "sub-one", "two"])


class Files(InFolder):
    def test_failed_write_leaves_the_old_file(self):
        target = self.dir / "file"
        paths.write_whole(target, b"old")
        with self.assertRaises(TypeError):
            paths.write_whole(target, "not bytes")
        self.assertEqual(target.read_bytes(), b"old")
        self.assertFalse(list(self.dir.glob(".new-*")))


class Afl(InFolder):
    def test_folders(self):
        folder = self.dir / "afl/main"
        for kind in ("crashes", "hangs", "queue"):
            (folder / kind).mkdir(parents=True)
            (folder / kind / "id:000000,x").write_bytes(kind.encode())
        (folder / "crashes/README.txt").write_text("not a crash")
        crashes = self.dir / "crashes"
        crashes.mkdir()
        self.assertEqual(afl.share_queue(self.dir / "afl", crashes), 1)
        self.assertEqual(afl.share_queue(self.dir / "afl", crashes), 0)
        kept = afl.rescue(self.dir / "afl", crashes, self.dir)
        self.assertEqual(len(kept), 2)
        self.assertEqual((self.dir / paths.content_name(b"queue"))
                         .read_bytes(), b"queue")
        names = sorted(p.name.split("-")[0] for p in crashes.iterdir())
        self.assertEqual(names[1:], ["crash", "hang"])
        self.assertFalse((self.dir / "afl").exists())

    def test_instances(self):
        options = types.SimpleNamespace(seconds=9, runs=0, seed=0)
        folders = dict.fromkeys(("corpus", "seeds", "crashes", "afl", "start"), "f")
        argv = [[str(w) for w in afl.command("t", options, i, folders,
                                             cmplog="t.cmplog")]
                for i in range(3)]
        self.assertIn("-M", argv[0])
        self.assertIn("-F", argv[0])
        self.assertIn("t.cmplog", argv[1])
        self.assertIn("-p", argv[2])
        for words in argv:
            self.assertIn("-b", words)

    def test_unused_mutator_is_trouble(self):
        queue = self.dir / "queue"
        queue.mkdir()
        loaded = ("[+] Custom mutator '/x.so' installed successfully.\n")

        def trouble(name, log, **env):
            for old in queue.iterdir():
                old.unlink()
            (queue / name).write_bytes(b"x")
            (self.dir / "log").write_text(log)
            worker = afl.Afl("a", [], env, self.dir / "log", self.dir, "t",
                             self.dir)
            worker.code = 0
            worker.ended()
            return worker.trouble or ""

        library = {"AFL_CUSTOM_MUTATOR_LIBRARY": "/x.so"}
        own = "id:000001,src:000000,time:1,execs:2,op:havoc,rep:2,+cov"
        its = "id:000001,src:000000,time:1,execs:2,operations,+cov"
        seed = "id:000000,time:0,execs:0,orig:seed"
        self.assertEqual(trouble(own, ""), "")
        self.assertEqual(trouble(its, loaded, **library), "")
        self.assertEqual(trouble(seed, loaded, **library), "")
        self.assertIn("not loaded", trouble(its, "", **library))
        self.assertIn("not work alone", trouble(own, loaded, **library))
        self.assertIn("does not mutate", trouble(
            its, f"[!] {afl.LIBRARY_EMPTY}.\n" + loaded, **library))

    def test_mutator_works_alone(self):
        env = afl.environment({}, "/x.so", 0)
        self.assertEqual(env["AFL_CUSTOM_MUTATOR_ONLY"], "1")
        self.assertNotIn("AFL_CUSTOM_MUTATOR_LIBRARY",
                         afl.environment({}, "/x.so", 1))


class OssFuzz(InFolder):
    def test_wrong_sanitizer_is_seen(self):
        disassembly = b"call 1 <__asan_load4>\ncallq 2 <__ubsan_x>\n" * 300
        with unittest.mock.patch("subprocess.run") as run:
            run.return_value.stdout = disassembly
            check = lambda s: ossfuzz_check.check_calls(self.dir / "t", s)
            self.assertEqual(len(check("address")), 2)  # few asan, much ubsan
            self.assertEqual(len(check("undefined")), 1)  # asan in it
            self.assertEqual(len(check("memory")), 2)

    def test_foreign_library_is_seen(self):
        with unittest.mock.patch("subprocess.run") as run:
            run.return_value.stdout = (
                b"\tlinux-vdso.so.1 (0x1)\n\tlibc.so.6 => /lib/libc.so.6\n"
                b"\tlibxxhash.so.0 => /lib/libxxhash.so.0\n"
                b"\t/lib64/ld-linux-x86-64.so.2 (0x2)\n")
            self.assertEqual(ossfuzz_check.check_libraries(self.dir / "t"),
                             ["t: needs libxxhash.so.0"])

    def test_missing_seeds_and_targets_are_seen(self):
        problems = ossfuzz_check.check_files(self.dir, ["fuzz_a"])
        self.assertIn("expected ['fuzz_a']", problems[0])

    def test_changed_sources_are_seen(self):
        file = self.dir / "a.c"
        file.write_text("1")
        before = ossfuzz_build.tree_hash(self.dir)
        file.rename(self.dir / "b.c")
        self.assertNotEqual(before, ossfuzz_build.tree_hash(self.dir))

    def test_this_tree(self):
        problems, targets = ossfuzz.check_tree(ROOT)
        self.assertEqual(problems, [])
        self.assertIn("fuzz_reservation", targets)

    def test_undefined_and_address_are_never_mixed(self):
        flags = ossfuzz_build.SANITIZERS
        self.assertNotIn("undefined", flags["address"])
        self.assertNotIn("address", flags["undefined"])


class Replay(unittest.TestCase):
    def command(self, *report):
        return summary.replay(Finding("/x/a b", "S", list(report)), "/b/cc")

    def test_flags_of_the_report_are_kept(self):
        self.assertEqual(
            self.command("claimcheck: violation: S", "replay:  build/release/"
                         "claimcheck replay --release 4.17 --fault f --raw "
                         "INPUT"),
            "/b/cc replay --release 4.17 --fault f --raw '/x/a b'")

    def test_report_without_a_command(self):
        self.assertEqual(self.command("==1== ERROR"),
                         "/b/cc replay '/x/a b'")


class Reports(InFolder):
    def test_no_report_among_inputs(self):
        crash = Finding(str(self.dir / "crash-1"), "S", ["text"])
        seed = Finding(str(self.seeds / "two"), "S", ["text"])
        for finding in (crash, seed):
            libfuzzer.keep_report(finding, self.dir)
        self.assertTrue((self.dir / "crash-1.txt").exists())
        self.assertFalse((self.seeds / "two.txt").exists())


class Workflows(unittest.TestCase):
    """Python has no YAML reader, so only what breaks them most is looked at:
    tabs, odd indents, keys, and scripts and flags that do not exist."""

    FILES = sorted((ROOT / ".github/workflows").glob("*.yml"))

    def test_structure(self):
        self.assertGreaterEqual(len(self.FILES), 5)
        for file in self.FILES:
            text = file.read_text()
            self.assertNotIn("\t", text, file)
            for key in ("name", "on", "permissions", "jobs"):
                self.assertRegex(text, rf"(?m)^{key}:", file)
            for line in text.splitlines():
                indent = len(line) - len(line.lstrip(" "))
                self.assertEqual(indent % 2, 0, f"{file}: {line}")
            self.assertRegex(text, r"(?m)^    runs-on: ", file)

    def test_scripts_exist(self):
        named = set()
        for file in self.FILES:
            named |= set(re.findall(r"(?:scripts/|\.ci/)[\w-]+",
                                    file.read_text()))
        self.assertIn(".ci/run", named)
        for name in named:
            self.assertTrue(os.access(ROOT / name, os.X_OK), name)


class Numbers(unittest.TestCase):
    def test_count(self):
        self.assertEqual([progress.count(n) for n in
                          (0, 9999, 12345, 2_097_152, 3e9)],
                         ["0", "9999", "12.3k", "2.1M", "3.0G"])

    def test_clock(self):
        self.assertEqual(progress.clock(59.9), "00:59")
        self.assertEqual(progress.clock(3661), "1:01:01")


class Shell(unittest.TestCase):
    def code(self, *argv, **kwargs):
        done = subprocess.run([ROOT / argv[0], *argv[1:]],
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, **kwargs)
        return done.returncode, done.stdout.decode()

    def test_bad_usage(self):
        for script in ("setup", "test"):
            self.assertEqual(self.code(f"scripts/{script}", "--bogus")[0], 2)
        self.assertEqual(self.code("scripts/setup", "nogroup")[0], 2)
        self.assertEqual(self.code("scripts/test", "--jobs", "0")[0], 2)
        self.assertEqual(self.code("scripts/test", "--label")[0], 2)


class Setup(InFolder):
    """scripts/setup in a world of fake tools, so that nothing is installed."""

    def setup_in(self, *args, **tools):
        bin_dir = self.dir / "bin"
        bin_dir.mkdir()
        for name in ("bash", "tr", "sort", "sed", "comm", "cat", "mktemp",
                     "rm", "env", "tail"):
            (bin_dir / name).symlink_to(shutil.which(name))
        for name, text in tools.items():
            file = bin_dir / name.replace("_", "-")
            file.write_text("#!/usr/bin/env bash\n" + text + "\n")
            file.chmod(0o755)
        done = subprocess.run(
            ["/bin/bash", ROOT / "scripts/setup", *args],
            env={"PATH": str(bin_dir), "DIR": str(self.dir)},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout.decode()

    # All of group fuzz is there but llvm-14.
    QUERY = ("printf 'installed %s\\n' clang-14 libclang-rt-14-dev binutils;"
             " echo deinstall llvm-14; exit 1")

    def test_no_apt(self):
        code, text = self.setup_in("fuzz")
        self.assertEqual(code, 77, text)
        self.assertIn("clang-14", text)

    def test_check_lists_what_is_missing(self):
        code, text = self.setup_in("--check", "fuzz", dpkg_query=self.QUERY,
                                   apt_get="exit 9")
        self.assertEqual((code, text), (77, "llvm-14\n"))

    def test_installs_only_what_is_missing(self):
        code, text = self.setup_in(
            "fuzz", dpkg_query=self.QUERY, id="echo 0",
            apt_get='echo "$@" > "$DIR/asked"')
        self.assertEqual(code, 0, text)
        asked = (self.dir / "asked").read_text().split()
        self.assertEqual(asked[-1], "llvm-14")
        self.assertIn("--no-install-recommends", asked)
        self.assertNotIn("clang-14", asked)

    def test_not_root(self):
        code, text = self.setup_in("fuzz", dpkg_query=self.QUERY,
                                   id="echo 1000", apt_get="exit 9")
        self.assertEqual(code, 77, text)
        self.assertIn("not root", text)
        self.assertIn("llvm-14", text)

    def test_failed_install(self):
        code, text = self.setup_in("fuzz", dpkg_query=self.QUERY, id="echo 0",
                                   apt_get="echo no network; exit 100")
        self.assertEqual(code, 77, text)
        self.assertIn("no network", text)


if __name__ == "__main__":
    unittest.main()
