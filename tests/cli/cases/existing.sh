# Outputs that exist: replaced, -n, -u.
ppm 8 6 >a.ppm
mkdir out

echo old >out/a.ppm
mill convert a.ppm -o out -n -v
code_is 0 'skipped is no failure'
says 'a.ppm: skipped'
holds '-n leaves it' grep -q old out/a.ppm
touch -d '2001-01-01' a.ppm
mill convert a.ppm -o out -u
holds '-u leaves a newer one' grep -q old out/a.ppm
touch -d '2000-01-01' out/a.ppm
mill convert a.ppm -o out -u
holds '-u replaces an older one' cmp a.ppm out/a.ppm
echo old >out/a.ppm
mill convert a.ppm -o out
holds 'replaced without a flag' cmp a.ppm out/a.ppm
echo target >precious
ln -sf ../precious out/a.ppm
mill convert a.ppm -o out
holds 'a link is replaced, not followed' grep -q target precious
holds 'by a file' cmp a.ppm out/a.ppm
ppm 8 6 >b.ppm
mill convert a.ppm b.ppm -o out -n
says '1 done, 1 skipped; 155 bytes in'
