# SPDX-License-Identifier: MIT
"""scripts/xen-source: a Xen source tree to compile from, and what it is.

Debian's source package `xen`, fetched by private apt lists under build/ and
patched as Debian patches it; or a tree that the user has. Which features a
tree has is found by looking into it. Not here: compiling it (xen_build.py).
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from . import apt_source, flags, locks, output, paths
from .errors import HELD, Failure

CACHE = paths.BUILD / "xen-source"

# What makes a folder a Xen tree, and one of 4.17 or later: what was written
# before has another layout (asm-x86, no bound on what a domain may claim).
TREE = ("xen/common/page_alloc.c", "xen/common/memory.c", "xen/Makefile",
        "xen/arch/x86/mm.c", "xen/include/xen/sched.h",
        "xen/include/public/memory.h", "xen/include/xlat.lst")
NEW_ENOUGH = ("xen/arch/x86/include/asm/mm.h",
              "xen/common/compat/memory.c")
OLDEST = "4.17"


@dataclass(frozen=True)
class Feature:
    """Something that some trees have: where a word of it stands."""

    name: str
    file: str
    pattern: str
    text: str


STASH = "stash"
FEATURES = (
    Feature("claims", "xen/include/public/memory.h", r"\bXENMEM_claim_pages\b",
            "memory claims"),
    Feature("host-wide-count", "xen/common/page_alloc.c",
            r"\boutstanding_claims\b", "a count of all claims"),
    Feature("early-redeem", "xen/common/page_alloc.c",
            r"\bredeem_claim\w*\s*\(|\bconsume_\w*claim\w*\s*\(",
            "a function of its own that a claim shrinks in"),
    Feature("node-claims", "xen/common/page_alloc.c",
            r"\bnode_outstanding|\bclaims?_per_node|\bnode_claims\b",
            "claims on nodes"),
    Feature("claim-sets", "xen/include/public/domctl.h",
            r"\bXEN_DOMCTL_(?:set_memory_claims|claim_memory)\b",
            "a domctl that claims"),
    Feature("llc-colouring", "xen/common/page_alloc.c",
            r"\bllc_coloring_enabled\b", "pages by LLC colour"),
    Feature("static-memory", "xen/common/page_alloc.c",
            r"\bacquire_domstatic_pages\b", "static memory"),
    Feature("extra-pages", "xen/common/page_alloc.c", r"\bPGC_extra\b",
            "extra pages"),
    Feature(STASH, "xen/include/xen/sched.h", r"\bpending_scrub\b",
            "a populate that is left unfinished puts pages aside"),
    Feature("domid-any", "xen/include/public/xen.h", r"\bDOMID_ANY\b",
            "DOMID_ANY"),
)


@dataclass(frozen=True)
class Source:
    """A tree and what it is."""

    tree: Path
    version: str  # as its Makefile says: 4.17.5
    origin: str  # package or commit; empty: neither
    features: tuple[Feature, ...]


def read(path: Path) -> str:
    """A file of a tree, which may have any bytes in comments."""
    try:
        return path.read_text(errors="replace")
    except OSError as error:
        raise Failure(f"{path}: {error.strerror}") from None


def require_tree(tree: Path) -> None:
    """Is it a Xen tree that is new enough? Says what was looked for."""
    if not tree.is_dir():
        raise Failure(f"{tree}: no such folder")
    for name in TREE:
        if not (tree / name).is_file():
            raise Failure(f"{tree}: no Xen source tree: {name} was looked "
                          "for there; expected the folder that holds xen/")
    for name in NEW_ENOUGH:
        if not (tree / name).is_file():
            raise Failure(f"{tree}: Xen {version_of(tree)} is too old: {name} "
                          f"was looked for; expected {OLDEST} or later")
    claims = FEATURES[0]
    if not re.search(claims.pattern, read(tree / claims.file)):
        raise Failure(f"{tree}: it has no memory claims: XENMEM_claim_pages "
                      f"was looked for in {claims.file}")


def version_of(tree: Path) -> str:
    """The version of a tree, by the file that is its place."""
    text = read(tree / "xen/Makefile")
    numbers = [re.search(rf"^export {name}\s*=\s*(\d+)", text, re.M)
               for name in ("XEN_VERSION", "XEN_SUBVERSION")]
    extra = re.search(r"^export XEN_EXTRAVERSION \?= ([\w.-]*)", text, re.M)
    if not all(numbers):
        raise Failure(f"{tree / 'xen/Makefile'}: no version: XEN_VERSION and "
                      "XEN_SUBVERSION were looked for")
    return ".".join(n[1] for n in numbers if n) + (extra[1] if extra else "")


def origin_of(tree: Path) -> str:
    """Debian's version if it is a package, the commit if git knows it."""
    log = tree / "debian/changelog"
    if log.is_file():
        first = re.match(r"xen \((\S+)\) (\S+);", read(log))
        if first:
            return f"Debian's source package xen {first[1]} ({first[2]})"
    done = subprocess.run(
        ["git", "-C", tree, "describe", "--always", "--dirty", "--tags",
         "--abbrev=12"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL) if (tree / ".git").exists() else None
    if done and done.returncode == 0:
        return "commit " + done.stdout.decode().strip()
    return ""


def look(tree: Path) -> Source:
    """What this tree is; a Failure if it is none."""
    tree = tree.absolute()
    require_tree(tree)
    found = tuple(f for f in FEATURES if (tree / f.file).is_file()
                  and re.search(f.pattern, read(tree / f.file)))
    return Source(tree, version_of(tree), origin_of(tree), found)


def debian() -> Path:
    """Debian's tree, fetched and unpacked if it is not there yet."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with locks.after_others(CACHE / "lock"):
        kept = CACHE / "tree"
        if kept.is_dir():
            return kept.resolve()
        package = apt_source.fetch("xen", CACHE)
        scratch = Path(tempfile.mkdtemp(dir=CACHE, prefix=output.NEW))
        try:
            apt_source.unpack(package, scratch / "tree")
            require_tree(scratch / "tree")
            done = CACHE / package.stem
            shutil.rmtree(done, ignore_errors=True)
            os.replace(scratch / "tree", done)
            os.symlink(done.name, scratch / "link")
            os.replace(scratch / "link", kept)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        return kept.resolve()


def show(source: Source) -> None:
    """For people."""
    print(f"tree:     {source.tree}")
    print(f"version:  Xen {source.version}")
    print(f"origin:   {source.origin or 'no package, no commit'}")
    has = {f.name for f in source.features}
    for feature in FEATURES:
        print(f"{'has' if feature.name in has else 'has not':<9} "
              f"{feature.name}: {feature.text} ({feature.file})")


def arguments(argv: list[str]) -> argparse.Namespace:
    """The command line."""
    parser = flags.parser(
        "xen-source", "Get a Xen source tree and say what it is: Debian's "
        "source package xen, fetched\nonce into build/xen-source by apt with "
        "lists of its own (nothing of the system is\nchanged), or a tree of "
        "yours.",
        "0 there it is, 2 no Xen tree, or one before 4.17, 77 it cannot be "
        "fetched here")
    parser.add_argument("--tree", type=Path, metavar="DIR",
                        help="this tree: the folder that holds xen/")
    parser.add_argument("--path", action="store_true",
                        help="print the folder only")
    return parser.parse_args(argv)


def main(argv: list[str]) -> int:
    """The command."""
    options = arguments(argv)
    source = look(options.tree or debian())
    if options.path:
        print(source.tree)
    else:
        show(source)
    return HELD
