#!/usr/bin/env bash
# What no compiler says: tabs, trailing blanks, missing last newline, lines over
# 80 columns, work left undone in the text, functions over 70 lines, files over
# 600.
set -u
cd "$(dirname "$0")/../.." || exit 1
export LC_ALL=C.UTF-8 # columns are characters
bad=0
complain() {
    echo "$1"
    bad=1
}

mapfile -t files < <(find src include tests -name '*.[ch]')
for file in "${files[@]}"; do
    [ -z "$(tail -c 1 "$file")" ] || complain "$file: no newline at its end"
done
grep -nP '\t' "${files[@]}" && complain "tabs"
grep -nE ' +$' "${files[@]}" && complain "trailing blanks"
grep -nP '^.{81,}$' "${files[@]}" && complain "lines over 80 columns"
grep -nE '\b(TO''DO|FIX''ME|X''XX|HA''CK)\b' "${files[@]}" &&
    complain "work left undone"
awk '
    FNR == 1 { start = 0 }
    /^\{/ { start = FNR }
    /^\}/ && start {
        n = FNR - start - 1
        if (n > 70) { printf "%s:%d: a function of %d lines\n", FILENAME, start, n; bad = 1 }
        start = 0
    }
    { len[FILENAME] = FNR }
    END {
        for (f in len)
            if (len[f] > 600) { printf "%s: %d lines\n", f, len[f]; bad = 1 }
        exit bad
    }' "${files[@]}" || bad=1
# Batch tests are run by name.
for file in tests/{fault,golden,same}/*.sh; do
    test=$(basename "$(dirname "$file")") script=$(basename "$file" .sh)
    [ "$script" = table ] ||
        grep -qE "mill_batch_test\\($test [^ ]+ $script( |\\)|\$)" \
            tests/CMakeLists.txt || complain "$file: nobody runs it"
done
[ "$bad" = 0 ] && echo "style: clean"
exit $bad
