# Wrong usage: one clear line, exit code 2, nothing written.
ppm 4 4 >a.ppm

# wrong MESSAGE ARGUMENT...
wrong() {
    local message=$1
    shift
    mill "$@"
    code_is 2 "$*"
    says "$message"
    one_line
    silent
}

wrong 'which command?'
wrong 'no such command: frob' frob
wrong 'ops takes no more words, not "x"' ops x
wrong 'unknown option --frob' convert --frob a.ppm -o out
wrong 'unknown option -resize: it is --resize here' convert a.ppm -resize 9x9 -o out
wrong 'unknown option -x' convert a.ppm -o out -x
wrong 'unknown option -quality: it is --quality' convert a.ppm -quality 9 -o out
wrong '--reszie: did you mean --resize?' convert a.ppm --reszie 9x9 -o out
wrong '--recurs: did you mean --recursive?' convert --recurs a.ppm -o out
wrong '--jbos=3: did you mean --jobs?' info a.ppm --jbos=3
wrong '--frob (imgmill' convert a.ppm --frob -o out
wrong '-thumbnail: --resize' convert a.ppm -thumbnail 9x9 -o out
wrong '--fit: that is a part' convert a.ppm --resize 9x9 --fit cover -o out
wrong '-filter: that is a part' convert a.ppm -filter Lanczos -o out
wrong '-path: -o FOLDER' convert a.ppm -path out
wrong 'unknown option --path (' info a.ppm --path out
wrong 'conver; did you mean convert?' conver a.ppm -o out
wrong 'help; did you mean --help?' help
wrong 'a.ppm; imgmill convert INPUT...' a.ppm out.png
wrong 'a command comes first, as in imgmill convert -r' -r a.ppm
wrong 'unknown option --resize=9x9' info --resize=9x9 a.ppm
wrong 'no output' convert a.ppm
wrong 'no output: did you mean -o b.png?' convert a.ppm b.png
wrong 'no output: say' convert a.ppm a.ppm
wrong 'no input' convert -o out
wrong 'no input' info
wrong '--output takes a value' convert a.ppm -o
wrong '--resize takes a value' convert a.ppm -o out --resize
wrong 'not "101"' convert a.ppm -o out -q 101
wrong 'not "+5"' convert a.ppm -o out -q+5
wrong 'not "0"' convert a.ppm -o out -j0
wrong 'not "puce"' convert a.ppm -o out --background=puce
wrong 'not "411"' convert a.ppm -o out --subsampling 411
wrong 'not "13"' convert a.ppm -o out --compression=13
wrong 'not "icc,"' convert a.ppm -o out --keep icc,
wrong 'not "0%"' convert a.ppm -o out --memory 0%
wrong 'not "1.2.3"' convert a.ppm -o out --timeout 1.2.3
wrong 'not "gpu"' convert a.ppm -o out --backend gpu
wrong 'not "no"' convert a.ppm -o out --strip=no
wrong 'jpeg, png, pnm' convert a.ppm -o out -f bmp
wrong '{x}' convert a.ppm -o out --name '{x}.{ext}'
wrong '--name: a name, or a folder in it, is empty: "aaa' convert a.ppm -o out \
    --name "$(printf 'a%.0s' {1..200})/"
wrong '--resize' convert a.ppm -o out --resize=foo
wrong '--gray takes no value' convert a.ppm -o out --gray=3
wrong "behind '=': --flatten=#eee" convert a.ppm -o out --flatten '#eee'
wrong "behind '=': --optimize=exact" convert --optimize exact a.ppm -o out
wrong "behind '=': --json=r.jsonl" info --json r.jsonl a.ppm
wrong '--null needs' convert a.ppm -o out -0
wrong 'named twice' convert - --files-from - -o out
wrong 'both want standard output' convert a.ppm -o - --print
wrong 'both want standard output' convert a.ppm -o out --print --json
wrong 'takes one image' convert a.ppm a.ppm -o -
wrong 'choose one' convert a.ppm -o b.png --name 'c.{ext}'
wrong 'for a folder say b.webp/' convert a.ppm -o b.webp
wrong 'a.ppm/sub' convert a.ppm -o a.ppm/sub
wrong '--files-from none: cannot read: open: No such' convert --files-from none -o out
wrong 'cannot write none/x' convert a.ppm -o out --json=none/x
absent out
absent b.png
absent b.webp
