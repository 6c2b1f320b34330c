#!/usr/bin/env bash
# spilled.sh: SIGKILL to the mill while an output goes to its file as it comes,
# at each of the writes. What is there is whole, and nothing else is there.
. "$(dirname "$0")/../support/batch.sh"

strace -qq -o /dev/null true 2>/dev/null || {
    echo "skipped: strace may not trace here"
    exit 77
}
# Leaks cannot be looked for in a program that is traced.
export ASAN_OPTIONS=detect_leaks=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}

mkdir "$work/in"
for i in 0 1 2; do
    draw 64 64 "$i" >"$work/in/$i.ppm"
done
# Each output: 3 MB, which goes in parts of half of one.
flags=(--resize 1000x1000,fit=fill,enlarge=yes -j 1 --memory 43M
    --progress none)
run clean 60 "$MILL" convert "$work/in" -o "$work/clean" "${flags[@]}"
expect_code clean 0

landed=0
for n in 1 3 6 7 9 14; do
    rm -rf "$work/out" "$work/log"
    run kill 60 strace -f -qq -o "$work/log" -e trace=write \
        -e inject=write:signal=KILL:when="$n" \
        "$MILL" convert "$work/in" -o "$work/out" "${flags[@]}"
    [ "$code" = 137 ] || complain "write $n: nobody was killed (code $code)"
    seen_hangs=$((seen_hangs - 1)) # its 137 is no deadline's
    until_true 2 no_child
    expect_no_traces "write $n"
    expect_whole "write $n" "$work/out" "$work/clean"
    [ "$(count_files "$work/out")" -lt 3 ] || complain "write $n: too late"
    grep -qE 'write\([0-9]+, .*, 524288\)' "$work/log" && landed=$((landed + 1))
done
[ "$landed" -gt 2 ] || complain "only $landed kills at an output's parts"
fault_row 'SIGKILL to the mill while outputs are written as they come' process \
    "$landed" 'the rest'
finish "killed at $landed parts"
