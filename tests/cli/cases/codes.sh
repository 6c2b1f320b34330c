# Exit codes of runs that had something to do, or found nothing.
ppm 4 4 >a.ppm
head -c 20 a.ppm >short.ppm
mkdir empty
echo text >empty/note.txt

mill convert a.ppm -o out
code_is 0 'all done'
mill convert a.ppm short.ppm -o out2
code_is 1 'one failed'
says 'short.ppm: damaged image'
there out2/a.ppm
absent out2/short.ppm
mill convert none.ppm a.ppm -o out3
code_is 1 'one is missing'
says 'none.ppm: cannot read'
there out3/a.ppm
mill convert empty -o out4
code_is 3 'no input matched'
says 'no input matched, 1 ignored'
absent out4
mill convert --files-from /dev/null -o out4
code_is 3 'an empty list'
mill convert -o out5 -- -dash.ppm
code_is 1 'behind -- all are inputs'
says '-dash.ppm'
if [ -c /dev/full ]; then
    "$IMGMILL" convert a.ppm -o out6 --print >/dev/full 2>"$err"
    code=$?
    code_is 5 'nobody takes the results'
    mkdir many
    for i in $(seq 100); do
        cp a.ppm "many/$i.ppm"
    done
    "$IMGMILL" convert many -o out7 -j1 --print >/dev/full 2>"$err"
    [ "$(find out7 -type f | wc -l)" -lt 100 ]
    verdict 'so no more are made'
fi
if [ -c /dev/full ]; then
    # lost COMMAND...: what is printed goes nowhere.
    lost() {
        "$IMGMILL" "$@" >/dev/full 2>"$err"
        code=$?
        code_is 5 "$* > /dev/full"
        says 'cannot write: standard output: No space left on device'
        one_line
    }
    lost ops
    lost --version
    lost convert --help
    lost info a.ppm
    mill convert a.ppm -o out8 --json=/dev/full
    code_is 5 'a report that cannot be written'
    says 'cannot write: --json=/dev/full: No space left on device'
    one_line
fi
