#!/bin/sh
# SPDX-License-Identifier: MIT
# libxenctrl over the stub: the toolstack example's lines, a refusal, a violation
# that is reported, bad settings, too little memory.
#   preload.sh LIBRARY EXAMPLE EXPECTED PLUGIN.so
set -u
library=$1 example=$2 expected=$3 plugin=$4
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT
failed=0

# run WANTED_CODE [NAME=VALUE...] [PAGES]: output in $out/{1,2}
run()
{
    wanted=$1
    shift
    pages=
    case ${1-} in [0-9]*) pages=$1; shift ;; esac
    env "$@" LD_PRELOAD="$library" "$example" $pages >"$out/1" 2>"$out/2"
    got=$?
    [ "$got" -eq "$wanted" ] && return
    echo "FAIL: $* $pages: exit $got, expected $wanted"
    cat "$out/1" "$out/2"
    failed=1
}

# says FILE TEXT
says()
{
    grep -qF -- "$2" "$out/$1" && return
    echo "FAIL: no '$2' in:"
    cat "$out/$1"
    failed=1
}

run 0
cmp "$out/1" "$expected" || failed=1
[ -s "$out/2" ] && { echo "FAIL: it complained:"; cat "$out/2"; failed=1; }
run 0 CLAIMCHECK_RELEASE=4.22
cmp "$out/1" "$expected" || failed=1
run 0 100 CLAIMCHECK_HOST="nodes=2 pages=64"
# A host of real size: 4 GiB.
run 0 1024 CLAIMCHECK_HOST="nodes=4 pages=262144"

run 0 CLAIMCHECK_ON="$plugin"
cmp "$out/1" "$expected" || failed=1

# More than there is: refused; granted by a broken hypervisor: caught.
run 1 100
says 1 "claim: Cannot allocate memory"
run 134 100 CLAIMCHECK_FAULT=claim_total.unclaimed.drop
says 1 "limit set"
says 2 "claimcheck: violation: OVER-CLAIM/claim"
says 2 "d1 alive: pages 0, max 100, claim 100"

# Invariants that need the state before the call, or the caller's request.
for pair in redeem_whole_claim:KEEP/populate redeem_missing:CAP/populate \
            gate_refuses_claimants:SPEND/populate \
            redeem_domain_only:PROTECT/populate \
            info_no_claim:REPORT/domain_info; do
    run 134 CLAIMCHECK_FAULT=${pair%%:*}
    says 2 "claimcheck: violation: ${pair#*:}"
done

run 2 CLAIMCHECK_HOST="nodes=5"
says 2 'CLAIMCHECK_HOST="nodes=5": expected nodes=1..4 and pages=1..262144'
run 2 CLAIMCHECK_HOST="pages=12x"
run 2 CLAIMCHECK_HOST="pages=262145"
says 2 'pages=1..262144'
run 2 CLAIMCHECK_ON="$plugin" CLAIMCHECK_HOST="pages=2049"
says 2 'with CLAIMCHECK_ON, expected pages=1..2048'
run 2 CLAIMCHECK_RELEASE=4.16
says 2 "expected one of 4.17 4.18"
run 2 CLAIMCHECK_FAULT=none-such
says 2 "no such planted fault"
run 2 CLAIMCHECK_ON=live
says 2 'CLAIMCHECK_ON="live": expected CLAIMCHECK_RECORD=FILE as well'
run 2 CLAIMCHECK_ON=live CLAIMCHECK_RECORD="$out/live.claim" CLAIMCHECK_RELEASE=4.17
says 2 'CLAIMCHECK_RELEASE="4.17": with CLAIMCHECK_ON=live the host is what it is'
if [ ! -e /dev/xen/privcmd ]; then
    run 77 CLAIMCHECK_ON=live CLAIMCHECK_RECORD="$out/live.claim"
    says 2 "claimcheck: CLAIMCHECK_ON=live: /dev/xen/privcmd: No such file"
fi
run 2 CLAIMCHECK_ON=model
says 2 'CLAIMCHECK_ON="model": the model has no guest memory'
run 2 CLAIMCHECK_ON=nowhere
says 2 'CLAIMCHECK_ON="nowhere": expected stub'

# Too little memory: first for the loader, then for the stub, then for the engine.
kb=10000
refused=0
while [ $kb -le 400000 ]; do
    prlimit --as=$((kb * 1024)) env LD_PRELOAD="$library" "$example" \
        >"$out/1" 2>"$out/2"
    got=$?
    case $got-$(cat "$out/2") in
    0-) break ;;
    "3-claimcheck: out of memory") refused=$((refused + 1)) ;;
    *"cannot be preloaded"* | *"error while loading"*) ;;
    *) echo "FAIL: with $kb KiB of memory: exit $got"
       cat "$out/2"
       failed=1 ;;
    esac
    kb=$((kb + 2000))
done
if [ $got -ne 0 ] || [ $refused -eq 0 ]; then
    echo "FAIL: refused $refused times for lack of memory, then exit $got"
    failed=1
fi

exit $failed
