#!/usr/bin/env bash
# lost.sh WAY: the output folder is lost in mid-batch: removed, or its file
# system becomes read-only. The batch stops with 5 and says why; what was not
# begun is left, and what is there is whole.
. "$(dirname "$0")/../support/batch.sh"

way=$1
if [ -z "${MILL_TEST_INSIDE:-}" ]; then
    unshare -m mount -t tmpfs none "$work" 2>/dev/null || {
        echo "skipped: a file system cannot be mounted here"
        exit 77
    }
    rm -rf "$work"
    MILL_TEST_INSIDE=1 exec unshare -m "$0" "$@"
fi
mkdir -p "$work/in" "$work/disk"
mount -t tmpfs none "$work/disk" || complain "no disk"
trap 'umount "$work/disk"; cleanup' EXIT
draw 64 64 1 >"$work/in/000.ppm"
for i in {1..399}; do
    cp "$work/in/000.ppm" "$work/in/$(printf %03d "$i").ppm"
done
out=$work/disk/out
flags=(--resize 700x700,enlarge=yes -f png -j 1)
run clean 60 "$MILL" convert "$work/in/000.ppm" -o "$work/clean" "${flags[@]}"

lose() {
    case $way in
    removed) rm -rf "$out" && [ ! -e "$out" ] ;;
    read-only) mount -o remount,ro "$work/disk" ;;
    *) complain "no way is called $way" ;;
    esac 2>/dev/null
}

any_output() {
    [ -n "$(ls "$out" 2>/dev/null)" ]
}

start lost "$MILL" convert "$work/in" -o "$out" "${flags[@]}"
until_true 30 any_output || complain 'nothing is written'
until_true 30 lose || complain 'it cannot be lost'
ended lost 60
expect_code lost 5
expect_no_traces lost
grep -q '^imgmill: cannot write: no more images are begun: ' "$work/lost.err" ||
    complain 'nobody says that this stopped the batch'
failed=$(count_verdict lost write)
[ "$failed" -gt 0 ] && [ "$failed" -lt 20 ] || complain "$failed failed"
[ "$(verdicts lost | wc -l)" = "$(grep -c '^{"in"' "$work/lost.json")" ] ||
    complain 'not all in the report'
for file in "$out"/*; do
    [ ! -e "$file" ] || cmp -s "$file" "$work/clean/000.png" ||
        complain "$file is not whole"
done
fault_row "the output folder is lost, $way" process "$failed" 'the rest'
finish "$way: $failed failed before it stopped"
