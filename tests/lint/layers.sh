#!/usr/bin/env bash
# The layer table against every #include: a room may include only the doors of
# the rooms named beside it, its own headers, and system headers; image
# libraries are seen by codec alone.
set -u
cd "$(dirname "$0")/../.." || exit 1

declare -A may=(
    [base]=""
    [pixel]="base"
    [codec]="base pixel"
    [op]="base pixel"
    [recipe]="base pixel codec op"
    [sync]="base"
    [job]="base sync"
    [exec]="base sync job"
    [io]="base job"
    [mill]="base pixel codec op recipe sync job exec io"
    [cli]="base pixel codec op recipe sync job exec io mill"
)

bad=0
complain() {
    echo "$1: $2"
    bad=$((bad + 1))
}

# check ROOM FILE: every include of the file is allowed to the room.
check() {
    local room=$1 file=$2 line door
    while IFS= read -r line; do
        case $line in
        *'<imgmill/'*)
            door=${line#*<imgmill/}
            door=${door%%.h>*}
            [ "$door" = "$room" ] && continue
            [[ " ${may[$room]} " == *" $door "* ]] ||
                complain "$file" "$room may not see the door of $door"
            ;;
        *'<png.h>'* | *'<jpeglib.h>'* | *'<jerror.h>'* | *'<zlib.h>'* | \
            *'<isa-l/'* | *'<libdeflate.h>'*)
            [ "$room" = codec ] ||
                complain "$file" "only codec sees image libraries"
            ;;
        *'"../'*)
            complain "$file" "includes out of its room: $line"
            ;;
        esac
    done < <(grep -E '^[[:space:]]*#[[:space:]]*include' "$file")
}

for dir in src/*/; do
    room=$(basename "$dir")
    [ -n "${may[$room]+set}" ] || {
        complain "$dir" "a room that the table does not know"
        continue
    }
    while IFS= read -r file; do
        check "$room" "$file"
    done < <(find "$dir" -name '*.[ch]')
done
for door in include/imgmill/*.h; do
    check "$(basename "$door" .h)" "$door"
done
[ "$bad" = 0 ] && echo "layers: every include is allowed"
exit $((bad > 0))
