#!/usr/bin/env bash
# stopped.sh signal|terminal: the mill is stopped for longer than --timeout in
# mid-image, by SIGSTOP or by Ctrl-Z in a real terminal, and goes on. No image
# fails by that: not the one that ended meanwhile, nor the one that goes on.
. "$(dirname "$0")/../support/batch.sh"

way=$1
[ "$way" = signal ] || command -v tmux >/dev/null || {
    echo "skipped: no tmux, so no terminal"
    exit 77
}
mkdir -p "$work/in"
printf 'EVIL slow 400\n' >"$work/in/a.evil"
printf 'EVIL slow 1200\n' >"$work/in/b.evil"
for i in c d e f; do
    printf 'EVIL slow 10\n' >"$work/in/$i.evil"
done
flags=(convert "$work/in" -o "$work/out" -f png -j 2 --order input)
printf 'EVIL picture 64 48\n' >"$work/picture.evil"
run clean 60 "$MILL_EVIL" convert "$work/picture.evil" -o "$work/clean" -f png
expect_code clean 0

# Without a stop the deadline is real: b alone is too slow for 0.8 s.
run late 30 "$MILL_EVIL" "${flags[@]}" --timeout 0.8
expect_code late 1
[ "$(count_verdict late timeout)" = 1 ] || complain "b.evil was in time"
rm -rf "$work/out"

both_at_it() {
    [ "$(children_named evil-slow | wc -l)" = 2 ]
}

state() {
    sed -nE 's/^State:\t(.).*/\1/p' "/proc/$1/status"
}

stopped() {
    [ "$(state "$mill")" = T ]
}

stop_with_signal() {
    start stopped "$MILL_EVIL" "${flags[@]}" --timeout 2
    mill=$started
    until_true 10 both_at_it || complain "two workers should be at it"
    kill -s STOP "$mill"
    until_true 5 stopped || complain "the mill did not stop"
    sleep 2.5
    kill -s CONT "$mill"
    ended stopped 20
}

# A shell with job control in a terminal of its own; the mill's code is the last
# thing it says.
in_terminal() {
    tmux -L "$tag" "$@"
}

stop_with_ctrl_z() {
    cat >"$work/shell" <<EOF
set -m
${tagged[@]@Q} ${MILL_EVIL@Q} ${flags[@]@Q} --timeout 2 \
    --json=$work/stopped.json 2>$work/stopped.err
sleep 2.5
fg
echo \$? >$work/code
EOF
    in_terminal -f /dev/null new-session -d "bash --norc $work/shell"
    until_true 10 both_at_it || complain "two workers should be at it"
    mill=$(children_named "$(basename "$MILL_EVIL")")
    in_terminal send-keys C-z
    until_true 5 stopped || complain "the mill did not stop"
    for worker in $(children_named evil-slow); do
        [ "$(state "$worker")" != T ] || complain "Ctrl-Z stopped a worker"
    done
    until_true 20 test -s "$work/code" || complain "it never ended"
    in_terminal kill-server 2>/dev/null
    code=$(cat "$work/code")
}

case $way in
signal) stop_with_signal ;;
terminal) stop_with_ctrl_z ;;
esac
expect_code stopped 0
expect_no_traces stopped
[ "$(count_verdict stopped 'done')" = 6 ] || complain "not all six are done"
for file in "$work"/out/*; do
    cmp -s "$file" "$work/clean/picture.png" || complain "$file is not whole"
done
fault_row "the mill is stopped for longer than --timeout, $way" process 1 0
finish "$way: stopped for longer than --timeout, and nothing failed"
