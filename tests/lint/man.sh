#!/usr/bin/env bash
# The manual page has each flag, operation and format that the program tells of,
# with words to it; groff, where it is, has nothing to say against the page.
set -u
mill=${IMGMILL:?}
page=$("$(dirname "$0")/../../tools/man" "$mill") || exit 1
entries=$(sed -n '/^\.TP$/{n;N;p}' <<<"$page" | sed 's/\\-/-/g')
bad=0

while read -r flag; do
    grep -q -A1 -e "^\\\\fB\(-., \)\?$flag\([ =[].*\)\?\\\\fR\$" <<<"$entries" || {
        echo "man: no entry for $flag"
        bad=1
    }
done < <({
    "$mill" convert --help
    "$mill" info --help
} | sed -n 's/^  \(    \|-., \)\(--[a-z0-9-]*\).*/\2/p')

while read -r name _; do
    grep -q "^\\\\fB$name\\\\fR\$" <<<"$entries" || {
        echo "man: no entry for the format $name"
        bad=1
    }
done < <("$mill" formats)

bare=$(grep -A1 '^\.TP$' <<<"$page" | grep -c '^\.TP$')
told=$(awk '/^\.TP$/ { getline; if ((getline words) > 0 && words !~ /^\.(TP|SS|SH)/)
    n++ } END { print n + 0 }' <<<"$page")
[ "$bare" = "$told" ] || {
    echo "man: $bare entries, $told with words"
    bad=1
}
if command -v groff >/dev/null; then
    said=$(groff -man -ww -Tutf8 -z <<<"$page" 2>&1)
    [ -z "$said" ] || {
        echo "$said"
        bad=1
    }
else
    echo "man: no groff here; how the page is set was not looked at"
fi
exit $bad
