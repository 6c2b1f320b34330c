# Operations in the order given, and how their values are written.
ppm 80 60 >a.ppm

# size EXPECTED ARGUMENT...
size() {
    local expected=$1
    shift
    mill convert a.ppm -o b.ppm --dry-run "$@"
    prints " $expected pnm"
}

size 40x30 --resize 40x40
size 40x30 --resize=40x
size 60x80 --rotate 90
size 60x80 --rotate -90
size 20x20 --resize 40x --crop 20x20
size 13x10 --crop 40x30 --resize x10
size 80x60 --flip --flop --gray
size 80x60 --flatten
size 30x40 --rotate=90 --resize 50%
mill convert a.ppm -o g.jpg --gray
mill info g.jpg
prints 'gray'
mill convert --flatten a.ppm -o f.png
code_is 0 'an optional value does not take the input'
mill convert -rnj2 -q90 a.ppm -o l.jpg
code_is 0 'letters together'
there l.jpg
