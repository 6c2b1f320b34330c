# What the program says of itself comes from its tables.
mill --version
code_is 0 '--version'
prints 'imgmill '
prints 'libpng'
prints 'backends: process'
mill --help
code_is 0 '--help'
prints 'convert'
mill convert --help
code_is 0 'convert --help'
prints '--files-from FILE|-'
prints '--resize WxH'
prints '--flatten[=COLOUR]'
prints '--json[=FILE]'
mill ops
prints '--crop'
mill formats
prints 'jpeg'
prints '.jpeg'
mill info --help
prints '--recursive'
[ -z "$(grep -e --resize "$out")" ]
verdict 'info has no operations'
ppm 8 6 >a.ppm
ppm 8 6 >b.ppm
mill convert a.ppm b.ppm -o out --quiet
[ ! -s "$err" ]
verdict '--quiet'
mill convert a.ppm b.ppm -o out
says '2 done'
mill convert a.ppm b.ppm -o out -v --stats
says 'backend process'
says 'lanes work'
