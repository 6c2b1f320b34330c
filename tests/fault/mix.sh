#!/usr/bin/env bash
# mix.sh all|most|few|again: batches in which every image is evil (stopped by
# the rule, or with the rule lifted), one in a hundred is, or one is killed and
# tried again. Workers are counted: an image costs no more than its own.
. "$(dirname "$0")/../support/batch.sh"

mode=$1
evils=(crash abort 'exit 3' garbage lie)
mkdir -p "$work/in" "$work/clean" "$work/out"

# evil FIRST LAST: so many evil images.
evil() {
    local i
    for ((i = $1; i <= $2; i++)); do
        printf 'EVIL %s\n' "${evils[i % ${#evils[@]}]}" >"$work/in/$i.evil"
    done
}

# good FIRST LAST: so many good ones, all the same.
good() {
    local i
    printf 'EVIL picture 64 48\n' >"$work/picture.evil"
    run clean 60 "$MILL_EVIL" convert "$work/picture.evil" -o "$work/one" -f png
    expect_code clean 0
    for ((i = $1; i <= $2; i++)); do
        cp "$work/picture.evil" "$work/in/$i.evil"
        cp "$work/one/picture.png" "$work/clean/$i.png"
    done
}

# mix NAME FLAG…: leaves $born and $died.
mix() {
    local name=$1
    shift
    run "$name" 60 "$MILL_EVIL" convert "$work/in" -o "$work/out" -f png -j 2 \
        --stats "$@"
    born=$(sed -nE 's/.* ([0-9]+) workers born.*/\1/p' "$work/$name.err")
    died=$(sed -nE 's/.* ([0-9]+) died.*/\1/p' "$work/$name.err")
    expect_no_traces "$name"
    expect_whole "$name" "$work/out" "$work/clean"
}

# count NAME LEAST MOST: of the number on standard input.
count() {
    local n
    read -r n
    [ "$n" -ge "$2" ] && [ "$n" -le "$3" ] ||
        complain "$1: $n, not $2 to $3"
}

left_in() {
    grep -c '"status":"left"' "$work/$1.json"
}

case $mode in
all)
    evil 1 300
    mix all
    expect_code all 4
    grep -q '1[01] workers died in a row and no image was done' "$work/all.err" ||
        complain "the sentence is not there"
    count 'workers that died' 10 11 <<<"$died"
    count 'workers born' 10 13 <<<"$born"
    count 'images that crashed' 10 11 <<<"$(count_verdict all crash)"
    count 'images left' 289 290 <<<"$(left_in all)"
    ;;
most)
    evil 1 24
    mix most --max-deaths 0
    expect_code most 1
    count 'images that crashed' 24 24 <<<"$(count_verdict most crash)"
    count 'workers that died' 24 24 <<<"$died"
    count 'workers born' 24 26 <<<"$born"
    ;;
few)
    good 4 300
    evil 1 3
    mix few
    expect_code few 1
    count 'images that crashed' 3 3 <<<"$(count_verdict few crash)"
    count 'images that are done' 297 297 <<<"$(count_verdict few 'done')"
    count 'files' 297 297 <<<"$(count_files "$work/out")"
    count 'workers that died' 3 3 <<<"$died"
    count 'workers born' 3 5 <<<"$born"
    ;;
again)
    good 2 20
    evils=(kill)
    evil 1 1
    mix again --retries 2
    expect_code again 1
    count 'workers that died' 3 3 <<<"$died"
    count 'reports of three attempts' 1 1 <<<"$(grep -c '"attempts":3' \
        "$work/again.json")"
    count 'reports of one' 19 19 <<<"$(grep -c '"attempts":1' \
        "$work/again.json")"
    ;;
esac
fault_row "evil images: $mode" process "$died" 0
finish "$mode: $died workers died, $born were born"
