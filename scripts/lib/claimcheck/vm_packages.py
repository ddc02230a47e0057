# SPDX-License-Identifier: MIT
"""The Debian packages that scripts/xen-vm makes its guest of: fetched, never
installed; and QEMU, which is.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

from . import locks, output
from .paths import BUILD
from .tools import Env
from .vm_errors import Failure, say

CACHE = str(BUILD / "xen-vm")
HYPERVISOR = "xen-hypervisor-4.17-amd64"
# Whose rules that hypervisor follows.
RELEASE = "4.17"
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


def kernel_package() -> str:
    """The newest kernel's package: what linux-image-amd64 depends on."""
    out = run(["apt-cache", "depends", "linux-image-amd64"]).stdout.decode()
    found = re.search(r"Depends: (linux-image-\S+-amd64)", out)
    if not found:
        raise Failure("missing package: apt knows no linux-image-amd64 "
                      "(apt-get update?)", 77)
    return found.group(1)


def download(package: str, folder: str) -> str:
    """apt-get download; the path of the .deb."""
    for attempt in range(2):
        out = run(["apt-get", "download", package], cwd=folder)
        debs = [f for f in os.listdir(folder)
                if f.startswith(package + "_") and f.endswith(".deb")]
        if out.returncode == 0 and debs:
            return os.path.join(folder, debs[0])
        if attempt == 0 and os.geteuid() == 0:
            run(["apt-get", "update"])  # stale lists name files that are gone
    raise Failure("missing package: apt-get download %s:\n%s"
                  % (package, out.stdout.decode(errors="replace").strip()), 77)


def unpack(package: str, wanted: str, folder: str) -> None:
    """Files of a package whose path matches, by base name, into folder."""
    deb = download(package, folder)
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


def prepare() -> str:
    """Makes the cached image if it is not there. Its folder."""
    os.makedirs(CACHE, exist_ok=True)
    with locks.after_others(Path(CACHE) / "lock"):
        done = os.path.join(CACHE, "image")
        if os.path.isdir(done):
            return done
        for tool in ("apt-get", "apt-cache", "dpkg-deb"):
            if not shutil.which(tool):
                raise Failure("no %s: the guest is made of Debian "
                              "packages" % tool, 77)
        if shutil.disk_usage(CACHE).free < DISK_NEEDED:
            raise Failure("no space: %s needs %d MiB"
                          % (CACHE, DISK_NEEDED >> 20), 122)
        new = os.path.join(CACHE, "image.new")
        shutil.rmtree(new, ignore_errors=True)
        os.mkdir(new)
        kernel = kernel_package()
        say("fetching %s, %s, busybox-static" % (HYPERVISOR, kernel))
        unpack(HYPERVISOR, r"/boot/xen-4\.17-amd64\.gz$", new)
        unpack(kernel, r"/boot/vmlinuz-|/(%s)\.ko$" % "|".join(MODULES), new)
        unpack("busybox-static", r"/bin/busybox$", new)
        with gzip.open(os.path.join(new, "xen-4.17-amd64.gz")) as packed, \
                output.stream(Path(new) / "xen") as out:
            shutil.copyfileobj(packed, out)
        for name in os.listdir(new):
            if name.startswith("vmlinuz-"):
                os.rename(os.path.join(new, name),
                          os.path.join(new, "vmlinuz"))
        os.rename(new, done)
        return done
