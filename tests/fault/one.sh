#!/usr/bin/env bash
# one.sh FAULT: one evil file among good ones costs that file and nothing else,
# and is named with what it did.
. "$(dirname "$0")/../support/batch.sh"

fault=$1
status=crash
flags=(--backend process)
case $fault in
crash) order=crash cause=SIGSEGV ;;
abort) order=abort cause=SIGABRT ;;
exit) order='exit 3' cause='code 3' ;;
loop | stop)
    order=$fault cause='--timeout raises it' status=timeout
    flags+=(--timeout 0.5)
    ;;
garbage) order=garbage cause='another size' ;;
lie) order=lie cause='an answer to another image' ;;
alloc) order='alloc 70368744177664' cause=70368744177664 status=memory ;;
error-*)
    order='error on command' cause='on command' status=damaged
    backend=${fault#error-}
    flags=(--backend "$backend")
    ;;
*) complain "no fault is called $fault" ;;
esac

draw_set "$work/in"
good=$(count_files "$work/in")
run clean 60 "$MILL_EVIL" convert "$work/in" -o "$work/clean" -f png \
    --name '{stem}-{srcext}.{ext}' --resize 50% --backend serial
expect_code clean 0
[ "$(count_files "$work/clean")" = "$good" ] ||
    complain "the clean run did not write $good files"

printf 'EVIL %s\n' "$order" >"$work/in/kpic.evil"
run "$fault" 30 "$MILL_EVIL" convert "$work/in" -o "$work/out" -f png \
    --name '{stem}-{srcext}.{ext}' --resize 50% -j 2 --order input \
    "${flags[@]}"
expect_only_evil "$fault" "$status" "$cause"
fault_row "an image's order: $order" "${backend:-process}" \
    "$(count_verdict "$fault" "$status")" $((good - $(count_files "$work/out")))
finish "$fault: one image"
