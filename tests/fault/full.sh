#!/usr/bin/env bash
# full.sh WAY: the disk is full in mid-batch (a tmpfs of 1 MiB). The batch stops
# with 5, says why, and nothing that is there is half of something. WAY is new,
# replace, keep (-n), in-place, or large: outputs that are written as they come,
# of which one fits.
. "$(dirname "$0")/../support/batch.sh"

if [ -z "${MILL_TEST_INSIDE:-}" ]; then
    unshare -m mount -t tmpfs none "$work" 2>/dev/null || {
        echo "skipped: a file system cannot be mounted here"
        exit 77
    }
    rm -rf "$work"
    MILL_TEST_INSIDE=1 exec unshare -m "$0" "$@"
fi

way=$1
# Outputs of 98 KB: some ten fit. What is replaced is an eighth of them.
mkdir -p "$work/in" "$work/small" "$work/older"
for i in 0 1 2 3 4 5 6 7 8 9; do
    draw 64 64 "$i" >"$work/in/a$i.ppm"
    draw 64 64 "$((i + 10))" >"$work/in/b$i.ppm"
done
mount -t tmpfs -o size=1m none "$work/small" || complain "no small disk"
trap 'umount "$work/small"; cleanup' EXIT
out=$work/small/out
flags=(--resize 128x256,fit=fill,enlarge=yes -j 2)
run clean 60 "$MILL" convert "$work/in" -o "$work/whole" "${flags[@]}"
expect_code clean 0

case $way in
new) run full 60 "$MILL" convert "$work/in" -o "$out" "${flags[@]}" ;;
large)
    flags=(--resize 512x512,fit=fill,enlarge=yes -j 1 --memory 43M)
    rm -rf "$work/whole"
    run clean 60 "$MILL" convert "$work/in" -o "$work/whole" "${flags[@]}"
    expect_code clean 0
    run full 60 "$MILL" convert "$work/in" -o "$out" "${flags[@]}"
    ;;
keep) run full 60 "$MILL" convert "$work/in" -o "$out" -n "${flags[@]}" ;;
replace)
    mkdir "$out"
    for file in "$work"/in/*; do
        echo "old ${file##*/}" >"$out/${file##*/}"
    done
    cp "$out"/* "$work/older"
    run full 60 "$MILL" convert "$work/in" -o "$out" "${flags[@]}"
    ;;
in-place)
    run small 60 "$MILL" convert "$work/in" -o "$out" --gray --resize 50% -f pnm
    cp "$out"/* "$work/older"
    rm -rf "$work/whole" && cp -r "$out" "$work/whole"
    flags=(--resize 256x256,fit=fill,enlarge=yes -j 2)
    run clean 60 "$MILL" convert "$work/whole" --in-place "${flags[@]}"
    run full 60 "$MILL" convert "$out" --in-place "${flags[@]}"
    ;;
*) complain "no way is called $way" ;;
esac
expect_code full 5
expect_no_traces full
grep -q 'No space left on device' "$work/full.err" ||
    complain "nobody says that the disk is full"
grep -q '^imgmill: cannot write: no more images are begun: No space' \
    "$work/full.err" || complain "nobody says that this stopped the batch"

new=0
for file in "$out"/*; do
    name=${file##*/}
    if cmp -s "$file" "$work/whole/$name"; then
        new=$((new + 1))
    elif ! cmp -s "$file" "$work/older/$name"; then
        complain "$name is neither old nor new"
    fi
done
for file in "$work"/older/*; do
    [ ! -e "$file" ] || [ -e "$out/${file##*/}" ] || complain "$file is gone"
done
[ "$new" -gt 0 ] && [ "$new" -lt 20 ] || complain "$new of 20 were written"
[ "$(count_verdict full done)" = "$new" ] || complain "not $new are done"
[ "$(count_verdict full write)" -gt 0 ] || complain "no image failed"
[ "$(verdicts full | wc -l)" = 20 ] || complain "not 20 in the report"
fault_row "the disk is full, $way" process "$(count_verdict full write)" \
    'the rest'
finish "$way: $new of 20 written"
