#!/bin/sh
# SPDX-License-Identifier: MIT
# Programs of Debian's xen-utils over the stub: xl, and Python's binding. The
# package's files are fetched and unpacked, nothing is installed. 77: they cannot
# be had, with the reason.
#   programs.sh LIBRARY NO_XENSTORE.so PROGRAMS.py FOLDER
set -u
library=$1 shim=$2 python_part=$3 folder=$4
package=xen-utils-4.17
failed=0

skip()
{
    echo "skipped: $*"
    exit 77
}

# The package, unpacked, in $files; kept for the next run.
fetch()
{
    files=$folder/$package
    [ -x "$files/usr/lib/xen-4.17/bin/xl" ] && return
    command -v apt-get >/dev/null || skip "no apt-get: $package is a Debian package"
    new=$(mktemp -d "$folder/fetch.XXXXXX") || exit 3
    if ! (cd "$new" && apt-get download "$package" >log 2>&1); then
        tail -3 "$new/log"
        rm -rf "$new"
        skip "apt-get download $package failed"
    fi
    dpkg-deb -x "$new"/*.deb "$new/files" || exit 3
    rm -rf "$files"
    mv "$new/files" "$files" || exit 3
    rm -rf "$new"
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

mkdir -p "$folder" || exit 3
fetch
ldd "$files/usr/lib/xen-4.17/bin/xl" | grep -q 'not found' &&
    skip "libraries of $package are missing: apt-get install libxen-dev libyajl2"
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
