#!/bin/sh
# Fails when an event costs noticeably more with 10 000 filters than with 100.
# Counts instructions, which repeat on a busy machine too, and needs valgrind.
set -eu
cd "$(dirname "$0")/.."
limit=${1:-105} # percent

binary=$(cargo bench --features eval --bench instructions --no-run --message-format=json |
    sed -n 's/.*"executable":"\([^"]*instructions-[^"]*\)".*/\1/p' | tail -n 1)

count() { # event family filters events
    valgrind --tool=callgrind --callgrind-out-file=/dev/null "$binary" "$@" 2>&1 |
        sed -n 's/.*Collected *: *\([0-9]*\).*/\1/p'
}

per_event() { # event family filters
    # Building the set does not repeat to the digit; over so many events it no longer shows.
    echo $((($(count "$1" "$2" "$3" 4100) - $(count "$1" "$2" "$3" 100)) / 4000))
}

failed=0
for event in booking push; do
    for family in eq mix; do
        few=$(per_event $event $family 100)
        many=$(per_event $event $family 10000)
        echo "$event $family: $few instructions with 100 filters, $many with 10000: $((many * 1000 / few)) per mille"
        [ $((many * 100)) -le $((few * limit)) ] || failed=1
    done
done
exit $failed
