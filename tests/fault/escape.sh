#!/usr/bin/env bash
# escape.sh WAY: an image that took its worker over gets nowhere. It is refused
# what it tries and named with that; every other output is a clean run's, and
# nothing else is anywhere. (grab: beyond what --memory leaves to one worker.)
. "$(dirname "$0")/../support/batch.sh"

way=$1
status=damaged
order=$way
flags=(--jobs-per-worker 1)
needs=seccomp
case $way in
open) order="open $work/out" cause='cannot open a file: EACCES' ;;
socket) cause='cannot make a socket: EPERM' ;;
exec) cause='cannot run a program: E' needs=landlock ;;
fork) cause='cannot fork: EPERM' ;;
kill-parent) cause='cannot kill its parent: EPERM' ;;
fdpass) cause='cannot pass descriptors: EPERM' ;;
fdpass-open)
    order=fdpass status=internal cause='could pass descriptors' needs=
    flags+=(--sandbox off)
    ulimit -n 64
    ;;
fork-open)
    order=fork status=internal cause='could fork' needs=
    flags+=(--sandbox off)
    ;;
flood) status=crash cause='more than it waits to be answered' needs= ;;
grab)
    order='grab 8589934592' cause='cannot grab memory: ENOMEM' needs=memory
    flags+=(--memory 200M)
    ;;
*) complain "no way is called $way" ;;
esac

has=$("$MILL_EVIL" --version | grep '^sandbox:')
case ,$needs,$has in
*"no ${needs:-?}"*)
    echo "skipped: $has"
    exit 77
    ;;
esac

draw_set "$work/in"
good=$(count_files "$work/in")
convert=(convert "$work/in" -f png --name '{stem}-{srcext}.{ext}' --resize 50%)
run clean 60 "$MILL_EVIL" "${convert[@]}" -o "$work/clean" --backend serial
expect_code clean 0

printf 'EVIL %s\n' "$order" >"$work/in/kpic.evil"
before=$(find "$work/in" -printf '%p %m %s %T@\n' | sort)
run "$way" 30 "$MILL_EVIL" "${convert[@]}" -o "$work/out" -j 2 --order input \
    --backend process "${flags[@]}"
expect_only_evil "$way" "$status" "$cause"
[ "$before" = "$(find "$work/in" -printf '%p %m %s %T@\n' | sort)" ] ||
    complain "$way: the inputs have changed"
fault_row "an image takes its worker over: $way" process \
    "$(count_verdict "$way" "$status")" $((good - $(count_files "$work/out")))
finish "$way: refused"
