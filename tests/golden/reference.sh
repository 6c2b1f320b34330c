#!/usr/bin/env bash
# JPEGs of many kinds, each with a PNG of what another decoder made of it: ours
# is near. Rounding in the inverse cosine transform and in the upsampling of
# colour may differ by 3 of 255 in any sample, 50 dB over all.
. "$(dirname "$0")/../support/batch.sh"
enter_corpus jpeg-decoder/tests/reftest/images

# Refused by intent; a picture that might be wrong is no picture:
refused() {
    case $1 in
    lossless/*) echo unsupported ;;
    mjpeg.jpg) echo damaged ;;                  # six bytes in mid-picture
    partial_progressive.jpg) echo damaged ;;    # its data ends early
    progressive-missing-dc.jpg) echo damaged ;; # details of no picture
    esac
}

# Here the reference repeats the colour of 4:2:0; we, and the other references,
# interpolate it. These tiny pictures are nothing but edges.
repeated() {
    case $1 in
    mozilla/jpg-size-[34]x[34].jpg) return 0 ;;
    *) return 1 ;;
    esac
}

find . -type f \( -name '*.jpg' -o -name '*.png' \) -printf '%P\n' |
    sort >"$work/list"
run all 100 "$MILL" convert --files-from "$work/list" -f pnm --depth 8 --flatten \
    --name '{dir}/{stem}-{srcext}.{ext}' -o "$work/out"
expect_code all 1
verdicts all >"$work/verdicts"

compared=0
while IFS= read -r file; do
    name=${file%.jpg} want=$(refused "$file")
    grep -qxF "$file"$'\t'"${want:-done}" "$work/verdicts" ||
        complain "$file is not ${want:-done}"
    [ -z "$want" ] || continue
    read -r near most < <(psnr "$work/out/$name-jpg.pnm" \
        "$work/out/$name-png.pnm")
    compared=$((compared + 1))
    if repeated "$file"; then
        [ "$near" -ge 20 ] || complain "$file: $near dB"
    elif [ "$near" -lt 50 ] || [ "$most" -gt 3 ]; then
        complain "$file: $near dB, one sample differs by $most"
    fi
done < <(grep '\.jpg$' "$work/list")
[ "$compared" -ge 30 ] || complain "only $compared were compared"
finish "$compared JPEGs are near their references"
