# SPDX-License-Identifier: MIT
"""scripts/corpus: care for the inputs that the engines found.

A corpus is a folder with one folder per target (build/corpus by default).
What a verb adds is put in place by renaming, and only then goes what it
removes, so that an interruption loses nothing and leaves no half file.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from . import (build, flags, formats, libfuzzer, locks, names, output, paths,
               processes, replay, seeds, tools, xen)
from .errors import (BAD_INPUT, HARNESS, HELD, VIOLATION, Failure, ending)
from .paths import Word

# Two of these at once would remove what the other keeps.
WRITING = ("merge", "minimize", "convert")
ROUNDS_MAX = 10  # of merging until stable; two or three are usual


def arguments(argv: list[str]) -> argparse.Namespace:
    parser = flags.parser(
        "corpus", "Care for the inputs that the engines found.",
        "0 done, 1 an input fails, 2 bad usage or input, 3 it could not be "
        "done,\n77 cannot run here; 128 + n stopped by signal n")
    shared = flags.Parser(add_help=False)
    shared.add("--corpus", "--target", "--build-dir")
    shared.add_argument("--on", metavar="H", help="whose coverage counts, as "
                        "for scripts/fuzz: stub\n(default), xen or FILE.so; "
                        "without fuzz_text but for stub")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB",
                                  parser_class=flags.Parser)

    def verb(name: str, text: str) -> flags.Parser:
        return verbs.add_parser(name, help=text, description=text,
                                parents=[shared])

    verb("merge", "take in what FROM/TARGET adds to the corpus"
         ).add_argument("source", type=Path, metavar="FROM", nargs="+")
    verb("minimize", "keep a smallest set of files with the same coverage")
    verb("check", "replay every file in the sanitizer build; do names tell "
         "the contents?")
    verb("stats", "files, bytes, coverage")
    convert = verb("convert", "make a corpus of another byte format one of "
                   "this build's")
    convert.add_argument("source", type=Path, metavar="FROM",
                         help="stays as it is")
    convert.add_argument("--old", type=Path, required=True,
                         metavar="CLAIMCHECK", help="of a build with FROM's "
                         "format, which makes text of it")
    add = verb("add", "put FILE into corpus/TARGET/ as text, ready to be "
               "committed")
    add.add_argument("file", type=Path, metavar="FILE")
    add.add_argument("--name", required=True,
                     help="what the case is, in words-with-hyphens")
    add.add_argument("--into", type=Path, metavar="DIR",
                     default=paths.SEEDS,
                     help="put it into DIR/TARGET (default corpus)")
    options = parser.parse_args(argv)
    if options.verb == "add" and len(options.target or []) != 1:
        parser.error("add wants exactly one --target")
    options.target = flags.chosen(options.target, flags.targets(options),
                                  "target")
    if options.on == "stub":
        options.on = None
    if options.on:  # text is about claimcheck itself
        options.target = [one for one in options.target
                          if one not in paths.TEXT_TARGETS]
    options.corpus = options.corpus.absolute()
    return options


def inputs(folder: Path) -> list[Path]:
    """The files of a corpus; none at all is an error."""
    files = paths.files_in(folder) if folder.is_dir() else []
    if not any(file.stat().st_size for file in files):
        raise Failure(f"{folder}: no inputs there")
    return files


def claimcheck_of(binary: Path) -> Path:
    """The CLI of the build that a target is of."""
    return binary.parent / "claimcheck"


def fuzzer(binary: Path, *args: Word) -> str:
    """Run a libFuzzer binary to its end; its output. A merge leaves files
    in TMPDIR whose names others can foretell: so it has one of its own."""
    with tempfile.TemporaryDirectory() as private:
        done = subprocess.run(
            [*tools.steady_start(), binary, *map(str, args)],
            env=dict(tools.sanitizer_env(), TMPDIR=private),
            preexec_fn=processes.die_with_parent,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
    text = done.stdout.decode("utf-8", "replace")
    if done.returncode != 0:
        lines = text.splitlines()
        found = any(libfuzzer.REPORT_START.search(line) for line in lines)
        raise Failure(f"{binary}: exit code {done.returncode}\n  "
                      + "\n  ".join(lines[-12:]),
                      VIOLATION if found else HARNESS)
    return text


def minimal(binary: Path, folders: Sequence[Path], scratch: Path) -> Path:
    """Folder in scratch with a set cover of these folders' coverage: rounds
    of libFuzzer's set-cover merge until the number of files stays."""
    previous = None
    for number in range(ROUNDS_MAX):
        out = scratch / f"round{number}"
        out.mkdir()
        fuzzer(binary, "-set_cover_merge=1", out, *folders)
        count = len(paths.files_in(out))
        if count == previous:
            break
        previous, folders = count, [out]
    return out


def merge(options: argparse.Namespace, target: str, binary: Path) -> None:
    folder = options.corpus / target
    sources = [source / target for source in options.source]
    for source in sources:
        formats.require(source.parent, claimcheck_of(binary))
        inputs(source)
    output.require_writable(folder, "corpus")
    formats.note(options.corpus, claimcheck_of(binary))
    before = len(paths.files_in(folder))
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch) / "out"
        out.mkdir()
        # The first folder receives what the others add to what it has.
        for file, data in paths.contents(folder):
            output.scratch(out / file.name, data)
        # libFuzzer's features depend a little on what ran before in the same
        # process (the deepest stack), so once is not always all.
        count = -1
        while count != len(paths.files_in(out)):
            count = len(paths.files_in(out))
            fuzzer(binary, "-merge=1", out, *sources)
        new = formats.put(paths.files_in(out), target, folder,
                          claimcheck_of(binary))
    print(f"{target}: {before} files, {new} added")


def minimize(options: argparse.Namespace, target: str, binary: Path) -> None:
    folder = options.corpus / target
    claimcheck = claimcheck_of(binary)
    formats.note(options.corpus, claimcheck)
    files = inputs(folder)
    output.require_writable(folder, "corpus")
    with tempfile.TemporaryDirectory() as scratch:
        out = minimal(binary, [folder], Path(scratch))
        if not paths.files_in(out):
            raise Failure(f"{folder}: no input in it reaches any code; "
                          "nothing changed")
        # First all that stays is there under its name, then the rest goes.
        stay = set()
        for file, name in names.give(paths.files_in(out), target,
                                     claimcheck).items():
            stay.add(name)
            if not (folder / name).exists():
                output.write_whole(folder / name, file.read_bytes())
    for file in files:  # not what came meanwhile
        if file.relative_to(folder).as_posix() not in stay:
            file.unlink(missing_ok=True)
    print(f"{target}: {len(files)} files, {len(stay)} kept")


def check(options: argparse.Namespace, target: str, binary: Path) -> None:
    formats.require(options.corpus, claimcheck_of(binary))
    files = inputs(options.corpus / target)
    misnamed = output.misnamed(options.corpus / target)
    findings = replay.many(binary, files)
    print(f"{target}: {len(files)} files, {len(findings)} fail, "
          f"{len(misnamed)} have names that tell another content")
    for finding in findings:
        print(f"  {finding.signature}\n    {finding.file}")
    for file in misnamed:
        print(f"  {file}: hash {paths.content_name(file.read_bytes())}")
    if misnamed:
        ending.note(BAD_INPUT)
    if findings:
        ending.note(VIOLATION)


def stats(options: argparse.Namespace, target: str, binary: Path) -> None:
    folder = options.corpus / target
    formats.require(options.corpus, claimcheck_of(binary))
    files = inputs(folder)
    text = fuzzer(binary, "-runs=0", folder)
    last = [line for line in text.splitlines() if " cov: " in line][-1:]
    size = sum(file.stat().st_size for file in files)
    words = last[0].split() if last else []
    reached = " ".join(
        f"{name} {words[words.index(name + ':') + 1]}"
        for name in ("cov", "ft") if name + ":" in words)
    print(f"{target}: {len(files)} files, {size} bytes, {reached}")


def convert(options: argparse.Namespace, target: str, binary: Path) -> None:
    folder = options.corpus / target
    source = options.source.absolute()
    if source == options.corpus:
        raise Failure(f"{source}: expected --corpus with another folder; FROM "
                      "stays as it is")
    claimcheck = claimcheck_of(binary)
    formats.note(options.corpus, claimcheck)
    number = formats.convert(source, target, options.old.absolute(),
                             claimcheck, folder)
    print(f"{target}: {number} files converted from byte format "
          f"{formats.of_corpus(source)} to {formats.of_build(claimcheck)} in "
          f"{folder}")


def add(options: argparse.Namespace, target: str, binary: Path) -> None:
    """Make text of an input and put it among the committed cases."""
    if not options.name.replace("-", "").isalnum():
        raise Failure(f"--name {options.name}: expected letters, digits and "
                      "hyphens")
    if not options.file.is_file():
        raise Failure(f"{options.file}: no such file")
    kept = options.into / target / f"{options.name}.claim"
    if kept.exists():
        raise Failure(f"{kept} exists already")
    claimcheck = claimcheck_of(binary)
    # An engine's input is any bytes; --raw reads them as the targets do.
    as_text = target in paths.TEXT_TARGETS
    raw = [] if options.file.suffix == ".claim" or as_text else ["--raw"]
    done = subprocess.run([claimcheck, "text", *raw, options.file],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    if done.returncode != 0:
        raise Failure(
            f"{options.file}: claimcheck text: exit code {done.returncode}",
            BAD_INPUT if done.returncode == BAD_INPUT else HARNESS)
    with tempfile.TemporaryDirectory() as scratch:
        text = Path(scratch) / "case.claim"
        output.scratch(text, done.stdout)
        problems = seeds.convert({Path(scratch) / "bytes": text}, claimcheck)
        if problems:
            raise Failure("\n".join([
                f"{options.file}: its text does not convert back:",
                *problems]))
    output.require_writable(kept.parent, "folder")
    # What fails in the parser may be gone from its canonical text.
    output.write_whole(
        kept, options.file.read_bytes() if as_text else done.stdout)
    print(kept)


def main(argv: list[str]) -> int:
    options = arguments(argv)
    if options.build_dir:
        built = build.given(options.build_dir, "claimcheck", *options.target)
    else:
        build.setup("build", "fuzz")
        built = build.build("fuzz", "claimcheck", *options.target)
    if options.on == "xen":
        build.setup("xen")
        options.on = str(xen.plugin(None, xen.FUZZ))
    if options.on:  # handed on by fuzzer()
        os.environ["CLAIMCHECK_ON"] = options.on
    verbs = {"merge": merge, "minimize": minimize, "check": check,
             "stats": stats, "convert": convert, "add": add}
    for target in ending.in_turn(options.target):
        written = [options.corpus / target] if options.verb in WRITING else []
        with locks.alone(*written):
            verbs[options.verb](options, target, built / target)
    return HELD
