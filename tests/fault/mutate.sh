#!/usr/bin/env bash
# mutate.sh MUTANTS: damaged copies of all samples, by threads and by processes.
# Each has its line in the report, word for word the same in both; so are the
# bytes of what is written, and each output is an image that can be read again.
# No worker dies of a mutant, none takes too long or too much memory. One mutant
# in forty (IMGMILL_TEST_SHARE) by seed (IMGMILL_TEST_SEED), or all with
# IMGMILL_TEST_FULL=1.
. "$(dirname "$0")/../support/batch.sh"

mutants=$1
seed=${IMGMILL_TEST_SEED:-1}
share=${IMGMILL_TEST_SHARE:-40} chunk=6000
[ -n "${IMGMILL_TEST_FULL:-}" ] && share=1
cd "$(dirname "$0")/../../samples" || exit 1
mapfile -t samples < <(cut -d ' ' -f 1 MANIFEST)

# convert_all BACKEND DEADLINE: all mutants of this round, to $work/out.
convert_all() {
    rm -rf "$work/out"
    run "$1" "$2" "$MILL" convert --files-from "$work/list" -o "$work/out" \
        --flat --name '{stem}.{ext}' --resize 16x16 --compression fast -j 2 \
        --backend "$1" --timeout 20 --memory 512M
    [ "$code" -le 1 ] || expect_code "$1" '0 or 1'
    expect_no_traces "$1"
    [ "$(sayings "$1" | tee "$work/$1.said" | wc -l)" = "$n" ] ||
        complain "$1: not $n lines in the report"
    grep -E '"cause":"(crash|timeout|memory|environment|internal)"' \
        "$work/$1.said" >&2 && complain "$1: what no mutant may do"
}

all=0 done=0
while :; do
    rm -rf "$work/mutants" "$work/first"
    mkdir "$work/mutants"
    "$mutants" "$work/mutants" "$seed" "$share" "$all" "$chunk" \
        "${samples[@]}" >"$work/list" || complain "no mutants"
    n=$(wc -l <"$work/list")
    [ "$n" -gt 0 ] || break
    all=$((all + n))

    convert_all openmp 300
    mkdir -p "$work/out"
    mv "$work/out" "$work/first"
    convert_all process 300
    mkdir -p "$work/out"
    diff "$work/openmp.said" "$work/process.said" >"$work/diff" || {
        complain "the backends do not say the same"
        head -n 6 "$work/diff" >&2
    }
    diff -rq "$work/first" "$work/out" >"$work/diff" || {
        complain "the backends do not write the same"
        head -n 6 "$work/diff" >&2
    }
    whole=$(count_files "$work/out")
    [ "$(count_verdict process done)" = "$whole" ] ||
        complain "done and outputs differ in number"
    done=$((done + whole))
    [ "$whole" = 0 ] && continue
    run again 300 "$MILL" convert "$work/out" -f pnm -o "$work/again" --flat \
        --name '{stem}-{srcext}.{ext}' --backend openmp -j 2
    expect_code again 0
    rm -rf "$work/again"
done
[ "$done" -gt $((all / 10)) ] || complain "only $done of $all can be read"
[ "$(most_kb)0" -lt 6000000 ] || complain "a process held $(most_kb) KB"
fault_row "a cut or a flipped bit" 'openmp, process' "$all" 0
finish "seed $seed: $all mutants, $done of them readable, $(most_kb) KB at most"
