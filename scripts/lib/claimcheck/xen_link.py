# SPDX-License-Identifier: MIT
"""Linking the plug-in: what Xen's objects may write goes into one section, so
that the harness can save and restore it as one piece of memory.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from . import paths, xen_headers
from .errors import Failure

# A name that is a C identifier: the linker makes __start_ and __stop_ of it.
STATE = "xenstate"
# Written while the program is loaded only, or needed at boot only.
NOT_STATE = re.compile(r"^\.(data\.rel\.ro|data\.ro_after_init|init\.)")
MAY_BE_STATE = re.compile(r"^\.(data|bss)(\.|$)")


def sections(objdump: str) -> list[str]:
    """Names of the sections of an object that its code may write."""
    found = re.findall(r"^\s*\d+\s+(\S+)\s", objdump, re.MULTILINE)
    return sorted({name for name in found if MAY_BE_STATE.match(name)
                   and not NOT_STATE.match(name)})


def gather_state(obj: Path) -> None:
    """Rename the writable sections of one of Xen's objects."""
    done = subprocess.run(["objdump", "-h", str(obj)], check=True,
                          stdout=subprocess.PIPE, encoding="utf-8")
    argv = ["objcopy"]
    for name in sections(done.stdout):
        argv += ["--set-section-flags",
                 f"{name}=alloc,load,contents,data",
                 "--rename-section",
                 f"{name}={STATE},alloc,load,contents,data"]
    if len(argv) > 1:
        xen_headers.run([*argv, str(obj)])


def absent(names: list[str]) -> str:
    """C with a function for each name, which says so if it is called."""
    text = ("void __attribute__((noreturn)) shim_bug(const char *, const char "
            "*, int);\n")
    for name in names:
        text += (f"void {name}(void);\nvoid {name}(void)\n"
                 f'{{ shim_bug("{name} is absent (xen/absent.list)", '
                 f'"{name}", 0); }}\n')
    return text


def link(cc: list[str], objects: list[Path], out: Path) -> None:
    """The shared object. Names that stay undefined are said: they belong into
    xen/xen_provide.c or xen/absent.list."""
    lent = (paths.ROOT / "hypervisor/lent.list").read_text().replace(
        ";", " ").split()
    # cc -shared takes undefined names silently; the loader would not.
    xen_headers.run([*cc, "-shared", "-Wl,-z,noexecstack", "-Wl,-Bsymbolic",
                     "-o", str(out), *map(str, objects)])
    done = subprocess.run(["nm", "-D", "--undefined-only", str(out)],
                          check=True, stdout=subprocess.PIPE,
                          encoding="utf-8")
    names = [line.split()[-1] for line in done.stdout.splitlines()
             if line.split()[0] == "U"]
    unknown = sorted(name for name in names
                     if "@" not in name and name not in lent
                     and not name.startswith("__sanitizer"))
    if unknown:
        raise Failure("this tree's code needs what nobody provides (see "
                      "xen/xen_provide.c, xen/absent.list): "
                      + " ".join(unknown))
