#!/bin/sh
# SPDX-License-Identifier: MIT
# In dom0 of a real Xen, all in one boot: whose rules it follows, the interface,
# cleaning up, and that a disagreement is found where there is one. Prints what
# failed; exit 1. The last part loses memory for good.
#   XEN, NODES and FAULTS (planted ones) are in the environment
set -u
failed=0
case=corpus/litmus/api-toolstack-sequence.claim
[ "$NODES" -eq 1 ] || case=corpus/litmus/claim-spent-on-both-nodes.claim
grow=corpus/litmus/weakness-grow-on-free.claim
leak=corpus/litmus/weakness-dying-claim-leaks-on-any-host.claim
reserved=corpus/matrix/create-reserved-domids.claim
versions=corpus/litmus/control-version-before.claim

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

# gone NAME: when no such program runs, nor the guardian of one that died
gone()
{
    sleep 1
    while grep -qsx "$1" /proc/[0-9]*/comm; do
        sleep 1
    done
}

# xl COMMAND FILE [NAME=VALUE...]: xl on this Xen, or over the stub
xl_says()
{
    command=$1 file=$2
    shift 2
    env "$@" ./xl "$command" 2>said | tr -s ' \t' '  ' >"$file"
    [ -s "$file" ] && return
    echo "FAIL: xl $command:"
    cat said
    failed=1
}

# The same lines, but for what the guest's machine is and for domids.
compare_xl()
{
    for command in info list claims; do
        xl_says "$command" here LD_PRELOAD=./libno_xenstore.so
        xl_says "$command" stub CLAIMCHECK_HOST="pages=16384" \
                LD_PRELOAD="./libclaimcheck-xen.so ./libno_xenstore.so"
        for file in here stub; do
            if [ "$command" = info ]; then
                sed 's/ *:.*//' $file >$file.names
                grep -E "^(nr_|outstanding|xen_(major|minor|caps|sch|page)|platform)" $file
            else
                sed -n '1p; s/^d[1-7] [1-7] /dN N /p' $file
            fi >$file.lines
        done
        if diff stub.lines here.lines &&
           { [ "$command" != info ] || diff stub.names here.names; }; then
            echo "ok: xl $command says the same here as over the stub"
        else
            echo "FAIL: xl $command differs"
            failed=1
        fi
    done
}

replay="./claimcheck replay --on live"
generate="./claimcheck generate --run --on live"

# Rules of other releases, and the step where they must fail.
case $XEN in
4.17) fits="fits: 4.17" others="4.22|$grow| >  5  decrease d1 3
4.22|$leak| >  6  claim d1 100
4.22|$leak|DEAD-CLAIM/claim
4.22|$reserved| >  1  domctl caller=dom0 abi=64 cmd=createdomain version=0 domid=d0
4.18|$versions| >  1  domctl caller=dom0 abi=64 cmd=getdomaininfo version=255" ;;
4.20) fits="fits: 4.19.5 4.20.3" others="4.17|$grow| >  5  decrease d1 3
4.17|$leak| >  6  claim d1 100
4.22|$reserved| >  1  domctl caller=dom0 abi=64 cmd=createdomain version=0 domid=d0
4.21.1|$versions| >  2  sysctl caller=dom0 abi=64 cmd=physinfo version=255
4.22|$versions| >  1  domctl caller=dom0 abi=64 cmd=getdomaininfo version=255" ;;
esac

# First of all: automatic domids, which it asks for, must still be small.
ends 0 "$fits" ./claimcheck probe --on live
ends 0 "ok: 0 failed" ./live_smoke

# The toolstack example, with a libxenctrl that this Xen takes.
toolstack=./example library=./libclaimcheck-xen.so
if [ -d newer ]; then
    toolstack="newer/ld-linux-x86-64.so.2 --library-path newer newer/example"
    library=newer/libclaimcheck-xen.so
fi
if [ "$XEN" = 4.17 ] || [ -d newer ]; then
    $toolstack >lines || failed=1
    # Recorded in front of this Xen: the same lines, and a case that holds here,
    # and on the stub by this release's rules.
    ends 0 "destroyed" env LD_PRELOAD=$library CLAIMCHECK_ON=live \
         CLAIMCHECK_RECORD=recorded.claim $toolstack
    diff lines said || failed=1
    for on in "--on live" ""; do
        ends 0 " 0 violations, 0 met a known weakness, 0 skipped" \
             ./claimcheck replay $on recorded.claim
    done
    grep "^claim d1 48  *= 0" recorded.claim || failed=1
fi
[ "$XEN" = 4.17 ] || ends 1 "create: Permission denied" ./example
[ ! -x xl ] || compare_xl

# Planted faults of the observation.
for fault in $FAULTS; do
    ends 1 "violation" $replay --fault "$fault" $case
done
ends 0 " 0 skipped" $replay $case
ends 2 "no such planted fault" $replay --fault none-such $case
if [ "$NODES" -ne 1 ]; then
    ends 1 " >  8  decrease d1 4" $replay --release 4.22 $case
    ends 0 " 0 skipped, 0 violations" $generate --steps 500
    exit $failed
fi

# Another release's rules are not this Xen's, and the step is named.
while IFS='|' read -r release file text; do
    ends 1 "$text" $replay --release "$release" "$file"
done <<END
$others
END
ends 1 " > " $generate --release "${others%%|*}" --steps 20000

# After SIGKILL and SIGTERM: no domain is left and no claim, or the next one
# would be refused; and no page is out of use.
./live_smoke --die
gone live_smoke
[ "$XEN" = 4.17 ] || ends 0 "ok: 0 failed" ./live_smoke --back
ends 0 " 0 violations" $replay $case
./live_smoke --wait >waits &
while kill -0 $! && ! grep -q "claim 2000" waits; do
    sleep 1
done
ends 77 "other domains exist" $replay $case
ends 0 " 0 violations" $replay --force $case
[ "$XEN" = 4.17 ] || ends 1 "FAIL: 2 failed" ./live_smoke --back
kill -TERM $!
gone live_smoke
[ "$XEN" = 4.17 ] || ends 0 "ok: 0 failed" ./live_smoke --back
for signal in KILL TERM; do
    $generate --steps 1000000 >/dev/null 2>&1 &
    sleep 3
    kill -$signal $!
    wait $!
    gone claimcheck
    ends 0 " 0 violations" $replay $case
done

# Weaknesses that lose memory: the whole story of each.
if [ "$XEN" = 4.17 ]; then
    ends 0 "[dying-claim]" $replay $leak
    ends 77 "claims are outstanding" $replay $case
    ends 0 " 0 violations" $replay --force $case
fi
ends 0 "ok: 0 failed" ./live_smoke --offline
grep -v '^ok' said
exit $failed
