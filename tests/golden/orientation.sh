#!/usr/bin/env bash
# Photographs in each EXIF orientation, landscape and portrait: each is upright
# after one conversion, and after a second one of what the first made. Upright
# is what orientation 1 shows; the photographs differ in the number that is
# written on them and in what their own encoding lost.
. "$(dirname "$0")/../support/batch.sh"
enter_corpus orientation

# small NAME INPUT… : each as a little picture, in the folder of that name.
small() {
    local name=$1
    shift
    run "$name" 60 "$MILL" convert "$@" -f pnm --resize 60x60 -o "$work/$name"
    expect_code "$name" 0
}

# expect_upright NAME PHOTOGRAPH [flat]: near to the first; flat: far from it.
expect_upright() {
    local first=$work/once/${2%_*}_1.pnm found
    read -r found _ < <(psnr "$first" "$work/$1/$2.pnm")
    [ "${3:-}" = flat ] && found=$((60 - found))
    [ "$found" -ge 35 ] || complain "$1: $2 is not upright: $found dB"
}

photographs=(Landscape_[0-8].jpg Portrait_[0-8].jpg)
[ ${#photographs[@]} = 18 ] || complain "not 18 photographs"
run first 60 "$MILL" convert "${photographs[@]}" -o "$work/first" -q 95
expect_code first 0
small once "${photographs[@]}"
small twice "$work"/first/*
small stored --no-auto-orient "${photographs[@]}"
for file in "${photographs[@]}"; do
    expect_upright once "${file%.jpg}"
    expect_upright twice "${file%.jpg}"
    # What would be seen if nothing were turned.
    case $file in
    *_[01].jpg) expect_upright stored "${file%.jpg}" ;;
    *) expect_upright stored "${file%.jpg}" flat ;;
    esac
done
finish "${#photographs[@]} photographs are upright, once and twice"
