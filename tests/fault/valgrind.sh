#!/usr/bin/env bash
# Every sample under valgrind's memcheck, by each backend: no wrong access, no
# leak, in the mill or any process of it. Only with IMGMILL_TEST_FULL=1. What
# valgrind.supp leaves out belongs to libraries; it says why.
. "$(dirname "$0")/../support/batch.sh"

[ -n "${IMGMILL_TEST_FULL:-}" ] || {
    echo "skipped: takes long; IMGMILL_TEST_FULL=1 asks for it"
    exit 77
}
command -v valgrind >/dev/null || {
    echo "skipped: no valgrind"
    exit 77
}
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../../samples" || exit 1

unset MILL_AT_EXIT
tagged=(env "MILL_TEST_TAG=$tag")
n=$(wc -l <MANIFEST)
ran=
for backend in serial openmp process; do
    [ "$backend" = openmp ] &&
        ! "$MILL" --version | grep -q '^backends:.*openmp' && continue
    # valgrind itself makes calls that a worker's sandbox denies.
    run "$backend" 1200 valgrind --quiet --leak-check=full \
        --errors-for-leak-kinds=definite,indirect --trace-children=yes \
        --suppressions="$here/valgrind.supp" --error-exitcode=99 \
        --log-file="$work/log.%p" "$MILL" convert -r . -o "$work/out" \
        --name '{dir}/{stem}-{srcext}.{ext}' --resize 100x100 -j 2 \
        --backend "$backend" --sandbox off --timeout 0
    grep -q 'nursery: Function not implemented' "$work/$backend.err" && {
        echo "$backend: left out, this valgrind has no pidfd_open"
        continue
    }
    expect_code "$backend" 1
    expect_no_traces "$backend"
    lines=$(verdicts "$backend" | wc -l)
    [ "$lines" -ge $((n - 3)) ] ||
        complain "$backend: $lines lines in the report for $n samples"
    # Lines in dashes are about calls that it does not know.
    cat "$work"/log.* | grep '^==' | head -n 60 >&2
    [ "${PIPESTATUS[1]}" = 1 ] ||
        complain "$backend: valgrind has something to say"
    rm -rf "$work"/log.* "$work/out"
    ran+=" $backend"
done
fault_row 'memcheck of all samples' "${ran# }" 0 0
finish "valgrind:$ran: $n samples, nothing found"
