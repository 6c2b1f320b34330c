# Signals: what is in flight is finished, the rest is left.
mkdir in
ppm 1500 1500 >in/0.ppm
for i in $(seq 300); do
    ln in/0.ppm "in/$i.ppm"
done

# stopped SIGNAL CODE
stopped() {
    local deadline=$((SECONDS + 20)) pid
    env --default-signal=INT "$IMGMILL" convert in -o "out$1" -f png \
        --blur 20 --json=log >"$out" 2>"$err" &
    pid=$!
    until [ -s log ] || [ "$SECONDS" -ge "$deadline" ]; do
        sleep 0.05
    done
    kill -s "$1" "$pid"
    wait "$pid"
    code=$?
    code_is "$2" "SIG$1"
    says 'finishing the images in flight'
    grep -q '"status":"left"' log
    verdict 'some are left'
    [ "$(grep -c '"status":"done"' log)" = "$(find "out$1" -type f | wc -l)" ]
    verdict 'those that are done are there, and nothing else'
    rm -f log
}

stopped INT 130
stopped TERM 143

# An input that never answers cannot be woken: the third time is without it.
mkfifo silent
sleep 60 >silent &
writer=$!
ppm 800 600 >first.ppm
env --default-signal=INT "$IMGMILL" convert first.ppm - -o late -f png \
    --readers 1 --order input -j 1 --print <silent >"$out" 2>"$err" &
pid=$!
# heard TEXT: in the end.
heard() {
    local deadline=$((SECONDS + 20))
    until grep -qF "$1" "$out" "$err" || [ "$SECONDS" -ge "$deadline" ]; do
        sleep 0.05
    done
}
# Its reader goes on to the silent one before the first is done.
heard 'late/first.png'
kill -INT "$pid"
heard 'again to stop now'
says 'again to stop now'
kill -INT "$pid"
heard 'a third time ends without it'
says 'a third time ends without it'
sleep 1.1
[ "$(grep -c 'a third time' "$err")" = 1 ]
verdict 'and once'
kill -INT "$pid"
wait "$pid"
code=$?
code_is 130 'ended by it'
holds 'while its input is silent still' kill "$writer"
