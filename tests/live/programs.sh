#!/bin/sh
# SPDX-License-Identifier: MIT
# Programs of Debian's xen-utils over the stub: xl, and Python's binding; the
# package is that of fetch_xl.sh. 77: it cannot be had, with the reason.
#   programs.sh LIBRARY NO_XENSTORE.so PROGRAMS.py FOLDER
set -u
library=$1 shim=$2 python_part=$3 folder=$4
files=$folder/xen-utils-4.17
failed=0

skip()
{
    echo "skipped: $*"
    exit 77
}

# says TEXT...: lines of $out/1 with any run of blanks as one
says()
{
    for line in "$@"; do
        tr -s ' \t' '  ' <"$out/1" | grep -qxF -- "$line" && continue
        echo "FAIL: no line '$line' in:"
        cat "$out/1" "$out/2"
        failed=1
    done
}

# xl COMMAND RELEASE
xl()
{
    CLAIMCHECK_HOST="nodes=2 pages=262144" CLAIMCHECK_RELEASE=$2 \
        LD_PRELOAD="$library $shim" "$files/usr/lib/xen-4.17/bin/xl" \
        "$1" >"$out/1" 2>"$out/2"
    code=$?
    # Xen without a security module does not have that one, either.
    grep 'claimcheck:' "$out/2" | grep -vF '27 (xsm_op)' || [ $code -ne 0 ] ||
        return
    echo "FAIL: xl $1: exit $code"
    cat "$out/1" "$out/2"
    failed=1
}

reason=$("$(dirname "$0")/fetch_xl.sh" "$folder")
code=$?
[ $code -ne 77 ] || skip "$reason"
[ $code -eq 0 ] || exit 3
out=$(mktemp -d) || exit 3
trap 'rm -rf "$out"' EXIT

# The domain of the stand-in: 512 of 1024 claimed pages populated.
xl info 4.17
says "nr_nodes : 2" "total_memory : 2048" "outstanding_claims : 2" \
    "xen_version : 4.17-claimcheck" "xen_caps : xen-3.0-x86_64 " \
    "xen_scheduler : credit2" "xen_pagesize : 4096"
xl info 4.20.3
says "xen_version : 4.20.3-claimcheck" "outstanding_claims : 2"
xl list 4.17
says "Name ID Mem VCPUs State Time(s)" "d0 0 0 0 ------ 0.0" \
    "d1 1 4 0 --p--- 0.0"
xl claims 4.22
says "Name ID Mem VCPUs State Time(s) Claimed" "d1 1 4 0 --p--- 0.0 2"

[ $failed = 1 ] ||
    python3 -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' ||
    skip "xl is right; Python's binding is built for Python 3.11"
CLAIMCHECK_HOST="nodes=2 pages=262144" LD_PRELOAD=$library \
    PYTHONPATH=$files/usr/lib/xen-4.17/lib/python \
    python3 "$python_part" || failed=1

exit $failed
