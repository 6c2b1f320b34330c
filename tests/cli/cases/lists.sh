# --files-from, -0, --print and --print0.
mkdir -p 'in/odd name'
new=$'in/odd name/new\nline.ppm'
ppm 8 6 >"$new"
ppm 8 6 >in/plain.ppm

printf '%s\0' "$new" in/plain.ppm |
    "$IMGMILL" convert --files-from - -0 -o out --print0 -f png 2>"$err" |
    xargs -0 ls -d >/dev/null 2>>"$err"
verdict 'zero bytes all the way'
there "out/${new%.ppm}.png"
there out/in/plain.png
printf 'in/plain.ppm\n\n' | "$IMGMILL" convert --files-from=- -o out2 \
    --print >"$out" 2>"$err"
[ "$(cat "$out")" = out2/in/plain.ppm ]
verdict 'a line each'
echo in/plain.ppm >list
mill convert --files-from list -o out3/x.png
code_is 2 'the name of one file, for a list'
mill convert --files-from list -o out3/x.png/
there out3/x.png/in/plain.ppm
printf '../x.ppm\n' >list
mill convert --files-from list -o out4
code_is 2 'no name leads out'
says '--files-from list: a listed name must not go up: ../x.ppm'
one_line
printf 'in/plain.ppm\0' >list
mill convert --files-from list -o out4
code_is 2 'zero bytes that nobody spoke of'
says '--files-from list: there is a zero byte in it; --null reads'
mill convert --files-from in -o out4
code_is 2 'a folder as a list'
says '--files-from in: cannot read'
mill convert 'in/odd name' -o out5 -v
says 'inputs: 1'
head -c 20 "$new" >short && cp short "$new"
mill convert "$new" -o out6
says 'new\nline.ppm: damaged image'
one_line
