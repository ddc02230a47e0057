#!/bin/sh
# SPDX-License-Identifier: MIT
# In dom0 of a real Xen 4.17: cleaning up after SIGKILL, the interface, the
# refusal of a host with claims, and the toolstack example's lines.
#   vm.sh NODES XEN_VM SMOKE EXAMPLE EXPECTED
set -u
nodes=$1 xen_vm=$2 smoke=$3 example=$4 expected=$5
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT

"$xen_vm" --nodes "$nodes" --verbose --put "$smoke=smoke" \
    --put "$example=example" --get lines --out "$out" -- sh -c '
        ./example >lines || exit 1
        ./smoke --die
        sleep 1
        ./smoke || exit $?
        ./smoke --refused'
code=$?
[ $code -eq 0 ] || exit $code
diff "$expected" "$out/lines" || exit 1
echo "the toolstack example says the same here as over the stub"
