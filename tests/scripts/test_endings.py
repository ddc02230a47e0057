# SPDX-License-Identifier: MIT
"""How scripts end (docs/exit-codes.md): each code, of each script; and that
nothing that they started outlives them.
"""

import contextlib
import fcntl
import io
import os
import pathlib
import shutil
import signal
import subprocess
import time
import unittest
import unittest.mock

from helper import FAKES, PATIENCE, ROOT, InFolder

from claimcheck import errors
from claimcheck.errors import Failure, Stopped, ending, run_main, worst

PYTHON = ("bench", "check-oss-fuzz", "corpus", "coverage", "fuzz", "hunt",
          "lint", "live", "matrix", "mutants", "xen-build", "xen-source",
          "xen-vm")
SHELL = ("setup", "test")
# What each does until a program is called for, and that program.
BEGIN: dict[str, tuple[list[str], str]] = {
    "check-oss-fuzz": ([], "dpkg-query"),
    "corpus": (["check"], "dpkg-query"),
    "coverage": ([], "dpkg-query"),
    "fuzz": (["--seconds", "1"], "dpkg-query"),
    "hunt": ([], "dpkg-query"),
    "lint": (["--only", "python"], "flake8"),
    "live": ([], "dpkg-query"),
    "matrix": ([], "dpkg-query"),
    "setup": ([], "dpkg-query"),
    "test": ([], "dpkg-query"),
    "bench": ([], "dpkg-query"),
}
# What they fetch once, they look for no more.
FETCH: dict[str, list[str]] = {
    "xen-build": [], "xen-source": [], "xen-vm": ["--prepare"]}


class Codes(unittest.TestCase):
    """The order, and what stands for which code."""

    def setUp(self):
        self.addCleanup(setattr, errors, "ending", errors.ending)
        for number in errors.STOPPING:
            self.addCleanup(signal.signal, number, signal.getsignal(number))
        ending.code, ending.left = 0, []

    def ends(self, raises, noted=0):
        def main(_argv):
            ending.note(noted)
            if isinstance(raises, int):
                return raises
            raise raises

        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            return run_main("x", main, []), said.getvalue()

    def test_order(self):
        order = [3, 1, 2, 143, 77, 0]
        for i, worse in enumerate(order):
            for better in order[i:]:
                self.assertEqual(worst(better, worse), worse)

    def test_what_is_raised(self):
        for raises, code, text in (
                (Failure("bad"), 2, "bad"), (Failure("no", 77), 77, "no"),
                (OSError(28, "No space left", "/f"), 3, "/f: No space left"),
                (FileNotFoundError(2, "No such file", "tool"), 3, "tool"),
                (ValueError("what"), 3, "ValueError: what"),
                (MemoryError(), 3, "MemoryError"),
                (subprocess.CalledProcessError(7, ["tool"]), 3, "tool: exit"),
                (SystemExit(2), 2, ""), (Stopped(15), 143, "SIGTERM")):
            got, said = self.ends(raises)
            self.assertEqual(got, code, said)
            self.assertIn(text, said)

    def test_what_was_found_is_not_hidden(self):
        self.assertEqual(self.ends(Stopped(2), noted=1)[0], 1)
        self.assertEqual(self.ends(Failure("bad"), noted=1)[0], 1)
        self.assertEqual(self.ends(OSError(5, "I/O"), noted=1)[0], 3)

    def test_what_is_left_is_told(self):
        def main(_argv):
            for name in ending.in_turn(["a", "b", "c"]):
                if name == "b":
                    raise Stopped(2)
            return 0

        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            self.assertEqual(run_main("x", main, []), 130)
        self.assertIn("stopped by SIGINT; not done: b, c", said.getvalue())


class Scripts(InFolder):
    def run_it(self, script, *args: str, path=None, shell=None,
               patience=PATIENCE, root=ROOT):
        """(exit code, output); path: a folder before all others in PATH."""
        argv = [root / "scripts" / script, *args]
        if shell:
            argv = ["sh", "-c", f'exec "$@" {shell}', "sh", *argv]
        done = subprocess.run(
            argv, env=self.env(path), stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=patience)
        return done.returncode, done.stdout.decode()

    def env(self, path):
        before = f"{path}:" if path else ""
        return dict(os.environ, PATH=before + os.environ["PATH"],
                    PYTHONDONTWRITEBYTECODE="1")

    def program(self, name, text):
        """A program of that name; the folder that it lies in."""
        folder = self.dir / "bin"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text("#!/bin/sh\n" + text + "\n")
        (folder / name).chmod(0o755)
        return folder

    def test_0_and_2(self):
        for script in PYTHON + SHELL:
            self.assertEqual(self.run_it(script, "--help")[0], 0, script)
            self.assertEqual(self.run_it(script, "--bogus")[0], 2, script)
        self.assertEqual(self.run_it("bench", "--bogus")[0], 2)

    def test_3_nobody_can_hear(self):
        for script in PYTHON + SHELL:
            for closed in ">/dev/full", ">&-":
                code, text = self.run_it(script, "--help", shell=closed)
                self.assertEqual(code, 3, f"{script} {closed}: {text}")

    def test_3_a_program_of_ours_fails(self):
        """cmake, with all packages there."""
        path = self.program("dpkg-query", "for p; do :; done; printf "
                            "'installed %s\\n' \"$@\"")
        self.program("cmake", "exit 1")
        for script, (args, program) in BEGIN.items():
            # (check-oss-fuzz judges whether the tree builds.)
            if program == "dpkg-query" and script not in (
                    "setup", "check-oss-fuzz"):
                code, text = self.run_it(script, *args, path=path)
                self.assertEqual(code, 3, f"{script}: {text}")

    def test_77(self):
        path = self.program("dpkg-query", "exit 1")
        self.program("apt-get", "exit 100")
        rows = [(ROOT, script, args) for script, (args, program)
                in BEGIN.items() if program == "dpkg-query"]
        # In a tree where nothing was fetched yet.
        shutil.copytree(ROOT / "scripts", self.dir / "scripts", symlinks=True)
        rows += [(self.dir, script, args) for script, args in FETCH.items()]
        for root, script, args in rows:
            code, text = self.run_it(script, *args, path=path, root=root)
            self.assertEqual(code, 77, f"{script}: {text}")

    def test_77_lint_without_a_tool(self):
        path = self.program("dpkg-query", "exit 1")
        self.program("apt-get", "exit 100")
        every = self.dir / "every"
        every.mkdir()
        for folder in os.environ["PATH"].split(":"):
            for file in pathlib.Path(folder).glob("*"):
                link = every / file.name
                if file.name != "flake8" and not os.path.lexists(link):
                    link.symlink_to(file)
        with unittest.mock.patch.dict(os.environ, PATH=str(every)):
            code, text = self.run_it("lint", "--only", "python", path=path)
        self.assertEqual(code, 77, text)

    def test_2_no_xen_tree(self):
        for script in "xen-source", "xen-build":
            code, text = self.run_it(script, "--tree", str(self.dir))
            self.assertEqual(code, 2, f"{script}: {text}")
            self.assertIn(str(self.dir), text)

    def test_0_bench(self):
        # It builds first.
        code, text = self.run_it("bench", "release", "--seconds", "1",
                                 patience=None)
        self.assertEqual(code, 0, text)

    def test_1(self):
        self.assertEqual(self.fuzz("violation")[0], 1)
        # Of the others: test_lint.py, test_matrix.py, test_real_corpus.py,
        # test_real_ossfuzz.py, coverage_must_fail, guards/hunt_script.py.

    def test_signals_end_scripts_and_what_they_started(self):
        pid = self.dir / "pid"
        for script, (args, program) in BEGIN.items():
            path = self.program(
                program, f"echo $$ > {pid}.new; mv {pid}.new {pid}; "
                "exec sleep 36000")
            for number in (signal.SIGINT, signal.SIGTERM):
                pid.unlink(missing_ok=True)
                self.stopped(script, args, path, pid, number)
            (path / program).unlink()

    def stopped(self, script, args, path, pid, number):
        process = subprocess.Popen(
            [ROOT / "scripts" / script, *args], env=self.env(path),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True)
        self.wait_for(f"{script} calls its program", pid.exists)
        asked = time.monotonic()
        if script in PYTHON:
            process.send_signal(number)
        else:  # of a shell all hear it, as in a terminal
            os.killpg(process.pid, number)
        text = process.communicate(timeout=PATIENCE)[0].decode()
        took = time.monotonic() - asked
        print(f"{script}: {signal.Signals(number).name}, {took:.2f} s")
        code = process.returncode
        self.assertIn(code, (128 + number, -number), f"{script}: {text}")
        if script in PYTHON:
            self.assertIn(f"scripts/{script}: stopped by "
                          f"{signal.Signals(number).name}", text)
        started = pathlib.Path("/proc") / pid.read_text().strip()
        self.wait_for(f"{script}: its child ends", lambda: not alive(started))

    def test_a_signal_while_xen_vm_waits(self):
        cache = ROOT / "build/xen-vm"
        cache.mkdir(parents=True, exist_ok=True)
        path = self.program("qemu-system-x86_64", "exit 1")
        with open(cache / "lock", "wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            process = subprocess.Popen(
                [ROOT / "scripts/xen-vm", "--prepare"], env=self.env(path),
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            self.wait_for("it waits", lambda: waits_for_lock(process.pid))
            process.send_signal(signal.SIGTERM)
            text = process.communicate(timeout=PATIENCE)[0].decode()
        self.assertEqual(process.returncode, 143, text)


def alive(proc):
    """A zombie is not."""
    try:
        return proc.joinpath("stat").read_text().rpartition(")")[2].split(
            )[0] not in "ZX"
    except OSError:
        return False


def waits_for_lock(pid):
    return any("->" in line and f" {pid} " in line for line in
               pathlib.Path("/proc/locks").read_text().splitlines())


class Thread(InFolder):
    def test_threads_start_nothing_more(self):
        """Many jobs side by side, each with children: none goes on."""
        script = self.dir / "many.py"
        script.write_text(f"""
import concurrent.futures, subprocess, sys
sys.path.insert(0, "{ROOT}/scripts/lib")
from claimcheck.errors import run_main
def job(n):
    for _ in range(100):
        subprocess.run(["sh", "-c", "echo >> {self.dir}/ran; sleep 36000"])
def main(argv):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(job, range(100)))
    return 0
sys.exit(run_main("many", main, []))
""")
        said = self.dir / "said"
        with said.open("wb") as stderr:
            process = subprocess.Popen(["python3", script], stderr=stderr)
        self.addCleanup(process.kill)
        self.wait_for("a job runs", (self.dir / "ran").exists)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(PATIENCE), 143, said.read_text())
        # Those under way, and those that were being started.
        ran = (self.dir / "ran").read_text().splitlines()
        self.assertLessEqual(len(ran), 8)


if __name__ == "__main__":
    assert shutil.which("sh") and FAKES.is_dir()
    unittest.main()
