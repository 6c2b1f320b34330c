#!/usr/bin/env bash
# remember.sh always|once|never: an image that took its worker over, keeps a thread in
# it and scribbles all over its window from then on. always: it may spoil the
# images that its worker is given after it, and no others. once: with
# --jobs-per-worker 1 there are none after it, so only itself. never: without
# --threads it cannot keep one, and fails.
. "$(dirname "$0")/../support/batch.sh"

half=$((256 << 10))
case $1 in
always) flags=(--threads 2) ;;
once) flags=(--threads 2 --jobs-per-worker 1) ;;
never)
    flags=()
    "$MILL_EVIL" --version | grep -q '^sandbox:.*no seccomp' && {
        echo 'skipped: no seccomp'
        exit 77
    }
    ;;
esac

draw_set "$work/in"
good=$(count_files "$work/in")
convert=(convert -f png --name '{stem}-{srcext}.{ext}' --resize 90%)
run clean 60 "$MILL_EVIL" "${convert[@]}" "$work/in" -o "$work/clean" \
    --backend serial
expect_code clean 0

# lane FILE: which lane had it.
lane() {
    sed -nE 's|^\{"in":"[^"]*/'"$1"'".*"worker":([0-9]+).*|\1|p' \
        "$work/spoilt.json"
}

printf 'EVIL remember %s\n' "$half" >"$work/in/0.evil"
run spoilt 60 "$MILL_EVIL" "${convert[@]}" "$work/in" -o "$work/out" -j 2 \
    --order input --backend process "${flags[@]}"
[ "$code" -le 1 ] || expect_code spoilt 0
expect_no_traces spoilt
[ "$(verdicts spoilt | wc -l)" = $((good + 1)) ] ||
    complain "not every image is in the report"

evil=$(lane '0\.evil')
[ -n "$evil" ] || complain "0.evil had no lane"
wanted=0 words='remembers nothing'
# A sanitizer ends the worker that can have no thread.
[ "$1" = never ] && wanted=1 words='remembers nothing|worker died'
refused=$(grep -cE "0\.evil: .*($words)" "$work/spoilt.err")
[ "$refused" = "$wanted" ] || {
    complain "the fault did not land, or did where it should not"
    tell spoilt
}
other=0 same=0 spoilt=0
for path in "$work/in"/*.p* "$work/in"/*.j*; do
    file=${path##*/}
    made=${file%.*}-${file##*.}.png
    if cmp -s "$work/out/$made" "$work/clean/$made"; then
        whole=1
    else
        whole=0
    fi
    if [ "$1" = always ] && [ "$(lane "$file")" = "$evil" ]; then
        same=$((same + 1))
        spoilt=$((spoilt + 1 - whole))
    else
        other=$((other + 1))
        [ "$whole" = 1 ] || complain "$file is spoilt, by another's worker"
    fi
done
[ "$other" -gt 0 ] || complain "all images had the same worker"
fault_row "an image keeps a thread in its worker, $1" process 1 \
    "$([ "$same" = 0 ] && echo 0 || echo "$spoilt of its worker's")"
finish "$1: spoilt $spoilt of the $same images after it, $other others whole"
