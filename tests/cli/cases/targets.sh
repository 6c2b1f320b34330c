# What -o means, and how names are made.
ppm 8 6 >a.ppm
mkdir -p in/deep/er dir.png
ppm 8 6 >in/one.ppm
ppm 8 6 >in/deep/two.ppm
ppm 8 6 >in/deep/er/three.ppm

mill convert a.ppm -o b.jpg
code_is 0 'a file'
begins b.jpg ffd8ff
mill convert a.ppm -o new/folders/b.png
code_is 0 'a file in folders that are made'
begins new/folders/b.png 89504e47
mill convert a.ppm -o c.jpg -f png
begins c.jpg 89504e47
mill convert a.ppm -o dir.png -f png
there dir.png/a.png
mill convert in/one.ppm a.ppm -o two.png -f jpeg
code_is 2 'the name of one file, for two'
says 'for a folder say two.png/'
absent two.png
mill convert in -o two.png
code_is 2 'the name of one file, for a folder'
mill convert in/one.ppm a.ppm -o two.png/ -f jpeg
there two.png/one.jpg
there two.png/a.jpg
mill convert in -o flatly
there flatly/one.ppm
absent flatly/deep
mill convert -r in -o tree -f png
there tree/one.png
there tree/deep/two.png
there tree/deep/er/three.png
mill convert -r in -o flat --flat
there flat/three.ppm
absent flat/deep
mill convert -r in -o named --name '{dir}/x-{stem}-{srcext}.{ext}' -f jpg
there named/deep/er/x-three-ppm.jpg
cp a.ppm a.JPEG
mill convert a.ppm -o . --name '{stem}.jpeg' -f jpeg
mill convert a.jpeg -o kept
there kept/a.jpeg
mill convert a.ppm -o folder.webp/
there folder.webp/a.ppm
mill convert a.ppm -o folder.webp -f png
there folder.webp/a.png
mill convert a.ppm -o v1.2
there v1.2/a.ppm
mill convert a.ppm -o .thumb
there .thumb/a.ppm
: >empty
mill convert a.ppm --files-from empty -o alone.png
code_is 2 'the name of one file, for one and a list that may grow'
absent alone.png
mill convert a.ppm -o said --name '{stem}-s.jpg'
begins said/a-s.jpg ffd8ff
mill convert a.ppm -o said --name '{stem}-s.jpg' -f png
begins said/a-s.jpg 89504e47
cp a.ppm white
mill convert --flatten white -o said -f png
there said/white.png
