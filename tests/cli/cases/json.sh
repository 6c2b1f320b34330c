# --json: a line for each image, then the summary.
ppm 8 6 >a.ppm
head -c 20 a.ppm >short.ppm
bad=$'b\xff"\n.ppm'
cp a.ppm "$bad"

mill convert a.ppm short.ppm "$bad" -o out -f png --json --ordered
code_is 1 'one failed'
[ "$(wc -l <"$out")" = 4 ]
verdict 'four lines'
prints '"in":"a.ppm","status":"done","outputs":[{"path":"out/a.png","w":8,"h":6,"format":"png","bytes":'
prints '"in":"short.ppm","status":"failed","cause":"damaged","message":"'
prints '"in":"b\udcff\"\u000a.ppm"'
prints '"summary":{"listed":3,"done":2,"skipped":0,"failed":1,"left":0'
prints '"exit":1'
bytes=$(stat -c %s out/a.png)
prints "\"bytes\":$bytes}"
mill convert a.ppm -o out -f png -n --json=log
silent
grep -q '"status":"skipped","cause":"exists"' log
verdict 'the file has the line'
# Neither report nor journal takes another file's place.
cp a.ppm c.ppm
ln c.ppm hard
echo c.ppm >list
before=$(cksum c.ppm list)
# refused WHAT FILE ARGUMENT...
refused() {
    local what=$1 file=$2
    shift 2
    mill convert "--json=$file" -f png "$@"
    code_is 2 "the report over $what"
    says "--json: $file is $what too"
    one_line
}
refused 'an input' c.ppm c.ppm -o new
refused 'an input' ./c.ppm c.ppm -o new
refused 'an input' hard c.ppm -o new
refused 'the list of --files-from' list --files-from list -o new
refused 'the journal of --resume' journal c.ppm -o new --resume journal
refused 'the journal of --resume' journal c.ppm -o new --resume journal
refused 'an output' new/c.png c.ppm -o new
refused 'an output' c.png c.ppm -o c.png
refused 'an output' out/a.png a.ppm -o out
refused 'an output' ./out/a.png a.ppm -o out
mill info c.ppm --json=c.ppm
code_is 2 'info too'
for file in list c.ppm hard new/c.png; do
    mill convert --files-from list -f png -o new --resume $file
    code_is 2 "the journal in the place of $file"
    says "--resume: $file is"
done
[ "$before" = "$(cksum c.ppm list)" ]
verdict 'nothing changed'
absent new
mill convert c.ppm -o new --json=new.json --resume journal
code_is 0 'each in a file of its own'
mill convert c.ppm -o new --json=journal --resume ./journal
code_is 2 'a journal that is there'
holds 'stays' grep -q '^imgmill journal' journal
mill convert c.ppm -o new --json=/dev/null
code_is 0 'what is no file loses nothing'
mill info a.ppm --json
prints '"source":{"format":"pnm","w":8,"h":6,"channels":3,"depth":8'
if command -v python3 >/dev/null; then
    mill convert a.ppm short.ppm "$bad" -o out -f png --json
    holds 'every line is an object' python3 -c '
import json, sys
for line in open(sys.argv[1], encoding="ascii"):
    json.loads(line)' "$out"
fi
