#!/bin/sh
# SPDX-License-Identifier: MIT
# scripts/live, a short run: it holds, and its summary tells what is to be told.
#   live.sh SOURCE_DIR CLAIMCHECK
set -u
source=$1 claimcheck=$2
out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT

"$source/scripts/live" --claimcheck "$claimcheck" --steps 5000 >"$out"
code=$?
cat "$out"
[ $code -eq 0 ] || exit $code
for text in " steps on live: " " cases, " "disagreements: 0" \
            "callers other than dom0 are not offered" \
            "  dying-claim: corpus/litmus/" "  grow-on-free: corpus/" \
            "  max-below-claim: corpus/"; do
    grep -qF -- "$text" "$out" && continue
    echo "FAIL: the summary does not say '$text'"
    exit 1
done
