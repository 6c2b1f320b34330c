#!/usr/bin/env bash
# resume.sh BACKEND: a batch with a journal is killed again and again, at times
# drawn from IMGMILL_TEST_SEED within half of what a clean run takes; the last
# run ends what is left. All is there as after a clean one, and what was done
# twice is what the writers had in their hands.
. "$(dirname "$0")/../support/batch.sh"

backend=$1 writers=2 kills=3
[ -n "${IMGMILL_TEST_FULL:-}" ] && kills=20
RANDOM=${IMGMILL_TEST_SEED:=$$}
echo "seed $IMGMILL_TEST_SEED (IMGMILL_TEST_SEED)"
mkdir -p "$work/in/sub dir"
draw 450 300 1 >"$work/a.ppm"
draw 460 300 2 >"$work/b.ppm"

# As many as take some seconds: fewer of them with a sanitizer.
from=${EPOCHREALTIME/./}
run one 60 "$MILL" convert "$work/a.ppm" -o "$work/one" -f png --sharpen 1
each_us=$((${EPOCHREALTIME/./} - from))
n=$((20000000 / each_us / 2 * 2))
n=$((n > 240 ? 240 : n < 40 ? 40 : n))
for ((i = 0; i < n; i += 2)); do
    ln "$work/a.ppm" "$work/in/$i.ppm"
    ln "$work/b.ppm" "$work/in/sub dir/$((i + 1)).ppm"
done
flags=(-r "$work/in" -f png --sharpen 1 --backend "$backend" -j 2)
flags+=(--writers "$writers")
from=${EPOCHREALTIME/./}
run clean 60 "$MILL" convert "${flags[@]}" -o "$work/clean"
took_ms=$(((${EPOCHREALTIME/./} - from) / 1000))
expect_code clean 0
flags+=(-o "$work/out" --resume "$work/journal")

# How many different images the journal says are done.
noted() {
    grep -aE '^[0-9a-f]{16} done ' "$work/journal" | cut -d' ' -f7 | sort -u |
        wc -l
}

began() {
    [ -s "$work/resume.json" ] || gone "$started"
}

landed=0
for ((kill = 0; kill < kills; kill++)); do
    rm -f "$work/resume.json"
    start resume "$MILL" convert "${flags[@]}"
    until_true 20 began
    sleep "$(printf '0.%03d' $((RANDOM % (took_ms / 2 + 1) % 1000)))"
    kill -9 "$started" 2>/dev/null
    ended resume 20
    until_true 5 no_child || complain "workers outlive the mill"
    [ "$code" = 137 ] || continue
    landed=$((landed + 1))
    there=$(find "$work/out" -name '*.png' | wc -l)
    twice=$((there - $(noted)))
    [ "$twice" -ge 0 ] || complain "the journal says more than is there"
    [ "$twice" -le "$writers" ] || complain "$twice outputs are not noted"
done
[ "$landed" -gt 0 ] || complain "no kill landed"

before=$(noted)
run resume 60 "$MILL" convert "${flags[@]}"
expect_code resume 0
[ "$(count_verdict resume done)" = $((n - before)) ] ||
    complain "what was noted ($before) was done again"
[ "$(count_verdict resume resumed)" = "$before" ] ||
    complain "not all that was noted was passed over"
expect_whole resume "$work/out" "$work/clean"
[ "$(find "$work/out" -name '*.png' | wc -l)" = "$n" ] ||
    complain "not $n outputs"
run again 60 "$MILL" convert "${flags[@]}"
expect_code again 0
[ "$(count_verdict again resumed)" = "$n" ] || complain "not all is done before"
fault_row 'SIGKILL to the mill, then --resume' "$backend" "$landed" \
    $((n - $(count_files "$work/out")))
finish "$backend: $landed kills, the union is a clean run"
