#!/bin/sh
# SPDX-License-Identifier: MIT
# The NUMA example over the stub: its lines by each draft, that it says so where
# there are no claim sets, and its calls recorded as a case that holds.
#   numa_builder.sh LIBRARY EXAMPLE CLAIMCHECK EXPECTED-WITHOUT-SUFFIX
set -u
library=$1 example=$2 claimcheck=$3 expected=$4
out=$(mktemp -d) || exit 3
trap 'rm -rf "$out"' EXIT
failed=0

# run RELEASE WANTED_CODE
run()
{
    env LD_PRELOAD="$library" CLAIMCHECK_HOST="nodes=2 pages=64" \
        CLAIMCHECK_RELEASE="$1" CLAIMCHECK_RECORD="$out/case.claim" \
        "$example" >"$out/1" 2>"$out/2"
    got=$?
    [ "$got" -eq "$2" ] && return
    echo "FAIL: $1: exit $got, expected $2"
    cat "$out/1" "$out/2"
    failed=1
}

for draft in draft-v7 draft-v8; do
    run $draft 0
    diff "$expected.$draft" "$out/1" || failed=1
    grep -q '^claim_set d1 node0=16 node1=16  *= 0$' "$out/case.claim" ||
        { echo "FAIL: not recorded"; cat "$out/case.claim"; failed=1; }
    "$claimcheck" replay --on model "$out/case.claim" >"$out/2" 2>&1 ||
        { echo "FAIL: it does not hold"; cat "$out/2"; failed=1; }
done
run 4.22 1
grep -q '^claim: Function not implemented$' "$out/1" || { cat "$out/1"; failed=1; }

exit $failed
