# --dry-run: the plan, and nothing else.
mkdir in
ppm 80 60 >in/a.ppm
ppm 30 20 >in/b.ppm
head -c 5 in/b.ppm >in/short.ppm

mill convert in -o out -f png --resize 40x --dry-run
code_is 1 'a header that cannot be read'
prints 'in/a.ppm -> out/a.png 40x30 png'
prints 'in/b.ppm -> out/b.png 30x20 png'
says 'in/short.ppm'
absent out
mill convert in/a.ppm -o b.jpg --rotate 90 --dry-run
code_is 0 'a file'
prints 'in/a.ppm -> b.jpg 60x80 jpeg'
absent b.jpg
mill convert in/a.ppm -o /b.jpg --dry-run
prints 'in/a.ppm -> /b.jpg 80x60 jpeg'
mill convert in/a.ppm -o in/a.ppm --dry-run
code_is 2 'the plan is held against the inputs'
