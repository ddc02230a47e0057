# SPDX-License-Identifier: MIT
"""Finding LLVM's tools, and the environment sanitized programs want."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from .errors import CANNOT_RUN, Failure

Env = dict[str, str]

# Debian keeps the tools of the compiler the presets name here; the profile
# tools must have the compiler's version.
LLVM_BIN = Path("/usr/lib/llvm-14/bin")

# A small quarantine: the default of 256 MB makes ASan grow to 600 MB and finds
# nothing more in a harness that does not allocate while it runs. Unsigned
# overflow is defined in C and used on purpose; only OSS-Fuzz builds look for
# it, as a signal for the engine, and it must not count as a finding there.
ASAN = "quarantine_size_mb=16:malloc_context_size=2:detect_odr_violation=0"
UBSAN = "print_stacktrace=1:silence_unsigned_overflow=1"

# Above this many random bits clang-14's ASan dies at start in some runs.
MMAP_BITS_SAFE = 28


def llvm(name: str) -> str:
    """Path of an LLVM tool, the presets' version before any other."""
    for found in (str(LLVM_BIN / name), shutil.which(name + "-14"),
                  shutil.which(name)):
        if found and os.access(found, os.X_OK):
            return found
    raise Failure(f"{name} not found: apt-get install llvm-14", CANNOT_RUN)


def sanitizer_env(base: Env | None = None) -> Env:
    """The environment for sanitized programs; what the user set wins."""
    env = dict(os.environ if base is None else base)
    for name, value in (("ASAN_OPTIONS", ASAN), ("UBSAN_OPTIONS", UBSAN)):
        env[name] = value + (":" + env[name] if env.get(name) else "")
    symbolizer = LLVM_BIN / "llvm-symbolizer"
    if symbolizer.exists():
        for name in ("ASAN_SYMBOLIZER_PATH", "UBSAN_SYMBOLIZER_PATH"):
            env.setdefault(name, str(symbolizer))
    return env


def steady_start() -> list[str]:
    """Words to put before a sanitized program so that it starts every time."""
    try:
        with open("/proc/sys/vm/mmap_rnd_bits", encoding="ascii") as bits:
            if int(bits.read()) <= MMAP_BITS_SAFE:
                return []
    except (OSError, ValueError):
        return []
    # A container may forbid this; then the program is started as it is.
    fixed = ["setarch", "-R"]
    done = subprocess.run([*fixed, "true"], stderr=subprocess.DEVNULL)
    return fixed if done.returncode == 0 else []
