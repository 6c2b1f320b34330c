# The bar of progress: within the terminal's columns, so that it can be taken
# back; and nothing of it where there is no terminal.
ppm 8 6 >a.ppm

# seen COLUMNS: what a terminal of so many shows while an image is waited for.
seen() {
    script -qec "stty cols $1; { sleep 0.6; cat a.ppm; } |
        TERM=xterm '$IMGMILL' convert - -o out -f png" /dev/null \
        </dev/null 2>"$err" | tr '\r' '\n' | sed 's/\x1b\[K//g' >"$out"
    grep -q images "$out"
    verdict "$1 columns: there is a bar"
    [ "$(awk '{ if (length > n) n = length } END { print n }' "$out")" -lt "$1" ]
    verdict "$1 columns: it fits"
}

if command -v script >/dev/null; then
    seen 80
    prints '[                    ] 0/1 images'
    seen 40
    prints '0/1 images'
    seen 14
fi
{
    sleep 0.6
    cat a.ppm
} | "$IMGMILL" convert - -o out -f png 2>"$err"
[ ! -s "$err" ]
verdict 'no bar without a terminal'
