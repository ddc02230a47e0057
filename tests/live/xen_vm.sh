#!/bin/sh
# SPDX-License-Identifier: MIT
# scripts/xen-vm: its own errors, each with its code and a message.
#   xen_vm.sh XEN_VM
set -u
xen_vm=$1
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT
failed=0

# ends WANTED_CODE TEXT ARGUMENT...: TEXT must be in the output
ends()
{
    wanted=$1 text=$2
    shift 2
    "$xen_vm" "$@" >"$out/said" 2>&1
    got=$?
    if [ $got -eq 77 ]; then cat "$out/said"; exit 77; fi
    if [ $got -ne "$wanted" ] || ! grep -qF -- "$text" "$out/said"; then
        echo "FAIL: $*: exit $got, expected $wanted and '$text'; it said:"
        cat "$out/said"
        failed=1
    fi
}

ends 2 "no COMMAND"
ends 2 "--put /none-such: no such file" --put /none-such -- true
ends 2 "is not a multiple" --nodes 3 -- true
ends 122 "no space" --memory 300 -- true
ends 120 "is not up after 2 s" --accel tcg --boot-limit 2 -- true
ends 121 "panicked" --xen-options "dom0_mem=8M,max:8M" -- true
ends 124 "is not done after 2 s" --time-limit 2 -- sleep 100
ends 9 "two words" -- sh -c 'echo "$1"; exit 9' sh "two words"
ends 123 "the VM ended on its own" -- poweroff -f

exit $failed
