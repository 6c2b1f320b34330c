#!/usr/bin/env bash
# case.sh KIND: an output folder on a file system that ignores case, knows no
# links and takes not all names: vfat, exfat (as FUSE), or ext4 with casefold.
# Nothing is lost there; what cannot be had is refused by name.
. "$(dirname "$0")/../support/batch.sh"

kind=$1
disk=$work/disk
skip() {
    echo "skipped: $1"
    exit 77
}
if [ -z "${MILL_TEST_INSIDE:-}" ]; then
    unshare -m true 2>/dev/null || skip 'a file system cannot be mounted here'
    rm -rf "$work"
    MILL_TEST_INSIDE=1 exec unshare -m "$0" "$@"
fi

# Makes the file system and mounts it.
mount_disk() {
    local image=$work/image
    PATH=$PATH:/usr/sbin:/sbin
    mkdir "$disk"
    truncate -s 32M "$image"
    case $kind in
    vfat) mkfs.vfat "$image" && mount -o loop "$image" "$disk" ;;
    ext4)
        mkfs.ext4 -q -O casefold "$image" && mount -o loop "$image" "$disk" &&
            mkdir "$disk/out" && chattr +F "$disk/out"
        ;;
    exfat)
        mkfs.exfat "$image" && loop=$(losetup -f --show "$image") &&
            mount.exfat-fuse "$loop" "$disk"
        ;;
    esac
}

loop=
trap 'umount "$disk" 2>/dev/null; [ -z "$loop" ] || losetup -d "$loop"; cleanup' \
    EXIT
mount_disk >"$work/mount" 2>&1 ||
    skip "$kind cannot be mounted here: $(tail -1 "$work/mount")"
out=$disk/out

# Two names that are one there: nothing is written, whether the folder is there
# or not.
mkdir -p "$work/in/May" "$work/in/may" "$work/odd" "$work/umlaut"
for name in a A b; do
    draw 8 6 "${#name}" >"$work/in/$name.ppm"
done
for folder in missing there; do
    run one 20 "$MILL" convert "$work/in" -o "$out" -f png
    expect_code one 2
    grep -q 'A.ppm and .*a.ppm become one file, as case does not' \
        "$work/one.err" || complain "$folder: no word of case"
    [ "$(find "$disk" -type f | wc -l)" = 0 ] || complain 'a file was written'
    mkdir -p "$out"
done
mv "$work/in/A.ppm" "$work/in/A.pnm"
run ext 20 "$MILL" convert "$work/in" -o "$out" -f png
expect_code ext 2
grep -qF -e "--name '{dir}/{stem}-{srcext}.{ext}'" "$work/ext.err" ||
    complain 'the way out is not named'
rm "$work/in/A.pnm"
cp "$work/in/a.ppm" "$work/in/May/one.ppm"
cp "$work/in/a.ppm" "$work/in/may/two.ppm"
run folders 20 "$MILL" convert -r "$work/in" -o "$out"
expect_code folders 0
[ "$(count_files "$out")" = 4 ] || complain 'not four outputs of two folders'
cp "$work/in/a.ppm" "$work/in/may/one.ppm"
run folder 20 "$MILL" convert -r "$work/in" -o "$out"
expect_code folder 2
run apart 20 "$MILL" convert -r "$work/in" -o "$work/apart"
expect_code apart 0
[ "$(count_files "$work/apart")" = 5 ] || complain 'they are apart elsewhere'
rm -r "$work/in/may"
cp "$work/in/a.ppm" "$work/umlaut/É.ppm"
cp "$work/in/a.ppm" "$work/umlaut/é.ppm"
run umlaut 20 "$MILL" convert -r "$work/umlaut" -o "$out"
expect_code umlaut 2

# It works all the same, with each rule for what is there.
rm -r "$out"
mkdir "$out"
[ "$kind" != ext4 ] || chattr +F "$out"
run plain 20 "$MILL" convert "$work/in" -o "$out" -f png
expect_code plain 0
for rule in -n -u --resume=journal; do
    run "new$rule" 20 "$MILL" convert "$work/in" -o "$out/$rule" -f png \
        "${rule/journal/$disk/journal}"
    expect_code "new$rule" 0
    expect_no_traces "new$rule"
    expect_whole "new$rule" "$out/$rule" "$out"
    [ "$(count_verdict "new$rule" 'done')" = 2 ] || complain "$rule: not 2 done"
done
for rule in -n --resume=journal; do
    run again 20 "$MILL" convert "$work/in" -o "$out/$rule" -f png \
        "${rule/journal/$disk/journal}"
    [ "$(count_verdict again 'done')" = 0 ] || complain "$rule does it again"
done
run over 20 "$MILL" convert "$work/in" -o "$out" -f png
expect_code over 0
# As FUSE one file has two numbers there, for two names.
if [ "$kind" != exfat ]; then
    cp "$out/a.png" "$work/before.png"
    run upper 20 "$MILL" convert "$out/a.png" -o "$out/A.PNG"
    expect_code upper 2
    run twins 20 "$MILL" convert "$out/a.png" "$out/A.PNG" --in-place
    expect_code twins 2
    cmp -s "$out/a.png" "$work/before.png" || complain 'an input was replaced'
fi
run in-place 20 "$MILL" convert "$out/a.png" --in-place --gray
expect_code in-place 0
run beside 20 "$MILL" convert "$out/b.png" --in-place -f pnm
expect_code beside 0
if [ "$kind" != ext4 ]; then
    run backup 20 "$MILL" convert "$out/b.png" --in-place --backup '~'
    expect_code backup 1
    grep -q -e '--backup needs hard links' "$work/backup.err" ||
        complain 'no word of hard links'
    cp "$work/in/a.ppm" "$work/odd/a:b.ppm"
    cp "$work/in/a.ppm" "$work/odd/c.ppm"
    run odd 20 "$MILL" convert "$work/odd" -o "$out/odd"
    expect_code odd 1
    grep -q 'a:b.ppm: .*this file system takes no file of that name' \
        "$work/odd.err" || complain 'no word of the name'
    [ "$(ls -A "$out/odd")" = c.ppm ] || complain 'not c.ppm alone'
fi

# A disk that is full there, too.
draw 300 300 1 >"$work/in/b.ppm"
dd if=/dev/zero of="$disk/fill" bs=64K 2>/dev/null
run full 60 "$MILL" convert "$work/in" -o "$out/full" --resize 1000x1000,enlarge=yes
expect_code full 5
expect_no_traces full
[ "$(find "$out/full" -type f -size -100k | wc -l)" = 0 ] ||
    complain 'something that is not whole'
fault_row "names that are one, $kind" process 6 0
finish "$kind"
