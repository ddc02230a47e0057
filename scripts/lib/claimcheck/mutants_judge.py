# SPDX-License-Identifier: MIT
"""Compiles mutants and asks the harness what is wrong with them.

A mutant's file is compiled in a copy of its folder and linked before the
libraries of an existing build, so that one compilation and one link make the
whole program. Compiled alike with optimisation, a mutant that makes no
difference has the same object file, and so have two mutants that are one.

Judges are commands of the mutated program that must end with 0. Their length
is a number of steps; what takes CHECK_SECONDS of processor time, a hundred
times what it should, is in an endless loop.
"""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from . import output, paths
from .errors import HARNESS, Failure
from .mutants_points import Mutant

CHECK_SECONDS = 20
COMPILE_SECONDS = 120
# As in a release build, without debug information (its places differ) and
# without planted faults (a mutant inside of one is no mutant).
FLAGS = ["-O1", "-g0", "-w", "-DCLAIMCHECK_NO_PLANTED_FAULTS"]
# Half of what a mutant costs: the fastest there is, and no debug information.
LINKER = ["-s", *(["-fuse-ld=lld", "-Wl,--threads=1"]
                  if shutil.which("ld.lld") else [])]
DROPPED = ("-g", "-Werror", "-Wall", "-Wextra", "-Wshadow",
           "-Wmissing-prototypes", "-DCLAIMCHECK_MARKS")

# Verdicts.
BROKEN = "does not compile"
EQUAL = "same code"
TWIN = "same code as another"
VIOLATION, CRASH, HANG = "violation", "crash", "hang"
SURVIVED = "survived"
KILLED = (VIOLATION, CRASH, HANG)

Commands = dict[str, tuple[list[str], str]]


@dataclass
class Judge:
    """A program, made from objects and libraries by `link`, and how it is
    called; must end with 0."""

    name: str
    link: list[str]
    argv: list[str]


@dataclass
class Result:
    """What became of a mutant, and by which judge."""

    mutant: Mutant
    verdict: str
    judge: str = ""


def compile_commands(build: Path) -> Commands:
    """{source file: (compiler's words, folder)} of a build."""
    try:
        rows = json.loads((build / "compile_commands.json").read_text())
    except (OSError, ValueError) as error:
        raise Failure(f"{build}: expected a build folder: {error}") from None
    return {os.path.relpath(row["file"], paths.ROOT):
            (shlex.split(row["command"]), row["directory"]) for row in rows}


def link_command(build: Path, product: str) -> list[str]:
    """How Ninja links a product, up to the name of what comes out."""
    done = subprocess.run(["ninja", "-C", build, "-t", "commands", product],
                          stdin=subprocess.DEVNULL, capture_output=True,
                          text=True)
    lines = done.stdout.splitlines()
    if done.returncode != 0 or not lines:
        raise Failure(f"{build}: no product {product}: {done.stderr.strip()}")
    words = shlex.split(lines[-1])
    return [w for w in words if w not in (":", "&&")]


class Workshop:
    """Copies of one folder in which its files are mutated and compiled."""

    def __init__(self, build: Path, commands: Commands, jobs: int) -> None:
        self.build = build
        self.commands = commands
        self.pool = ThreadPoolExecutor(jobs)
        self.scratch = Path(tempfile.mkdtemp(prefix="mutants-"))

    def close(self) -> None:
        """Nothing stays behind."""
        self.pool.shutdown(cancel_futures=True)
        shutil.rmtree(self.scratch, ignore_errors=True)

    def compile(self, source: str, text: str | None, folder: Path) \
            -> list[Path] | None:
        """The objects that a mutated file changes (text None: as it is), in
        a new folder; None: it does not compile. Headers beside a source are
        found where they are."""
        home = Path(source).parent
        sources = [source]
        if source.endswith(".h"):  # in all that include it, beside them
            sources = [f for f in self.commands
                       if str(Path(f).parent) == str(home)]
            shutil.copytree(paths.ROOT / home, folder / home,
                            ignore=shutil.ignore_patterns("CMake*"))
        (folder / home).mkdir(parents=True, exist_ok=True)
        output.scratch(folder / source,
                       text or (paths.ROOT / source).read_text())
        objects = []
        for file in sorted(sources):
            words, where = self.commands[file]
            words = [w for w in words if w not in DROPPED
                     and not w.startswith("-O")]
            at = words.index("-o")
            out = folder / (Path(file).name + ".o")
            # A relative name, so that assertions say the same in each copy.
            done = subprocess.run(
                [*words[:at], "-I.", f"-iquote{paths.ROOT / home}",
                 f"-ffile-prefix-map={folder}=.", *FLAGS,
                 "-o", out, "-c", file], cwd=folder,
                stdin=subprocess.DEVNULL, capture_output=True,
                timeout=COMPILE_SECONDS)
            if done.returncode != 0:
                if text is None:
                    raise Failure(f"{file} as it is does not compile:\n"
                                  + done.stderr.decode(errors="replace"),
                                  HARNESS)
                return None
            objects.append(out)
        shutil.rmtree(folder / Path(source).parts[0])
        return objects

    def new_folder(self) -> Path:
        """One that no other mutant uses."""
        return Path(tempfile.mkdtemp(dir=self.scratch))

    def file(self, source: str, mutants: list[Mutant], judges: list[Judge],
             told: Callable[[Result], None]) -> None:
        """Compile and judge all mutants of one file, in order."""
        text = (paths.ROOT / source).read_text()
        whole = self.compile(source, None, self.new_folder())
        original = digest(whole or [])
        seen = {original}

        def build(mutant: Mutant) -> list[Path] | None:
            return self.compile(source, mutant.apply(text),
                                self.new_folder())

        waiting: list[tuple[Mutant, list[Path] | None, str]] = []
        for mutant, objects in zip(mutants, self.pool.map(build, mutants)):
            same = BROKEN
            if objects is not None:
                key = digest(objects)
                same = "" if key not in seen else (
                    EQUAL if key == original else TWIN)
                seen.add(key)
            waiting.append((mutant, objects, same))
        for result in self.pool.map(
                lambda w: self.judge(w[0], w[1], w[2], judges), waiting):
            told(result)

    def judge(self, mutant: Mutant, objects: list[Path] | None, known: str,
              judges: Iterable[Judge]) -> Result:
        """Ask one judge after another."""
        if known or objects is None:
            result = Result(mutant, known)
        else:
            result = Result(mutant, SURVIVED)
            for judge in judges:
                verdict = self.run(judge, objects)
                if verdict != SURVIVED:
                    result = Result(mutant, verdict, judge.name)
                    break
        if objects:
            shutil.rmtree(objects[0].parent, ignore_errors=True)
        return result

    def run(self, judge: Judge, objects: list[Path]) -> str:
        """Link the mutant and call it as this judge does."""
        program = objects[0].parent / ("program-" + judge.link[
            judge.link.index("-o") + 1].replace("/", "-"))
        if not program.exists():
            link(judge, objects, program, self.build)
        # RLIMIT_CPU ends what loops for ever; its core is of no use. The first
        # violation that is printed is enough.
        with subprocess.Popen(
                ["bash", "-c", f"ulimit -c 0 -t {CHECK_SECONDS}; exec \"$@\"",
                 "-", program, *judge.argv], cwd=paths.ROOT,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL) as done:
            for line in done.stdout or ():
                if b": violation" in line:
                    done.kill()
                    return VIOLATION
        if done.returncode == 0:
            return SURVIVED
        if done.returncode in (-9, -24, 137, 152):  # SIGKILL, SIGXCPU
            return HANG
        return VIOLATION if 0 < done.returncode < 128 else CRASH


def link(judge: Judge, objects: list[Path], program: Path,
         build: Path) -> None:
    """The mutant's objects go first: then the libraries' are not wanted."""
    words = [w for w in judge.link if w != "-g"]
    at = words.index("-o")
    words[at + 1] = str(program)
    words[at:at] = [str(o) for o in objects]
    words[1:1] = LINKER
    done = subprocess.run(words, cwd=build, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True)
    if done.returncode != 0:
        raise Failure("linking a mutant failed:\n" + done.stderr[-2000:],
                      HARNESS)


def digest(objects: list[Path]) -> str:
    """Of the contents."""
    total = hashlib.sha256()
    for file in objects:
        total.update(file.read_bytes())
    return total.hexdigest()
