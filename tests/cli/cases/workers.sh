# Every backend, and any number of workers, gives the same files.
mkdir in
for i in 1 2 3 4 5 6; do
    ppm $((40 * i)) 50 "$i" >"in/$i.ppm"
done
mill convert in -o one -f jpeg --resize 30x --backend serial
code_is 0 'serial'
for backend in process openmp; do
    if ! "$IMGMILL" --version | grep '^backends:' | grep -qw $backend; then
        continue
    fi
    mill convert in -o $backend -f jpeg --resize 30x --backend $backend -j 3 \
        --readers 2 --writers 1 --queue 4 --memory 64M --order input
    code_is 0 $backend
    holds "$backend: the same files" diff -r one $backend
done
mill convert in -o ordered -j 3 --ordered --print
[ "$(tr '\n' ' ' <"$out")" = "$(printf 'ordered/%d.ppm ' 1 2 3 4 5 6)" ]
verdict '--ordered'
mill convert in -o small --max-pixels 4000
code_is 1 'a limit'
says 'in/6.ppm: over a limit'
there small/2.ppm
ppm 700 600 >in/large.ppm
mill convert in -o plain -f png --resize 90%
for threads in 2 5 auto; do
    mill convert in -o threads-$threads -f png --resize 90% \
        --threads $threads -j 2
    code_is 0 "--threads $threads"
    holds "--threads $threads: the same files" diff -r plain threads-$threads
done
mill convert in/large.ppm -o out --threads 3 -v
says 'up to 3 threads inside an image'
mill convert in/large.ppm -o out --threads 1000 -v
code_is 2 'too many threads'
says '--threads takes "auto" or a number from 1 to 64'
(
    ulimit -n 64
    exec "$IMGMILL" convert in -o many -j 100
) >"$out" 2>"$err"
code=$?
code_is 5 'more workers than descriptors'
says "cannot start the workers' nursery (fewer --jobs need less): Too many open"
one_line
absent many
