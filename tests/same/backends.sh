#!/usr/bin/env bash
# The same files with every backend, number of lanes, order and queue: every
# byte and every verdict is what serial gives.
. "$(dirname "$0")/../support/batch.sh"
here=$(cd "$(dirname "$0")/../.." && pwd)

mkdir -p "$work/in"
draw_set "$work/in/drawn"
head -c 900 "$work/in/drawn/jpic3.jpg" >"$work/in/drawn/short.jpg"
echo 'no image' >"$work/in/drawn/text.png"
[ -d "$here/samples" ] && cp -R "$here/samples" "$work/in/samples"
[ "$(count_files "$work/in")" -ge 14 ] || complain "too few files to compare"

recipes=(
    "-f png --compression fast"
    "-f jpeg --resize 120x90 --sharpen 1"
    "--rotate 90 --resize 60% --gray"
)

# convert NAME RECIPE FLAG…: leaves NAME.sums and NAME.verdicts.
convert() {
    local name=$1 recipe=$2
    shift 2
    rm -rf "$work/out"
    # shellcheck disable=SC2086
    run "$name" 100 "$MILL" convert -r "$work/in" -o "$work/out" \
        --name '{dir}/{stem}-{srcext}.{ext}' $recipe "$@"
    expect_code "$name" 1
    expect_no_traces "$name"
    hashes "$work/out" >"$work/$name.sums"
    verdicts "$name" >"$work/$name.verdicts"
}

# same NAME: as serial was.
same() {
    cmp -s "$work/serial.sums" "$work/$1.sums" || {
        complain "$2: $1 gives other bytes"
        diff "$work/serial.sums" "$work/$1.sums" | head -n 6 >&2
    }
    cmp -s "$work/serial.verdicts" "$work/$1.verdicts" || {
        complain "$2: $1 gives other verdicts"
        diff "$work/serial.verdicts" "$work/$1.verdicts" | head -n 6 >&2
    }
}

backends=(process)
"$MILL" --version | grep -q '^backends:.*openmp' && backends+=(openmp)

for recipe in "${recipes[@]}"; do
    convert serial "$recipe" --backend serial
    [ "$(wc -l <"$work/serial.sums")" -ge 12 ] ||
        complain "$recipe: only few outputs"
    for verdict in 'short.jpg\tdamaged' 'text.png\tformat'; do
        grep -qP "/$verdict\$" "$work/serial.verdicts" ||
            complain "$recipe: not found: $verdict"
    done
    for backend in "${backends[@]}"; do
        for flags in "-j 1" "-j 2 --order input" "-j 5 --order largest" \
            "-j 5 --queue 1"; do
            # shellcheck disable=SC2086
            convert "$backend" "$recipe" --backend "$backend" $flags
            same "$backend" "$recipe $flags"
        done
    done
done
finish "the same: ${#recipes[@]} recipes, ${backends[*]}, serial"
