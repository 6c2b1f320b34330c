#!/usr/bin/env bash
# many.sh BACKEND: more files than descriptors; 2000, or 10 000 with
# IMGMILL_TEST_FULL=1.
. "$(dirname "$0")/../support/batch.sh"

n=2000
[ -n "${IMGMILL_TEST_FULL:-}" ] && n=10000
mkdir -p "$work/in"
awk -v n="$n" -v to="$work/in" 'BEGIN {
    for (i = 0; i < n; i++) {
        file = to "/" i ".ppm"
        printf "P3\n3 2\n255\n" > file
        for (k = 0; k < 18; k++)
            printf "%d ", (i * 7 + k * 31) % 256 > file
        print "" > file
        close(file)
    }
}'
ulimit -n 64
run many 250 "$MILL" convert "$work/in" -o "$work/out" -f png --backend "$1"
expect_code many 0
expect_no_traces many
[ "$(count_files "$work/out")" = "$n" ] || complain "not $n files"
[ "$(count_verdict many done)" = "$n" ] || complain "not $n are done"
fault_row "$n files, 64 descriptors" "$1" 1 $((n - $(count_files "$work/out")))
finish "$1: $n files with 64 descriptors"
