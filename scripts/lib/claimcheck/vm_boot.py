# SPDX-License-Identifier: MIT
"""One VM of scripts/xen-vm from power-on to its end."""

from __future__ import annotations

import argparse
import fcntl
import gzip
import io
import os
import secrets
import select
import subprocess
import sys
import tarfile
import time
from pathlib import Path

from . import output
from .vm_console import Console, Stream
from .vm_errors import Failure, say
from .vm_image import ram_disk
from .vm_packages import CACHE, find_qemu, prepare

# Where it is remembered that KVM does not run this VM: for every checkout of
# this user, until the machine has another kernel.
NO_KVM = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") \
    / "claimcheck" / ("kvm-fails-on-" + os.uname().release)
# The dom0 kernel dies in early boot on newer CPU models under TCG.
CPU = {"tcg": "Nehalem", "kvm": "host"}
# Seconds that a boot under KVM gets before TCG is taken instead, and Xen its
# first words of them: it takes less than one where KVM works.
KVM_LIMIT = 45
KVM_FIRST_WORDS = 6
# What the dom0 kernel wants besides twice the RAM disk, in MiB.
DOM0_BASE = 256
# Xen's own needs and a heap to test with, in MiB.
XEN_BASE = 256


def have_kvm() -> bool:
    try:
        fd = os.open("/dev/kvm", os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return fcntl.ioctl(fd, 0xAE00) == 12  # KVM_GET_API_VERSION
    except OSError:
        return False
    finally:
        os.close(fd)


def accelerators(options: argparse.Namespace) -> list[str]:
    """What to try, in turn. A KVM that once failed here is not tried again."""
    if options.accel != "auto":
        return [options.accel]
    if have_kvm() and not NO_KVM.exists():
        return ["kvm", "tcg"]
    return ["tcg"]


def qemu_command(qemu: str, folder: str, xen_folder: str, initrd: str,
                 size: int,
                 options: argparse.Namespace) -> list[str]:
    dom0 = DOM0_BASE + 2 * (size >> 20) + options.dom0_memory
    if options.memory < dom0 + XEN_BASE:
        raise Failure("no space: dom0 needs %d MiB and Xen %d MiB, of "
                      "--memory %d" % (dom0, XEN_BASE, options.memory), 122)
    if options.memory % options.nodes:
        raise Failure("--memory %d is not a multiple of --nodes %d"
                      % (options.memory, options.nodes), 2)
    xen = "console=com1 com1=115200,8n1 dom0_mem=%dM,max:%dM loglvl=warning " \
          "dom0_max_vcpus=1 numa=%s %s" \
          % (dom0, dom0, "on" if options.nodes > 1 else "off",
             options.xen_options)
    linux = "console=hvc0 quiet panic=1 8250.nr_uarts=4"
    argv = [qemu, "-M", "q35",
            "-smp", str(options.nodes), "-m", str(options.memory),
            "-display", "none", "-no-reboot", "-nodefaults", "-net", "none",
            "-chardev",
            "file,id=log,append=on,path=" + options.log, "-serial",
            "chardev:log", "-serial", "stdio",
            "-kernel", os.path.join(xen_folder, "xen"), "-append", xen,
            "-initrd", "%s %s,%s" % (os.path.join(folder, "vmlinuz"), linux,
                                     initrd)]
    if options.nodes > 1:
        share = options.memory // options.nodes
        for n in range(options.nodes):
            argv += ["-object", "memory-backend-ram,id=m%d,size=%dM"
                     % (n, share),
                     "-numa", "node,nodeid=%d,memdev=m%d,cpus=%d" % (n, n, n)]
    if options.verbose:
        say("Xen %s, %d node(s), %d MiB, dom0 %d MiB"
            % (options.xen, options.nodes, options.memory, dom0))
    return argv


def watch(proc: subprocess.Popen[bytes], stream: Stream, console: Console,
          options: argparse.Namespace) -> None:
    """Until the VM is gone. Raises Failure for every other end."""
    start = time.monotonic()
    limit, what = options.boot_limit, 120
    next_look = start + 1
    assert proc.stdout
    fd = proc.stdout.fileno()
    while True:
        ready, _, _ = select.select([fd], [], [], 0.5)
        if ready:
            data = os.read(fd, 65536)
            if not data:
                return
            before = stream.state
            stream.feed(data)
            if before == "boot" and stream.state != "boot":
                if options.verbose:
                    say("dom0 is up after %.1f s" % (time.monotonic() - start))
                start, limit, what = time.monotonic(), options.time_limit, 124
        now = time.monotonic()
        if now >= next_look:
            next_look = now + 1
            if now - start > options.first_words and not console.text():
                raise Failure("Xen says nothing", 120)
            if console.panicked():
                time.sleep(1)  # let it finish its report
                raise Failure("Xen or the dom0 kernel panicked:\n"
                              + console.tail(), 121)
        if now - start > limit and stream.state != "files":
            if what == 120:
                raise Failure("the VM is not up after %d s (--boot-limit); "
                              "its last words:\n%s"
                              % (limit, console.tail()), 120)
            raise Failure("the command is not done after %d s "
                          "(--time-limit)" % limit, 124)


def bring_back(stream: Stream, options: argparse.Namespace) -> list[str]:
    """Unpacks what the command left. Names of --get that are missing."""
    names = []
    if stream.buffer:
        try:
            with tarfile.open(fileobj=io.BytesIO(stream.buffer)) as tar:
                for member in tar:
                    if member.name.startswith("/") or ".." in member.name:
                        continue
                    tar.extract(member, options.out)
                    names.append(member.name.rstrip("/"))
        except (tarfile.TarError, EOFError, gzip.BadGzipFile) as e:
            raise Failure("the files brought back are cut short: %s" % e, 123)
    return [g for g in options.get if g.strip("/") not in names]


def conclude(stream: Stream, console: Console, proc: subprocess.Popen[bytes],
             options: argparse.Namespace) -> int:
    if stream.code is None:
        if console.panicked():
            raise Failure("Xen or the dom0 kernel panicked:\n"
                          + console.tail(), 121)
        raise Failure("the VM ended on its own (QEMU %s); last words:\n%s"
                      % (proc.returncode, console.tail()), 123)
    missing = bring_back(stream, options)
    for name in missing:
        say("--get %s: the command left no such file" % name)
    return 125 if missing and stream.code == 0 else stream.code


def one_boot(argv: list[str], nonce: str, options: argparse.Namespace) -> int:
    """One VM from power-on to its end; the exit code to give."""
    stream = Stream(nonce, sys.stdout.buffer)
    console = Console(options.log)
    output.scratch(Path(options.log), b"")
    proc = None
    try:
        with output.stream(Path(options.log), "ab") as log:
            proc = subprocess.Popen(argv, stdin=subprocess.DEVNULL,
                                    stdout=subprocess.PIPE, stderr=log)
        watch(proc, stream, console, options)
        proc.wait()
        return conclude(stream, console, proc, options)
    except Failure as failure:
        failure.booted = stream.state != "boot"
        raise
    finally:
        if proc and proc.poll() is None:
            proc.kill()
            proc.wait()


def boot_with(accel: str, argv: list[str], nonce: str,
              options: argparse.Namespace) -> int:
    """one_boot() with an accelerator."""
    if options.verbose:
        say("accelerator: %s" % accel)
    return one_boot([*argv, "-accel", accel, "-cpu", CPU[accel]], nonce,
                    options)


def boot_kvm_first(argv: list[str], nonce: str,
                   options: argparse.Namespace) -> int | None:
    """A boot with KVM, which gets less time; None: KVM does not run it."""
    limit = options.boot_limit
    options.boot_limit = min(limit, KVM_LIMIT)
    options.first_words = KVM_FIRST_WORDS
    try:
        return boot_with("kvm", argv, nonce, options)
    except Failure as failure:
        if failure.booted:
            raise
        say("KVM is here but does not run this VM; TCG from now on (%s)"
            % NO_KVM)
        NO_KVM.parent.mkdir(parents=True, exist_ok=True)
        output.write_whole(NO_KVM, f"{failure}\n")
        return None
    finally:
        options.boot_limit = limit
        options.first_words = limit


def boot(options: argparse.Namespace) -> int:
    qemu = find_qemu()
    folder, xen_folder = prepare(options.xen)
    options.first_words = options.boot_limit
    nonce = "@" + secrets.token_hex(8)
    initrd = os.path.join(CACHE, "initrd.%d" % os.getpid())
    options.log = options.console or os.path.join(CACHE,
                                                  "console.%d" % os.getpid())
    try:
        disk = ram_disk(folder, options, nonce)
        output.scratch(Path(initrd), gzip.compress(disk, 1))
        argv = qemu_command(qemu, folder, xen_folder, initrd, len(disk),
                            options)
        accels = accelerators(options)
        if len(accels) > 1:
            code = boot_kvm_first(argv, nonce, options)
            if code is not None:
                return code
        return boot_with(accels[-1], argv, nonce, options)
    finally:
        for path in (initrd,) if options.console else (initrd, options.log):
            if os.path.exists(path):
                os.unlink(path)
