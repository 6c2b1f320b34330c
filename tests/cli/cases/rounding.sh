# --rounding: fewer bytes, or libjpeg's own.
samples=$(cd "$(dirname "$case")/../../../samples" && pwd)
jpeg=$samples/good/desert.jpg

mill convert "$jpeg" -o smaller --strip -f jpeg
silent
mill convert "$jpeg" -o nearest --strip -f jpeg --rounding nearest
silent
[ "$(cat smaller/* | wc -c)" -lt "$(($(cat nearest/* | wc -c) * 99 / 100))" ]
verdict 'fewer bytes, and not by chance'
mill convert "$jpeg" -o named --strip -f jpeg --rounding smaller
silent
cmp -s smaller/* named/*
verdict 'it is what happens by itself'
mill convert "$jpeg" -o bad --rounding up
code_is 2 'no such rounding'
says 'not "up"'
