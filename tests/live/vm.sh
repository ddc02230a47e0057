#!/bin/sh
# SPDX-License-Identifier: MIT
# One boot: guest.sh in dom0 of a real Xen, and the toolstack example's lines,
# which must be those that it has over the stub.
#   vm.sh XEN NODES SOURCE_DIR BINARY_DIR
set -u
xen=$1 nodes=$2 source=$3 binary=$4
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT
# Of the VM with two nodes a file is wanted that is not there: scripts/xen-vm
# says so, if all else went well.
wanted=0 more=
[ "$nodes" -eq 1 ] || { wanted=125; more='--get none-such'; }

# part NAME COMMAND...: what the VM is given besides is made by COMMAND; false:
# it cannot be had here, and why is said.
part()
{
    name=$1
    shift
    "$@" >"$out/part" 2>&1
    code=$?
    [ $code -ne 0 ] || return 0
    [ $code -eq 77 ] || { cat "$out/part"; exit 1; }
    echo "left out: $name: $(sed 's/^skipped: //' "$out/part")"
    return 1
}

# The example with 4.20's libraries.
newer=$source/build/xen-4.20/build
lib=$source/build/xen-4.20/root/usr/lib/x86_64-linux-gnu
lines=yes
if [ "$xen" = 4.17 ]; then
    programs=$source/build/xen-programs
    xl=$programs/xen-utils-4.17/usr/lib/xen-4.17/bin/xl
    [ "$nodes" -ne 1 ] || ! part xl "$source/tests/live/fetch_xl.sh" "$programs" ||
        more="$more --put $xl --put $binary/tests/live/libno_xenstore.so"
elif part "the example with 4.20's libraries" python3 \
          "$source/tests/live/newer_xen.py" "$source" "$source/build/xen-4.20"; then
    mkdir "$out/newer" || exit 1
    for name in ld-linux-x86-64 libc libz libxenctrl libxentoollog \
                libxentoolcore libxencall libxenevtchn libxengnttab \
                libxenforeignmemory libxendevicemodel; do
        cp -L "$lib/$name".so.* "$out/newer" || exit 1
    done
    cp "$newer/toolstack_sequence" "$out/newer/example" || exit 1
    cp "$newer/libclaimcheck-xen.so" "$out/newer" || exit 1
    more="$more --memory 1536 --put $out/newer"
else
    lines=no
fi
[ $lines = no ] || more="$more --get lines"
faults=$(sed -n 's/^LIVE_FAULT(\([a-z_]*\),.*/\1/p' "$source/live/faults.def")

"$source/scripts/xen-vm" --xen "$xen" --nodes "$nodes" --verbose \
    --put "$binary/live_smoke" --put "$binary/claimcheck" \
    --put "$binary/toolstack_sequence=example" \
    --put "$binary/libclaimcheck-xen.so" --put "$source/corpus" \
    --put "$source/tests/live/guest.sh" $more \
    --out "$out" -- \
    env XEN="$xen" NODES="$nodes" FAULTS="$(echo $faults)" sh guest.sh
code=$?
[ $code -eq $wanted ] || exit $((code ? code : 1))
[ $lines = yes ] || exit 0
diff "$source/tests/live/toolstack_sequence.expected" "$out/lines" || exit 1
echo "the toolstack example says the same here as over the stub"
