#!/bin/sh
# What the dashboard adds to a release binary: builds the same small program with it and
# without, as `cargo build --release` does, and fails where the difference is above 1 MB.
set -eu
cd "$(dirname "$0")/.."
most=1000000
program=${CARGO_TARGET_DIR:-target}/release/triggerfish-size

# size FLAGS..: the bytes of the program, as it is and without its symbols.
size() {
    cargo build --quiet --release -p triggerfish-size "$@"
    strip -o "$program.stripped" "$program"
    for file in "$program" "$program.stripped"; do
        wc -c <"$file"
    done | tr '\n' ' '
}

with=$(size)
without=$(size --no-default-features)
printf 'with %s\nwithout %s\n' "$with" "$without" | awk -v most="$most" '
    { printf "%-8s %9d bytes, stripped %9d\n", $1, $2, $3; whole[NR] = $2; stripped[NR] = $3 }
    END {
        printf "the dashboard adds %d bytes, stripped %d\n", whole[1] - whole[2], stripped[1] - stripped[2]
        exit whole[1] - whole[2] > most
    }'
