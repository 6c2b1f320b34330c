#!/usr/bin/env bash
# broken.sh BACKEND: nobody takes the results any more. What is in flight is
# finished, nothing new begins, and the exit code says so.
. "$(dirname "$0")/../support/batch.sh"

n=60
mkdir -p "$work/in"
draw 300 200 1 >"$work/picture.ppm"
for ((i = 0; i < n; i++)); do
    ln "$work/picture.ppm" "$work/in/$i.ppm"
done
run clean 60 "$MILL" convert "$work/in" -o "$work/clean" -f png --blur 6
expect_code clean 0

# Exit codes of the mill and of head.
env "MILL_TEST_TAG=$tag" timeout -k 5 60 "$MILL" convert "$work/in" \
    -o "$work/out" -f png --blur 6 --print --backend "$1" -j 2 \
    --json="$work/broken.json" 2>"$work/broken.err" | head -n 1 >"$work/first"
codes="${PIPESTATUS[*]}"
[ "$codes" = '5 0' ] || complain "exit codes $codes, not 5 0"
[ -f "$(cat "$work/first")" ] || complain "the first line names no output"
grep -q 'nobody reads the results' "$work/broken.err" ||
    complain "the message does not say why"
grep -q '"stopped":"nobody reads the results","exit":5' "$work/broken.json" ||
    complain "the summary does not say why"
[ "$(verdicts broken | wc -l)" = "$n" ] ||
    complain "not every image is in the report"
[ "$(count_verdict broken stopped)" -gt 10 ] || complain "it went on"
[ "$(count_verdict broken done)" = "$(count_files "$work/out")" ] ||
    complain "done in the report is not what is there"
expect_no_traces broken
expect_whole broken "$work/out" "$work/clean"
fault_row 'nobody reads the results' "$1" 1 'none begun'
finish "$1: results that nobody reads end the batch"
