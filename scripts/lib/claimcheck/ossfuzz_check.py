# SPDX-License-Identifier: MIT
"""Plays OSS-Fuzz's runner: is what build.sh made a good build?

Each check returns problems as text; none means good.
"""

from __future__ import annotations

import collections
import configparser
import os
import re
import subprocess
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from . import ossfuzz_build, output, tools
from .paths import Word
from .tools import Env

# Numbers of calls into the sanitizers' runtimes, by which the services tell a
# build that has the wrong sanitizer, or a mix: (least, most).
CALLS = {
    "address": {"asan": (1000, None), "ubsan": (0, 200), "msan": (0, 3)},
    "undefined": {"ubsan": (168, None), "asan": (0, 0)},
    "memory": {"msan": (1000, None), "asan": (0, 0)},
}
EDGES_LEAST = 100
LIBRARIES = re.compile(
    r"^(linux-vdso|libc|libm|libdl|libpthread|librt|libgcc_s|libstdc\+\+"
    r"|libresolv|ld-linux-x86-64)\.so")
NAME = re.compile(r"^[A-Za-z0-9_-]+$")
RUN_SECONDS = 1200  # for what hangs
AFL_RUNS = 5000


def run(argv: Sequence[Word], env: Env, cwd: Path,
        seconds: float = RUN_SECONDS) -> tuple[int | None, str]:
    """(exit code, output); code None when it had to be stopped."""
    try:
        done = subprocess.run(argv, env=env, cwd=cwd, timeout=seconds,
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        return done.returncode, done.stdout.decode("utf-8", "replace")
    except subprocess.TimeoutExpired as late:
        return None, (late.stdout or b"").decode("utf-8", "replace")


def binaries(out: Path) -> list[Path]:
    """Fuzz targets, as the services recognise them."""
    found = []
    for file in sorted(out.iterdir()):
        if (file.is_file() and os.access(file, os.X_OK)
                and not file.name.startswith("afl-")):
            data = file.read_bytes()
            if data[:4] == b"\x7fELF" and b"LLVMFuzzerTestOneInput" in data:
                found.append(file)
    return found


def check_files(out: Path, names: list[str]) -> list[str]:
    """Names, seed archives, options of all targets."""
    problems = []
    found = [file.name for file in binaries(out)]
    if sorted(found) != sorted(names):
        problems.append(f"targets in $OUT are {found}, expected {names}")
    for name in found:
        if not NAME.match(name):
            problems.append(f"{name}: a name the services do not take")
        archive = out / f"{name}_seed_corpus.zip"
        try:
            with zipfile.ZipFile(archive) as seeds:
                if not any(i.file_size for i in seeds.infolist()):
                    problems.append(f"{archive.name}: no seed in it")
        except (OSError, zipfile.BadZipFile) as error:
            problems.append(f"{archive.name}: {error}")
    return problems


def check_calls(binary: Path, sanitizer: str) -> list[str]:
    """Is the sanitizer in, and no other?"""
    done = subprocess.run(["objdump", "-d", "--no-show-raw-insn", binary],
                          stdout=subprocess.PIPE, check=True)
    calls = collections.Counter(re.findall(
        rb"call[q ].*<__(asan|ubsan|msan)", done.stdout))
    problems = []
    for name, (least, most) in CALLS.get(sanitizer, {}).items():
        number = calls[name.encode()]
        if number < least or (most is not None and number > most):
            limit = f"at least {least}" if most is None else f"at most {most}"
            problems.append(f"{binary.name}: {number} calls of {name}, "
                            f"expected {limit}")
    return problems


def check_libraries(binary: Path) -> list[str]:
    """Nothing but the C runtime exists where the target will run."""
    done = subprocess.run(["ldd", binary], stdout=subprocess.PIPE)
    names = [os.path.basename(line.split()[0])
             for line in done.stdout.decode().splitlines() if line.strip()]
    return [f"{binary.name}: needs {name}" for name in names
            if not LIBRARIES.match(name) and "statically" not in name]


class Target:
    """One binary, run the way the services run it: OUT moved elsewhere, an
    empty folder nobody can write as the working directory."""

    def __init__(self, binary: Path, env: Env, scratch: Path) -> None:
        self.binary = binary
        self.name = binary.name
        self.env = tools.sanitizer_env(env)
        self.env.pop("LD_LIBRARY_PATH", None)
        self.prefix = tools.steady_start()
        self.cwd = scratch / "cwd"
        self.cwd.mkdir(mode=0o555, exist_ok=True)
        self.seeds = scratch / (self.name + "-seeds")
        self.seeds.mkdir()
        with zipfile.ZipFile(
                binary.with_name(self.name + "_seed_corpus.zip")) as archive:
            archive.extractall(self.seeds)
        self.scratch = scratch

    def replay(self) -> list[str]:
        """Seeds, an empty input, a broken one: none may fail."""
        odd = {"empty": b"", "short": b"\0", "broken": b"\xff" * 5000}
        files = [f for f in sorted(self.seeds.iterdir()) if f.stat().st_size]
        for name, data in odd.items():
            file = self.scratch / f"{self.name}-{name}"
            output.scratch(file, data)
            files.append(file)
        code, text = run([*self.prefix, self.binary, *files], self.env,
                         self.cwd)
        if code == 0:
            return []
        tail = "\n    ".join(text.splitlines()[-8:])
        return [f"{self.name}: replay of the seeds: exit code {code}\n"
                f"    {tail}"]

    def libfuzzer(self) -> list[str]:
        """Starts, finds edges, takes its dictionary and options."""
        problems = []
        flags, bad = self.options()
        problems += bad
        dictionary = self.binary.with_suffix(".dict")
        if dictionary.exists():
            flags.append(f"-dict={dictionary}")
        code, text = run([*self.prefix, self.binary, "-seed=1337", "-runs=4",
                          *flags], self.env, self.cwd)
        if code != 0 or not re.search(r"^Done \d+ runs", text, re.M):
            problems.append(f"{self.name}: -runs=4: exit code {code}\n    "
                            + "\n    ".join(text.splitlines()[-8:]))
        if "no interesting inputs were found" in text:
            problems.append(f"{self.name}: no interesting inputs were found")
        code, text = run([*self.prefix, self.binary, "-seed=1337", "-runs=4",
                          self.seeds], self.env, self.cwd)
        edges = max(map(int, re.findall(r"cov: (\d+)", text)), default=0)
        if edges < EDGES_LEAST:
            problems.append(f"{self.name}: {edges} edges from the seeds, "
                            f"expected {EDGES_LEAST}")
        return problems

    def options(self) -> tuple[list[str], list[str]]:
        """NAME.options as flags, and what is wrong with it."""
        file = self.binary.with_suffix(".options")
        if not file.exists():
            return [], []
        ini = configparser.ConfigParser()
        ini.read(file)
        _, usage = run([*self.prefix, self.binary, "-help=1"], self.env,
                       self.cwd)
        flags, problems = [], []
        for key, value in (ini.items("libfuzzer")
                           if ini.has_section("libfuzzer") else []):
            if not re.search(rf"^\s*{key}\s", usage, re.M):
                problems.append(f"{file.name}: libFuzzer has no flag {key}")
            else:
                flags.append(f"-{key}={value}")
        return flags, problems

    def afl(self) -> list[str]:
        """afl-fuzz takes it and begins."""
        env = dict(self.env, AFL_NO_UI="1", AFL_SKIP_CPUFREQ="1",
                   AFL_NO_AFFINITY="1", AFL_FORKSRV_INIT_TMOUT="30000",
                   AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES="1",
                   AFL_FAST_CAL="1")
        env["ASAN_OPTIONS"] += ":abort_on_error=1:symbolize=0"
        code, text = run(
            ["afl-fuzz", "-E", str(AFL_RUNS), "-t", "5000+", "-i", self.seeds,
             "-o", self.scratch / (self.name + "-afl"), "--", self.binary],
            env, self.scratch)
        problems = []
        if "All set and ready to roll" not in text or code != 0:
            problems.append(f"{self.name}: afl-fuzz: exit code {code}\n    "
                            + "\n    ".join(text.splitlines()[-8:]))
        if re.search("target binary (crashed|terminated)", text):
            problems.append(f"{self.name}: dies under afl-fuzz")
        return problems

    def traced(self) -> list[str]:
        """The seeds reach edges that such an engine is told of."""
        _, text = run([*self.prefix, self.binary, *sorted(
            self.seeds.iterdir())], self.env, self.cwd)
        edges = max(map(int, re.findall(r"^edges (\d+)$", text, re.M)),
                    default=0)
        return [] if edges >= EDGES_LEAST else [
            f"{self.name}: {edges} edges told by trace-pc-guard, expected "
            f"{EDGES_LEAST}"]

    def coverage(self) -> list[str]:
        """A replay leaves a profile that llvm-cov understands."""
        raw = self.scratch / f"{self.name}.profraw"
        env = dict(self.env, LLVM_PROFILE_FILE=str(raw))
        run([*self.prefix, self.binary, "-runs=0", self.seeds], env, self.cwd)
        data = raw.with_suffix(".profdata")
        steps: tuple[list[Word], ...] = (
                [tools.llvm("llvm-profdata"), "merge", raw, "-o", data],
                [tools.llvm("llvm-cov"), "export", "-summary-only",
                 f"-instr-profile={data}", self.binary])
        for argv in steps:
            code, text = run(argv, env, self.scratch)
            if code != 0 or (argv[1] == "export" and '"lines"' not in text):
                return [f"{self.name}: {argv[0]}: {text[-400:]}"]
        return []


def check_build(out: Path, env: Env, engine: str, sanitizer: str,
                names: list[str]) -> list[str]:
    """All problems of one build. Moves `out` first."""
    moved = out.with_name("not-out")
    out.rename(moved)
    problems = check_files(moved, names)
    if problems:
        return problems
    with tempfile.TemporaryDirectory() as scratch:
        for binary in binaries(moved):
            target = Target(binary, env, Path(scratch))
            problems += check_libraries(binary) + target.replay()
            if engine != "none":
                problems += check_calls(binary, sanitizer)
            # These give libFuzzer no feedback: they only replay.
            if engine == "libfuzzer" and sanitizer not in (
                    "coverage", "introspector"):
                problems += target.libfuzzer()
            if engine in ossfuzz_build.TRACED:
                problems += target.traced()
            if engine == "afl":
                problems += target.afl()
            if sanitizer == "coverage":
                problems += target.coverage()
    return problems
