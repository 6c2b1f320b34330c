#!/usr/bin/env bash
# step-error.sh WAY: a system call of the way of an output fails. An image that
# it costs is named with the cause and leaves what was there; all others are
# done; a full disk stops the batch, and what passes is waited out.
. "$(dirname "$0")/../support/batch.sh"
. "$(dirname "$0")/../support/inject.sh"

declare -A text=([ENOSPC]='No space left on device' [EIO]='Input/output error'
    [EDQUOT]='Disk quota exceeded' [EMFILE]='Too many open files'
    [ENFILE]='Too many open files in system' [EACCES]='Permission denied'
    [EINTR]='Interrupted system call' [EROFS]='Read-only file system')

# The name of an input's output below $now.
output_of() {
    local name=${1#"$in/"}
    name=${name#"$now/"}
    case $way in
    in-place | backup) echo "$name" ;;
    *) echo "${name%.ppm}.png" ;;
    esac
}

# The report itself comes from the same thread; its loss is another test's.
to_report='write\([0-9]+, "(\{|imgmill:)'
hit_report() {
    grep 'INJECTED' "$work/log" | grep -qE "$to_report"
}

# The writes of outputs: the thread's how manieth.
writing() {
    awk -v report="${to_report//\\/\\\\}" '
        $2 ~ /^write\(/ && ++n[$1] && $0 !~ report { print n[$1] }' "$work/log"
}

# The closes that ask what close would answer, of a descriptor that was
# duplicated right before: the thread's how manieth it is, and its line.
asking() {
    awk '/fcntl\(/ { twin[$1] = $NF }
        $2 ~ /^close\(/ {
            n[$1]++
            if (index($2, "close(" twin[$1] ")") == 1)
                print n[$1], $0
        }' "$work/log"
}

# costs CALL ERROR: must it cost an image? Of the closes only those.
costs() {
    case $1-$2 in
    *-EINTR | unlinkat-* | openat*-EMFILE | openat*-ENFILE | fcntl-EMFILE | \
        fcntl-ENFILE) return 1 ;;
    close-EMFILE | close-ENFILE) return 1 ;;
    close-*) asking | grep -q INJECTED ;;
    esac
}

# Every input has one end in the report, and its output is as that says.
check_report() {
    local input verdict name failed=0 unwritten=0 n=0
    while IFS=$'\t' read -r input verdict; do
        n=$((n + 1))
        name=$(output_of "$input")
        if [ "$verdict" = done ]; then
            [ "${now_sum[$name]:-}" = "${new_sum[$name]}" ] ||
                complain "$1: $input is done, and $name is not there"
            continue
        fi
        [ "${now_sum[$name]:-}" = "${old_sum[$name]:-}" ] ||
            complain "$1: $input is $verdict, and $name is another"
        [ "$way" != backup ] || [ "${1%%,*}" = unlinkat ] ||
            [ -z "${now_sum[$name.old]:-}" ] ||
            complain "$1: $input is $verdict, and its backup is left"
        [ "$verdict" = stopped ] && continue
        failed=$((failed + 1))
        [ "$verdict" != write ] || unwritten=$((unwritten + 1))
        grep -F "$input: " "$work/error.err" | grep -qF "${text[$2]}" ||
            complain "$1: no message names $input and the cause"
    done < <(verdicts error)
    [ "$n" = "${#in_sum[@]}" ] || complain "$1: $n inputs in the report"
    [ "$failed" -gt 0 ] || ! costs "${1%%,*}" "$2" ||
        complain "$1: it costs no image"
    [ "$failed" -le "$hits" ] || {
        complain "$1: it costs $failed images"
        lost=$((lost + failed - hits))
    }
    check_code "$1" "$2" "$failed" "$unwritten"
}

check_code() {
    local expected=0
    [ "$3" = 0 ] || expected=1
    case $2 in
    ENOSPC | EDQUOT) [ "$4" = 0 ] || expected=5 ;;
    EINTR) [ "$3" = 0 ] || complain "$1: an interruption costs an image" ;;
    EMFILE | ENFILE)
        case $1 in
        openat* | fcntl*) [ "$3" = 0 ] || complain "$1: not waited out" ;;
        esac
        ;;
    esac
    [ "$code" = "$expected" ] || {
        complain "$1: exit code $code, not $expected"
        tell error
    }
}

# cases CALL: "ERROR N", for each of its numbers and each error. Without
# IMGMILL_TEST_FULL one of each kind: what is tried again at once, what is waited
# out, what ends the batch, what costs the image; but for the first, at a call
# of which an image depends.
cases() {
    local kind only kinds=(EINTR 'ENOSPC EDQUOT' 'EMFILE ENFILE'
        'EIO EACCES EROFS')
    case $1 in
    openat* | fcntl | close) ;;
    *) kinds=(EINTR 'ENOSPC EDQUOT' 'EIO EACCES EROFS EMFILE ENFILE') ;;
    esac
    for kind in "${kinds[@]}"; do
        only=
        [ "$kind" = EINTR ] || [ -n "${IMGMILL_TEST_FULL:-}" ] ||
            only=${costly[$1]:-}
        for error in $kind; do
            numbers "$1" | sed "s/^/$1 $error /"
        done | grep -E "$only" | some 1
    done | cut -d' ' -f2-
}

prepare "$1"
declare -A costly=(
    [close]=" ($(asking | cut -d' ' -f1 | paste -sd'|'))\$"
    [write]=" ($(writing | paste -sd'|'))\$"
)
landed=0 lost=0
for call in "${by_path[@]}" "${by_number[@]}"; do
    # Who is told that close failed has not closed either: not counted then.
    [ "$call" != close ] || cp "$work/at-exit" "$work/others" 2>/dev/null
    mapfile -t pairs < <(cases "$call")
    for pair in "${pairs[@]}"; do
        read -r error n <<<"$pair"
        name="$call, the $n., $error"
        also=
        [ "$call" != close ] || also=fcntl
        traced error $also "$call" -- "$call" "error=$error:when=$n"
        # The N-th of each thread: of the reader's, of the writer's.
        hits=$(grep -c 'INJECTED' "$work/log")
        [ "$hits" -gt 0 ] || complain "$name: nothing was broken"
        landed=$((landed + hits))
        check_files "$name"
        seen_temporaries=$((seen_temporaries + ${#drafts[@]}))
        [ "${#drafts[@]}" = 0 ] || [ "$call" = unlinkat ] ||
            complain "$name: ${drafts[*]} is left"
        hit_report || check_report "$name" "$error"
    done
    [ "$call" != close ] || cp "$work/others" "$work/at-exit" 2>/dev/null
done
[ "$landed" -gt 0 ] || complain "no call was broken"
restore
expect_no_traces "all failed calls"
fault_row "a call of an output's way fails, $way" serial "$landed" "$lost"
finish "$way: $landed failed calls"
