# --resume: what a journal says was done is passed over.
mkdir in
ppm 8 6 >in/a.ppm
ppm 9 6 >in/b.ppm
odd=$'in/o\xff d\n%.ppm'
ppm 7 6 >"$odd"
printf 'P6\n9 9\n255\nshort' >in/short.ppm

# resume ARGUMENT...: the folder "in" with the journal j.
resume() {
    mill convert in -o out -f png --resume j --json=log "$@"
}

# tells DONE RESUMED FAILED
tells() {
    grep -q "\"done\":$1,\"skipped\":$2,\"failed\":$3,.*\"resumed\":$2," log
    verdict "$1 done, $2 done before, $3 failed"
}

resume
code_is 1 'one is damaged'
tells 3 0 1
holds 'the journal has its first line' grep -qx 'imgmill journal 1' j
grep -q '"stopped":null' log
verdict 'nothing stopped it'
grep -aqE '^[0-9a-f]{16} done [0-9a-f]{16} [0-9 ]+ in/a\.ppm /[^ ]*/out/a\.png$' j
verdict 'and a line for each image'
grep -aqE '^[0-9a-f]{16} damaged [0-9a-f]{16} [0-9 ]+ in/short\.ppm /[^ ]*/out/short\.png$' j
verdict 'with its cause when it failed'
resume
code_is 1 'again'
says '0 done, 3 done before, 1 failed'
tells 0 3 1
grep -q '"status":"skipped","cause":"resumed"' log
verdict 'the report says why it was skipped'
ppm 9 9 >in/short.ppm
resume -v
code_is 0 'mended'
tells 1 3 0
says 'in/a.ppm: skipped: the output is there from an earlier run'
rm out/b.png
touch -d 2001-01-01 in/a.ppm
resume
tells 2 2 0
there out/b.png

for flags in '--gray' '--resize 4x4' '--resize 5x5' '--compression 9' \
    '--depth 16' '--strip' '--flatten=black' '--flatten --gray' '-f jpeg' '-f jpeg -q 50' '-f pnm'; do
    resume $flags
    tells 4 0 0
    resume $flags
    tells 0 4 0
done
resume
tells 4 0 0
for flags in '-j 1' '--timeout 9' '--memory 300M' '--ordered' \
    '--backend serial' '--max-errors 4' '-n' '-u'; do
    resume $flags
    tells 0 4 0
done
mill convert in -o out2 -f png --resume j --json=log
tells 4 0 0

printf 'half a li' >>j
resume
tells 0 4 0
rm out/b.png
resume
tells 1 3 0
resume
tells 0 4 0

# told MESSAGE ARGUMENT...
told() {
    local message=$1
    shift
    mill convert in -o new -f png "$@"
    code_is 2 "$*"
    says "$message"
    absent new
}

cp in/a.ppm photo
told 'photo holds something else' --resume photo
cmp -s photo in/a.ppm
verdict 'and is not touched'
told 'cannot open none/j' --resume none/j
told 'needs outputs with names' --resume j --dry-run
told 'takes JOURNAL, not nothing' --resume=
if command -v flock >/dev/null; then
    exec 9<j
    flock 9
    told 'another run works with j' --resume j
    exec 9<&-
    resume
    code_is 0 'once the other has ended'
fi
"$IMGMILL" convert in/a.ppm -o - --resume j >"$out" 2>"$err"
code=$?
code_is 2 '-o -'
silent
mill convert in -o in/a.ppm/below --resume unused
code_is 2 'an output folder that cannot be'
absent unused
mill convert in -o in/a.ppm/below --resume j
there j
