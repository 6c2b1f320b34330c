#!/usr/bin/env bash
# interrupt.sh SIGNAL BACKEND: Ctrl-C or a polite end in mid-batch. What is at
# hand is finished, nothing new begins, what is there is whole.
. "$(dirname "$0")/../support/batch.sh"

signal=$1 backend=$2
mkdir -p "$work/in"
for i in 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29; do
    printf 'EVIL slow 500\n' >"$work/in/$i.evil"
done
printf 'EVIL picture 64 48\n' >"$work/picture.evil"
run clean 60 "$MILL_EVIL" convert "$work/picture.evil" -o "$work/clean" -f png
expect_code clean 0

some_done() {
    [ "$(find "$work/out" -name '*.png' 2>/dev/null | wc -l)" -ge 2 ]
}

start int "$MILL_EVIL" convert "$work/in" -o "$work/out" -f png \
    --backend "$backend" -j 2
until_true 20 some_done || complain "two images should be done by now"
landed=0
kill -s "$signal" "$started" && landed=1 || complain "nobody to interrupt"
ended int 20

case $signal in
INT) expect_code int 130 ;;
TERM) expect_code int 143 ;;
esac
expect_no_traces int
written=$(count_files "$work/out")
[ "$written" -lt 20 ] || complain "the batch was over before the signal"
[ "$(count_verdict int done)" = "$written" ] ||
    complain "done in the report: not $written"
[ "$(verdicts int | wc -l)" = 20 ] ||
    complain "not every image is in the report"
for file in "$work"/out/*; do
    cmp -s "$file" "$work/clean/picture.png" || complain "$file is not whole"
done
fault_row "SIG$signal in mid-batch" "$backend" "$landed" 'none begun'
finish "$signal, $backend: $written of 20 done, all whole"
