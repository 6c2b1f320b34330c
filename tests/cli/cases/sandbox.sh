# What workers are locked up in is told, and nothing less is passed over.
ppm 8 6 >a.ppm
mill --version
here=$(grep '^sandbox: ' "$out")
[ -n "$here" ]
verdict '--version tells the sandbox'
mill convert a.ppm -o out -v
code_is 0 '-v'
says "imgmill: $here"
mill convert a.ppm -o out -v --sandbox off
code_is 0 '--sandbox off'
says 'imgmill: sandbox: off'
mill convert a.ppm -o out -v --backend serial
says 'imgmill: sandbox: none, backend serial has no workers'
mill convert a.ppm -o out --sandbox maybe
code_is 2 '--sandbox maybe'
says '--sandbox'

mill convert a.ppm -o serial --backend serial --sandbox require
code_is 5 '--sandbox require without workers'
one_line
says 'no workers to lock up'
[ ! -e serial ]
verdict 'nothing was written'

mill convert a.ppm -o required --sandbox require
case $here in
*'no landlock'* | *'no seccomp'*)
    code_is 5 '--sandbox require'
    one_line
    says "--sandbox require: there is only: ${here#sandbox: }"
    [ ! -e required ]
    verdict 'nothing was written'
    ;;
*)
    code_is 0 '--sandbox require'
    there required/a.ppm
    ;;
esac
mill info a.ppm --sandbox require
case $here in
*'no landlock'* | *'no seccomp'*) code_is 5 'info --sandbox require' ;;
*) code_is 0 'info --sandbox require' ;;
esac
