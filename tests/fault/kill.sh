#!/usr/bin/env bash
# kill.sh worker|mill|nursery: one process of a batch gets SIGKILL in mid-batch.
# A worker costs the image it was at; without the mill or the nursery the batch
# ends, and what is there is whole.
. "$(dirname "$0")/../support/batch.sh"

victim=$1
landed=0
draw_set "$work/in"
# evil MS: two pictures that take so long.
evil() {
    printf 'EVIL slow %d\n' "$1" >"$work/in/a-slow.evil"
    printf 'EVIL slow %d\n' "$1" >"$work/in/b-slow.evil"
}

flags=(-f png --name '{stem}-{srcext}.{ext}' --order input -j 2)
evil 0
all=$(count_files "$work/in")
run clean 60 "$MILL_EVIL" convert "$work/in" -o "$work/clean" "${flags[@]}"
expect_code clean 0
evil 4000

# Both are at it; $slow is one of them.
sleeping() {
    local at
    at=($(children_named evil-slow))
    slow=${at[0]:-}
    [ "${#at[@]}" = 2 ]
}

start kill "$MILL_EVIL" convert "$work/in" -o "$work/out" "${flags[@]}"
until_true 20 sleeping || complain "two workers should sleep by now"
case $victim in
worker) kill -9 "$slow" ;;
mill) kill -9 "$started" ;;
nursery) kill -9 "$(awk '/^PPid/ { print $2 }' "/proc/$slow/status")" ;;
esac && landed=1 || complain "nobody to kill"
ended kill 20

case $victim in
worker)
    expect_code kill 1
    lost=$((all - 1 - $(count_files "$work/out")))
    [ "$(count_files "$work/out")" = $((all - 1)) ] ||
        complain "not all others were written"
    [ "$(verdicts kill | grep -v $'\tdone$' | sed 's/.*[ab]-slow/slow/')" = \
        $'slow.evil\tcrash' ] || complain "not one slow image crashed"
    grep -q 'slow\.evil.*SIGKILL' "$work/kill.err" ||
        complain "the message does not say SIGKILL"
    ;;
mill)
    expect_code kill 137
    lost='the rest'
    [ "$(count_files "$work/out")" -lt "$all" ] || complain "too late"
    until_true 2 no_child # who sleeps on would not be
    ;;
nursery)
    expect_code kill 5
    lost='the rest'
    [ "$(verdicts kill | wc -l)" = "$all" ] ||
        complain "not every image is in the report"
    [ "$(grep -c 'slow\.evil: .*starts workers is gone' "$work/kill.err")" = 2 ] ||
        complain "the images at work are not told why"
    ;;
esac
expect_no_traces kill
expect_whole kill "$work/out" "$work/clean"
fault_row "SIGKILL to the $victim" process "$landed" "$lost"
finish "killed: $victim"
