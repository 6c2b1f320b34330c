#!/bin/bash
# run.sh CASE: one case of the command line, in an empty folder of its own.
# IMGMILL is the program. A case is sourced: it runs commands and checks what
# they say, what they return and what they leave.
set -u
: "${IMGMILL:?the program}"
export LC_ALL=C
case=$(realpath "$1")
work=$(mktemp -d "${TMPDIR:-/tmp}/mill-cli.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/here"
cd "$work/here" || exit 1
out=$work/stdout err=$work/stderr
checks=0 failures=0

# verdict WHAT: the last command's, as a line.
verdict() {
    local good=$?
    checks=$((checks + 1))
    if [ "$good" = 0 ]; then
        echo "ok $checks - $1"
    else
        failures=$((failures + 1))
        echo "not ok $checks - $1"
        sed 's/^/# /' "$err"
    fi
}

# mill ARGUMENT...: leaves the streams in $out and $err, the code in $code.
mill() {
    "$IMGMILL" "$@" >"$out" 2>"$err"
    code=$?
}

# code_is CODE WHAT
code_is() {
    [ "$code" = "$1" ]
    verdict "$2: exit code $1 (it is $code)"
}

# says TEXT / prints TEXT: stderr or stdout holds this, as it stands.
says() {
    grep -qF -e "$1" "$err"
    verdict "says: $1"
}

prints() {
    grep -qaF -e "$1" "$out"
    verdict "prints: $1"
}

one_line() {
    [ "$(wc -l <"$err")" = 1 ]
    verdict "one line on standard error"
}

silent() {
    [ ! -s "$out" ]
    verdict "nothing on standard output"
}

# holds WHAT COMMAND...
holds() {
    local what=$1
    shift
    "$@" >/dev/null 2>&1
    verdict "$what"
}

there() {
    [ -f "$1" ]
    verdict "$1 is there"
}

absent() {
    [ ! -e "$1" ]
    verdict "$1 is not there"
}

# begins FILE HEX: its first bytes.
begins() {
    [ "$(od -An -tx1 -N $((${#2} / 2)) "$1" | tr -d ' \n')" = "$2" ]
    verdict "$1 begins with $2"
}

# ppm W H [BYTE]: a PPM of one value.
ppm() {
    printf 'P6\n%d %d\n255\n' "$1" "$2"
    head -c $(($1 * $2 * 3)) /dev/zero | tr '\0' "${3:-x}"
}

# A case that does not parse, or has a word that is no command, checked less
# than it says. Bash calls this in a process of its own.
command_not_found_handle() {
    echo "not a command: $1" | tee -a "$work/strange" >&2
    return 127
}
bash -n "$case" || exit 1

. "$case"

echo "1..$checks"
[ "$checks" -gt 0 ] && [ "$failures" = 0 ] && [ ! -e "$work/strange" ]
