# --in-place, --backup, --sync: who is replaced, what is kept, what is refused.
mkdir -p in/sub
ppm 8 6 a >in/one.ppm
ppm 8 6 b >in/sub/two.ppm
chmod 640 in/one.ppm
cp -r in kept
ppm 4 3 a >small.ppm

mill convert -r in --in-place --resize 50% --print
code_is 0 'a folder in place'
prints 'in/one.ppm'
prints 'in/sub/two.ppm'
holds 'it has the new size' cmp in/one.ppm small.ppm
holds 'and its old mode' test "$(stat -c %a in/one.ppm)" = 640
holds 'nothing else is there' test "$(find in -type f | wc -l)" = 2

rm -r in && cp -r kept in
find in -type f | mill convert --files-from - --in-place --backup=.orig --gray
code_is 0 'names from a list, with backups'
holds 'the old bytes are kept' cmp in/sub/two.ppm.orig kept/sub/two.ppm
begins in/sub/two.ppm 5035
mill convert in/one.ppm --in-place --backup=.orig
code_is 1 'a backup is not replaced'
says 'its backup is there already'
holds 'nor is the file' cmp in/one.ppm.orig kept/one.ppm

rm -r in && cp -r kept in
mill convert -r in --in-place --backup=.b.ppm --gray
cp -r in once
mill convert -r in --in-place --gray -v
says 'inputs: 4'
rm -r in && cp -r once in
mill convert -r in --in-place --backup=.b.ppm --gray -v
says 'inputs: 2; other files, ignored: 2'
holds 'backups are no inputs' cmp in/one.ppm.b.ppm kept/one.ppm
rm -r in && cp -r kept in
mill convert -r in --in-place --backup='~' --gray
mill convert -r in --in-place --gray -v
says 'inputs: 2; other files, ignored: 2'
holds 'nor without the flag' cmp in/one.ppm~ kept/one.ppm
mill convert -r in -o elsewhere -f png -v
code_is 0 'nor elsewhere'
says 'inputs: 2; other files, ignored: 2'
mill convert in/one.ppm~ -o elsewhere --name 'kept.{ext}'
code_is 0 'but by name'
holds 'they are' cmp elsewhere/kept.pnm kept/one.ppm

# Another format is a new file beside the input.
rm -r in && cp -r kept in
mill convert -r in --in-place -f png --print
code_is 0 'another format'
prints 'in/sub/two.png'
there in/one.png
holds 'the input stays' cmp in/one.ppm kept/one.ppm
echo precious >in/one.png
mill convert in/one.ppm --in-place -f png
code_is 1 'what is no input is not replaced'
says 'in/one.ppm: output exists'
holds 'it is what it was' grep -q precious in/one.png
mill convert in/one.ppm in/one.png --in-place -f png
code_is 2 'a new file over an input'
cp in/one.ppm in/one.pnm
rm in/one.png
mill convert in/one.ppm ./in/one.pnm --in-place -f png
code_is 2 'two new files of one name'
absent in/one.png
mill convert in/one.ppm --in-place --gray --dry-run
prints 'in/one.ppm -> in/one.ppm'
holds 'a dry run changes nothing' cmp in/one.ppm kept/one.ppm

# One file by two names.
ln -s one.ppm in/soft.ppm
ln in/one.ppm in/hard.ppm
mill convert in/one.ppm in/one.ppm --in-place
code_is 2 'named twice'
mill convert in/one.ppm in/soft.ppm --in-place
code_is 2 'and by a link'
says 'in/one.ppm and in/soft.ppm are one file'
mill convert in/one.ppm in/hard.ppm --in-place
code_is 2 'and by a hard link'
holds 'nothing was written' cmp in/one.ppm kept/one.ppm
mill convert in/soft.ppm --in-place --gray
code_is 0 'a link'
holds 'it stays one' test -L in/soft.ppm
begins in/one.ppm 5035
holds 'another hard link keeps the old bytes' cmp in/hard.ppm kept/one.ppm

# What fails costs nothing.
head -c 20 kept/one.ppm >in/cut.ppm
cp in/cut.ppm cut.ppm
mill convert in/cut.ppm in/sub/two.ppm --in-place --gray
code_is 1 'a damaged one'
holds 'is left alone' cmp in/cut.ppm cut.ppm
begins in/sub/two.ppm 5035
mkfifo pipe
(cat kept/one.ppm >pipe &)
mill convert pipe --in-place
code_is 1 'a pipe'
says 'no regular file'
holds 'is one still' test -p pipe

# wrong MESSAGE ARGUMENT...
wrong() {
    local message=$1
    shift
    mill convert "$@"
    code_is 2 "$*"
    says "$message"
    one_line
}
wrong 'does not go with -o' small.ppm --in-place -o out
wrong 'does not go with --name' small.ppm --in-place --name '{stem}.x'
wrong 'does not go with --flat' small.ppm --in-place --flat
wrong 'does not go with -n' small.ppm --in-place -n
wrong 'standard input is none' - --in-place
wrong '--backup needs --in-place' small.ppm --backup=~ -o out
wrong 'takes SUFFIX' small.ppm --in-place --backup=../x
wrong 'takes SUFFIX' small.ppm --in-place --backup=
wrong '--sync needs files' small.ppm --sync batch -o -
wrong 'takes none|batch' small.ppm --sync often -o out
absent out
mill convert small.ppm --sync batch -o out
code_is 0 '--sync batch'
there out/small.ppm
