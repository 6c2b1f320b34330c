# What the program says of itself comes from its tables.
mill --version
code_is 0 '--version'
prints 'imgmill '
prints 'libpng'
prints 'backends: process'
prints ' for formats, '
mill --help
code_is 0 '--help'
prints 'convert'
cp "$out" long
mill -h
holds '-h is the same' cmp long "$out"
mill -V
prints 'imgmill '
mill convert --help
code_is 0 'convert --help'
prints '--files-from FILE|-'
prints '--resize WxH'
prints '--flatten[=COLOUR]'
prints '--json[=FILE]'
mill ops
prints '--crop'
prints 'SIDE                    center, north,'
prints 'NAME                    lanczos3'
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
says 'timeout 60 s'
mill convert a.ppm -o out -v --retries 2 --jobs-per-worker 3 --max-deaths 0
says '2 retries'
says 'at most 3 images a worker'
says 'stop after no number of deaths'
mill convert a.ppm -o out -j 2 --memory 1K
code_is 0 'too little memory'
says '--memory is raised to 64 MB, the least for --jobs 2'
mill convert a.ppm -o out --backend serial
[ ! -s "$err" ]
verdict 'serial: silent about what nobody asked for'
for flag in timeout retries jobs-per-worker max-deaths; do
    mill convert a.ppm -o out --backend serial --$flag 1
    code_is 0 "serial --$flag"
    says "--$flag has no effect with --backend serial"
done
mill convert a.ppm -o out --backend serial --timeout 1 -v
says 'no timeout: backend serial'
mill convert a.ppm -o out --timeout 0.0000000001 -v
says 'timeout 1e-09 s'
