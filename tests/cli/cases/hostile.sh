# Hostile names: none leads out of the output folder, none is taken for a flag,
# and what cannot be a name is refused in words.
long=$(printf 'n%.0s' $(seq 251))
odd=(-dash.ppm $'new\nline.ppm' $'esc\e[2J.ppm' $'not\xff\xfeutf8.ppm' ' .ppm'
    '..ppm' '...ppm' '{stem}.ppm' '%s%n.ppm' '$(touch gone).ppm' "$long.ppm")
mkdir -p in deep
count() {
    find "$1" -type f -printf x | wc -c
}
for name in "${odd[@]}"; do
    ppm 4 4 >"in/$name"
done

mill convert in -o out -v
code_is 0 'odd names in a folder'
holds 'all were made' test "$(count out)" = 9
says 'inputs: 9; other files, ignored: 2' # that begin with a dot
(cd in && printf '%s\0' "${odd[@]}" | mill convert -0 --files-from - \
    -o ../listed -f png --name '{stem}.png')
holds 'odd names of a list' test "$(count listed)" = 11
mill convert -o named -- "${odd[@]/#/in/}"
holds 'odd names as arguments' test "$(count named)" = 11
holds 'no name became a command' test ! -e in/gone -a ! -e gone
holds 'no control character is said' test "$(tr -d '\n' <"$err" |
    tr -dc '\000-\037' | wc -c)" = 0

mill convert "in/$long.ppm" -o longer -f jpeg --name '{stem}.jpeg'
code_is 2 'a name that grows too long'
says 'a name of 256 bytes, 255 are possible'
absent longer
mill convert "in/$long.ppm" --in-place --backup=.older
code_is 1 'a backup whose name is too long'
says 'File name too long'

# refused NAME: in a list.
refused() {
    printf '%s\n' "$1" >list
    mill convert --files-from list -o refused
    code_is 2 "the name $1"
    absent refused
}
refused ../in/plain.ppm
refused in/../../x.ppm
refused in/..
cp in/..ppm plain.ppm
printf '%s\n' "$PWD/plain.ppm" .//plain.ppm in//./-dash.ppm >list
mill convert --files-from list -o below
code_is 0 'absolute and empty parts'
there "below$PWD/plain.ppm"
there below/plain.ppm
there below/in/-dash.ppm

# Names that differ only in case are two where the file system says so.
mkdir case
ppm 4 4 >case/a.ppm
[ -e case/A.ppm ] || {
    cp case/a.ppm case/A.ppm
    mill convert case -o cases -f png
    code_is 0 'a and A'
    there cases/a.png
    there cases/A.png
    cp case/a.ppm case/a.PPM
    mill convert case -o cases2 -f png
    code_is 2 'a.ppm and a.PPM'
    says 'case/a.PPM and case/a.ppm would both become a.png'
}

# Links that are there before: at the name replaced, on the way not left by.
mkdir planted outside
ln -s ../outside/file.ppm planted/plain.ppm
ln -s ../outside planted/deep
echo precious >outside/file.ppm
cp plain.ppm deep/
mill convert plain.ppm -o planted
holds 'the link is replaced' test -f planted/plain.ppm -a ! -L planted/plain.ppm
printf 'deep/plain.ppm\n' >list
mill convert --files-from list -o planted
code_is 1 'a folder that is a link out'
says 'leads out of the output folder'
holds 'nothing is outside' test "$(cat outside/*)" = precious
