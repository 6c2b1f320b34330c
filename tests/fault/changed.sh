#!/usr/bin/env bash
# changed.sh BACKEND: inputs that were opened and wait for a lane, or are about
# to be read, become shorter, longer, or unreadable. Each costs itself, with the
# true reason, and no worker.
. "$(dirname "$0")/../support/batch.sh"

case $(stat -f -c %T "$work") in
ext2/ext3 | xfs | btrfs | tmpfs) ;;
*)
    echo "skipped: files of this file system may be read when they are opened"
    exit 77
    ;;
esac

mkdir -p "$work/good" "$work/in"
for i in b c d e f; do
    {
        printf 'P6\n400 300\n255\n'
        head -c 360000 /dev/urandom
    } >"$work/good/$i.ppm"
done
run clean 60 "$MILL" convert "$work/good" -o "$work/clean" -f png
expect_code clean 0
flags=(convert "$work/in" -o "$work/out" -f png -j 1 --order input --queue 8
    --backend "$1")

again() {
    rm -rf "$work/out"
    cp "$work/good"/* "$work/in"
}

waiting() {
    find "/proc/$started/fd" -lname "$work/in/f.ppm" | grep -q .
}

# check NAME IMAGE… : those alone failed, as unreadable, and the rest is whole.
check() {
    local name=$1 image
    shift
    expect_code "$name" 1
    expect_no_traces "$name"
    expect_whole "$name" "$work/out" "$work/clean"
    for image; do
        verdicts "$name" | grep -qxF "$work/in/$image.ppm"$'\t'read ||
            complain "$name: $image.ppm is not called unreadable"
    done
    [ "$(verdicts "$name" | grep -vc $'\tdone$')" = $# ] || {
        complain "$name: not $# images are lost"
        tell "$name"
    }
}

says() {
    grep -F "$2.ppm: " "$work/$1.err" | grep -qF "$3" || {
        complain "$1: the message on $2.ppm does not say '$3'"
        tell "$1"
    }
}

again
printf 'EVIL slow 1000\n' >"$work/in/a.evil"
start changed "$MILL_EVIL" "${flags[@]}"
until_true 5 waiting || complain "f.ppm was not opened while a.evil was slow"
truncate -s -1 "$work/in/b.ppm"
truncate -s 0 "$work/in/d.ppm"
printf 'x' >>"$work/in/e.ppm"
ended changed 30
[ -f "$work/out/a.png" ] || complain "a.evil is not done"
rm -f "$work/out/a.png"
check changed b d e
says changed b 'the file shrank while it was read'
says changed d 'the file shrank while it was read'
says changed e 'the file grew while it was read'
fault_row 'a file changes between its opening and its reading' "$1" \
    "$(count_verdict changed read)" $((2 - $(count_files "$work/out")))

rm "$work/in/a.evil"
strace -qq -o /dev/null true 2>/dev/null || {
    echo "an error of the system: skipped, strace may not trace here"
    finish "$1: files that change"
}
again
export ASAN_OPTIONS=detect_leaks=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}
run broken 60 strace -f -qq -o "$work/log" -P "$work/in/d.ppm" \
    -e trace=preadv -e inject=preadv:error=EIO "$MILL" "${flags[@]}"
hits=$(grep -c INJECTED "$work/log")
[ "$hits" = 1 ] || complain "broken: $hits calls were broken"
check broken d
says broken d 'Input/output error'
fault_row 'a file cannot be read' "$1" "$hits" \
    $((4 - $(count_files "$work/out")))
finish "$1: files that change, or cannot be read"
