#!/usr/bin/env bash
# twice.sh SIGNAL: the second Ctrl-C does not wait. Workers are killed, their
# images are told as stopped, and nothing half-made is left.
. "$(dirname "$0")/../support/batch.sh"

mkdir -p "$work/in"
for i in 10 11 12 13 14 15; do
    printf 'EVIL slow 60000\n' >"$work/in/$i.evil"
done

sleeping() {
    local at
    at=($(children_named evil-slow))
    [ "${#at[@]}" = 2 ]
}

told() {
    grep -q 'finishing the images in flight' "$work/twice.err"
}

start twice "$MILL_EVIL" convert "$work/in" -o "$work/out" -f png -j 2 \
    --timeout 0 --resume "$work/journal"
until_true 20 sleeping || complain "two workers should sleep by now"
kill -s "$1" "$started"
until_true 10 told || complain "the first signal was not heard"
sleep 0.2
gone "$started" && complain "the first signal did not wait"
kill -s "$1" "$started"
ended twice 10

expect_code twice $((128 + $(kill -l "$1")))
expect_no_traces twice
[ "$(count_files "$work/out")" = 0 ] || complain "something was written"
grep -c '"status":"failed","cause":"stopped"' "$work/twice.json" |
    grep -qx 2 || complain "not two images were stopped"
grep -c '"status":"left","cause":"stopped"' "$work/twice.json" |
    grep -qx 4 || complain "not four images were left"
grep -q '"done":0,"skipped":0,"failed":2,"left":4,' \
    "$work/twice.json" || complain "the summary does not say so"
fault_row "SIG$1 twice in mid-batch" process 2 'the rest'
finish "$1 twice: the images in flight are stopped"
