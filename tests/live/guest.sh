#!/bin/sh
# SPDX-License-Identifier: MIT
# In dom0 of a real Xen 4.17, all in one boot: the interface, cleaning up, and
# that a disagreement is found where there is one. Prints what failed; exit 1.
# The last part loses memory for good.
set -u
failed=0
case=corpus/litmus/api-toolstack-sequence.claim
[ "$NODES" -eq 1 ] || case=corpus/litmus/claim-spent-on-both-nodes.claim
grow=corpus/litmus/weakness-grow-on-free.claim
leak=corpus/litmus/weakness-dying-claim-leaks-on-any-host.claim

# ends WANTED_CODE TEXT COMMAND...: TEXT must be in the output
ends()
{
    wanted=$1 text=$2
    shift 2
    "$@" >said 2>&1
    got=$?
    if [ $got -ne "$wanted" ] || ! grep -qF -- "$text" said; then
        echo "FAIL: $*: exit $got, expected $wanted and '$text'; it said:"
        cat said
        failed=1
    else
        echo "ok: $*: $text"
    fi
}

replay="./claimcheck replay --on live"

./example >lines || failed=1
ends 0 "ok: 0 failed" ./live_smoke

# Planted faults of the observation.
for fault in $FAULTS; do
    ends 1 "violation" $replay --fault "$fault" $case
done
ends 0 " 0 skipped" $replay $case
ends 2 "no such planted fault" $replay --fault none-such $case
if [ "$NODES" -ne 1 ]; then
    ends 1 " >  8  decrease d1 4" $replay --release 4.22 $case
    ends 0 " 0 skipped, 0 violations" ./claimcheck generate --run --on live \
         --steps 500
    exit $failed
fi

# Another release's rules are not this Xen's, and the step is named.
ends 1 " >  5  decrease d1 3" $replay --release 4.22 $grow
ends 1 " >  6  claim d1 100" $replay --release 4.22 $leak
ends 1 "DEAD-CLAIM/claim" $replay --release 4.22 $leak

# After SIGKILL and SIGTERM: no domain is left and no claim, or the next one
# would be refused.
./live_smoke --die
sleep 1
ends 0 " 0 violations" $replay $case
./live_smoke --wait &
sleep 1
ends 77 "other domains exist" $replay $case
ends 0 " 0 violations" $replay --force $grow
kill -TERM $!
sleep 1
./claimcheck generate --run --on live --steps 1000000 >/dev/null 2>&1 &
sleep 3
kill -TERM $!
wait $!
ends 0 " 0 violations" $replay $case

# Weaknesses that lose memory: the whole story of each.
ends 0 "[dying-claim]" $replay $leak
ends 77 "claims are outstanding" $replay $case
ends 0 " 0 violations" $replay --force $case
ends 0 "ok: 0 failed" ./live_smoke --offline
grep -v '^ok' said
exit $failed
