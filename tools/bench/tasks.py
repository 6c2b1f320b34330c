"""What is measured, and how each peer is asked for it, in its best documented
way to do a batch: one thread an image, as many images at once as CPUs."""

import os
import shlex

HERE = os.path.dirname(os.path.abspath(__file__))

JPEG = ["-f", "jpeg", "-q", "80", "--strip"]
JPEG_WORDS = ["f=jpeg", "q=80", "strip=1"]


class Task:
    """A task on a corpus. mill: flags of convert. words: the same for lines.
    Others' commands work on the files at their end, into {out}. times: how often
    a run has the corpus, each time by other names: so often that a run of ours
    is near a second, and not its start is measured."""

    def __init__(self, name, corpus, mill, words, times=1, blur=0,
                 lossless=False, what=None):
        self.name, self.corpus, self.mill, self.words = name, corpus, mill, words
        self.times, self.blur, self.lossless = times, blur, lossless
        self.what = what or name  # the key below

    def ending(self):
        return ".png" if self.what in PNG_OUT else ".jpg"


PNG_OUT = {"topng", "topng-fast", "pnghalf", "pngthumb"}


def jpeg(name, corpus, resize=None, **more):
    flags = ["--resize", resize] if resize else []
    words = [f"resize={resize}"] if resize else []
    return Task(name, corpus, flags + JPEG, words + JPEG_WORDS, **more)


def png(name, corpus, resize=None, compression="default", **more):
    flags = ["--resize", resize] if resize else []
    words = [f"resize={resize}"] if resize else []
    return Task(name, corpus,
                flags + ["-f", "png", "--compression", compression, "--strip"],
                words + ["f=png", f"compression={compression}", "strip=1"],
                lossless=True, **more)


TASKS = [
    jpeg("thumb256", "base", "256x256", times=10),
    jpeg("thumb256-all", "jpg", "256x256", times=6, what="thumb256"),
    jpeg("thumb256-fast", "base", "256x256,shrink=fast", times=10,
         what="thumb256"),
    jpeg("thumb256-all-fast", "jpg", "256x256,shrink=fast", times=10,
         what="thumb256"),
    jpeg("web1600", "base", "1600x1600", times=5),
    jpeg("web1600-all", "jpg", "1600x1600", times=3, what="web1600"),
    jpeg("half", "base", "50%", times=5),
    jpeg("recompress", "base", times=4),
    Task("blur2", "base", ["--blur", "2"] + JPEG, ["blur=2"] + JPEG_WORDS,
         times=2, blur=2),
    jpeg("tojpg", "png", times=2),
    png("topng", "base"),
    png("topng-fast", "base", compression="fast", times=2),
    png("pnghalf", "png", "50%", times=2),
    png("pngthumb", "png", "256x256", times=2),
    jpeg("tiny", "tiny", "32x32"),
    jpeg("huge", "huge", "256x256"),
]

# ---- peers -------------------------------------------------------------------

# %s is the stem; [] are the saver's options.
VIPS_JPEG = "[Q=80,subsample-mode=on,optimize-coding,strip]"
VIPS_PNG = "[compression=6,filter=none,strip]"


def vips_thumbnail(side):
    def command(out, task):
        saver = VIPS_PNG if task.what in PNG_OUT else VIPS_JPEG
        return ["vipsthumbnail", "--size", f"{side}x{side}>",
                "-o", f"{out}/%s{task.ending()}{saver}"]
    return command


def vips_each(work):
    """An operation of `vips` an image: it has no batch mode."""
    def command(out, task):
        saver = VIPS_PNG if task.what in PNG_OUT else VIPS_JPEG
        script = (f'for f; do s=${{f##*/}}; '
                  f'vips {work} "{out}/${{s%.*}}{task.ending()}{saver}"'
                  f'{" 0.5" if work.startswith("resize") else ""}'
                  f'{" 2" if work.startswith("gaussblur") else ""}; done')
        return ["sh", "-c", script, "vips"]
    return command


VIPS = {
    "thumb256": vips_thumbnail(256), "web1600": vips_thumbnail(1600),
    "pngthumb": vips_thumbnail(256), "tiny": vips_thumbnail(32),
    "huge": vips_thumbnail(256),
    "half": vips_each('resize "$f"'), "pnghalf": vips_each('resize "$f"'),
    "recompress": vips_each('copy "$f"'), "topng": vips_each('copy "$f"'),
    "tojpg": vips_each('flatten --background 255 "$f"'),
    "blur2": vips_each('gaussblur "$f"'),
}

MAGICK_JPEG = ["-quality", "80", "-sampling-factor", "4:2:0"]


def magick(gm):
    """mogrify, of ImageMagick or GraphicsMagick."""
    sizes = {"thumb256": "256x256>", "web1600": "1600x1600>", "half": "50%",
             "pnghalf": "50%", "pngthumb": "256x256>", "tiny": "32x32>",
             "huge": "256x256>"}
    hints = {"thumb256": "512x512", "tiny": "64x64", "huge": "512x512"}

    def command(out, task):
        words = [] if gm else ["mogrify", "-path", out, "-format",
                               task.ending()[1:]]
        hint = hints.get(task.what)
        if hint and not gm:
            words += ["-define", f"jpeg:size={hint}"]
        if task.what == "tojpg":
            words += ["-background", "white"]
            words += ["-extent", "0x0"] if gm else ["-alpha", "remove"]
        if task.what in sizes:
            words += ["-filter", "Lanczos", "-resize", sizes[task.what]]
        if task.blur:
            words += ["-blur", f"0x{task.blur}"]
        if task.what in PNG_OUT:
            words += ["-define", "png:compression-level=6",
                      "-define", "png:compression-filter=0"]
        else:
            words += MAGICK_JPEG
        return gm_batch(out, task, hint, words) if gm else words
    return command


def gm_batch(out, task, hint, words):
    """gm mogrify puts the whole path of an input below -output-directory, so
    each image is a line of convert, all of them for one process."""
    size = f"-size {hint} " if hint else ""
    work = " ".join(f'\\"{word}\\"' for word in words)
    script = (f'for f; do s=${{f##*/}}; echo "convert {size}\\"$f\\" {work} '
              f'\\"{out}/${{s%.*}}{task.ending()}\\""; done | gm batch -')
    return ["sh", "-c", script, "gm"]


class Peer:
    def __init__(self, name, version, command, environment):
        self.name, self.version, self.command = name, version, command
        self.environment = environment

    def shell(self, task, out, listing, jobs):
        """The whole batch as a command line; None: it cannot do the task."""
        raise NotImplementedError


class XargsPeer(Peer):
    AT_ONCE = 32  # images a process

    def shell(self, task, out, listing, jobs):
        command = self.command(task.what)
        if command is None:
            return None
        words = shlex.join(command(out, task))
        at_once = min(self.AT_ONCE, 4 if task.corpus != "tiny" else 32)
        return (f"tr '\\n' '\\0' < {shlex.quote(listing)} | "
                f"xargs -0 -P {jobs} -n {at_once} {words}")


class SharpPeer(Peer):
    def shell(self, task, out, listing, jobs):
        script = shlex.quote(os.path.join(HERE, "sharp.mjs"))
        return (f"UV_THREADPOOL_SIZE={jobs} node {script} {task.what} "
                f"{shlex.quote(out)} {jobs} < {shlex.quote(listing)}")


ONE_THREAD = {"VIPS_CONCURRENCY": "1", "OMP_NUM_THREADS": "1",
              "MAGICK_THREAD_LIMIT": "1"}


def peers(sharp_from):
    mogrify, gm = magick(False), magick(True)
    return [
        SharpPeer("sharp", ["node", "-p", "const v=require(process.env."
                            "SHARP_FROM+'/node_modules/sharp').versions;"
                            "`sharp ${v.sharp}, libvips ${v.vips}`"], None,
                  {"SHARP_FROM": sharp_from}),
        XargsPeer("vips", ["vips", "--version"], VIPS.get, ONE_THREAD),
        XargsPeer("gm", ["gm", "version"], lambda what: gm, ONE_THREAD),
        XargsPeer("mogrify", ["mogrify", "--version"], lambda what: mogrify,
                  ONE_THREAD),
    ]
