#!/usr/bin/env bash
# threads.sh crash|exit|error|loop|member: an image faults while several threads
# are at it, in the middle of its rows. It costs that image and nothing else.
# member: a thread of its crew gets the signal, not the one that decodes.
. "$(dirname "$0")/../support/batch.sh"

fault=$1
status=crash flags=() row=
case $fault in
crash) order=crash cause=SIGSEGV ;;
exit) order='exit 3' cause='code 3' ;;
error) order='error on command' cause='on command' status=damaged ;;
loop) order=loop cause= status=timeout flags=(--timeout 1) ;;
member) order='slow 5000' cause=SIGSEGV row='SIGSEGV to a helper' ;;
esac

draw_set "$work/in"
cp "$work/in/ppic9.png" "$work/in/zpic.png"
good=$(count_files "$work/in")
run clean 60 "$MILL_EVIL" convert "$work/in" -o "$work/clean" -f png \
    --name '{stem}-{srcext}.{ext}' --resize 90% --backend serial
expect_code clean 0

# The threads beside the one that sleeps. (A sanitizer may have one more.)
members() {
    local worker task
    for worker in $(children_named evil-slow); do
        for task in "/proc/$worker/task"/*; do
            grep -qsx mill-worker "$task/comm" && echo "${task##*/}"
        done
    done
}

two_members() {
    found=($(members))
    [ "${#found[@]}" -ge 2 ]
}

printf 'EVIL half %s\n' "$order" >"$work/in/kpic.evil"
start "$fault" "$MILL_EVIL" convert "$work/in" -o "$work/out" -f png \
    --name '{stem}-{srcext}.{ext}' --resize 90% -j 2 --order input \
    --threads 3 "${flags[@]}"
if [ "$fault" = member ]; then
    until_true 20 two_members || complain "a crew of three has no two helpers"
    { [ -n "${found[1]:-}" ] && kill -SEGV "${found[-1]}"; } ||
        complain "nobody to signal"
fi
ended "$fault" 30
expect_only_evil "$fault" "$status" "$cause"
fault_row "among three threads: ${row:-$order}" process \
    "$(count_verdict "$fault" "$status")" $((good - $(count_files "$work/out")))
finish "$fault: one image"
