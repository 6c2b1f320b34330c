#!/usr/bin/env bash
# Every public header compiles alone, twice over, with warnings as errors.
set -u
cd "$(dirname "$0")/../.." || exit 1
bad=0
for door in include/imgmill/*.h; do
    name=$(basename "$door")
    printf '#include <imgmill/%s>\n#include <imgmill/%s>\n' "$name" "$name" |
        "${CC:-cc}" -std=gnu17 -Wall -Wextra -Werror -Iinclude \
            -fsyntax-only -x c - || {
        echo "$door does not compile alone"
        bad=1
    }
done
[ "$bad" = 0 ] && echo "headers: each compiles alone"
exit $bad
