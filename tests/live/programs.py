# SPDX-License-Identifier: MIT
"""Debian's Python binding of libxenctrl over the stub, run by programs.sh: a
domain is created, limited, claimed for, destroyed. The binding has no claims,
so those are made with libxenctrl itself, in the same process, on its host.
"""

import ctypes
import importlib

NODES = 2
NODE_MB = 1024
LIMIT_KB = 400 * 1024
CLAIM_PAGES = 50 * 1024

lib = ctypes.CDLL("libxenctrl.so.4.17", use_errno=True)
lib.xc_interface_open.restype = ctypes.c_void_p
handle = ctypes.c_void_p(lib.xc_interface_open(None, None, 0))
xc = importlib.import_module("xen.lowlevel.xc").xc()


def expect(what: str, got: object, want: object) -> None:
    if got != want:
        raise SystemExit(f"FAIL: {what}: {got}, expected {want}")


def claim(domid: int, pages: int) -> int:
    return int(lib.xc_domain_claim_pages(handle, ctypes.c_uint32(domid),
                                         ctypes.c_ulong(pages)))


def main() -> None:
    expect("version", (xc.xeninfo()["xen_major"], xc.xeninfo()["xen_minor"]),
           (4, 17))
    start = xc.physinfo()
    expect("memory", start["total_memory"], NODES * NODE_MB * 1024)
    expect("nodes", start["nr_nodes"], NODES)
    numa = xc.numainfo()
    expect("node sizes", numa["node_memsize"], [NODE_MB] * NODES)
    # All of it lies below 4 GiB.
    expect("32-bit memory", numa["node_to_dma32_mem"], numa["node_memfree"])
    expect("one CPU", xc.topologyinfo()["cpu_to_node"], [0])

    domid = xc.domain_create()
    expect("domid", domid, 1)
    xc.domain_setmaxmem(domid, LIMIT_KB)
    expect("limit", xc.domain_getinfo(domid, 1)[0]["maxmem_kb"], LIMIT_KB)
    expect("domains", [d["domid"] for d in xc.domain_getinfo()], [0, 1])
    expect("claim", claim(domid, CLAIM_PAGES), 0)
    # A claim takes no page; more than there is is refused.
    expect("more", claim(domid, 1 << 30), -1)
    xc.domain_destroy(domid)
    expect("gone", [d["domid"] for d in xc.domain_getinfo()], [0])
    expect("free", xc.physinfo()["free_memory"], start["free_memory"])


main()
