#!/usr/bin/env bash
# The same files on CPUs that have less, as qemu makes them: every byte is what
# this machine gives, and nothing is used that is not there.
. "$(dirname "$0")/../support/batch.sh"
here=$(cd "$(dirname "$0")/../.." && pwd)

emulated=(qemu-x86_64 -cpu max)
"${emulated[@]}" "$MILL" --version >"$work/version" 2>&1 || {
    echo "skipped: no qemu-x86_64 that runs the program"
    exit 77
}
grep -q 'x86-64-v3 for formats, x86-64-v3 for operations' "$work/version" ||
    complain "a CPU that has all: $(cat "$work/version")"

mkdir "$work/in"
cp "$here"/samples/good/*.{jpg,png} "$work/in"
[ "$(count_files "$work/in")" -ge 4 ] || complain "too few files to compare"

# convert NAME COMMAND…: leaves NAME.sums.
convert() {
    local name=$1
    shift
    rm -rf "$work/out"
    "${tagged[@]}" "$@" convert "$work/in" -o "$work/out" --backend serial \
        --name '{stem}-{srcext}.{ext}' --resize 300x300 --sharpen 1 -f "$format" \
        >"$work/$name.out" 2>&1 || complain "$name, $format: $(cat "$work/$name.out")"
    hashes "$work/out" >"$work/$name.sums"
}

for format in png jpeg; do
    convert here "$MILL"
    for cpu in max,-movbe max,-abm max,-avx2 qemu64; do
        convert "$cpu" qemu-x86_64 -cpu "$cpu" "$MILL"
        cmp -s "$work/here.sums" "$work/$cpu.sums" ||
            complain "$format: $cpu gives other bytes"
    done
done
finish "CPUs: the same bytes"
