#!/bin/sh
# SPDX-License-Identifier: MIT
# vm.sh, with a scripts/xen-vm that boots nothing: what a VM is given besides is
# fetched by the test itself, and a part that cannot be had is told of.
#   left_out.sh SOURCE_DIR
set -u
source=$1
out=$(mktemp -d) || exit 3
trap 'rm -rf "$out"' EXIT
failed=0
mkdir -p "$out/source/scripts" "$out/offline" || exit 3
for name in live tests scripts/lib corpus; do
    ln -s "$source/$name" "$out/source/$name" || exit 3
done
cat >"$out/source/scripts/xen-vm" <<'END'
#!/bin/sh
echo "xen-vm $*"
while [ "$1" != --out ]; do shift; done
cp "$EXPECTED" "$2/lines"
END
printf '#!/bin/sh\necho no network\nexit 100\n' >"$out/offline/apt-get"
chmod +x "$out/source/scripts/xen-vm" "$out/offline/apt-get"
export EXPECTED="$source/tests/live/toolstack_sequence.expected"

# says YES_OR_NO TEXT: is it in what vm.sh said?
says()
{
    grep -qE -- "$2" "$out/said" && is=yes || is=no
    [ $is = "$1" ] && return
    echo "FAIL: '$2': $is, expected $1; it said:"
    cat "$out/said"
    failed=1
}

# vm XEN [NAME=VALUE]
vm()
{
    xen=$1
    shift
    env "$@" "$source/tests/live/vm.sh" "$xen" 1 "$out/source" build \
        >"$out/said" 2>&1 && return
    echo "FAIL: vm.sh $xen"
    cat "$out/said"
    failed=1
}

vm 4.17 PATH="$out/offline:$PATH"
says yes "^left out: xl: no network"
says no "--put [^ ]*/xl "
vm 4.20 PATH="$out/offline:$PATH"
says yes "^left out: the example with 4.20's libraries: .*no Debian mirror"
says no "--put [^ ]*/newer "

bin=$out/source/build/xen-programs/xen-utils-4.17/usr/lib/xen-4.17/bin
mkdir -p "$bin" && cp "$(command -v env)" "$bin/xl" || exit 3
vm 4.17
says no "^left out"
says yes "--put $bin/xl "

exit $failed
