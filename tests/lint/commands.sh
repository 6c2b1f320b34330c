#!/usr/bin/env bash
# The commands of README.md, the manual page and docs/ run as they stand there, each in a
# folder of its own with samples under the names that the texts use. What those
# of README.md make is held against sizes that were reckoned by hand, below. In
# docs/coming-from.md stand pairs: with IMGMILL_TEST_FULL=1 the other program is
# run too, where it is installed, and both must make files of the same names,
# sizes and formats (sharp: in build/bench, as tools/bench/peers puts it there,
# or below SHARP_FROM).
set -u
export LC_ALL=C.UTF-8
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/mill-commands.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$(realpath "${IMGMILL:?}")" "$work/bin/imgmill"
PATH=$work/bin:$PATH
export SHARP_FROM=${SHARP_FROM:-$root/build/bench}
bad=0 ran=0 others=0

complain() {
    echo "commands: $1"
    bad=1
}

# ---- what the commands work on ----------------------------------------------

lay_out() {
    local good=$root/samples/good odd=$root/samples/odd
    mkdir -p "$work/base" && cd "$work/base" || exit 1
    mkdir inbox logos mixed screens
    cp -r "$good" photos
    cp "$good/morning.jpg" a.jpg
    imgmill convert a.jpg -o photos/big.jpg --resize 2400x1600,enlarge=yes
    mkdir photos/phone
    imgmill convert "$odd/orientation-6.jpg" -o photos/phone/turned.jpg \
        --no-auto-orient --resize 600x800,fit=fill,enlarge=yes
    cp a.jpg mixed/
    imgmill convert a.jpg -o mixed/a.png --resize 90x60
    cp "$good/night.jpg" "$odd/cmyk.jpg" inbox/
    cp "$odd/png/rgba-8.png" "$odd/png/gray-alpha-8.png" logos/
    cp "$good/morning-small.png" screens/
    find "$work/base" -exec touch -d 2000-01-01 {} +
}

# fresh: into a new copy of it.
fresh() {
    rm -rf "$work/here"
    cp -a "$work/base" "$work/here"
    cd "$work/here" || exit 1
}

# made: what was written since, "path format WxH" a line.
made() {
    find . -type f -newermt 2001-01-01 ! -name '*.journal' ! -name '*.jsonl' \
        -print0 | imgmill info -0 --files-from - 2>/dev/null |
        awk 'NR > 1 { print $NF, $1, $2 }' | sed 's/^\.\///' | sort
}

# run COMMAND: in a fresh folder, with one to write into.
run() {
    fresh
    ran=$((ran + 1))
    bash -eu -o pipefail -c "mkdir -p web; $1" >"$work/out" 2>"$work/err" \
        </dev/null || {
        complain "code $?: $1"
        cat "$work/err"
    }
}

# ---- what the texts have ----------------------------------------------------

# commands FILE: those in its indented blocks, a line each; an empty line behind
# each paragraph of them.
commands() {
    awk '
        function out() { if (line != "") print line; line = "" }
        !/^    / { if (some) print ""; some = 0; next }
        /^    #/ { next }
        {
            sub(/^ +/, "")
            some = 1
            line = line (line == "" ? "" : " ") $0
            if (sub(/ *\\$/, "", line)) next
            if (line ~ /\|$/) next
            out()
        }
        END { if (some) print "" }' "$1"
}

# rows FILE PROGRAM: "theirs<TAB>ours" of the rows of its table that are code on
# both sides and nothing else.
rows() {
    awk -v program="$2" '
        /^\| `/ && $2 == "`" program "`" { on = 1; next }
        !/^\|/ { on = 0 }
        on && match($0, /^\| `[^`]*` \| `[^`]*` \|$/) {
            split($0, cell, "`")
            print cell[2] "\t" cell[4]
        }' "$1"
}

# ---- README.md, docs/report.md ----------------------------------------------

# want FRAGMENT N OUTPUT...: a command with this in it makes N files, and these
# among them, "path format WxH".
want() {
    local fragment=$1 n=$2 found=
    shift 2
    while IFS= read -r command; do
        [[ $command = *"$fragment"* ]] || continue
        found=1
        run "$command"
        made >"$work/made"
        [ "$(wc -l <"$work/made")" = "$n" ] ||
            complain "$(wc -l <"$work/made") files made, not $n: $command"
        for output; do
            grep -qxF -e "$output" "$work/made" ||
                complain "no $output: $command"
        done
        tested+=("$command")
    done <"$work/readme"
    [ "$found" ] || complain "README.md has no more: $fragment"
}

# Lines that show a form are no commands: INPUT..., "formats | ...".
readme() {
    commands "$root/README.md" | grep imgmill |
        grep -vE '\.\.\.|^(imgmill (ops|convert --help)|cmake|tools)' \
            >"$work/readme"
    commands "$root/docs/report.md" | grep imgmill >>"$work/readme"
    sed -n "/^\.SH EXAMPLES/,\$ { s/\\\\-/-/g; s/\\\\(aq/'/g; /imgmill convert/p }" \
        "$root/docs/imgmill.1.in" >>"$work/readme"
    tested=()
    want '-o web --resize 1600x1600 -q 80 -f jpeg' 15 \
        'web/big.jpg jpeg 1600x1067' 'web/desert.jpg jpeg 800x533' \
        'web/morning-small.jpg jpeg 300x200' \
        'web/phone/turned.jpg jpeg 800x600'
    want '-o thumbs ' 15 'thumbs/big.jpg jpeg 300x300' \
        'thumbs/lakes/evening-wide.jpg jpeg 300x300'
    want --dry-run 0
    want '--resume web.journal' 15 'web/mountains/storm.jpeg jpeg 640x427'
    want '--in-place --backup' 15 'photos/big.jpg jpeg 2000x1333' \
        'photos/morning-small.png png 300x200'
    want '{stem}-{srcext}' 2 'out/a-jpg.jpg jpeg 1200x800' \
        'out/a-png.jpg jpeg 90x60'
    want 'for w in' 45 'web/480/big.jpg jpeg 480x320' \
        'web/960/big.jpg jpeg 960x640' 'web/1920/big.jpg jpeg 1920x1280' \
        'web/960/lakes/far/autumn.jpg jpeg 640x427'
    want ' screens ' 1 'small/morning-small.png png 300x200'
    want ' logos ' 2 'flat/rgba-8.jpg jpeg 65x47'
    want '< a.jpg > a.png' 1 'a.png png 1200x800'
    want 'web.tar' 15
    want 'find photos' 13 'out/photos/big.jpg jpeg 2400x1600'
    want ' inbox ' 2 'out/night.jpg jpeg 640x427'
    want --stats 15 'out/phone/turned.png png 800x600'
    want "select(.status" 15
    while IFS= read -r command; do
        [[ $'\n'$(printf '%s\n' "${tested[@]}")$'\n' = *$'\n'"$command"$'\n'* ]] ||
            complain "nobody looks at what this makes: $command"
    done <"$work/readme"
}

# ---- docs/coming-from.md ----------------------------------------------------

# same OURS THEIRS: both make the same; theirs only if it can be run.
same() {
    run "$1"
    [ "$(find . -type f -newermt 2001-01-01 -print -quit)" ] ||
        complain "makes nothing: $1"
    [ "$2" ] && [ "${IMGMILL_TEST_FULL-}" ] && has "$2" || return 0
    made >"$work/ours"
    others=$((others + 1))
    run "$2"
    made >"$work/theirs"
    cmp -s "$work/ours" "$work/theirs" || {
        complain "not the same: $1"
        complain "          and: $2"
        diff "$work/ours" "$work/theirs"
    }
}

# has COMMAND: are the programs in it there?
has() {
    local program
    for program in gm mogrify convert vipsthumbnail; do
        [[ " $1" != *" $program "* ]] || command -v $program >/dev/null ||
            return 1
    done
    [[ $1 != node* ]] || [ -d "$SHARP_FROM/node_modules/sharp" ]
}

pairs() {
    local theirs=
    while IFS= read -r command; do
        case $command in
        '') theirs= ;;
        imgmill*) same "$command" "$theirs" ;;
        *) theirs=$command ;;
        esac
    done < <(commands "$page")
}

# A row of sharp's: calls on an image, on each file.
sharp_run() {
    printf 'node -e %q' "
        const need = require('module').createRequire('$SHARP_FROM/x');
        const sharp = need('sharp'), fs = require('fs'), path = require('path');
        Promise.all(process.argv.slice(1).map(async (file) => {
            const { data, info } = await sharp(file)$1
                .toBuffer({ resolveWithObject: true });
            const end = info.format === 'png' ? '.png' : '.jpg';
            fs.writeFileSync('web/' + path.parse(file).name + end, data);
        }));"
    printf " photos/morning.jpg photos/desert.jpg"
}

tables() {
    local files='photos/morning.jpg photos/desert.jpg' ours theirs
    while IFS=$'\t' read -r theirs ours; do
        [[ "$theirs" != -path* ]] || continue
        same "imgmill convert $files -o web $ours" \
            "mogrify -path web $theirs $files"
    done < <(rows "$page" mogrify)
    while IFS=$'\t' read -r theirs ours; do
        [[ "$theirs" = -[-s]* && $theirs != *%s* ]] || continue
        same "imgmill convert $files photos/phone/*.jpg -o web $ours" \
            "vipsthumbnail $files photos/phone/*.jpg $theirs -o \$PWD/web/%s.jpg"
    done < <(rows "$page" vipsthumbnail)
    while IFS=$'\t' read -r theirs ours; do
        [[ "$theirs" = .* && $ours = *[a-z]\ * || $ours = --fl* ]] || continue
        same "imgmill convert $files -o web $ours" "$(sharp_run "$theirs")"
    done < <(rows "$page" sharp)
    while IFS=$'\t' read -r theirs ours; do
        [[ "$ours" != --in-place ]] || continue
        same "imgmill convert inbox -o web $ours" ''
    done < <(rows "$page" caesiumclt)
}

# What the texts name is there: files behind links, and tools.
named() {
    local text name
    for text in "$root"/*.md "$root"/docs/*.md; do
        for name in $(grep -o '](\([^):]*\))' "$text" | tr -d ']()'); do
            [ -e "$(dirname "$text")/${name%%#*}" ] ||
                complain "$text leads to $name, which is not there"
        done
        for name in $(grep -oP '(?<![/\w])tools/[a-z/-]*[a-z]' "$text"); do
            [ -e "$root/$name" ] ||
                complain "$text names $name, which is not there"
        done
    done
}

lay_out
named
readme
page=$root/docs/coming-from.md
pairs
tables
[ "$ran" -gt 60 ] || complain "only $ran commands were found"
echo "commands: $ran run, $others of them against other programs"
exit $bad
