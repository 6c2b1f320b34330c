#!/usr/bin/env bash
# alloc.sh LIBRARY BACKEND mill|workers: the N-th allocation of the mill, or of
# its workers, fails; once, or with all behind it; for N = 1, 2, … until a run
# asks for fewer. Nobody crashes or hangs, whoever has no memory says so, and
# what is written is whole. About twenty N of each kind, from a seed on
# (IMGMILL_TEST_SEED), or all with IMGMILL_TEST_FULL=1.
. "$(dirname "$0")/../support/batch.sh"

library=$1 backend=$2 who=$3
[ "$backend" = openmp ] && ldd "$MILL" | grep -q libomp && {
    echo "skipped: LLVM's OpenMP aborts, crashes or hangs without memory"
    exit 77
}
seed=${IMGMILL_TEST_SEED:-1}
cd "$(dirname "$0")/../../samples/tiny" || exit 1
convert=(convert metadata.jpg progressive.jpg png/metadata.png
    png/rgba-16-interlaced.png pnm/rgba.pam --flat --resize 12x12 --rotate 90
    --name '{stem}-{srcext}.{ext}' -j 2 --backend "$backend")
inputs=5
run clean 60 "$MILL" "${convert[@]}" -o "$work/clean"
expect_code clean 0

# failing N once|on: a run in which it fails; $landed says how often, of
# $asked. When
# libgomp ends the program, its descriptors are still open: not counted there.
failing() {
    local preload=$library
    [ "$backend" = openmp ] || preload+=:${MILL_AT_EXIT:-}
    local set=(env "MILL_TEST_ALLOC=$work/counts" "MILL_TEST_ALLOC_AT=$1"
        "LD_PRELOAD=$preload")
    [ "$2" = on ] && set+=("MILL_TEST_ALLOC_ON=1")
    [ "$who" = workers ] && set+=("MILL_TEST_ALLOC_CHILDREN=1")
    rm -rf "$work/out" "$work/failing.json"
    run failing 30 "${set[@]}" "$MILL" "${convert[@]}" -o "$work/out"
    read -r asked landed < <(od -An -t u8 "$work/counts")
}

# What must hold of such a run, whatever was denied. A thread that cannot start
# is called EAGAIN by the C library, a nursery without memory is simply gone,
# and libgomp, when it has none, ends the program itself: then there is no
# report, but what is written is whole.
reason='memory|cannot start [0-9]+ threads|starts workers is gone'
judge() {
    local done lines whole
    case $code in
    0 | 1 | 5) ;;
    *)
        complain "$1: exit code $code"
        tell failing
        ;;
    esac
    whole=$(ls "$work/out" 2>/dev/null | wc -l)
    lines=0 done=0
    [ -e "$work/failing.json" ] && {
        lines=$(grep -c '^{"in"' "$work/failing.json")
        done=$(count_verdict failing done)
    }
    [ "$whole" = 0 ] || expect_whole "$1" "$work/out" "$work/clean"
    [ "$backend" = openmp ] && [ "$code" = 1 ] &&
        grep -q '^libgomp: ' "$work/failing.err" && return
    [ "$done" = "$whole" ] ||
        complain "$1: $done done in the report, $whole outputs"
    [ "$code" != 1 ] || [ "$lines" = "$inputs" ] ||
        complain "$1: $lines lines in the report of $inputs images"
    [ "$code" != 0 ] || [ "$whole" = "$inputs" ] ||
        complain "$1: exit code 0 and $whole outputs"
    [ "$code" = 0 ] || grep -qE "$reason" "$work/failing.err" || {
        complain "$1: does not say that memory is out (code $code)"
        tell failing
    }
}

failing 1000000000 once
[ "$asked" -ge 60 ] || complain "only $asked allocations were seen"
step=$((asked / 20 + 1))
[ -n "${IMGMILL_TEST_FULL:-}" ] && step=1

all=0
for how in once on; do
    for ((n = 1 + seed % step; ; n += step)); do
        failing "$n" "$how"
        [ "$landed" != 0 ] || break
        all=$((all + 1))
        judge "allocation $n of the $who, $how"
    done
    expect_code failing 0
    expect_no_traces "all, $how"
done
[ "$all" -ge 20 ] || complain "only $all runs had a failure"
fault_row "the N-th allocation of the $who fails" "$backend" "$all" 0
finish "seed $seed: $backend, the $who: $all runs of which each lost one or more"
