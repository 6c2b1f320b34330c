#!/usr/bin/env bash
# remember.sh always|once|never: an image that took its worker over, keeps a
# thread in it and scribbles all over its window from then on. It spoils its own
# output, by which it is seen. always: and those of the images that its worker
# is given after it, but no others. once: with --jobs-per-worker 1 there are none
# after it. never: without --threads it cannot keep one, and fails.
. "$(dirname "$0")/../support/batch.sh"

# Of an output that is not packed there are many parts to be spoilt in time.
status='done' packing=(--compression 0)
case $1 in
always) flags=(--threads 2) ;;
once) flags=(--threads 2 --jobs-per-worker 1) ;;
never)
    flags=() status=damaged packing=()
    "$MILL_EVIL" --version | grep -q '^sandbox:.*no seccomp' && {
        echo 'skipped: no seccomp'
        exit 77
    }
    ;;
esac

# With slow ones, that both workers are given some; what is slow when half of it
# is made, is in the window for long enough.
draw_set "$work/in"
echo 'EVIL slow 1000' >"$work/in/1.evil"
for i in 1 2 3 4 5; do
    echo 'EVIL half slow 200' >"$work/in/k$i.evil"
done
convert=(convert -f png "${packing[@]}" --name '{stem}-{srcext}.{ext}'
    --resize 90% "$work/in")
echo 'EVIL half picture' >"$work/in/0.evil"
run clean 60 "$MILL_EVIL" "${convert[@]}" -o "$work/clean" --backend serial
expect_code clean 0
all=$(count_files "$work/clean")

# A window's half that takes outputs has 256 KB.
echo "EVIL half remember $((256 << 10))" >"$work/in/0.evil"
run spoilt 60 "$MILL_EVIL" "${convert[@]}" -o "$work/out" -j 2 \
    --order input --backend process "${flags[@]}"
[ "$code" -le 1 ] || expect_code spoilt 0
expect_no_traces spoilt
[ "$(verdicts spoilt | wc -l)" = "$all" ] ||
    complain "not every image is in the report"
verdicts spoilt | grep -qx "$work/in/0\.evil"$'\t'"$status" || {
    complain "0.evil is not $status"
    tell spoilt
}

# lane FILE: which lane had it.
lane() {
    sed -nE 's|^\{"in":"[^"]*/'"$1"'".*"worker":([0-9]+).*|\1|p' \
        "$work/spoilt.json"
}

# whole FILE: what became of it is what a clean run gives.
whole() {
    local made=${1%.*}-${1##*.}.png
    cmp -s "$work/out/$made" "$work/clean/$made"
}

landed=1
if [ "$1" = never ]; then
    grep -q '0\.evil: .*cannot keep a thread: EPERM' "$work/spoilt.err" ||
        landed=0
else
    ! whole 0.evil || landed=0
fi
[ "$landed" = 1 ] || {
    complain "the fault did not land"
    tell spoilt
}
evil=$(lane '0\.evil')
[ -n "$evil" ] || complain "0.evil had no lane"
other=0 same=0 spoilt=0
for path in "$work/in"/*; do
    file=${path##*/}
    [ "$file" != 0.evil ] || continue
    if [ "$1" = always ] && [ "$(lane "$file")" = "$evil" ]; then
        same=$((same + 1))
        whole "$file" || spoilt=$((spoilt + 1))
    else
        other=$((other + 1))
        whole "$file" || complain "$file is spoilt, by another's worker"
    fi
done
[ "$other" -gt 0 ] || complain "all images had the same worker"
[ "$1" != always ] || [ "$spoilt" -gt 0 ] ||
    complain "nothing of what its worker was given is spoilt"
fault_row "an image keeps a thread in its worker, $1" process "$landed" \
    "$([ "$1" = always ] && echo "$spoilt of its worker's" || echo 0)"
finish "$1: spoilt $spoilt of the $same images after it, $other others whole"
