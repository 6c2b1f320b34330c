# Who read the pixels is said by -v and in the report.
samples=$(cd "$(dirname "$case")/../../../samples" && pwd)
cp "$samples"/tiny/{420,arithmetic}.jpg .
ppm 8 6 >a.ppm

mill convert 420.jpg arithmetic.jpg a.ppm -o out -f pnm -v --json=log --ordered
[ "$(grep -c "read by its format's library" "$err")" = 1 ]
verdict 'one is for the library'
grep -q '^imgmill: arithmetic.jpg: read by its' "$err"
verdict 'and named'
[ "$(grep -c '"notes":\["library"\]' log)" = 1 ]
verdict 'the report has it'
mill convert 420.jpg a.ppm -o out2 -f pnm -v --decoder library
grep -q '^imgmill: 420.jpg: read by its' "$err"
verdict 'so is what was asked for'
mill convert 420.jpg -o out3 -f pnm
silent
cmp -s out/420.pnm out2/420.pnm
verdict 'the samples are the same'
mill info 420.jpg arithmetic.jpg a.ppm --json
[ "$(grep -o '"reader":"[a-z]*"' "$out" | tr -d '\n')" = \
    '"reader":"own""reader":"library""reader":"own"' ]
verdict 'a header tells who begins'
