# --on-corrupt: a damaged picture fails, or what is there of it is kept.
ppm 8 6 >whole.ppm
head -c 90 whole.ppm >half.ppm
head -c 20 whole.ppm >rowless.ppm

mill convert half.ppm -o out
code_is 1 'by default it fails'
says 'half.ppm: damaged image: truncated'
absent out/half.ppm
for backend in process serial openmp; do
    "$IMGMILL" --version | grep -q "^backends:.*$backend" || continue
    mill convert whole.ppm half.ppm rowless.ppm -o "$backend" --json=log \
        --on-corrupt salvage --backend "$backend" --order input
    code_is 1 "$backend: nothing is there of one"
    says 'half.ppm: salvaged: truncated'
    says 'rowless.ppm: damaged image: truncated'
    says '2 done (1 salvaged), 1 failed'
    absent "$backend/rowless.ppm"
    holds 'the whole one is whole' cmp whole.ppm "$backend/whole.ppm"
    holds 'its size is right' [ "$(stat -c %s "$backend/half.ppm")" = 155 ]
    holds 'its rows are there' cmp -n 83 whole.ppm "$backend/half.ppm"
    holds 'the rest is black' \
        [ "$(tail -c 72 "$backend/half.ppm" | tr -d '\0' | wc -c)" = 0 ]
    grep -q '"in":"half.ppm","status":"done","damage":"truncated".*"notes":\["salvaged"\]' log
    verdict 'the line of the report says so'
    grep -q '"ignored":0,"salvaged":1' log
    verdict 'and the summary counts it'
done
mill convert half.ppm -o out --on-corrupt salvage
code_is 0 'salvaged is done'
mill convert half.ppm -o out --on-corrupt keep
code_is 2 'no such way'
