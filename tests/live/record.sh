#!/bin/sh
# SPDX-License-Identifier: MIT
# CLAIMCHECK_RECORD: a program's calls as a case, which is the one in the corpus,
# holds, and fails where the program's did; what cannot be written is said.
#   record.sh LIBRARY PROGRAM CLAIMCHECK CASE
set -u
library=$1 program=$2 claimcheck=$3 corpus_case=$4
out=$(mktemp -d) || exit 3
trap 'rm -rf "$out"' EXIT
failed=0 arguments=

# run WANTED_CODE FILE [NAME=VALUE...]
run()
{
    wanted=$1 file=$2
    shift 2
    env "$@" LD_PRELOAD="$library" CLAIMCHECK_HOST="nodes=2 pages=1024" \
        CLAIMCHECK_RECORD="$file" "$program" $arguments >"$out/1" 2>"$out/2"
    got=$?
    [ $got -eq "$wanted" ] && return
    echo "FAIL: $* exit $got, expected $wanted"
    cat "$out/1" "$out/2"
    failed=1
}

run 0 "$out/build.claim"
grep -v '^#' "$corpus_case" | diff - "$out/build.claim" || failed=1
"$claimcheck" replay "$out/build.claim" >"$out/1" 2>&1 ||
    { echo "FAIL: it does not hold"; cat "$out/1"; failed=1; }

# A broken hypervisor: what was recorded shows the same violation there.
run 134 "$out/fault.claim" CLAIMCHECK_FAULT=redeem_missing
grep -q 'violation: CAP/populate' "$out/2" || { cat "$out/2"; failed=1; }
"$claimcheck" replay --fault redeem_missing "$out/fault.claim" >"$out/1" 2>&1
[ $? -eq 1 ] || { echo "FAIL: no violation"; cat "$out/1"; failed=1; }
"$claimcheck" shrink --fault redeem_missing "$out/fault.claim" \
    >"$out/1" 2>"$out/2" ||
    { echo "FAIL: not shrunk"; cat "$out/1" "$out/2"; failed=1; }
grep -q '^populate' "$out/1" || { cat "$out/1"; failed=1; }

# A case is full: what comes afterwards is not in it, not even as one more page of
# its last mapping.
arguments=long
run 0 "$out/long.claim"
grep -q 'what follows is not recorded' "$out/2" || { cat "$out/2"; failed=1; }
[ "$(grep -c " = " "$out/long.claim")" = 63 ] &&
    [ "$(tail -n 1 "$out/long.claim")" = "map d1 1" ] ||
    { echo "FAIL: more than a full case"; cat "$out/long.claim"; failed=1; }

# Domains that a case cannot name: each is said once, with the first call for it.
arguments=above
run 0 "$out/above.claim"
sed 's/^claimcheck: CLAIMCHECK_RECORD: //' "$out/2" | diff - /dev/fd/3 3<<END ||
XEN_DOMCTL_max_mem for d8 is not recorded, nor what follows for it: a test case has d0 to d7
XEN_DOMCTL_max_mem for d9 is not recorded, nor what follows for it: a test case has d0 to d7
XEN_DOMCTL_max_mem for d32756 is not recorded, nor what follows for it: a test case has d0 to d7
END
    failed=1
grep -q '^max_mem d7 1 ' "$out/above.claim" ||
    { echo "FAIL: d7 is not there"; cat "$out/above.claim"; failed=1; }
arguments=

run 2 "$out/none/such.claim"
grep -q 'none/such.claim' "$out/2" || { cat "$out/2"; failed=1; }

exit $failed
