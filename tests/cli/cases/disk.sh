# What the disk refuses: one image, named with the cause, and no more than that.
ppm 1200 1200 >big.ppm
ppm 4 4 >small.ppm
mkdir in && cp big.ppm small.ppm in

# limited KB ARGUMENT...: as mill, with files of so much at most.
limited() {
    (
        ulimit -f "$1"
        shift
        exec "$IMGMILL" "$@"
    ) >"$out" 2>"$err"
    code=$?
}
limited 3072 convert big.ppm small.ppm -o out
code_is 1 'a file over the limit'
says 'big.ppm: cannot write: write: File too large'
there out/small.ppm
absent out/big.ppm
holds 'nothing else is left' test "$(ls -A out)" = small.ppm
limited 3072 convert in --in-place --backup=~
code_is 1 'and in place'
holds 'the old file stays' cmp in/big.ppm big.ppm
holds 'without a backup' test "$(ls -A in | tr '\n' ' ')" = \
    'big.ppm small.ppm small.ppm~ '

limited 400 convert small.ppm -o window
code_is 0 'a worker has a window of what there is'
limited 200 convert small.ppm -o none
code_is 5 'there is too little for any window'
says 'no file may pass 200 KB here (ulimit -f), and a worker'
says '--backend openmp needs none'
limited 200 convert small.ppm -o none --backend serial
code_is 0 'others need none'

mkdir taken taken/small.ppm
mill convert big.ppm small.ppm -o taken
code_is 1 'a folder has the name'
says 'small.ppm: cannot write: is a folder'
there taken/big.ppm
echo file >out/sub
mkdir sub && cp small.ppm sub
printf 'sub/small.ppm\nbig.ppm\n' >list
mill convert --files-from list -o out
code_is 1 'a file where a folder should be'
says 'sub/small.ppm: cannot write: open folder: Not a directory'
there out/big.ppm

# Two lines of the report fit, the third does not: that one is of the whole.
long=$(printf 'long-%.0s' {1..16})small.ppm
cp small.ppm "$long"
limited 1 info small.ppm "$long" --json=log --backend serial
[ "$(grep -c '^{"in":.*}$' log)" = 2 ]
verdict 'the lines of the images are there'
code_is 5 'and the summary is not'
says 'cannot write: --json=log: File too large'
mkdir lots
for i in {10..29}; do
    cp small.ppm lots/$i.ppm
done
mill convert lots -o lots.out --resume j
[ "$(stat -c %s j)" -gt 1024 ]
verdict 'a journal of more than a KB'
limited 1 convert small.ppm -o out --backend serial --resume j
code_is 5 'to which nothing can be added'
says 'the system refuses: --resume: cannot write j: File too large'
