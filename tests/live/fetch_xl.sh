#!/bin/sh
# SPDX-License-Identifier: MIT
# Debian's xen-utils, fetched and unpacked into FOLDER/xen-utils-4.17 and kept for
# the next run; nothing is installed. 77: it cannot be had, and the reason.
#   fetch_xl.sh FOLDER
set -u
folder=$1
package=xen-utils-4.17
files=$folder/$package
xl=$files/usr/lib/xen-4.17/bin/xl

skip()
{
    echo "$*"
    exit 77
}

fetch()
{
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

mkdir -p "$folder" || exit 3
[ -x "$xl" ] || fetch
! ldd "$xl" | grep -q 'not found' ||
    skip "libraries of $package are missing: apt-get install libxen-dev libyajl2"
