#!/usr/bin/env bash
# step-kill.sh WAY: SIGKILL at a system call of the way of an output. Whatever
# the call, each output is absent, old or new, inputs are what they were, and a
# temporary file is left only where the way says so.
. "$(dirname "$0")/../support/batch.sh"
. "$(dirname "$0")/../support/inject.sh"

prepare "$1"
landed=0 between=0
for call in "${by_path[@]}" "${by_number[@]}"; do
    for n in $(numbers "$call" | some 2); do
        name="$call, the $n."
        traced kill "$call" -- "$call" "signal=KILL:when=$n" 2>/dev/null
        [ "$code" = 137 ] && grep -q 'killed by SIGKILL' "$work/log" || {
            complain "$name: nobody was killed (code $code)"
            tail -n 3 "$work/log" >&2
            tell kill
            continue
        }
        landed=$((landed + 1))
        seen_hangs=$((seen_hangs - 1)) # its 137 is no deadline's
        check_files "$name"
        check_drafts "$name"
        [ "$(count_files "$now")" = 0 ] || between=$((between + 1))
    done
done
[ "$landed" -gt 0 ] || complain "no call was broken"
restore
expect_no_traces "all kills"
fault_row "SIGKILL at a call of an output's way, $way" serial "$landed" 0
finish "$way: killed at $landed calls, $between times with files there"
