#!/bin/sh
# SPDX-License-Identifier: MIT
# scripts/live, a short run: it holds, and its summary tells what is to be told:
# which Xen ran, whose rules judged, and the weaknesses of that release.
#   live.sh SOURCE_DIR CLAIMCHECK XEN
set -u
source=$1 claimcheck=$2 xen=$3
case $xen in
4.17) shown="dying-claim grow-on-free max-below-claim orphan-page" rules=4.17 ;;
4.20) shown="claim-lost max-below-claim orphan-page" rules=4.20.3 ;;
esac
out=$(mktemp) || exit 1
trap 'rm -f "$out"' EXIT

"$source/scripts/live" --xen "$xen" --claimcheck "$claimcheck" --steps 5000 >"$out"
code=$?
cat "$out"
[ $code -eq 0 ] || exit $code
for text in " steps on live: " " cases, " "disagreements: 0" \
            "callers other than dom0 are not offered" \
            "summary: Xen $xen." " checked by the rules of $rules;"; do
    grep -qF -- "$text" "$out" && continue
    echo "FAIL: the summary does not say '$text'"
    exit 1
done
for weakness in $shown; do
    grep -q "^  $weakness: corpus/litmus/" "$out" && continue
    echo "FAIL: the corpus does not show $weakness"
    exit 1
done
