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
mill info a.ppm --json
prints '"source":{"format":"pnm","w":8,"h":6,"channels":3,"depth":8'
if command -v python3 >/dev/null; then
    mill convert a.ppm short.ppm "$bad" -o out -f png --json
    holds 'every line is an object' python3 -c '
import json, sys
for line in open(sys.argv[1], encoding="ascii"):
    json.loads(line)' "$out"
fi
