# --fail-fast and --max-errors: how many failures end a run.
mkdir in
for i in 00 01 02 03 04 05 06 07 08 09; do
    ppm 8 6 >in/$i.ppm
done
for i in 02 05 06; do
    echo P6 >in/$i.ppm
done

# ends CODE DONE FAILED LEFT ARGUMENT...
ends() {
    local tells="\"done\":$2,\"skipped\":0,\"failed\":$3,\"left\":$4,"
    local want=$1
    shift 4
    rm -rf out
    mill convert in -o out -f png -j 1 --order input --json=log "$@"
    code_is "$want" "$*"
    grep -qF "$tells" log
    verdict "$tells"
    [ "$(grep -c '^{"in":"in/' log)" = 10 ]
    verdict 'a line for each'
}

for backend in process serial; do
    ends 4 2 1 7 --fail-fast --backend $backend
    says 'stopped: an image failed, and none may (--fail-fast, --max-errors)'
    grep -q '"stopped":"an image failed, and none may.*","exit":4' log
    verdict 'and in the report'
    grep -q '"in":"in/09.ppm","status":"left","cause":"stopped"' log
    verdict 'what is left is told'
done
ends 4 2 1 7 --max-errors 0
says 'and none may (--fail-fast, --max-errors)'
ends 4 4 2 4 --max-errors 1
says 'stopped: 2 images failed, one more than --max-errors allows'
ends 4 4 3 3 --max-errors 2
ends 1 7 3 0 --max-errors 3
ends 4 4 3 3 --max-errors 29.9%
ends 1 7 3 0 --max-errors 30%
ends 4 2 1 7 --max-errors 0%
ends 4 2 1 7 --max-errors 5 --fail-fast
ends 1 7 3 0 --fail-fast --max-errors 50%
ends 4 2 1 7 --fail-fast --ordered
ends 1 7 3 0
rm in/02.ppm in/05.ppm in/06.ppm
mill convert in -o out -f png --fail-fast
code_is 0 'nothing fails'
mill convert in -o out -n --fail-fast -f png
code_is 0 'what is skipped does not count'
mill convert in gone.ppm -o - -f png --fail-fast
code_is 2 'usage comes first'
echo P6 | "$IMGMILL" convert - -o - --fail-fast >"$out" 2>"$err"
code=$?
code_is 4 'with outputs to standard output'
for value in -1 x 101% 5%% ''; do
    mill convert in -o out "--max-errors=$value"
    code_is 2 "--max-errors=$value"
    says 'takes a number or a part of the inputs'
done
