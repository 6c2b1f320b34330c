#!/usr/bin/env bash
# table.sh FILE: the rows that the fault tests left in FILE
# (IMGMILL_FAULT_TABLE=FILE ctest -L fault), put into README.md's table.
set -euo pipefail
readme=$(dirname "$0")/README.md
begin='<!-- table.sh begins -->' end='<!-- table.sh ends -->'

rows() {
    echo '| fault | backend | landed | others lost | temporary files |' \
        'children | descriptors | hangs |'
    echo '|---|---|--:|--:|--:|--:|--:|--:|'
    LC_ALL=C sort -u "$1" | awk -F '\t' '
        { printf "| %s | %s | %s | %s | %s | %s | %s | %s |%s\n",
            $1, $2, $3, $4, $5, $6, $7, $8, ($9 > 0 ? " **failed**" : "") }'
}

made=$(mktemp)
trap 'rm -f "$made"' EXIT
sed "/^$begin\$/q" "$readme" >"$made"
rows "$1" >>"$made"
sed -n "/^$end\$/,\$p" "$readme" >>"$made"
cat "$made" >"$readme"
