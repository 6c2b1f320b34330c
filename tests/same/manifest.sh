#!/usr/bin/env bash
# Every file of samples/ gives, with every backend, what samples/MANIFEST says of
# it: its verdict, and of the right ones the format, the upright size and the
# EXIF orientation.
. "$(dirname "$0")/../support/batch.sh"
samples=$(cd "$(dirname "$0")/../../samples" && pwd)

awk '{ print $1, $2, $2 == "ok" ? $3 " " $4 " " $5 : "" }' \
    "$samples/MANIFEST" | sort >"$work/expected"
n=$(wc -l <"$work/expected")
[ "$n" -gt 100 ] || complain "only $n files in MANIFEST"

# found NAME: the report of a run in the manifest's words.
found() {
    local in='^\{"in":"([^"]*)","status"' n='([0-9]+)'
    sed -nE -e "s/$in:\"failed\",\"cause\":\"([a-z]+)\".*/\1 \2 /p" \
        -e "s/$in:\"done\",.*\"w\":$n,\"h\":$n,[^]]*\].*\"source\":\
\{\"format\":\"([a-z]+)\".*\"orientation\":$n,.*/\1 ok \4 \2x\3 \5/p" \
        "$work/$1.json" | sort
}

backends=$("$MILL" --version | sed -n 's/^backends: //p')
cd "$samples" || exit 1
awk '{ print $1 }' MANIFEST >"$work/list"
for backend in $backends; do
    run "$backend" 100 "$MILL" convert --files-from "$work/list" \
        -o "$work/$backend" --name '{dir}/{stem}-{srcext}.{ext}' -f png \
        --compression fast --backend "$backend"
    expect_code "$backend" 1
    expect_no_traces "$backend"
    diff "$work/expected" <(found "$backend") >"$work/diff" || {
        complain "$backend: MANIFEST (<) says otherwise than the report (>)"
        cat "$work/diff" >&2
    }
done
finish "$n samples, $backends: as MANIFEST says"
