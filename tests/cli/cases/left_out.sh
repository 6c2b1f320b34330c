# What a folder holds and is not converted is told with the summary; the folder
# of the outputs is no input, wherever it lies.
mkdir -p in/deep other
ppm 8 6 >in/one.ppm
ppm 8 6 >in/deep/two.ppm
ppm 8 6 >other/far.ppm
printf 'GIF89a\1\0\1\0' >in/a.gif
printf 'GIF89a\1\0\1\0' >in/b
printf '\0\0\0\x18ftypheic' >in/c.HEIC
echo words >in/d.txt

mill convert in -o out
code_is 0 'a folder'
says '1 done, 4 ignored (2 GIF, 1 HEIC), 1 folder not entered (-r); '
mill convert in/one.ppm -o out
one=$(wc -c <"$err")
[ "$one" = 0 ]
verdict 'one file, and nothing to say'
ln -s ../other in/link
mill convert -r in -o out
says '2 done, 4 ignored (2 GIF, 1 HEIC), 1 link to a folder not followed; '
mill convert -r in -o out --quiet
[ ! -s "$err" ]
verdict 'not with --quiet'
rm in/one.ppm
mill convert in -o out
code_is 3 'no image there'
says 'no input matched, 4 ignored (2 GIF, 1 HEIC), 1 folder not entered (-r), '

mill convert -r in -o in/made --name '{dir}/{stem}.jpg'
code_is 0 'below the inputs'
mill convert -r in -o in/made --name '{dir}/{stem}.jpg'
code_is 0 'the same again'
says '1 done, 4 ignored (2 GIF, 1 HEIC), 1 link to a folder not followed, the'
says 'folder of the outputs not entered; '
there in/made/deep/two.jpg
absent in/made/made
mill convert -r in/made other -o in/made -f ppm
code_is 0 'as an argument it is an input'
there in/made/deep/two.pnm

for name in in/a.gif in/c.HEIC; do
    mill convert "$name" -o out
    code_is 1 "$name"
done
says 'in/c.HEIC: not supported: HEIC is not read by this build (imgmill formats'
