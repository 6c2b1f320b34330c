#!/usr/bin/env bash
# docs/report.md names each key and each word that the report has.
set -u
mill=${IMGMILL:?}
root=$(cd "$(dirname "$0")/../.." && pwd)
page=$root/docs/report.md
bad=0

# known WORD: it stands there as code.
known() {
    grep -qF "\`$1\`" "$page" || {
        echo "report: docs/report.md does not tell of $1"
        bad=1
    }
}

out=$(mktemp -d "${TMPDIR:-/tmp}/mill-report.XXXXXX")
trap 'rm -rf "$out"' EXIT
keys=$("$mill" convert -r "$root/samples/odd" "$root/samples/bad" \
    -o "$out" --resize 9x9 --on-corrupt salvage --json 2>/dev/null \
    --name '{dir}/{stem}-{srcext}.{ext}' |
    grep -o '"[a-z_]*":' | tr -d '":' | sort -u)
[[ $keys = *outputs*summary* ]] || {
    echo "report: there is none to look at"
    bad=1
}
for key in $keys; do
    known "$key"
done
for word in $(sed -n 's/^        {"\([a-z-]*\)", MILL_NOTE_.*/\1/p' \
    "$root/src/cli/json.c") \
    $(sed -n 's/^    X([A-Z]*, "\([a-z]*\)", .*/\1/p' \
        "$root/include/imgmill/base.h" | grep -vx ok); do
    known "$word"
done
exit $bad
