# Shared by the tests of whole batches (fault, same); sourced, not run. They get
# MILL, the program, and MILL_EVIL, the same with the evil codec in it.
#
# Every run of a test carries a tag in its environment, which its children
# inherit: what is left of a run is found by it, whatever else the machine does.
set -u
: "${MILL:?the program}" "${MILL_EVIL:=$MILL}"
export LC_ALL=C
work=$(mktemp -d "${TMPDIR:-/tmp}/mill-test.XXXXXX")
tag=mill-test-$$-$RANDOM
failures=0
# What was left behind by all runs of this test, for fault_row.
seen_hangs=0 seen_temporaries=0 seen_children=0

cleanup() {
    local pid
    for pid in $(children_left); do
        kill -9 "$pid" 2>/dev/null
    done
    rm -rf "$work"
}
trap cleanup EXIT

complain() {
    echo "FAILED: $*" >&2
    failures=$((failures + 1))
}

# A word that is no command: something was not checked. Bash calls this in a
# process of its own.
command_not_found_handle() {
    echo "not a command: $1" | tee -a "$work/strange" >&2
    return 127
}

# The last line of every test.
finish() {
    [ ! -e "$work/strange" ] || complain "$(cat "$work/strange")"
    [ "$failures" = 0 ] && echo "${1:-passed}"
    exit $((failures > 0))
}

# ---- processes ---------------------------------------------------------------

# Every live process of a run of this test.
children_left() {
    grep -ls "MILL_TEST_TAG=$tag" /proc/[0-9]*/environ | tr -dc '0-9\n'
}

no_child() {
    [ -z "$(children_left)" ]
}

# Those of them that have this name (a worker's is mill-worker, or evil-slow
# while it obeys).
children_named() {
    local pid
    for pid in $(children_left); do
        grep -lsx "$1" "/proc/$pid/comm" | tr -dc '0-9\n'
    done
}

# until_true SECONDS COMMAND…: polls.
until_true() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.05
    done
}

# ---- running -----------------------------------------------------------------

# How every program is started: with the tag, and with what tells of open
# descriptors and memory as it ends (but under a sanitizer, which wants to be
# the first library).
tagged=(env "MILL_TEST_TAG=$tag")
[ -z "${MILL_AT_EXIT:-}" ] || tagged+=("LD_PRELOAD=$MILL_AT_EXIT"
    "MILL_TEST_AT_EXIT=$work/at-exit")

# run NAME DEADLINE PROGRAM ARGUMENT…: leaves NAME.err, NAME.out, NAME.json and
# the exit code in $code; 124 or 137 when the deadline ended it.
run() {
    local name=$1 deadline=$2 program=$3
    shift 3
    timeout -k 5 "$deadline" "${tagged[@]}" "$program" "$@" \
        --json="$work/$name.json" >"$work/$name.out" 2>"$work/$name.err"
    code=$?
    case $code in
    124 | 137) seen_hangs=$((seen_hangs + 1)) ;;
    esac
}

# start NAME PROGRAM ARGUMENT…: in the background, with Ctrl-C as a terminal
# gives it; its process is $started.
start() {
    local name=$1 program=$2
    shift 2
    env --default-signal=INT,QUIT "${tagged[@]}" "$program" "$@" \
        --json="$work/$name.json" >"$work/$name.out" 2>"$work/$name.err" &
    started=$!
}

# ended NAME DEADLINE: the code of what was started last, in $code.
ended() {
    until_true "$2" gone "$started" || {
        complain "$1: still runs after $2 s"
        seen_hangs=$((seen_hangs + 1))
        kill -9 "$started"
    }
    wait "$started" 2>/dev/null
    code=$?
}

gone() {
    ! [ -e "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null
}

tell() {
    sed 's/^/    /' "$work/$1.err" >&2
}

# ---- what a run left ---------------------------------------------------------

expect_code() {
    [ "$code" = "$2" ] || {
        complain "$1: exit code $code, not $2"
        tell "$1"
    }
}

expect_no_traces() {
    local found
    found=$(children_left)
    seen_children=$((seen_children + $(wc -w <<<"$found")))
    [ -z "$found" ] || complain "$1: processes are left:" $found
    found=$(find "$work" -name '.imgmill-*')
    seen_temporaries=$((seen_temporaries + $(wc -w <<<"$found")))
    [ -z "$found" ] || complain "$1: temporary files are left:" $found
    found=$(descriptors_left)
    [ "${found:-0}" = 0 ] || complain "$1: $found descriptors are left"
}

# How many descriptors were left open by runs that ended by themselves; nothing
# when nobody counted.
descriptors_left() {
    [ ! -s "$work/at-exit" ] ||
        awk '{ n += $1 } END { print n }' "$work/at-exit"
}

# The most memory, in KB, that any process of those runs held; or nothing.
most_kb() {
    [ ! -s "$work/at-exit" ] ||
        awk '$2 > most { most = $2 } END { print most }' "$work/at-exit"
}

# Every file of the folder is the same as the one of its name in the clean one.
expect_whole() {
    local file
    while IFS= read -r -d '' file; do
        cmp -s "$file" "$3/${file#"$2"/}" ||
            complain "$1: ${file#"$2"/} is not what a clean run gives"
    done < <(find "$2" -type f -print0)
}

# A line for each image: its name, a tab, and "done" or why it is not.
verdicts() {
    local text='"([^"\\]*(\\.[^"\\]*)*)"'
    sed -nE -e "s/^\{\"in\":$text,\"status\":\"(done)\".*/\1\t\3/p" \
        -e "s/^\{\"in\":$text,\"status\":\"[a-z]+\",\"cause\":\"([a-z]+)\".*/\1\t\3/p" \
        "$work/$1.json" | sort
}

# expect_only_evil NAME VERDICT CAUSE: of the folder in, kpic.evil alone ended
# with this verdict, and the message has the cause; all others are in out what
# they are in clean, and nothing else is there.
expect_only_evil() {
    local good
    good=$(count_files "$work/clean")
    expect_code "$1" 1
    expect_no_traces "$1"
    expect_whole "$1" "$work/out" "$work/clean"
    [ "$(count_files "$work/out")" = "$good" ] ||
        complain "$1: not the $good other outputs, and nothing else"
    [ "$(count_verdict "$1" 'done')" = "$good" ] ||
        complain "$1: the report does not say that $good images are done"
    [ "$(verdicts "$1" | grep -v $'\tdone$')" = \
        "$work/in/kpic.evil"$'\t'"$2" ] || {
        complain "$1: the report does not call kpic.evil alone $2"
        tell "$1"
    }
    grep 'kpic\.evil' "$work/$1.err" | grep -qF -e "$3" || {
        complain "$1: the message does not say '$3'"
        tell "$1"
    }
}

# The report's lines, sorted, without what may differ from run to run.
sayings() {
    grep -v '^{"summary"' "$work/$1.json" | sort |
        sed -E 's/,"ms":\{[^}]*\},"worker":[0-9]+,"attempts":[0-9]+//'
}

# How many images ended as `word` says.
count_verdict() {
    verdicts "$1" | cut -f2 | grep -cx "$2"
}

# hashes FOLDER: of every file in it.
hashes() {
    (cd "$1" && find . -type f -print0 | sort -z | xargs -0 -r sha256sum)
}

count_files() {
    find "$1" -type f | wc -l
}

# ---- the table ---------------------------------------------------------------

# fault_row FAULT BACKEND INJECTED LOST: a row of the table in fault/README.md,
# appended to the file that IMGMILL_FAULT_TABLE names, if it does: the fault in
# words, who computed, how many faults were proved to have landed, and how many
# images were lost beyond the ones at fault. What was left behind is added here;
# a test calls this once for each fault, as its last thing before finish.
fault_row() {
    local left
    [ -n "${IMGMILL_FAULT_TABLE:-}" ] || return 0
    left=$(descriptors_left)
    printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "$4" \
        "$seen_temporaries" "$seen_children" "${left:--}" "$seen_hangs" \
        "$failures" >>"$IMGMILL_FAULT_TABLE"
}

# ---- the corpus --------------------------------------------------------------

# enter_corpus [FOLDER]: go to the corpus (IMGMILL_TEST_CORPUS, or corpus in the
# folder shared beside the checkout), or to a folder of it; without it the test
# is skipped.
enter_corpus() {
    local beside
    beside=$(cd "$(dirname "$0")/../.." && pwd)/../shared/corpus
    cd "${IMGMILL_TEST_CORPUS:-$beside}/${1:-}" 2>/dev/null && return
    echo "skipped: no corpus (IMGMILL_TEST_CORPUS)"
    exit 77
}

# ---- pictures ----------------------------------------------------------------

# draw W H SEED: a PPM of smooth colours and a little noise, as text.
draw() {
    awk -v w="$1" -v h="$2" -v seed="$3" 'BEGIN {
        printf "P3\n%d %d\n255\n", w, h
        srand(seed)
        for (y = 0; y < h; y++)
            for (x = 0; x < w; x++)
                printf "%d %d %d\n", (x * 255 / w + 6 * rand()) % 256,
                    (y * 255 / h + seed * 17) % 256,
                    ((x + y) * 3 + seed * 29) % 256
    }'
}

# draw_set FOLDER: twelve pictures of three formats.
draw_set() {
    local i ppm="$work/drawn"
    mkdir -p "$ppm" "$1"
    for i in 1 2 3 4 5 6 7 8 9; do
        draw $((40 + 37 * i)) $((30 + 23 * i)) "$i" >"$ppm/pic$i.ppm"
    done
    run drawn 60 "$MILL" convert "$ppm" -o "$1" -f png --name 'p{stem}.{ext}'
    expect_code drawn 0
    run drawn 60 "$MILL" convert "$ppm" -o "$1" -f jpeg --name 'j{stem}.{ext}'
    expect_code drawn 0
    rm -f "$1"/ppic[1-4].* "$1"/jpic[6-9].*
    cp "$ppm"/pic[4-6].ppm "$1"
}

# psnr A B: of two PNM files of one kind and size: whole decibels, the mean over
# all samples, 99 when they are the same; then the greatest difference.
psnr() {
    local n
    n=$(stat -c %s "$1")
    [ "$n" = "$(stat -c %s "$2")" ] || {
        echo "0 255"
        return
    }
    cmp -l "$1" "$2" | awk -v n="$n" '
        function octal(s) {
            return s % 10 + 8 * (int(s / 10) % 10) + 64 * int(s / 100)
        }
        {
            d = octal($2) - octal($3)
            sum += d * d
            if (d < 0) d = -d
            if (d > most) most = d
        }
        END {
            printf "%d %d\n", sum ? 10 * log(65025 * n / sum) / log(10) : 99,
                most
        }'
}
