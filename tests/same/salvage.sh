#!/usr/bin/env bash
# Damaged pictures, salvaged by every backend: the same bytes, the same verdicts
# and the same words. Without --on-corrupt each of them fails.
. "$(dirname "$0")/../support/batch.sh"
here=$(cd "$(dirname "$0")/../.." && pwd)

mkdir -p "$work/in"
cp "$here"/samples/bad/{truncated,flipped}*.* "$here"/samples/bad/no-end.jpg \
    "$work/in"
n=$(count_files "$work/in")
[ "$n" -ge 8 ] || complain "only $n samples"

# words NAME: what was said of each image that was salvaged.
words() {
    grep -o '"in":"[^"]*","status":"done","damage":"[^"]*"' "$work/$1.json" |
        sort
}

run strict 60 "$MILL" convert "$work/in" -o "$work/strict" -f png \
    --name '{stem}-{srcext}.{ext}'
expect_code strict 1
[ "$(count_verdict strict damaged)" = "$n" ] || complain "strict: not all fail"

for backend in serial openmp process; do
    "$MILL" --version | grep -q "^backends:.*$backend" || continue
    run "$backend" 60 "$MILL" convert "$work/in" -o "$work/$backend" -f png \
        --name '{stem}-{srcext}.{ext}' --backend "$backend" -j 3 \
        --on-corrupt salvage
    expect_no_traces "$backend"
    words "$backend" >"$work/$backend.words"
    saved=$(wc -l <"$work/$backend.words")
    [ "$saved" -ge 5 ] || complain "$backend: only $saved are salvaged"
    [ "$saved" = "$(count_files "$work/$backend")" ] ||
        complain "$backend: salvaged and outputs differ in number"
    diff -r "$work/serial" "$work/$backend" >&2 ||
        complain "$backend: other bytes than serial"
    diff <(verdicts serial) <(verdicts "$backend") >&2 ||
        complain "$backend: other verdicts than serial"
    diff "$work/serial.words" "$work/$backend.words" >&2 ||
        complain "$backend: other words than serial"
done
finish "salvaged alike: $saved of $n"
