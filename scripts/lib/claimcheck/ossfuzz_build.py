# SPDX-License-Identifier: MIT
"""Plays OSS-Fuzz's builder: the environment it gives, then build.sh.

Not here: judging what came out (ossfuzz_check.py).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from . import build, output, paths, tools
from .errors import CANNOT_RUN, Failure
from .paths import Folders
from .tools import Env

FLAGS = ("-O1 -fno-omit-frame-pointer -gline-tables-only "
         "-DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION")
UNDEFINED = ("array-bounds,bool,builtin,enum,function,integer-divide-by-zero,"
             "null,object-size,return,returns-nonnull-attribute,shift,"
             "signed-integer-overflow,unsigned-integer-overflow,unreachable,"
             "vla-bound,vptr")
SANITIZERS = {
    "address": "-fsanitize=address -fsanitize-address-use-after-scope",
    # Unsigned overflow feeds the engine but is no finding.
    "undefined": f"-fsanitize={UNDEFINED} -fno-sanitize-recover=" +
                 UNDEFINED.replace("unsigned-integer-overflow,", ""),
    "memory": "-fsanitize=memory -fsanitize-memory-track-origins",
    "coverage": "-fprofile-instr-generate -fcoverage-mapping -pthread "
                "-Wno-unused-command-line-argument",
    # For fuzz-introspector, whose pass works at link time.
    "introspector": "-O0 -flto -fno-inline-functions "
                    "-Wno-unused-command-line-argument",
    "none": "",
}
# What the services build: engine, sanitizer.
COMBINATIONS = (
    ("libfuzzer", "address"), ("libfuzzer", "undefined"),
    ("libfuzzer", "memory"), ("libfuzzer", "coverage"),
    ("libfuzzer", "introspector"),
    ("afl", "address"), ("none", "address"),
    # Debian has neither: their compiler flags, and a main() in their place.
    ("honggfuzz", "address"), ("centipede", "address"),
)
# Of the engines that Debian does not have: what they are told of.
TRACED = {
    "honggfuzz": "-fsanitize-coverage=trace-pc-guard,indirect-calls,trace-cmp",
    "centipede": "-fno-builtin -fsanitize-coverage=trace-pc-guard,pc-table,"
                 "trace-cmp,trace-loads",
}
# What fuzz-introspector's image has in the place of binutils.
LLVM_NAMES = ("ar", "nm", "ranlib")
AFL_DRIVERS = ("/usr/lib/afl/libAFLDriver.a",
               "/usr/local/lib/afl/libAFLDriver.a")
# Not sources: products, other people's folders, history.
NOT_COPIED = ("build", ".git", "work", "__pycache__", ".cache")


def copy_source(source: Path, src: Path) -> None:
    """The tree as the image's COPY would have it, under $SRC."""
    shutil.rmtree(src, ignore_errors=True)
    shutil.copytree(source, src / "claimcheck", symlinks=True,
                    ignore=shutil.ignore_patterns(*NOT_COPIED))


def tree_hash(folder: Path) -> str:
    """One hash over names and contents, to see that nothing was changed."""
    total = hashlib.sha256()
    for file in sorted(Path(folder).rglob("*")):
        if file.is_file():
            total.update(str(file.relative_to(folder)).encode() + b"\0")
            total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def engine_of(engine: str, sanitizer: str, folder: Path) -> tuple[Env, str]:
    """Compilers, extra flags, and $LIB_FUZZING_ENGINE, made in `folder`."""
    plain = {"CC": "clang-14", "CXX": "clang++-14"}
    if engine == "libfuzzer":
        env = {**plain, "LIB_FUZZING_ENGINE": "-fsanitize=fuzzer"}
        if sanitizer == "introspector":
            return {**env, **introspector(folder)}, ""
        return env, ("" if sanitizer == "coverage"
                     else "-fsanitize=fuzzer-no-link")
    library = folder / "libFuzzingEngine.a"
    if engine == "afl":
        driver = next((d for d in AFL_DRIVERS if os.path.exists(d)), None)
        if not driver:
            raise Failure("libAFLDriver.a not found: apt-get install afl++",
                          CANNOT_RUN)
        shutil.copy(driver, library)
        return {"CC": "afl-clang-fast", "CXX": "afl-clang-fast++",
                "AFL_QUIET": "1", "LIB_FUZZING_ENGINE": str(library)}, ""
    parts = ["standalone", *(["traced"] if engine in TRACED else [])]
    for part in parts:
        subprocess.run(["clang-14", "-O1", "-c",
                        paths.ROOT / f"harness/targets/{part}.c", "-o",
                        folder / f"{part}.o"], check=True)
    # One object: what the sanitizers' runtimes have in a weak form would not
    # be taken from a library.
    whole = folder / "engine.o"
    subprocess.run(["ld", "-r", *(folder / f"{part}.o" for part in parts),
                    "-o", whole], check=True)
    library.unlink(missing_ok=True)
    subprocess.run(["ar", "rcs", library, whole], check=True)
    env = {**plain, "LIB_FUZZING_ENGINE": str(library)}
    extra = TRACED.get(engine, "")
    if engine == "centipede":
        # Its flags name an object and libraries, whoever compiles or links.
        weak = folder / "weak.o"
        subprocess.run(["clang-14", "-x", "c", "-c", "/dev/null", "-o", weak],
                       check=True)
        extra += f" -ldl -lrt -lpthread {weak}"
    return env, extra


def introspector(folder: Path) -> Env:
    """Link-time optimisation by LLVM's own tools, under the plain names."""
    tools_folder = folder / "bin"
    tools_folder.mkdir(exist_ok=True)
    for name in LLVM_NAMES:
        link = tools_folder / name
        link.unlink(missing_ok=True)
        link.symlink_to(tools.llvm(f"llvm-{name}"))
    return {"PATH": f"{tools_folder}:{os.environ['PATH']}",
            "LDFLAGS": "-fuse-ld=gold -flto"}


def environment(engine: str, sanitizer: str, folders: Folders) -> Env:
    """All that the builder gives to build.sh."""
    special, extra = engine_of(engine, sanitizer, folders["OUT"].parent)
    flags = " ".join(w for w in (FLAGS, SANITIZERS[sanitizer], extra) if w)
    return {
        "PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/root"),
        **{name: str(folder) for name, folder in folders.items()},
        "CFLAGS": flags, "CXXFLAGS": flags, "SANITIZER": sanitizer,
        "FUZZING_ENGINE": engine, "ARCHITECTURE": "x86_64",
        "FUZZING_LANGUAGE": "c", "CMAKE_BUILD_PARALLEL_LEVEL": "1",
        **({"CCACHE_DIR": os.environ["CCACHE_DIR"]}
           if "CCACHE_DIR" in os.environ else {}), **special,
    }


class Builder:
    """One copy of the sources and one $WORK for all combinations, so that
    what does not depend on them is built once; an $OUT for each."""

    def __init__(self, source: Path) -> None:
        self.base = paths.BUILD / "oss-fuzz"
        shutil.rmtree(self.base, ignore_errors=True)
        self.src, self.work = self.base / "src", self.base / "work"
        copy_source(source, self.src)
        self.work.mkdir(parents=True)
        self.tree = self.src / "claimcheck"
        shutil.copy(self.tree / ".clusterfuzzlite/build.sh", self.src)
        self.before = tree_hash(self.tree)

    def build(self, engine: str, sanitizer: str) -> tuple[Path, Env,
                                                          list[str]]:
        """Build one combination; (OUT, env, list of problems)."""
        own = self.base / f"{engine}-{sanitizer}"
        folders = {"SRC": self.src, "OUT": own / "out", "WORK": self.work}
        folders["OUT"].mkdir(parents=True)
        env = environment(engine, sanitizer, folders)
        log = own / "build.log"
        # Several at once: lines, also on a terminal.
        told = build.Told(f"{engine}-{sanitizer}: building", terminal=False)
        with output.stream(log) as out:
            code = build.run_step(
                ["bash", "-eux", str(self.src / "build.sh")], out, told,
                self.tree, env)
        problems = []
        if code != 0:
            tail = log.read_text(errors="replace").splitlines()[-15:]
            problems.append("build.sh failed, the end of "
                            f"{log}:\n    " + "\n    ".join(tail))
        elif tree_hash(self.tree) != self.before:
            problems.append("build.sh changed the sources")
        return folders["OUT"], env, problems
