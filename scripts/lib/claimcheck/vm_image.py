# SPDX-License-Identifier: MIT
"""The RAM disk of scripts/xen-vm: what init does, and COMMAND's files."""

from __future__ import annotations

import argparse
import io
import os
import re
import shlex
import stat

from .vm_errors import Failure
from .vm_packages import MODULES, run

INIT = """#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/work:/bin HOME=/work TMPDIR=/tmp TERM=dumb
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm /tmp
for m in %(modules)s
do
    insmod /lib/modules/$m.ko || echo "xen-vm: module $m does not load"
done
stty -F /dev/ttyS1 raw -echo
. /vm/task
exec </dev/null >/dev/ttyS1 2>&1
printf '%%s:begin\\n' "$NONCE"
cd /work
if [ -c /dev/xen/privcmd ]
then
    sh /vm/command
    rc=$?
else
    echo 'xen-vm: no /dev/xen/privcmd in dom0'
    rc=123
fi
left=
for f in $GET
do
    [ -e "$f" ] && left="$left $f"
done
printf '%%s:end %%d\\n' "$NONCE" $rc
[ -n "$left" ] && tar c $left | gzip -1
# The port's buffer is drained before the power goes.
stty -F /dev/ttyS1 raw
poweroff -f
"""


class Cpio:
    """A cpio archive ("newc"), as the kernel unpacks it."""

    def __init__(self) -> None:
        self.out = io.BytesIO()
        self.seen: set[str] = set()
        self.inode = 0

    def _entry(self, name: str, mode: int, data: bytes) -> None:
        self.inode += 1
        raw = name.encode() + b"\0"
        fields = (self.inode, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0,
                  len(raw), 0)
        self.out.write(b"070701" + b"".join(b"%08X" % f for f in fields) + raw)
        self.out.write(b"\0" * (-(6 + 13 * 8 + len(raw)) % 4))
        self.out.write(data)
        self.out.write(b"\0" * (-len(data) % 4))

    def folder(self, name: str) -> None:
        """A folder and those above it."""
        parts = name.split("/")
        for i in range(1, len(parts) + 1):
            part = "/".join(parts[:i])
            if part and part not in self.seen:
                self.seen.add(part)
                self._entry(part, stat.S_IFDIR | 0o755, b"")

    def data(self, name: str, data: bytes, mode: int) -> None:
        if name in self.seen:
            return
        self.folder(os.path.dirname(name))
        self.seen.add(name)
        self._entry(name, stat.S_IFREG | mode, data)

    def file(self, name: str, path: str, mode: int | None = None) -> bytes:
        with open(path, "rb") as f:
            data = f.read()
        if mode is None:
            mode = stat.S_IMODE(os.stat(path).st_mode)
        self.data(name, data, mode)
        return data

    def archive(self) -> bytes:
        self._entry("TRAILER!!!", 0, b"")
        return self.out.getvalue() + b"\0" * (-self.out.tell() % 512)


def libraries(path: str) -> list[str]:
    """Shared objects that a dynamically linked program needs."""
    out = run(["ldd", path])
    if out.returncode != 0:
        return []  # static, or not ours to run
    return re.findall(r"(/\S+) \(0x", out.stdout.decode())


def put(image: Cpio, source: str, name: str) -> None:
    """A file or a folder, as /work/name in the guest."""
    if os.path.isdir(source):
        image.folder("work/" + name)
        for entry in sorted(os.listdir(source)):
            put(image, os.path.join(source, entry), name + "/" + entry)
        return
    data = image.file("work/" + name, source)
    if data[:4] == b"\x7fELF":
        for lib in libraries(source):
            image.file(lib.lstrip("/"), lib, 0o755)


def command_script(command: list[str]) -> str:
    return "exec " + " ".join(shlex.quote(c) for c in command) + "\n"


def ram_disk(folder: str, options: argparse.Namespace, nonce: str) -> bytes:
    """Cached part and this run's part; the kernel unpacks both in turn."""
    image = Cpio()
    for spec in options.put:
        source, _, name = spec.partition("=")
        name = name or os.path.basename(os.path.normpath(source))
        if not os.path.exists(source):
            raise Failure("--put %s: no such file" % source, 2)
        put(image, source, name.strip("/"))
    get = " ".join(shlex.quote(g) for g in options.get)
    task = "NONCE=%s\nGET=%s\n" % (nonce, shlex.quote(get))
    image.data("vm/task", task.encode(), 0o644)
    image.data("vm/command", command_script(options.command).encode(), 0o644)
    return base_image(folder) + image.archive()


def base_image(folder: str) -> bytes:
    """The part of the RAM disk that is the same for every run."""
    image = Cpio()
    for name in ("bin", "dev", "proc", "sys", "tmp", "work", "vm", "lib",
                 "lib64", "usr", "etc", "lib/modules"):
        image.folder(name)
    image.file("bin/busybox", os.path.join(folder, "busybox"), 0o755)
    for name in MODULES:
        image.file("lib/modules/%s.ko" % name,
                   os.path.join(folder, name + ".ko"), 0o644)
    image.data("init", (INIT % {"modules": " ".join(MODULES)}).encode(), 0o755)
    return image.archive()
