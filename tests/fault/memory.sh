#!/usr/bin/env bash
# memory.sh BACKEND JOBS: pictures from 1 px to 100 MP under a cgroup whose limit
# is --memory and what the program itself takes. Nothing is killed for want of
# memory; what needs more than there is fails alone, with both figures.
. "$(dirname "$0")/../support/batch.sh"

backend=$1 jobs=$2 memory=256
limit=$(((memory + 16 + 8 * jobs) << 20)) # the allowance, MB

[ "$jobs" != 1 ] || [ -n "${IMGMILL_TEST_FULL:-}" ] || {
    echo "one job at a time is the easier case: only with IMGMILL_TEST_FULL=1"
    exit 77
}

# ---- a cgroup of our own -----------------------------------------------------

group=
cleanup_group() {
    local pid
    [ -d "$group" ] || return
    for pid in $(cat "$group/cgroup.procs"); do
        kill -9 "$pid" 2>/dev/null
    done
    until_true 5 rmdir "$group" 2>/dev/null
}
trap 'cleanup_group; cleanup' EXIT

# try FOLDER FILE: a group there that takes this limit.
try() {
    group=$1/mill-test-$$
    mkdir "$group" 2>/dev/null && [ -w "$group/$2" ] &&
        echo "$limit" 2>/dev/null >"$group/$2" && return
    rmdir "$group" 2>/dev/null
    group=
    return 1
}

try /sys/fs/cgroup memory.max ||
    try /sys/fs/cgroup/memory memory.limit_in_bytes || {
    echo "no cgroup with a memory limit can be made here"
    exit 77
}
for file in memory.swap.max memory.memsw.limit_in_bytes; do
    [ -w "$group/$file" ] && echo 0 2>/dev/null >"$group/$file"
    [ -w "$group/$file" ] && echo "$limit" 2>/dev/null >"$group/$file"
done


kills() {
    cat "$group/memory.events" "$group/memory.oom_control" 2>/dev/null |
        awk '/^oom_kill / { print $2 }'
}

most() {
    cat "$group/memory.peak" "$group/memory.max_usage_in_bytes" 2>/dev/null
}

# ---- the pictures ------------------------------------------------------------

# pnm FILE KIND WIDTH HEIGHT SAMPLES: black, and without blocks on the disk.
pnm() {
    printf '%s\n%d %d\n255\n' "$2" "$3" "$4" >"$work/$1"
    truncate -s "+$(($3 * $4 * $5))" "$work/$1"
}

mkdir "$work/in"
pnm in/a.pgm P5 1 1 1
pnm in/b.ppm P6 100 100 3
pnm in/c.ppm P6 2000 1500 3
pnm in/d.pgm P5 6000 4000 1
pnm in/e.ppm P6 6000 4000 3
for i in 1 2 3 4; do
    ln "$work/in/e.ppm" "$work/in/e$i.ppm"
done
pnm 100.pgm P5 10000 10000 1
run made 120 "$MILL" convert "$work/in/e.ppm" -o "$work/in/p1.jpg" --progressive
expect_code made 0
run made 120 "$MILL" convert "$work/100.pgm" -o "$work/in/q.jpg"
expect_code made 0
# By rows it goes; to be turned it is held, and that is too much.
pnm 48.ppm P6 8000 6000 3
run made 120 "$MILL" convert "$work/48.ppm" -o "$work/in/r.jpg" \
    --subsampling 444 --memory 1G
expect_code made 0
rm "$work/48.ppm"
# Small as files, so that nothing but their work memory holds them back.
for i in 2 3 4 5 6; do
    ln "$work/in/p1.jpg" "$work/in/p$i.jpg"
done
for i in 1 2; do
    printf 'P6\n1000 1000\n255\n' >"$work/in/noise$i.ppm"
    head -c 3000000 /dev/urandom >>"$work/in/noise$i.ppm"
done
n=$(count_files "$work/in")

# ---- the runs ----------------------------------------------------------------

# batch NAME DONE FLAG…: so many are done at least; all others are over a limit,
# and the message has both figures.
batch() {
    local name=$1 least=$2 done over
    shift 2
    MILL_TEST_TAG=$tag timeout -k 5 200 bash -c \
        'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' - "$group" \
        "$MILL" convert "$work/in" -o "$work/out-$name" \
        --name '{stem}-{srcext}.{ext}' --memory "${memory}M" \
        --backend "$backend" -j "$jobs" --json="$work/$name.json" "$@" \
        >"$work/$name.out" 2>"$work/$name.err"
    code=$?
    case $code in
    124 | 137) seen_hangs=$((seen_hangs + 1)) ;;
    esac
    over_limit=$((over_limit + $(count_verdict "$name" limit)))
    done=$(count_verdict "$name" done)
    over=$(grep -cE 'over a limit: .*[0-9] MB .*there is [0-9]+ MB' \
        "$work/$name.err")
    [ "$done" -ge "$least" ] && [ $((done + over)) = "$n" ] || {
        complain "$name: $done done, $over over a limit, of $n"
        tell "$name"
    }
    [ "$(kills)" = 0 ] || complain "$name: $(kills) killed for want of memory"
    rm -rf "$work/out-$name"
}

over_limit=0
batch jpeg "$n" -f jpeg --subsampling 444
[ -z "${IMGMILL_TEST_FULL:-}" ] || batch pnm "$n" -f pnm
batch turned 6 -f jpeg --rotate 90
[ "$jobs" = 1 ] || [ "$(count_verdict turned limit)" -gt 0 ] ||
    complain "turned: nothing was over the limit"
expect_no_traces turned
fault_row "images larger than their part of the memory, -j $jobs" "$backend" \
    "$over_limit" 0
finish "$backend -j $jobs: at most $(($(most) >> 20)) MB of $((limit >> 20)), \
with what the system keeps of files"
