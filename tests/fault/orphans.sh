#!/usr/bin/env bash
# orphans.sh mill|nursery: SIGKILL at random moments of a batch in which workers
# loop, are stopped, sleep and work; the first comes when some loop and are
# stopped. 4 times, or 100 with IMGMILL_TEST_FULL=1. Two seconds later no
# process is left. The seed is IMGMILL_TEST_SEED.
. "$(dirname "$0")/../support/batch.sh"

victim=$1
rounds=4
[ -n "${IMGMILL_TEST_FULL:-}" ] && rounds=100
RANDOM=${IMGMILL_TEST_SEED:=$$}
draw_set "$work/in"
printf 'EVIL slow 0\n' >"$work/in/d.evil"
run clean 60 "$MILL_EVIL" convert "$work/in" -o "$work/clean" -f png \
    --name '{stem}-{srcext}.{ext}'
expect_code clean 0
printf 'EVIL loop\n' >"$work/in/a.evil"
printf 'EVIL stop\n' >"$work/in/b.evil"
printf 'EVIL slow 300\n' >"$work/in/d.evil"
printf 'EVIL loop\n' >"$work/in/ppic7-png.evil"

at_it() {
    [ -n "$(children_named evil-loop)" ] && [ -n "$(children_named evil-stop)" ]
}

# Its child of that name; another one tries the sandbox before it. The lists end
# without a newline.
find_nursery() {
    local pids pid
    read -ra pids <"/proc/$started/task/$started/children"
    for pid in "${pids[@]}"; do
        nursery=$pid
        grep -qx mill-nursery "/proc/$pid/comm" && return
    done
    return 1
} 2>/dev/null

mkfifo "$work/never"
landed=0
for ((round = 0; round < rounds; round++)); do
    ms=$((RANDOM % 250))
    rm -rf "$work/out"
    mkdir "$work/out"
    start orphans "$MILL_EVIL" convert "$work/in" -o "$work/out" -f png \
        --name '{stem}-{srcext}.{ext}' -j 4 --order input
    until_true 10 find_nursery || complain "no nursery after 10 s"
    if [ "$round" = 0 ]; then
        until_true 10 at_it || complain "nobody loops or is stopped"
    else
        read -rt "$(printf '0.%03d' "$ms")" <>"$work/never"
    fi
    case $victim in
    mill) kill -9 "$started" ;;
    nursery) kill -9 "$nursery" ;;
    esac || complain "nobody to kill"
    until_true 2 no_child || complain "after $ms ms: processes are left"
    ended orphans 10
    case $victim-$code in
    mill-137 | nursery-5) landed=$((landed + 1)) ;;
    *) complain "after $ms ms: exit code $code" && tell orphans ;;
    esac
    expect_no_traces orphans
    expect_whole orphans "$work/out" "$work/clean"
    [ "$failures" = 0 ] || break
done
[ "$failures" = 0 ] || echo "IMGMILL_TEST_SEED=$IMGMILL_TEST_SEED" >&2
fault_row "SIGKILL to the $victim at random times" process "$landed" 0
finish "killed $landed times: $victim"
