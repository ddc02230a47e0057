# SPDX-License-Identifier: MIT
"""Xen's code as a plug-in, built if it is missing or older than what it is
made of. Not here: getting a tree (xen_source.py), compiling it (xen_build.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from . import paths, xen_build, xen_source
from .xen_build import PLUGIN, Flavour

# What --on xen of a build means (harness/open/CMakeLists.txt).
FUZZ = Flavour("clang-14", debug=True, ubsan=True, coverage=True)
DEBUG = Flavour("gcc", debug=True)
RELEASE = Flavour("gcc", debug=False)

# Of a tree: what is compiled, and what that includes. Of ours: the same.
OF_TREE = ("xen/common", "xen/include", "xen/arch/x86")
OURS = ("xen", "stub", "hypervisor", "scripts/lib/claimcheck")


def newest(folders: Iterable[Path]) -> float:
    """When anything in these was changed last."""
    return max((file.stat().st_mtime for folder in folders
                for file in folder.rglob("*")
                if file.is_file() and not file.is_symlink()
                and "__pycache__" not in file.parts), default=0)


def plugin(tree: Path | None, flavour: Flavour) -> Path:
    """The plug-in of a tree (none: Debian's), up to date."""
    source = xen_source.look(tree or xen_source.debian())
    out = xen_build.folder_of(source, flavour)
    built = out / PLUGIN
    if built.is_file():
        changed = newest([source.tree / name for name in OF_TREE]
                         + [paths.ROOT / name for name in OURS])
        if built.stat().st_mtime > changed:
            return built
    print(f"compiling Xen {source.version}, {flavour.name()}"
          + (f" ({source.origin})" if source.origin else "") + " ...",
          flush=True)
    return xen_build.build(source, out, flavour)
