# Limits: each holds to the unit, and its message has both figures and the flag.
ppm 8 6 >a.ppm
bytes=$(stat -c %s a.ppm)

mill convert a.ppm -o out --max-bytes "$bytes" --max-pixels 48
code_is 0 'at the limits'
mill convert a.ppm -o out --max-bytes $((bytes - 1))
code_is 1 'a byte more than allowed'
says "a.ppm: over a limit: $bytes bytes or more, the limit is $((bytes - 1)); --max-bytes raises it"
"$IMGMILL" convert - -o out/b.ppm --max-bytes "$bytes" <a.ppm 2>"$err"
code=$?
code_is 0 'a pipe at the limit'
cat a.ppm | "$IMGMILL" convert - -o out/b.ppm --max-bytes $((bytes - 1)) 2>"$err"
code=$?
code_is 1 'a pipe with a byte more'
says "the limit is $((bytes - 1)); --max-bytes"
mill info a.ppm --max-bytes $((bytes - 1))
code_is 1 'info has the same'
mill convert a.ppm -o out --max-pixels 47
code_is 1 'a pixel more than allowed'
says '8 x 6 = 48 px is over the limit of 47 px; --max-pixels raises it'
mill convert a.ppm -o out --max-bytes 0
code_is 2 'no limit of nothing'
says '--max-bytes takes a size (512M, 2G), not "0"'
