#!/usr/bin/env bash
# bare.sh WHAT: a machine that has less than usual. WHAT is dev, proc or both:
# a container without /dev, without /proc; everything works there, sandbox
# included. Or threads: openmp is refused its threads, and says so by our words.
. "$(dirname "$0")/../support/batch.sh"

what=$1
if [ "$what" != threads ] && [ -z "${MILL_TEST_INSIDE:-}" ]; then
    unshare -m mount -t tmpfs none "$work" 2>/dev/null || {
        echo "skipped: a file system cannot be mounted here"
        exit 77
    }
    rm -rf "$work"
    MILL_TEST_INSIDE=1 exec unshare -m "$0" "$@"
fi
draw_set "$work/in"
run clean 60 "$MILL" convert "$work/in" -o "$work/clean" -f png
expect_code clean 0

# without FOLDER… -- COMMAND…: in a mount namespace where these are empty.
without() {
    unshare -m bash -c 'while [ "$1" != -- ]; do
            mount -t tmpfs none "$1" || exit 99
            shift
        done
        shift && exec "$@"' without "$@"
}

# Stacks of 300 MB in 2.5 GB of addresses: readers and writers have theirs.
refuse_threads() {
    (
        ulimit -s 300000 && ulimit -v 2500000 || exit 99
        "${tagged[@]}" "$MILL" convert "$work/in" -o "$work/out" -f png \
            -j "$1" --backend openmp
    ) >"$work/few.out" 2>"$work/few.err"
    code=$?
}

if [ "$what" = threads ]; then
    refuse_threads 12
    expect_code few 5
    [ "$(count_files "$work/out")" = 0 ] || complain 'something was written'
    grep -q 'cannot start 11 threads for --backend openmp (fewer --jobs' \
        "$work/few.err" || complain 'no word of the flag'
    [ "$(wc -l <"$work/few.err")" = 2 ] || complain 'others talk'
    refuse_threads 2
    expect_code few 0
else
    folders=(/dev /proc)
    [ "$what" = both ] || folders=("/$what")
    sandbox=auto
    "$MILL" --version | grep -q '^sandbox: landlock.*seccomp (' && sandbox=require
    without "${folders[@]}" -- "${tagged[@]}" "$MILL" convert "$work/in" \
        -o "$work/out" -f png --sandbox "$sandbox" -v >"$work/bare.out" \
        2>"$work/bare.err"
    code=$?
    expect_code bare 0
fi
expect_no_traces bare
expect_whole bare "$work/out" "$work/clean"
[ "$(count_files "$work/out")" = "$(count_files "$work/clean")" ] ||
    complain 'not all outputs'
declare -A words=([dev]=/dev [proc]=/proc [both]='/dev and /proc'
    [threads]='threads enough')
backend=process
[ "$what" != threads ] || backend=openmp
fault_row "a machine without ${words[$what]}" "$backend" 1 0
finish "$what"
