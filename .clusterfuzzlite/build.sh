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
    while IFS= read -r seed; do
        name=${seed//\//-}
        if [ "$target" = fuzz_text ] || [ "${seed%.claim}" = "$seed" ]; then
            cp "$source/corpus/$seed" "$seeds/$name"
        elif ! said=$("$plain/claimcheck" bytes "$source/corpus/$seed" \
                      -o "$seeds/${name%.claim}" 2>&1) &&
             [[ $said != *"has no bytes"* ]]; then # its host is too large
            echo "$said" >&2
            exit 1
        fi
    done < <(cd "$source/corpus" &&
             find "${folders[@]}" -type f ! -name '.*' | sort)
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
