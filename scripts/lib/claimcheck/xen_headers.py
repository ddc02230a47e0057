# SPDX-License-Identifier: MIT
"""What Xen's own build generates before it compiles: configuration, CPU
features, the 32-bit layouts of the public structures, prototypes of
hypercalls. Made by the tree's own tools, into the build folder.

Also functions that are cut out of a file (xen/cut.list). Nothing of this is
ever committed or installed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from . import output, paths
from .errors import Failure

XEN = paths.ROOT / "xen"

# Public headers of which the 32-bit layout is needed; of all others an empty
# header will do.
COMPAT = ("arch-x86/xen-x86_32", "arch-x86/xen", "arch-x86_32", "xen",
          "memory", "vcpu", "grant_table", "platform", "physdev")
COMPAT_EMPTY = ("argo", "callback", "elfnote", "event_channel", "features",
                "hypfs", "kexec", "nmi", "pmu", "sched", "trace", "version",
                "xenoprof", "hvm/dm_op", "hvm/hvm_op", "hvm/hvm_vcpu",
                "xsm/flask_op", "arch-x86/pmu", "arch-x86/xen-mca")


def run(argv: list[str], stdin: Path | None = None,
        out: Path | None = None, cwd: Path | None = None) -> None:
    """One tool; its first words of complaint if it fails."""
    with open(stdin or os.devnull, "rb") as given:
        done = subprocess.run(argv, stdin=given, cwd=cwd,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        text = (done.stderr or done.stdout).decode(errors="replace")
        raise Failure(f"{argv[0]} failed: {first_error(text)}\n"
                      f"the command: {' '.join(argv)}")
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        output.scratch(out, done.stdout)


def first_error(text: str) -> str:
    """The line of a compiler's output to look at."""
    lines = text.strip().splitlines() or ["it said nothing"]
    for line in lines:
        if re.search(r"error:|undefined reference|multiple definition", line):
            return line
    return lines[-1]


def listed(name: str) -> list[str]:
    """The lines of a file of xen/, without comments."""
    return [line.strip() for line in (XEN / name).read_text().splitlines()
            if line.strip() and not line.startswith("#")]


def config(to: Path, debug: bool, clang: bool) -> None:
    """generated/autoconf.h, from xen/kconfig."""
    lines = listed("kconfig")
    lines.append(f"CONFIG_CC_IS_{'CLANG' if clang else 'GCC'}=y")
    if debug:
        lines += ["CONFIG_DEBUG=y", "CONFIG_SCRUB_DEBUG=y"]
    text = ""
    for line in lines:
        name, value = line.split("=")
        text += f"#define {name} {1 if value == 'y' else value}\n"
    write(to / "generated/autoconf.h", text)
    write(to / "generated/compiler-def.h", "")


def write(path: Path, text: str) -> None:
    """A small file and its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    output.scratch(path, text)


def cpu_features(tree: Path, to: Path) -> None:
    """xen/lib/x86/cpuid-autogen.h."""
    target = to / "xen/lib/x86/cpuid-autogen.h"
    target.parent.mkdir(parents=True, exist_ok=True)
    run(["python3", str(tree / "tools/gen-cpuid.py"), "-i",
         str(tree / "include/public/arch-x86/cpufeatureset.h"),
         "-o", str(target)])


def preprocess(cc: list[str], source: Path, out: Path,
               *more: str) -> None:
    """The preprocessor's output for a file."""
    run([*cc, "-E", *more, "-o", str(out), "-x", "c", str(source)])


def compat_header(tree: Path, to: Path, cc: list[str], name: str) -> None:
    """compat/NAME.h: a public header with 32-bit layout."""
    base = to / "compat" / name
    public = tree / "include/public" / f"{name}.h"
    if not public.exists():
        write(base.with_suffix(".h"), "/* none */\n")
        return
    run(["python3", str(tree / "tools/compat-build-source.py"),
         str(tree / "include/xlat.lst")], public, base.with_suffix(".c"))
    preprocess(cc, base.with_suffix(".c"), base.with_suffix(".i"),
               "-include", "public/xen-compat.h",
               "-DXEN_GENERATING_COMPAT_HEADERS", "-m32")
    run(["python3", str(tree / "tools/compat-build-header.py"),
         f"compat/{name}.h"], base.with_suffix(".i"), base.with_suffix(".h"))


def translations(tree: Path, to: Path) -> None:
    """compat/xlat.h: the checks and translations that compat/memory.c uses."""
    text = b""
    for line in (tree / "include/xlat.lst").read_text().splitlines():
        words = line.replace("@arch@", "x86_32").split()
        if len(words) != 3 or words[2] != "memory.h" or words[0] == "#":
            continue
        done = subprocess.run(
            ["bash", str(tree / "tools/get-fields.sh"), words[0],
             f"compat_{words[1]}", str(to / "compat/memory.h")],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env={**os.environ, "PYTHON": "python3"})
        if done.returncode != 0:
            raise Failure("get-fields.sh failed for " + words[1] + ": "
                          + first_error(done.stderr.decode()))
        text += done.stdout
    output.scratch(to / "compat/xlat.h", text)


def hypercalls(tree: Path, to: Path, cc: list[str]) -> None:
    """xen/hypercall-defs.h: prototypes."""
    source = tree / "include/hypercall-defs.c"
    if not source.exists():
        return
    preprocess(cc, source, to / "hypercall-defs.i", "-P")
    run(["awk", "-f", str(tree / "scripts/gen_hypercall.awk")],
        to / "hypercall-defs.i", to / "xen/hypercall-defs.h")


def function_text(path: Path, name: str) -> tuple[int, str]:
    """Line number and text of a function, by the style that Xen keeps: it
    begins at the left margin, and ends with the first brace there."""
    lines = path.read_text().splitlines()
    start = re.compile(rf"^\w[\w\s\*]*\b{name}\(")
    for number, line in enumerate(lines):
        if not start.match(line):
            continue
        end = next((i for i in range(number, len(lines))
                    if lines[i] == "}"), None)
        head = lines[number:number + 8]
        if end is None or not any(text == "{" for text in head):
            continue  # a prototype
        return number + 1, "\n".join(lines[number:end + 1])
    raise Failure(f"{path}: no function {name}")


def macro_text(path: Path, name: str) -> tuple[int, str] | None:
    """Line number and text of a macro that the file defines, if it does."""
    lines = path.read_text().splitlines()
    for number, line in enumerate(lines):
        if re.match(rf"#define {name}\b", line):
            end = number
            while lines[end].endswith("\\"):
                end += 1
            return number + 1, "\n".join(lines[number:end + 1])
    return None


CUT_HEAD = """#include "xen_world.h"
#include <xen/domain_page.h>
#include <xen/hypercall.h>
#include <asm/multicall.h>
#include <asm/paging.h>
int cleanup_page_mappings(struct page_info *page);
#undef put_page
"""


def cuts(tree: Path, to: Path) -> None:
    """cut.c: the functions and macros of xen/cut.list."""
    text = CUT_HEAD
    for line in listed("cut.list"):
        file, name = line.split()
        if name.startswith("#"):
            macro = macro_text(tree / file, name[1:])
            if not macro:
                continue  # a header defines it
            number, body = macro
        else:
            number, body = function_text(tree / file, name)
        text += f'#line {number} "{file}"\n{body}\n'
    write(to / "cut.c", text)


def known(tree: Path) -> str:
    """C with the table of xen/known.h, of the functions that the tree has."""
    text = '#include "known.h"\n\nconst struct known xen_known[] = {\n'
    for line in listed("known.list"):
        file, name, kind = line.split()
        try:
            first, body = function_text(tree / file, name)
        except Failure:
            continue
        last = first + body.count("\n")
        text += f'    {{ "{file}", {first}, {last}, "{kind}" }},\n'
    return text + "    { 0 },\n};\n"


def generate(tree: Path, to: Path, cc: list[str], debug: bool,
             clang: bool) -> None:
    """All of it. cc: compiler with the flags that find Xen's headers, without
    the one that includes xen/config.h first. tree: the folder xen/ of a tree.
    """
    shutil.rmtree(to, ignore_errors=True)
    config(to, debug, clang)
    cpu_features(tree, to)
    for name in COMPAT_EMPTY:
        write(to / "compat" / f"{name}.h", "/* not needed */\n")
    for name in COMPAT:
        compat_header(tree, to, cc, name)
    translations(tree, to)
    hypercalls(tree, to, [*cc, "-include",
                          str(tree / "include/xen/config.h")])
    cuts(tree, to)
