"""The pictures that tasks are measured on: Debian's wallpapers, and some that
imgmill and its tools draw."""

import os
import shutil
import subprocess

PACKAGES = ["plasma-workspace-wallpapers", "mate-backgrounds",
            "gnome-backgrounds"]
FOLDERS = ["/usr/share/wallpapers", "/usr/share/backgrounds"]
LEAST_BYTES = 150_000  # smaller ones are previews
TINY = 5000
HUGE_PX = 20_000


def is_progressive(path):
    """Does the first frame header of a JPEG say so?"""
    data = open(path, "rb").read()
    at = 2
    while at + 4 <= len(data):
        marker = data[at + 1]
        if marker == 0xC2:
            return True
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return False
        at += 2 + int.from_bytes(data[at + 2:at + 4], "big")
    return False


def wallpapers(ending):
    """Each file once, in a fixed order."""
    found = {}
    for folder in FOLDERS:
        for where, _, names in sorted(os.walk(folder)):
            for name in sorted(names):
                path = os.path.join(where, name)
                if not name.endswith(ending) or os.path.islink(path):
                    continue
                status = os.stat(path)
                if status.st_size >= LEAST_BYTES:
                    found.setdefault(status.st_ino, path)
    return list(found.values())


def copy_all(paths, folder, prefix):
    """Real copies under names of their own."""
    os.makedirs(folder, exist_ok=True)
    made = []
    for i, path in enumerate(paths):
        to = os.path.join(folder, f"{prefix}{i:03}{os.path.splitext(path)[1]}")
        if not os.path.exists(to):
            shutil.copyfile(path, to)
        made.append(to)
    return made


def run(mill, *arguments):
    subprocess.run([mill, "convert", "--quiet", *arguments], check=True)


def make_tiny(mill, folder, sources):
    """Pictures of 24 to 64 px: crops of thumbnails, one colour scheme each."""
    if os.path.isdir(folder) and len(os.listdir(folder)) >= TINY:
        return
    os.makedirs(folder, exist_ok=True)
    each = -(-TINY // len(sources))
    for i in range(each):
        side = 24 + i * 40 // each
        run(mill, *sources, "-o", folder, "-f", ["jpeg", "png"][i % 2],
            "--resize", f"{side}x{side},fit=cover", "-q", str(60 + i % 35),
            "--name", "{stem}-" + f"{i:03}" + ".{ext}")


def make_huge(mill, folder, source):
    os.makedirs(folder, exist_ok=True)
    for ending, flag in (("jpg", "jpeg"), ("png", "png")):
        to = os.path.join(folder, f"huge.{ending}")
        if not os.path.exists(to):
            run(mill, source, "-o", to, "-f", flag, "-q", "85", "--resize",
                f"{HUGE_PX}x{HUGE_PX},fit=fill,enlarge=yes", "--max-pixels",
                str(HUGE_PX * HUGE_PX), "--timeout", "600")


def below(folder, ending=""):
    return sorted(os.path.join(folder, name) for name in os.listdir(folder)
                  if name.endswith(ending))


def repeated(files, times):
    """The files, and times - 1 more names of each, beside it."""
    made = list(files)
    for k in range(1, times):
        for path in files:
            stem, ending = os.path.splitext(path)
            folder, name = os.path.split(stem)
            folder = f"{folder}-again"
            os.makedirs(folder, exist_ok=True)
            made.append(os.path.join(folder, f"{name}-{k}{ending}"))
            if not os.path.exists(made[-1]):
                os.link(path, made[-1])
    return made


def lay_out(mill, root, wanted):
    """Name of a corpus to its files; `wanted`: the names that are needed."""
    jpegs, pngs = wallpapers(".jpg"), wallpapers(".png")
    if not jpegs or not pngs:
        raise SystemExit(f"bench: no wallpapers; install {' '.join(PACKAGES)}")
    base = [p for p in jpegs if not is_progressive(p)]
    rest = [p for p in jpegs if is_progressive(p)]
    corpora = {"base": copy_all(base, os.path.join(root, "base"), "b"),
               "png": copy_all(pngs, os.path.join(root, "png"), "p")}
    progressive = copy_all(rest, os.path.join(root, "progressive"), "q")
    corpora["jpg"] = corpora["base"] + progressive
    if "tiny" in wanted:
        make_tiny(mill, os.path.join(root, "tiny"), corpora["base"])
        corpora["tiny"] = below(os.path.join(root, "tiny"))[:TINY]
    if "huge" in wanted:
        make_huge(mill, os.path.join(root, "huge"), corpora["base"][0])
        corpora["huge"] = below(os.path.join(root, "huge"))
    return corpora
