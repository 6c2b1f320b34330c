#!/usr/bin/env bash
# Every file of the corpus through all backends: as many lines in the report as
# files, the same verdicts, the same bytes. Every seventh file, or all with
# IMGMILL_TEST_FULL=1.
. "$(dirname "$0")/../support/batch.sh"
enter_corpus

step=7
[ -n "${IMGMILL_TEST_FULL:-}" ] && step=1
find . -type f -print0 | sort -z |
    awk -v step="$step" 'BEGIN { RS = ORS = "\0" } NR % step == 0' \
        >"$work/list"
n=$(tr -dc '\0' <"$work/list" | wc -c)
[ "$n" -gt 0 ] || complain "no file in $PWD"

for backend in serial openmp process; do
    [ "$backend" = openmp ] &&
        ! "$MILL" --version | grep -q '^backends:.*openmp' && continue
    run "$backend" 900 "$MILL" convert --files-from - -0 \
        --name '{dir}/{stem}-{srcext}.{ext}' -f png --backend "$backend" \
        --compression fast -o "$work/out-$backend" <"$work/list"
    [ "$code" -le 1 ] || expect_code "$backend" '0 or 1'
    expect_no_traces "$backend"
    [ "$(verdicts "$backend" | wc -l)" = "$n" ] ||
        complain "$backend: not $n lines in the report"
    [ "$(count_verdict "$backend" done)" = \
        "$(count_files "$work/out-$backend")" ] ||
        complain "$backend: done and outputs differ in number"
    [ "$backend" = serial ] && continue
    diff -r "$work/out-serial" "$work/out-$backend" >"$work/diff" || {
        complain "$backend: other bytes than serial"
        head -n 6 "$work/diff" >&2
    }
    diff <(verdicts serial) <(verdicts "$backend") >"$work/diff" || {
        complain "$backend: other verdicts than serial"
        head -n 6 "$work/diff" >&2
    }
done
finish "corpus: $n files, $(count_verdict serial done) of them done"
