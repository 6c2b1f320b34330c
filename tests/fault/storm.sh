#!/usr/bin/env bash
# storm.sh lifted|again|ruled: workers get SIGKILL every few milliseconds, for
# 5 s, or a minute with IMGMILL_TEST_FULL=1. Batch after batch runs in it: with
# the rule that stops after deaths in a row lifted, every image ends done or
# crashed; so it does with new attempts and a process for each image; with the
# rule, a batch may also stop by it. The seed is IMGMILL_TEST_SEED.
. "$(dirname "$0")/../support/batch.sh"

mode=$1
seconds=2
[ -n "${IMGMILL_TEST_FULL:-}" ] && seconds=60
RANDOM=${IMGMILL_TEST_SEED:=$$}
flags=(-f png --name '{stem}-{srcext}.{ext}' -j 3 --stats)
case $mode in
lifted) flags+=(--max-deaths 0) ;;
again) flags+=(--max-deaths 0 --retries 2 --jobs-per-worker 1) ;;
ruled) flags+=(--max-deaths 2) ;;
esac

draw_set "$work/in"
for i in 10 11 12 13 14 15 16 17 18 19; do
    printf 'EVIL slow 10\n' >"$work/in/$i.evil"
done
all=$(count_files "$work/in")
run clean 60 "$MILL_EVIL" convert "$work/in" -o "$work/clean" "${flags[@]}"
expect_code clean 0
[ -r "/proc/self/task/$$/children" ] || {
    echo "skipped: no /proc/PID/task/PID/children on this system"
    exit 77
}

# One of the workers of what was started, if there is one now. (The lists end
# without a newline, so read is never pleased with them.)
some_worker() {
    local nursery='' workers=()
    read -r nursery _ <"/proc/$started/task/$started/children"
    read -ra workers <"/proc/$nursery/task/$nursery/children"
    [ "${#workers[@]}" -gt 0 ] && worker=${workers[RANDOM % ${#workers[@]}]}
} 2>/dev/null

# Until the batch is over; one that hangs is left to its deadline.
rage() {
    local end=$((SECONDS + 30))
    while ! gone "$started" && [ "$SECONDS" -lt "$end" ]; do
        some_worker && kill -9 "$worker" 2>/dev/null
        read -rt "0.00$((RANDOM % 9 + 1))" <>"$work/never"
    done
}

check_batch() {
    local done_ left
    expect_no_traces "$1"
    expect_whole "$1" "$work/out" "$work/clean"
    done_=$(count_verdict "$1" 'done')
    left=$(grep -c '"status":"left"' "$work/$1.json")
    crashed=$(count_verdict "$1" crash)
    [ "$(grep -o '^{"in":"[^"]*"' "$work/$1.json" | sort -u | wc -l)" = \
        "$all" ] || complain "$1: not a line for each image"
    [ "$(grep -c '^{"in":' "$work/$1.json")" = "$all" ] ||
        complain "$1: more than a line for some image"
    [ $((done_ + crashed + left)) = "$all" ] ||
        complain "$1: $done_ done, $crashed crashed, $left left of $all"
    [ "$(count_files "$work/out")" = "$done_" ] ||
        complain "$1: $done_ are done, other files are there"
    case $mode-$code-$((crashed > 0))$((left > 0)) in
    *-0-00 | *-1-10 | ruled-4-*) ;;
    *) complain "$1: code $code; $crashed crashed, $left left" && tell "$1" ;;
    esac
    died=$(sed -nE 's/.* ([0-9]+) died.*/\1/p' "$work/$1.err")
    [ "$died" -ge "$crashed" ] || complain "$1: fewer deaths than crashes"
}

mkfifo "$work/never"
SECONDS=0 batches=0 deaths=0 crashes=0 stops=0
# The rule is met in every few batches: at least once.
goes_on() {
    [ "$SECONDS" -lt "$seconds" ] ||
        { [ "$mode$stops" = ruled0 ] && [ "$SECONDS" -lt 60 ]; }
}

while goes_on; do
    rm -rf "$work/out"
    mkdir "$work/out"
    start storm "$MILL_EVIL" convert "$work/in" -o "$work/out" "${flags[@]}"
    rage &
    wait $!
    ended storm 30
    check_batch storm
    batches=$((batches + 1)) deaths=$((deaths + died))
    crashes=$((crashes + crashed)) stops=$((stops + (code == 4)))
    [ "$failures" = 0 ] || break
done
[ "$deaths" -gt 0 ] || complain "no worker died in this storm"
[ "$mode$stops" != ruled0 ] || complain "the rule stopped no batch"
[ "$failures" = 0 ] || echo "IMGMILL_TEST_SEED=$IMGMILL_TEST_SEED" >&2
fault_row "SIGKILL to workers every few ms, $mode" process "$deaths" 0
finish "$mode: $batches batches, $deaths workers died, $crashes images with \
them, $stops batches stopped"
