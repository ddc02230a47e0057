#!/bin/sh
# SPDX-License-Identifier: MIT
# Cleaning up, on another Xen than vm.sh's: a run that is killed while it holds a
# domain, a claim and a mapping leaves nothing, or the next would be refused.
#   cleanup.sh SOURCE_DIR BINARY_DIR XEN
set -u
source=$1 binary=$2 xen=$3

exec "$source/scripts/xen-vm" --xen "$xen" --verbose \
    --put "$binary/live_smoke" --put "$binary/claimcheck" \
    --put "$source/corpus/litmus/api-toolstack-sequence.claim=case.claim" -- sh -c '
        failed=0
        clean()
        {
            sleep 1
            ./claimcheck replay --on live case.claim >said 2>&1 && grep -q " 0 violations" said && return
            echo "FAIL: after $1:"
            cat said
            failed=1
        }
        ./live_smoke --die
        clean "SIGKILL of a program that holds all"
        ./live_smoke --wait &
        sleep 1
        if ./claimcheck replay --on live case.claim >said 2>&1 || ! grep -q "other domains exist" said; then
            echo "FAIL: a host that is in use is not refused"
            failed=1
        fi
        kill -TERM $!
        clean SIGTERM
        for signal in KILL TERM; do
            ./claimcheck generate --run --on live --steps 1000000 >/dev/null 2>&1 &
            sleep 3
            kill -$signal $!
            wait $!
            clean "SIG$signal of generated programs"
        done
        echo "cleanup: $failed failed"
        exit $failed'
