#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Builds the fuzz targets for ClusterFuzzLite and OSS-Fuzz: everything about
# compiler, sanitizer and engine comes from the environment and nothing of it
# is decided here. Puts into $OUT, per target: binary, seed corpus, dictionary,
# options. scripts/check-oss-fuzz runs this file on a plain Debian.
set -euo pipefail

source=$SRC/claimcheck
build=$WORK/claimcheck-$SANITIZER-$FUZZING_ENGINE

# Build type None: the flags given are all the flags there are.
cmake -G Ninja -S "$source" -B "$build" \
    -DCMAKE_BUILD_TYPE=None -DCLAIMCHECK_ENGINE=external \
    -DCLAIMCHECK_SANITIZE= -DCLAIMCHECK_TESTS=OFF -DCLAIMCHECK_WERROR=OFF

# The converter of the seeds must run here and now, so it is built plainly: an
# instrumented one could fail for reasons that are none of the seeds' business.
# Builds for several engines may share $WORK and run at the same time.
plain=$WORK/claimcheck-plain
exec {lock}> "$WORK/claimcheck-plain.lock"
flock "$lock"
env -u CFLAGS -u CXXFLAGS -u LDFLAGS cmake -G Ninja -S "$source" -B "$plain" \
    -DCMAKE_BUILD_TYPE=Release -DCLAIMCHECK_TESTS=OFF \
    -DCLAIMCHECK_WERROR=OFF \
    -DCMAKE_C_COMPILER="$(command -v clang || command -v clang-14)"
cmake --build "$plain" --target claimcheck
exec {lock}>&-

# Seeds of a folder as bytes, all by one process; cases whose host is too large
# to have any are left out.
convert() { # FOLDER OUT
    local from=$1 out=$2 code=0 file said texts=()
    for file in "$from"/*; do
        case $file in
        *.claim) texts+=("$file") ;;
        *) cp "$file" "$out" ;;
        esac
    done
    said=$("$plain/claimcheck" bytes "${texts[@]}" -o "$out" 2>&1) || code=$?
    if [ "$code" != 0 ] && { [ "$code" != 2 ] ||
                             grep -qv 'has no bytes' <<< "$said"; }; then
        echo "$said" >&2
        exit 1
    fi
}

for file in "$source"/harness/targets/fuzz_*.c; do
    target=$(basename "$file" .c)
    cmake --build "$build" --target "$target"
    cp "$build/$target" "$OUT/"

    # As scripts/lib/claimcheck/seeds.py: a target that takes text gets it as it
    # is; those of text and of whole programs have litmus tests besides.
    folders=("$target")
    [ "$target" != fuzz_text ] || folders+=(litmus regress)
    [ "$target" != fuzz_sequence ] || folders+=(litmus matrix regress)
    seeds=$(mktemp -d)
    for folder in "${folders[@]}"; do
        made=$(mktemp -d)
        if [ "$target" = fuzz_text ]; then
            cp "$source/corpus/$folder"/* "$made"
        else
            convert "$source/corpus/$folder" "$made"
        fi
        for seed in "$made"/*; do
            mv "$seed" "$seeds/$folder-${seed##*/}"
        done
        rmdir "$made"
    done
    rm -f "$OUT/${target}_seed_corpus.zip"
    (cd "$seeds" && zip -q "$OUT/${target}_seed_corpus.zip" -- *)
    rm -r "$seeds"

    dict=$source/dicts/$target.dict
    if [ -f "$dict" ]; then
        cp "$dict" "$OUT/"
    fi
    # A run takes microseconds; one that takes seconds is a finding.
    printf '[libfuzzer]\nmax_len = 4096\ntimeout = 10\n' > "$OUT/$target.options"
done
