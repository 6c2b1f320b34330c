# Standard input and output.
ppm 10 8 >a.ppm

"$IMGMILL" convert - -o - -f png <a.ppm >a.png 2>"$err"
code=$?
code_is 0 'through'
begins a.png 89504e47
"$IMGMILL" convert a.ppm -o - -f png 2>"$err" |
    "$IMGMILL" convert - -o - -f ppm 2>>"$err" |
    cmp -s - a.ppm
verdict 'and back: the same bytes'
"$IMGMILL" convert - -o b.jpg <a.ppm 2>"$err"
begins b.jpg ffd8ff
"$IMGMILL" convert - -o out -f png <a.ppm 2>"$err"
there out/stdin.png
"$IMGMILL" convert - -o bare <a.ppm 2>"$err"
code=$?
code_is 2 'into a folder, of no format'
says '-f'
[ ! -e bare ]
verdict 'and no folder'
"$IMGMILL" convert - -o - </dev/null >none 2>"$err"
code=$?
code_is 1 'nothing comes'
[ ! -s none ]
verdict 'and nothing goes'
"$IMGMILL" info - <a.ppm >"$out" 2>"$err"
prints '10x8'
"$IMGMILL" convert a.ppm -o gone.png >&- 2>"$err" <&-
code=$?
code_is 0 'closed descriptors'
begins gone.png 89504e47
if [ "$(id -u)" = 0 ] && command -v chroot >/dev/null; then
    mkdir root && cp "$IMGMILL" root/mill
    ldd "$IMGMILL" | grep -o '/[^ ]*' | while read -r library; do
        cp -L --parents "$library" root
    done
    # Sanitizers do not run there.
    if chroot root /mill ops >"$out" 2>&1; then
        chroot root /mill ops >&- 2>"$err"
        code=$?
        code_is 5 'without a /dev/null to stand for it'
        says 'cannot open /dev/null for a closed descriptor: No such file'
    fi
fi
"$IMGMILL" convert a.ppm -o - >&- 2>"$err"
code=$?
code_is 1 'an image into a closed descriptor'
says 'a.ppm: cannot write: write: Bad file descriptor'
"$IMGMILL" convert - -o out <&- 2>"$err" -f png
code=$?
code_is 1 'and from one'
says 'stdin: cannot read: read: Bad file descriptor'
