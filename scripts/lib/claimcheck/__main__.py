# SPDX-License-Identifier: MIT
"""The one way in: `python3 -m claimcheck SCRIPT ARGUMENTS`, which is what
scripts/SCRIPT runs (scripts/lib/launch).
"""

from __future__ import annotations

import importlib
import sys

from .errors import BAD_INPUT, run_main

# Each script and the module whose main(argv) does its work. Only that one is
# imported: scripts/setup must be able to run before there is more than Python.
SCRIPTS = {
    "bench": "bench",
    "check-oss-fuzz": "ossfuzz",
    "corpus": "corpus",
    "coverage": "coverage",
    "fuzz": "fuzz",
    "hunt": "hunt",
    "lint": "lint",
    "live": "live",
    "matrix": "matrix",
    "mutants": "mutants",
    "xen-source": "xen_source",
    "xen-build": "xen_build",
    "xen-vm": "xen_vm",
}


def main(argv: list[str]) -> int:
    if not argv or argv[0] not in SCRIPTS:
        print("python3 -m claimcheck: expected one of: "
              + " ".join(SCRIPTS), file=sys.stderr)
        return BAD_INPUT
    script, *rest = argv
    module = importlib.import_module(f".{SCRIPTS[script]}", __package__)
    return run_main(script, module.main, rest)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
