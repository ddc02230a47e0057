# SPDX-License-Identifier: MIT
"""Fetching a Debian source package with apt, without changing the system:
lists, cache and sources.list lie in a folder of ours. Mirrors are those of the
machine's own configuration.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
from pathlib import Path

from . import output
from .errors import CANNOT_RUN, Failure

TOOLS = ("apt-get", "apt-cache", "dpkg", "dpkg-source")
# Where Debian keeps its keys, if the package debian-archive-keyring is there.
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
SHOWN = 12  # lines of a failed command


def run(*argv: str, cwd: Path | None = None) -> tuple[bool, str]:
    """Did it work; all that it printed."""
    env = dict(os.environ, LC_ALL="C")
    done = subprocess.run(argv, cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode == 0, done.stdout.decode(errors="replace")


def tail(text: str) -> str:
    """The end of what a command printed, indented."""
    return "".join(f"\n  {line}" for line in text.splitlines()[-SHOWN:])


def mirrors() -> list[str]:
    """Lines of a sources.list: Debian's main, from the mirrors in use."""
    worked, text = run(
        "apt-get", "indextargets", "--format",
        "$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN)",
        "Created-By: Packages")
    key = f"[signed-by={KEYRING}] " if KEYRING.exists() else ""
    lines = []
    for row in text.splitlines() if worked else []:
        words = row.split()
        # A machine that has not updated yet does not know the origin.
        if len(words) < 3 or words[2] != "main" \
                or words[3:] not in (["Debian"], [], ["$(ORIGIN)"]):
            continue
        lines.append(f"deb-src {key}{words[0]} {words[1]} {words[2]}")
    if not lines:
        raise Failure("apt has no Debian mirror with the component main here",
                      CANNOT_RUN)
    return list(dict.fromkeys(lines))


def configure(folder: Path) -> list[str]:
    """Words that make apt work in a folder of ours, and nowhere else."""
    settings = {
        "Dir::State::lists": f"{folder / 'lists'}/",
        "Dir::Cache": f"{folder / 'cache'}/",
        "Dir::Etc::sourcelist": str(folder / "sources.list"),
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::Etc::preferencesparts": "/dev/null",
        "Acquire::Languages": "none",
        # The user that apt fetches as may not write to a folder of ours.
        "APT::Sandbox::User": "root",
    }
    # What the machine does after an update is for its own lists.
    lines = ["#clear APT::Update::Post-Invoke;",
             "#clear APT::Update::Post-Invoke-Success;"]
    lines += [f'{name} "{value}";' for name, value in settings.items()]
    output.write_whole(folder / "apt.conf", "\n".join(lines) + "\n")
    return ["-c", str(folder / "apt.conf")]


def update(folder: Path, sources: list[str]) -> tuple[list[str], bool, str]:
    """Get the lists of these sources into a folder of ours. The words that
    make apt work there; did it work; all that it printed."""
    for name in ("lists/partial", "cache/archives/partial"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    output.write_whole(folder / "sources.list", "\n".join(sources) + "\n")
    words = configure(folder)
    return words, *run("apt-get", *words, "update")


def newer(one: str, other: str) -> int:
    """Debian's order of versions, the newest first."""
    if one == other:
        return 0
    return -1 if run("dpkg", "--compare-versions", one, "gt", other)[0] else 1


def versions(package: str, words: list[str]) -> list[str]:
    """All that the lists have, the newest first."""
    _, text = run("apt-cache", *words, "showsrc", "--only-source", package)
    found = set(re.findall(r"^Version: (\S+)$", text, re.M))
    return sorted(found, key=functools.cmp_to_key(newer))


def fetch(package: str, folder: Path) -> Path:
    """Fetch the newest version that can be had; its .dsc file."""
    for tool in TOOLS:
        if not shutil.which(tool):
            raise Failure(f"no {tool}: a Debian source package is fetched "
                          "with apt and unpacked with dpkg-dev", CANNOT_RUN)
    words, worked, said = update(folder, mirrors())
    listed = versions(package, words)
    if not listed:
        raise Failure(f"apt knows no source package {package}"
                      + ("" if worked else ", for apt-get update failed:")
                      + tail(said), CANNOT_RUN)
    for version in listed:
        worked, said = run("apt-get", *words, "source", "--download-only",
                           f"{package}={version}", cwd=folder)
        # A file name has the version without its epoch.
        dsc = folder / f"{package}_{version.split(':', 1)[-1]}.dsc"
        if worked and dsc.is_file():
            return dsc
    raise Failure(f"source package {package}: none of the listed versions "
                  f"({', '.join(listed)}) can be fetched; of the last:"
                  + tail(said), CANNOT_RUN)


def unpack(dsc: Path, folder: Path) -> None:
    """Unpack and patch it as Debian does, into a folder that is made."""
    worked, said = run("dpkg-source", "--no-check", "-x", str(dsc),
                       str(folder))
    if not worked:
        raise Failure(f"dpkg-source -x {dsc}:" + tail(said))
