# Two inputs for one output, and an output that is an input: found before the
# first write.
mkdir in other
ppm 8 6 >in/a.ppm
cp in/a.ppm in/a.pnm
cp in/a.ppm other/a.ppm
ln in/a.ppm other/hard.ppm
ln -s ../in/a.ppm other/soft.ppm
before=$(cksum in/* other/*)

mill convert -r in -o out -f png
code_is 2 'one name twice'
says 'in/a.pnm and in/a.ppm'
says "--name '{dir}/{stem}-{srcext}.{ext}'"
absent out
mill convert in -o out -f png --name '{dir}/{stem}-{srcext}.{ext}'
code_is 0 'the way out that was named'
there out/a-pnm.png
there out/a-ppm.png
mill convert in/a.ppm other/a.ppm -o out2
code_is 2 'two files of one base name'
mill convert in/a.ppm other/hard.ppm -o out2 --name x.ppm
code_is 2 'two names of one file'
says 'in/a.ppm and other/hard.ppm are one file'
mill convert in/a.ppm -o in
code_is 2 'a folder that holds the input'
says 'over the input in/a.ppm (only --in-place'
mill convert in/a.ppm -o in/a.ppm
code_is 2 'the input itself'
mill convert in/a.ppm -o other/hard.ppm
code_is 2 'a second name of it'
mill convert in/a.ppm -o other/soft.ppm
code_is 2 'a link to it'
[ "$before" = "$(cksum in/* other/*)" ]
verdict 'no input changed'
# Of long paths the message has the ends; they stand below it, whole.
long=a-folder-with-a-long-name/and-another-one-below-it/holidays
mkdir -p "$long"
ppm 8 6 >"$long/one.ppm"
cp "$long/one.ppm" "$long/one.pnm"
mill convert -r a-folder-with-a-long-name -o out3 -f png
code_is 2 'long paths'
says "  $long/one.ppm"
says "  $long/one.pnm"
