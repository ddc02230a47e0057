# SPDX-License-Identifier: MIT
"""Run a command in dom0 of a real Xen, in QEMU.

  scripts/xen-vm [OPTIONS] -- COMMAND [ARGUMENT...]
  scripts/xen-vm --prepare          only fetch the packages and make the image

The guest is made of Debian packages (hypervisor, kernel, busybox), which are
fetched once, by package lists of its own, and unpacked under build/xen-vm/;
none of them is installed.
COMMAND runs in the guest's folder /work (a RAM disk), where --put files are;
its output is streamed, its exit code is returned, and --get files are brought
back. A dynamically linked program brings its libraries along.

Exit codes, besides COMMAND's own:
  2    bad usage, or a file to put in is missing
  3    this script failed itself
  77   cannot run here: no QEMU or no packages, and none could be installed
  120  the VM did not come up within --boot-limit
  121  Xen or the dom0 kernel panicked
  122  no space: on disk here, or in the VM's memory
  123  the VM ended without saying how COMMAND ended, or QEMU failed
  124  COMMAND did not end within --time-limit
  125  COMMAND succeeded but a --get file is missing
"""

from __future__ import annotations

import argparse
import errno
import re
from pathlib import Path

from . import flags
from .vm_boot import boot
from .vm_errors import Failure, say
from .vm_packages import SUITES, XEN_DEFAULT, find_qemu, prepare


def arguments(argv: list[str]) -> argparse.Namespace:
    p = flags.parser("xen-vm", __doc__)
    p.add_argument("--xen", choices=sorted(SUITES), default=XEN_DEFAULT,
                   help="which Xen (default %s)" % XEN_DEFAULT)
    p.add("--nodes")
    p.add_argument("--memory", type=flags.number, default=1024, metavar="M",
                   help="MiB of the whole host (default 1024)")
    p.add_argument("--dom0-memory", type=flags.number, default=64,
                   metavar="M",
                   help="MiB that COMMAND may use in dom0 (default 64)")
    p.add("--time-limit", default=1200,
          help="seconds for COMMAND (default 1200)")
    p.add_argument("--boot-limit", type=flags.number, default=600,
                   metavar="S", help="seconds for the boot (default 600)")
    p.add_argument("--put", action="append", default=[], metavar="PATH[=NAME]",
                   help="file or folder to have at /work/NAME in the guest\n"
                   "(default: its own name)")
    p.add_argument("--get", action="append", default=[], metavar="NAME",
                   help="file or folder in the guest's /work to bring back")
    p.add("--out", default=Path("."),
          help="where --get files go (default: here)")
    p.add_argument("--accel", choices=("auto", "kvm", "tcg"), default="auto",
                   help="auto: KVM where it works (default)")
    p.add_argument("--xen-options", default="", metavar="TEXT",
                   help="more options for the hypervisor's command line")
    p.add_argument("--console", metavar="FILE",
                   help="keep what Xen and the dom0 kernel print")
    p.add_argument("--prepare", action="store_true",
                   help="only make the image")
    p.add_argument("--verbose", action="store_true")
    p.add_argument("command", nargs="*", metavar="COMMAND")
    options = p.parse_args(argv)
    if not options.command and not options.prepare:
        p.error("no COMMAND (after --)")
    for name in options.get:
        if name.startswith("/") or ".." in name.split("/") or \
                re.search(r"\s", name):
            p.error("--get %s: expected a plain name below /work" % name)
    return options


def main(argv: list[str]) -> int:
    options = arguments(argv)
    try:
        if options.prepare:
            find_qemu()
            prepare(options.xen)
            return 0
        return boot(options)
    except Failure as failure:
        say(str(failure))
        return failure.code
    except OSError as e:
        if e.errno == errno.ENOSPC:
            say("no space: %s" % e)
            return 122
        raise
