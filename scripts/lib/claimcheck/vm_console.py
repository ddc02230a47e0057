# SPDX-License-Identifier: MIT
"""What a VM says: its console, and the port of the command that it runs."""

from __future__ import annotations

import re
from typing import BinaryIO

PANIC = re.compile(rb"KVM internal error|Kernel panic|Panic on CPU|Xen BUG at|"
                   rb"Assertion '.*' failed at|Could not (construct|set up) d")


class Console:
    """What the hypervisor and the dom0 kernel said."""

    def __init__(self, path: str) -> None:
        self.path = path

    def text(self) -> bytes:
        try:
            with open(self.path, "rb") as f:
                return f.read()
        except OSError:
            return b""

    def tail(self, lines: int = 25) -> str:
        text = self.text().decode(errors="replace").replace("\r", "")
        last = [line for line in text.split("\n") if line.strip()][-lines:]
        return "\n".join("  | " + line for line in last)

    def panicked(self) -> bool:
        return bool(PANIC.search(self.text()))


class Stream:
    """The command's port: text until the end marker, then an archive."""

    def __init__(self, nonce: str, out: BinaryIO) -> None:
        self.begin = (nonce + ":begin\n").encode()
        self.end = (nonce + ":end ").encode()
        self.out = out
        self.buffer = b""
        self.state = "boot"
        self.code: int | None = None

    def feed(self, data: bytes) -> None:
        self.buffer += data
        if self.state == "boot" and self.begin in self.buffer:
            self.buffer = self.buffer.split(self.begin, 1)[1]
            self.state = "run"
        if self.state == "run":
            self._forward()

    def _forward(self) -> None:
        text, found, rest = self.buffer.partition(self.end)
        if not found:
            # Hold back what may be the first part of the marker.
            keep = min(len(self.buffer), len(self.end) + 16)
            at = self.buffer.rfind(self.end[:1], len(self.buffer) - keep)
            cut = at if at >= 0 else len(self.buffer)
            self._write(self.buffer[:cut])
            self.buffer = self.buffer[cut:]
        elif b"\n" in rest:
            self._write(text)
            code, _, self.buffer = rest.partition(b"\n")
            self.code = int(code)
            self.state = "files"

    def _write(self, data: bytes) -> None:
        self.out.write(data)
        self.out.flush()
