#!/usr/bin/env bash
# spilled.sh kill|error: outputs that go to their files as they come. kill:
# SIGKILL to the mill at the writes; what is there is whole, and nothing else is
# there. error: a call on the way of one fails, which costs that one alone.
. "$(dirname "$0")/../support/batch.sh"

strace -qq -o /dev/null true 2>/dev/null || {
    echo "skipped: strace may not trace here"
    exit 77
}
# Leaks cannot be looked for in a program that is traced.
export ASAN_OPTIONS=detect_leaks=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}

all=3
[ "$1" = kill ] || all=8
mkdir "$work/in"
for ((i = 0; i < all; i++)); do
    draw 64 64 "$i" >"$work/in/$i.ppm"
done
# Each output: 3 MB, which goes in parts of half of one.
flags=(--resize 1000x1000,fit=fill,enlarge=yes -j 1 --memory 43M
    --progress none)
run clean 60 "$MILL" convert "$work/in" -o "$work/clean" "${flags[@]}"
expect_code clean 0

# traced NAME STRACE'S OPTION…: leaves the log of its calls.
traced() {
    local name=$1
    shift
    rm -rf "$work/out" "$work/log"
    run "$name" 60 strace -f -qq -o "$work/log" \
        -e trace=write,ftruncate,fcntl,linkat,syncfs "$@" \
        "$MILL" convert "$work/in" -o "$work/out" "${flags[@]}"
}

in_parts() {
    grep -qE 'write\([0-9]+, .*, 524288\)' "$work/log"
}

kill_at() {
    traced kill -e inject=write:signal=KILL:when="$1"
    [ "$code" = 137 ] || complain "write $1: nobody was killed (code $code)"
    seen_hangs=$((seen_hangs - 1)) # its 137 is no deadline's
    until_true 2 no_child
    expect_no_traces "write $1"
    expect_whole "write $1" "$work/out" "$work/clean"
    [ "$(count_files "$work/out")" -lt "$all" ] || complain "write $1: too late"
    in_parts && landed=$((landed + 1))
}

# ended_well WHAT DONE: so many are done and there, and whole, and one in parts.
ended_well() {
    expect_no_traces "$1"
    expect_whole "$1" "$work/out" "$work/clean"
    [ "$(count_verdict error 'done')" = "$2" ] &&
        [ "$(count_files "$work/out")" = "$2" ] ||
        complain "$1: not $2 are done"
    in_parts || complain "$1: nothing went in parts"
    grep -qE "$1(\(| resumed).*INJECTED" "$work/log" ||
        complain "$1: it did not fail"
    landed=$((landed + 1))
}

# Of each thread the seventh such call: the writer's is for its seventh image,
# and the main thread, which is the lane, has no more than six before its first.
fail_at() {
    traced error -e inject="$1:error=EIO:when=7"
    expect_code error 1
    ended_well "$1" $((all - 1))
    [ "$(grep -c '\.ppm: cannot write: .*: Input/output error$' \
        "$work/error.err")" = 1 ] ||
        complain "$1: no message names one image and the cause"
}

# What is synced in the end is found out with the first output, before its first
# part, which is the lane's sixth call. If that fails the output is held, and
# comes as small ones do. Of three images the writer has fewer calls.
fail_sync() {
    flags+=(--sync batch)
    rm "$work"/in/[3-7].ppm
    traced error -e inject=fcntl:error=EIO:when=6
    expect_code error 0
    ended_well fcntl 3
    [ "$(grep -c 'syncfs(' "$work/log")" = 1 ] ||
        complain "the file system was not synced, once"
}

landed=0
if [ "$1" = kill ]; then
    for n in 1 3 6 7 9 14; do
        kill_at "$n"
    done
    [ "$landed" -gt 2 ] || complain "only $landed kills at an output's parts"
    fault_row 'SIGKILL to the mill while outputs are written as they come' \
        process "$landed" 'the rest'
else
    flags+=(--backend serial)
    for call in ftruncate fcntl linkat; do
        fail_at "$call"
    done
    fail_sync
    fault_row 'a call fails while outputs are written as they come' serial \
        "$landed" 0
fi
finish "$1: $landed times among an output's parts"
