#!/usr/bin/env bash
# Any number of threads inside an image: every byte, every verdict and every word
# of the report is what one thread gives. Also of pictures that are cut above
# their damage: how far a decoder ran ahead of its line must not show.
. "$(dirname "$0")/../support/batch.sh"

mkdir -p "$work/in" "$work/drawn"
draw 300 200 3 >"$work/drawn/a.ppm"

# make NAME FLAG…: a large picture in the folder of inputs.
make() {
    local name=$1
    shift
    run make 60 "$MILL" convert "$work/drawn/a.ppm" -o "$work/in/$name" \
        --resize 1300x,enlarge=yes "$@"
    expect_code "$name" 0
}

make large.png --compression fast
make deep.png --compression fast --depth 16
make large.jpg
make scans.jpg --progressive
cp "$work/drawn/a.ppm" "$work/in/small.ppm"
for name in large.png large.jpg scans.jpg; do
    file=$work/in/$name
    head -c $(($(stat -c %s "$file") * 7 / 10)) "$file" >"$work/in/cut-$name"
done

recipes=(
    "-f png --compression fast --resize 95%"
    "-f png --crop 600x300+10+20"
    "-f jpeg --crop 600x300+10+20 --resize 300x"
    "--rotate 90 --blur 1 --resize 800x,fit=inside"
    "-f jpeg --resize 1200x600,fit=cover --sharpen 1"
    "-f png --on-corrupt salvage --resize 50%,kernel=nearest"
    "-f png --on-corrupt salvage --resize 900x --blur 1 --crop 600x100+0+0"
)

# convert NAME RECIPE FLAG…: leaves NAME.sums and NAME.says.
convert() {
    local name=$1 recipe=$2
    shift 2
    rm -rf "$work/out"
    # shellcheck disable=SC2086
    run "$name" 100 "$MILL" convert "$work/in" -o "$work/out" --name \
        '{stem}-{srcext}.{ext}' $recipe "$@"
    expect_no_traces "$name"
    hashes "$work/out" >"$work/$name.sums"
    sayings "$name" >"$work/$name.says"
}

ways=("serial --threads 2" "process --threads 2 -j 1" "process --threads 5 -j 2"
    "process --threads auto -j 2")
"$MILL" --version | grep -q '^backends:.*openmp' &&
    ways+=("openmp --threads 3 -j 2")

for recipe in "${recipes[@]}"; do
    convert one "$recipe" --backend serial
    [ "$(wc -l <"$work/one.sums")" -ge 5 ] ||
        complain "$recipe: only few outputs"
    for way in "${ways[@]}"; do
        # shellcheck disable=SC2086
        convert more "$recipe" --backend $way
        for what in sums says; do
            cmp -s "$work/one.$what" "$work/more.$what" || {
                complain "$recipe: $way gives other $what"
                diff "$work/one.$what" "$work/more.$what" | head -n 6 >&2
            }
        done
    done
done

# Where the crop ends shortly above the damage, a decoder that runs ahead meets
# it before the line can say that it has enough.
rm "$work"/in/*
seen=
make large.png --compression fast
head -c $(($(stat -c %s "$work/in/large.png") * 7 / 10)) \
    "$work/in/large.png" >"$work/in/cut.png"
rm "$work/in/large.png"
for height in $(seq 300 24 860); do
    recipe="-f pnm --crop 1300x$height+0+0"
    convert one "$recipe" --backend serial
    convert more "$recipe" --backend serial --threads 4
    cmp -s "$work/one.says" "$work/more.says" ||
        complain "$recipe of a cut picture: threads give another verdict"
    seen+=$(verdicts one | cut -f2)
done
[[ $seen = *donedamaged* ]] || complain "the damage was not met: $seen"
# Where there is memory for a wide image and not for its crew, it goes without.
rm "$work"/in/*
seen=
run make 60 "$MILL" convert "$work/drawn/a.ppm" -o "$work/in/wide.png" \
    --resize 20000x900,fit=fill,enlarge=yes --compression fast
for memory in 43M 80M; do
    recipe="-f png --compression fast -j 1 --memory $memory"
    convert one "$recipe" --backend process
    convert more "$recipe" --backend process --threads 6
    cmp -s "$work/one.says" "$work/more.says" ||
        complain "$recipe of a wide picture: threads give another verdict"
    seen+=$(verdicts one | cut -f2)
done
[ "$seen" = limitdone ] || complain "memory decided nothing: $seen"
finish "the same: ${#recipes[@]} recipes, ${#ways[@]} ways of more threads"
