# SPDX-License-Identifier: MIT
"""The Debian packages that scripts/xen-vm makes its guest of: fetched with
package lists of its own (apt_source.py), never installed; and QEMU, which is.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

from . import apt_source, errors, locks, output
from .paths import BUILD
from .tools import Env
from .vm_errors import Failure, say

CACHE = str(BUILD / "xen-vm")
# Each Xen that can be had, and the Debian suite that has it: the newest one
# of a regime of the rules (docs/rules.md 9).
SUITES = {"4.17": "bookworm", "4.20": "trixie"}
XEN_DEFAULT = "4.17"
# Kernel and busybox are the same for each Xen.
GUEST_SUITE = "bookworm"
MODULES = ("xen-privcmd", "xen-evtchn", "xen-gntdev", "xen-gntalloc")
# Packages are about 80 MB, unpacked parts 15 MB; twice that to be safe.
DISK_NEEDED = 200 << 20


def run(argv: list[str], cwd: str | None = None,
        env: Env | None = None) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(argv, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, cwd=cwd, env=env)


def apt_install(*packages: str) -> bool:
    """Installs packages if this user may; True if that worked."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    env = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    argv = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if run(argv, env=env).returncode == 0:
        return True
    run(["apt-get", "update"], env=env)
    return run(argv, env=env).returncode == 0


def find_qemu() -> str:
    name = "qemu-system-x86_64"
    qemu = shutil.which(name)
    if not qemu:
        say("no %s: installing it" % name)
        apt_install("qemu-system-x86", "seabios")
        qemu = shutil.which(name)
    if not qemu:
        raise Failure("no %s: apt-get install qemu-system-x86 seabios"
                      % name, 77)
    return qemu


class Suite:
    """A suite's main packages, by lists that lie in a folder of ours."""

    def __init__(self, name: str) -> None:
        self.name = name
        lines = {self._line(line) for line in apt_source.mirrors()}
        self.words, worked, said = apt_source.update(
            Path(CACHE) / "apt" / name, sorted(lines - {""}))
        self.said = "" if worked else said

    def _line(self, source: str) -> str:
        """The suite, or its security updates, on a mirror that has such."""
        found = re.match(r"deb-src (\[.*\] )?(\S+) [a-z]+(-security)? main$",
                         source)
        return "deb %s%s %s%s main" % (
            found.group(1) or "", found.group(2), self.name,
            found.group(3) or "") if found else ""

    def kernel(self) -> str:
        """The newest kernel's package: what linux-image-amd64 depends on."""
        _, out = apt_source.run("apt-cache", *self.words, "depends",
                                "linux-image-amd64")
        found = re.search(r"Depends: (linux-image-\S+-amd64)", out)
        if not found:
            raise self._missing("linux-image-amd64", "")
        return found.group(1)

    def _missing(self, package: str, said: str) -> Failure:
        return Failure("missing package: apt cannot fetch %s of Debian %s:%s"
                       % (package, self.name,
                          apt_source.tail(self.said + said)), 77)

    def download(self, package: str, folder: str) -> str:
        """apt-get download; the path of the .deb."""
        worked, said = apt_source.run("apt-get", *self.words, "download",
                                      package, cwd=Path(folder))
        debs = [f for f in os.listdir(folder)
                if f.startswith(package + "_") and f.endswith(".deb")]
        if not worked or not debs:
            raise self._missing(package, said)
        return os.path.join(folder, debs[0])


def unpack(suite: Suite, package: str, wanted: str, folder: str) -> None:
    """Files of a package whose path matches, by base name, into folder."""
    deb = suite.download(package, folder)
    found = 0
    proc = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", deb],
                            stdout=subprocess.PIPE)
    assert proc.stdout
    with tarfile.open(fileobj=proc.stdout, mode="r|") as tar:
        for member in tar:
            source = tar.extractfile(member) if member.isfile() else None
            if not source or not re.search(wanted, member.name):
                continue
            found += 1
            path = os.path.join(folder, os.path.basename(member.name))
            with output.stream(Path(path)) as out:
                shutil.copyfileobj(source, out)
    proc.stdout.close()
    proc.wait()
    os.unlink(deb)
    if not found:
        raise Failure("package %s holds nothing like %s"
                      % (package, wanted), 77)


def make_guest(folder: str) -> None:
    """Kernel, its modules and busybox."""
    suite = Suite(GUEST_SUITE)
    kernel = suite.kernel()
    say("fetching %s, busybox-static" % kernel)
    unpack(suite, kernel, r"/boot/vmlinuz-|/(%s)\.ko$" % "|".join(MODULES),
           folder)
    unpack(suite, "busybox-static", r"/bin/busybox$", folder)
    for name in os.listdir(folder):
        if name.startswith("vmlinuz-"):
            os.rename(os.path.join(folder, name),
                      os.path.join(folder, "vmlinuz"))


def make_xen(release: str, folder: str) -> None:
    """The hypervisor, as QEMU loads it."""
    package = "xen-hypervisor-%s-amd64" % release
    say("fetching %s" % package)
    unpack(Suite(SUITES[release]), package,
           r"/boot/xen-%s-amd64\.gz$" % re.escape(release), folder)
    name = os.path.join(folder, "xen-%s-amd64.gz" % release)
    with gzip.open(name) as packed, \
            output.stream(Path(folder) / "xen") as out:
        shutil.copyfileobj(packed, out)


def cached(name: str, make: Callable[[str], None]) -> str:
    """A folder of the cache, made as a whole if it is not there."""
    done = os.path.join(CACHE, name)
    if os.path.isdir(done):
        return done
    if shutil.disk_usage(CACHE).free < DISK_NEEDED:
        raise Failure("no space: %s needs %d MiB"
                      % (CACHE, DISK_NEEDED >> 20), 122)
    new = done + ".new"
    shutil.rmtree(new, ignore_errors=True)
    os.mkdir(new)
    make(new)
    os.rename(new, done)
    return done


def prepare(release: str) -> tuple[str, str]:
    """Makes what is not there yet: the folders of guest and hypervisor."""
    os.makedirs(CACHE, exist_ok=True)
    with locks.after_others(Path(CACHE) / "lock"):
        for tool in ("apt-get", "apt-cache", "dpkg-deb"):
            if not shutil.which(tool):
                raise Failure("no %s: the guest is made of Debian "
                              "packages" % tool, 77)
        try:
            return (cached("guest", make_guest),
                    cached("xen-" + release,
                           lambda folder: make_xen(release, folder)))
        except errors.Failure as failure:  # of apt_source
            raise Failure(str(failure), failure.code) from failure
