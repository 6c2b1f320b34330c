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
"$IMGMILL" convert a.ppm -o - >&- 2>"$err"
code=$?
code_is 1 'an image into a closed descriptor'
says 'a.ppm: cannot write: write: Bad file descriptor'
"$IMGMILL" convert - -o out <&- 2>"$err" -f png
code=$?
code_is 1 'and from one'
says 'stdin: cannot read: read: Bad file descriptor'
