# Shared by the tests that break system calls with strace; sourced after
# batch.sh. A way is a manner of writing outputs:
#
#   create     nothing is there          replace   an older output is there
#   named      as replace, where the file system has no O_TMPFILE
#   named-new  as create, so, with -n
#   in-place   each input is replaced    backup    so, and the old file is kept
#
# The writer and the reader are threads of their own, and strace counts calls by
# thread. So the N-th call is broken only for N that the main thread does not
# reach: its loading and its end are not what is tested.
command -v strace >/dev/null || {
    echo "skipped: strace is not installed"
    exit 77
}
strace -qq -o /dev/null true 2>/dev/null || {
    echo "skipped: strace may not trace here"
    exit 77
}
# Leaks cannot be looked for in a program that is traced.
export ASAN_OPTIONS=detect_leaks=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}
: "${IMGMILL_TEST_SEED:=$$}"
echo "seed $IMGMILL_TEST_SEED (IMGMILL_TEST_SEED)"

# These touch a path that is ours and are told apart by it; the others are on
# descriptors without a name, and are told apart by their number.
by_path=(openat openat2 mkdirat linkat renameat renameat2 unlinkat preadv)
by_number=(write fcntl close fsync fchmod)
declare -A old_sum new_sum now_sum

# sums ARRAY FOLDER: the sum of every file below it, by its name.
sums() {
    local -n into=$1
    local sum name
    into=()
    while read -r sum name; do
        into[${name#./}]=$sum
    done < <(cd "$2" && find . -type f -exec md5sum {} +)
}

# prepare WAY: inputs (of which the writer closes more than a sanitizer's main
# thread), the flags of the way, what is there before and what shall be there
# after.
prepare() {
    local i
    way=$1
    in=$work/in now=$work/now before=$work/before
    mkdir -p "$in/sub" "$before"
    for i in {1..8}; do
        draw 6 5 "$i" >"$in/$i.ppm"
    done
    for i in {1..12}; do
        draw 7 5 "$i" >"$in/sub/s$i.ppm"
    done
    flags=(-r "$in" -o "$now" -f png)
    case $way in
    in-place) flags=(-r "$now" --in-place --gray) before=$in ;;
    backup) flags=(-r "$now" --in-place --gray --backup .old) before=$in ;;
    named-new) flags+=(-n) ;;
    esac
    flags+=(--backend serial -j 1 --memory 100M --progress none)
    case $way in
    named*) without=(-e inject=access:error=ENOENT -P /proc/self/fd) ;;
    *) without=() ;;
    esac
    restore
    run clean 20 "$MILL" convert "${flags[@]}"
    expect_code clean 0
    sums new_sum "$now"
    case $way in
    replace | named)
        cp -r "$now" "$work/older"
        find "$work/older" -type f -exec sh -c 'echo old >>"$1"' - {} \;
        before=$work/older
        ;;
    esac
    restore
    sums old_sum "$now"
    sums in_sum "$in"
    count_calls
    expect_calls
}

restore() {
    rm -rf "$now"
    cp -r "$before" "$now"
}

# traced NAME CALL… [-- CALL INJECTION]: a run with the calls traced, all of one
# kind, and one of them broken.
traced() {
    local name=$1 calls= paths=() path also=("${without[@]}")
    shift
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        calls+=,$1
        shift
    done
    case " ${by_path[*]} " in
    *" ${calls##*,} "*)
        for path in /etc/ld.so.preload "$now" "$now/sub" "$in"/*.ppm \
            "$in"/sub/* "$now"/*.ppm; do
            paths+=(-P "$path")
        done
        ;;
    *) also=("${without[@]:0:2}") ;;
    esac
    restore
    rm -f "$work/log" "$work/$name.json"
    run "$name" 30 strace -f -qq -o "$work/log" -e trace="access$calls" \
        "${also[@]}" "${paths[@]}" ${2:+-e inject="$2:$3"} \
        "$MILL" convert "${flags[@]}"
}

# count_calls: how often each thread makes each call, in a run that nothing
# disturbs: "CALL MAIN OTHERS", the most of any other thread, in $work/calls.
count_calls() {
    local kind
    for kind in path number; do
        local -n calls=by_$kind
        traced plain "${calls[@]}"
        expect_code plain 0
        awk 'NR == 1 { main = $1 }
            {
                call = $2
                sub(/\(.*/, "", call)
                if ($1 == main)
                    of_main[call]++
                else if (++n[$1 " " call] > most[call])
                    most[call] = n[$1 " " call]
            }
            END {
                for (call in most)
                    print call, of_main[call] + 0, most[call]
            }' "$work/log"
    done >"$work/calls"
    case $way in
    named*) ! grep -q '^linkat ' "$work/calls" ;;
    *) grep -q '^linkat ' "$work/calls" ;;
    esac || complain "outputs do not go this way"
}

# Each call that this way is made of can be broken; else this test would be
# content with fewer.
expect_calls() {
    local call calls=(openat preadv write fcntl close)
    case $way in
    create) calls+=(openat2 mkdirat linkat) ;;
    replace) calls+=(openat2 linkat renameat) ;;
    named) calls+=(openat2 renameat) ;;
    named-new) calls+=(openat2 mkdirat renameat2) ;;
    in-place | backup) calls+=(linkat renameat fsync fchmod) ;;
    esac
    for call in "${calls[@]}"; do
        [ -n "$(numbers "$call")" ] ||
            complain "$call: none but the main thread's"
    done
}

# numbers CALL: those of its calls that are not the main thread's alone.
numbers() {
    awk -v call="$1" '$1 == call {
        for (i = $2 + 1; i <= $3; i++)
            print i
    }' "$work/calls"
}

# some N: so many of the lines read, drawn from the seed; all of them with
# IMGMILL_TEST_FULL.
some() {
    if [ -n "${IMGMILL_TEST_FULL:-}" ]; then
        cat
    else
        sort -R --random-source=<(yes "$IMGMILL_TEST_SEED") | sed "$1q"
    fi
}

# Every output is absent as before, old or new, and nothing else is there.
# Leaves the names of temporary files in $drafts.
check_files() {
    local name
    drafts=()
    sums now_sum "$now"
    for name in "${!now_sum[@]}"; do
        case $name in
        */.imgmill-* | .imgmill-*)
            drafts+=("$name")
            continue
            ;;
        esac
        [ "${now_sum[$name]}" = "${new_sum[$name]:-}" ] ||
            [ "${now_sum[$name]}" = "${old_sum[$name]:-}" ] ||
            complain "$1: $name is neither old nor new"
    done
    for name in "${!old_sum[@]}"; do
        [ -n "${now_sum[$name]:-}" ] || complain "$1: $name is gone"
        [ "$way" != backup ] ||
            [ "${now_sum[$name]:-}" = "${old_sum[$name]}" ] ||
            [ "${now_sum[$name.old]:-}" = "${old_sum[$name]}" ] ||
            complain "$1: $name has no backup"
    done
    sums now_in_sum "$in"
    for name in "${!in_sum[@]}"; do
        [ "${now_in_sum[$name]:-}" = "${in_sum[$name]}" ] ||
            complain "$1: the input $name is not what it was"
    done
}
declare -A in_sum now_in_sum

# A temporary name is there only from its link to its rename; where there is no
# O_TMPFILE, from its beginning. One writer, so one.
check_drafts() {
    local name sum
    seen_temporaries=$((seen_temporaries + ${#drafts[@]}))
    [ "${#drafts[@]}" -le 1 ] || complain "$1: temporary files: ${drafts[*]}"
    case $way in
    named*) return ;;
    create) [ "${#drafts[@]}" = 0 ] || complain "$1: ${drafts[*]} is left" ;;
    esac
    for name in "${drafts[@]}"; do
        sum=${now_sum[$name]}
        [[ " ${new_sum[*]} " = *" $sum "* ]] ||
            complain "$1: the temporary file is not whole"
    done
}
