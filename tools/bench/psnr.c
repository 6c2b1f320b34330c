/* psnr [-b SIGMA]: how far pictures are from what they should be. Each line of
 * standard input is a source and pictures made of it, separated by tabs; for
 * each line the PSNR of each picture in dB, separated by tabs ("-": not there).
 *
 * The reference is made here, in double precision and by the definition: the
 * source (alpha flattened on white), blurred with -b, resized to the picture's
 * own size by a Lanczos kernel of three lobes. Both are compared as RGB of 8
 * bits, the reference unrounded. It is no part of the mill and shares no code
 * with it. */
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>

/* RGB, px after px. */
struct picture {
    unsigned w, h;
    double *rgb; /* NULL: none; 0..255 */
};

static void *
take(size_t n)
{
    void *at = malloc(n ? n : 1);
    if (!at)
        abort();
    return at;
}

static struct picture
picture_new(unsigned w, unsigned h)
{
    return (struct picture){w, h, take((size_t)w * h * 3 * sizeof(double))};
}

/* ---- reading ------------------------------------------------------------- */

static double
flatten(uint8_t value, uint8_t alpha)
{
    return (value * alpha + 255.0 * (255 - alpha)) / 255.0;
}

static struct picture
read_png(const char *path)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    struct picture picture = {0};
    if (!png_image_begin_read_from_file(&image, path))
        return picture;
    image.format = PNG_FORMAT_RGBA;
    uint8_t *rgba = take(PNG_IMAGE_SIZE(image));
    if (png_image_finish_read(&image, NULL, rgba, 0, NULL)) {
        picture = picture_new(image.width, image.height);
        for (size_t i = 0; i < (size_t)image.width * image.height; i++)
            for (unsigned c = 0; c < 3; c++)
                picture.rgb[3 * i + c] =
                    flatten(rgba[4 * i + c], rgba[4 * i + 3]);
    }
    png_image_free(&image);
    free(rgba);
    return picture;
}

static struct picture
read_jpeg(FILE *file)
{
    struct jpeg_error_mgr errors;
    struct jpeg_decompress_struct jpeg = {.err = jpeg_std_error(&errors)};
    jpeg_create_decompress(&jpeg);
    jpeg_stdio_src(&jpeg, file);
    jpeg_read_header(&jpeg, TRUE);
    jpeg.out_color_space = JCS_RGB;
    jpeg_start_decompress(&jpeg);
    struct picture picture = picture_new(jpeg.output_width, jpeg.output_height);
    uint8_t *row = take((size_t)picture.w * 3);
    while (jpeg.output_scanline < picture.h) {
        double *to = picture.rgb + (size_t)jpeg.output_scanline * picture.w * 3;
        jpeg_read_scanlines(&jpeg, &row, 1);
        for (size_t i = 0; i < (size_t)picture.w * 3; i++)
            to[i] = row[i];
    }
    jpeg_finish_decompress(&jpeg);
    jpeg_destroy_decompress(&jpeg);
    free(row);
    return picture;
}

static struct picture
read_picture(const char *path)
{
    struct picture picture = {0};
    FILE *file = fopen(path, "rb");
    if (!file)
        return picture;
    bool is_png = fgetc(file) == 0x89;
    rewind(file);
    picture = is_png ? read_png(path) : read_jpeg(file);
    fclose(file);
    return picture;
}

/* ---- the reference ------------------------------------------------------- */

static double
sinc(double x)
{
    return x == 0 ? 1 : sin(M_PI * x) / (M_PI * x);
}

/* What samples weigh for one output sample: from `first`, n of them. */
struct taps {
    int first, n;
    double *weight;
};

static double
weigh(double x, double sigma)
{
    if (sigma > 0)
        return exp(-x * x / (2 * sigma * sigma));
    return fabs(x) < 3 ? sinc(x) * sinc(x / 3) : 0;
}

/* sigma 0: a resize from n_in to n_out; else a blur, n_in == n_out. Samples
 * beyond the edge are the edge's. */
static struct taps
make_taps(int n_in, int n_out, double sigma, int j)
{
    double scale = (double)n_in / n_out, grown = scale > 1 ? scale : 1;
    double centre = (j + .5) * scale - .5;
    double reach = sigma > 0 ? 5 * sigma : 3 * grown;
    int from = (int)ceil(centre - reach), to = (int)floor(centre + reach);
    int first = from < 0 ? 0 : from, last = to >= n_in ? n_in - 1 : to;
    struct taps taps = {first, last - first + 1, NULL};
    double sum = 0;
    taps.weight = take((size_t)taps.n * sizeof(double));
    memset(taps.weight, 0, (size_t)taps.n * sizeof(double));
    for (int i = from; i <= to; i++) {
        int at = i < first ? first : i > last ? last : i;
        double w = weigh((i - centre) / (sigma > 0 ? 1 : grown), sigma);
        taps.weight[at - first] += w;
        sum += w;
    }
    for (int i = 0; i < taps.n; i++)
        taps.weight[i] /= sum;
    return taps;
}

static void
add_scaled(double *restrict to, const double *restrict from, size_t n,
           double weight)
{
    for (size_t i = 0; i < n; i++)
        to[i] += weight * from[i];
}

static struct picture
filter_down(const struct picture *in, unsigned h, double sigma)
{
    struct picture out = picture_new(in->w, h);
    size_t row = (size_t)in->w * 3;
    memset(out.rgb, 0, row * h * sizeof(double));
    for (unsigned y = 0; y < h; y++) {
        struct taps taps = make_taps((int)in->h, (int)h, sigma, (int)y);
        for (int i = 0; i < taps.n; i++)
            add_scaled(out.rgb + y * row,
                       in->rgb + (size_t)(taps.first + i) * row, row,
                       taps.weight[i]);
        free(taps.weight);
    }
    return out;
}

static struct picture
filter_across(const struct picture *in, unsigned w, double sigma)
{
    struct picture out = picture_new(w, in->h);
    for (unsigned x = 0; x < w; x++) {
        struct taps taps = make_taps((int)in->w, (int)w, sigma, (int)x);
        for (unsigned y = 0; y < in->h; y++) {
            const double *from =
                in->rgb + ((size_t)y * in->w + (unsigned)taps.first) * 3;
            double *to = out.rgb + ((size_t)y * w + x) * 3;
            to[0] = to[1] = to[2] = 0;
            for (int i = 0; i < taps.n; i++)
                for (int c = 0; c < 3; c++)
                    to[c] += taps.weight[i] * from[3 * i + c];
        }
        free(taps.weight);
    }
    return out;
}

static void
filter(struct picture *picture, unsigned w, unsigned h, double sigma)
{
    struct picture down = filter_down(picture, h, sigma);
    free(picture->rgb);
    *picture = filter_across(&down, w, sigma);
    free(down.rgb);
}

static struct picture
copy(const struct picture *from)
{
    struct picture to = picture_new(from->w, from->h);
    memcpy(to.rgb, from->rgb, (size_t)to.w * to.h * 3 * sizeof(double));
    return to;
}

/* ---- comparing ----------------------------------------------------------- */

static double
clamp(double v)
{
    return v < 0 ? 0 : v > 255 ? 255 : v;
}

static double
psnr(const struct picture *reference, const struct picture *made)
{
    size_t n = (size_t)made->w * made->h * 3;
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        double d = clamp(reference->rgb[i]) - made->rgb[i];
        sum += d * d;
    }
    return sum > 0 ? 10 * log10(255.0 * 255 * (double)n / sum) : 99;
}

/* reference: of the picture before; made anew when the size is another. */
static void
judge(const struct picture *source, struct picture *reference, const char *path)
{
    struct picture made = read_picture(path);
    if (!made.rgb) {
        printf("-");
        return;
    }
    if (!reference->rgb || reference->w != made.w || reference->h != made.h) {
        free(reference->rgb);
        *reference = copy(source);
        if (made.w != source->w || made.h != source->h)
            filter(reference, made.w, made.h, 0);
    }
    printf("%.3f", psnr(reference, &made));
    free(made.rgb);
}

static void
judge_line(char *line, double sigma)
{
    const char *path = strsep(&line, "\t");
    struct picture source = read_picture(path), reference = {0};
    if (source.rgb && sigma > 0)
        filter(&source, source.w, source.h, sigma);
    for (const char *between = ""; (path = strsep(&line, "\t"));) {
        fputs(between, stdout);
        if (source.rgb)
            judge(&source, &reference, path);
        else
            printf("-");
        between = "\t";
    }
    putchar('\n');
    fflush(stdout);
    free(source.rgb);
    free(reference.rgb);
}

int
main(int argc, char **argv)
{
    double sigma = argc == 3 && !strcmp(argv[1], "-b") ? atof(argv[2]) : 0;
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    if (argc != 1 && sigma <= 0) {
        fprintf(stderr, "usage: psnr [-b SIGMA] < lines\n");
        return 2;
    }
    while ((n = getline(&line, &room, stdin)) > 0) {
        line[strcspn(line, "\n")] = 0;
        judge_line(line, sigma);
    }
    free(line);
    return 0;
}
