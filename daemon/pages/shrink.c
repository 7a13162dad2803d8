/* Decodes pictures with libturbojpeg, libpng, libwebp and giflib, scales them, and writes JPEG; all
 * of it in a process of its own, which this file also sets up. Called by storyd.c and, for what it
 * wrote, by pictures.c. */
#include "pages/shrink.h"

#include "base/mem.h"
#include "file.h"

#include <errno.h>
#include <gif_lib.h>
#include <limits.h>
#include <malloc.h>
#include <png.h>
#include <seccomp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <turbojpeg.h>
#include <unistd.h>
#include <webp/decode.h>

enum { RGB = 3, QUALITY = 80, LEAST_WIDTH = 65, LEAST_HEIGHT = 36 };

const int shrink_sizes[SHRINK_SIZES][2] = {
    [SHRINK_THUMBNAIL] = {224, 126}, [SHRINK_PICTURE] = {640, 360}};

static const char magic[8] = "storydP1";

/* Three bytes a pixel. */
struct bitmap {
    unsigned char *rgb;
    int width, height;
};

static const char is_broken[] = "it cannot be decoded", is_large[] = "it has too many pixels",
                  is_small[] = "it is too small", is_unknown[] = "it is no JPEG, PNG, WebP or GIF";

/* Allocates the bitmap; decoders call it before they decode. */
static const char *make_bitmap(struct bitmap *b, int64_t width, int64_t height)
{
    if (width < LEAST_WIDTH || height < LEAST_HEIGHT)
        return is_small;
    if (width > SHRINK_MAX_PIXELS / height)
        return is_large;
    *b = (struct bitmap){mem_alloc((size_t)(width * height * RGB)), (int)width, (int)height};
    return NULL;
}

/* Whether there is more of the picture than the largest size shows. */
static bool is_larger_than_shown(int width, int height)
{
    return width >= shrink_sizes[SHRINK_PICTURE][0] && height >= shrink_sizes[SHRINK_PICTURE][1];
}

/* ---- decoders ------------------------------------------------------------------------------- */

/* libturbojpeg scales a large picture while it decodes. */
static const char *decode_jpeg(const unsigned char *bytes, size_t n, struct bitmap *out)
{
    tjhandle tj = tjInitDecompress();
    int width, height, subsampling, colours, n_factors = 0;
    const char *why = is_broken;
    if (tj && !tjDecompressHeader3(tj, bytes, n, &width, &height, &subsampling, &colours)) {
        tjscalingfactor *factors = tjGetScalingFactors(&n_factors), best = {1, 1};
        for (int i = 0; i < n_factors; i++)
            if (TJSCALED(1 << 20, factors[i]) < TJSCALED(1 << 20, best) &&
                is_larger_than_shown(TJSCALED(width, factors[i]), TJSCALED(height, factors[i])))
                best = factors[i];
        if (height > 0 && width > SHRINK_MAX_PIXELS / height)
            why = is_large;
        else
            why = make_bitmap(out, TJSCALED(width, best), TJSCALED(height, best));
        if (!why &&
            tjDecompress2(tj, bytes, n, out->rgb, out->width, 0, out->height, TJPF_RGB,
                          TJFLAG_LIMITSCANS) &&
            tjGetErrorCode(tj) != TJERR_WARNING)
            why = is_broken;
    }
    if (tj)
        tjDestroy(tj);
    return why;
}

/* On white, if it is transparent. */
static const char *decode_png(const unsigned char *bytes, size_t n, struct bitmap *out)
{
    const png_color white = {255, 255, 255};
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_memory(&image, bytes, n))
        return is_broken;
    image.format = PNG_FORMAT_RGB;
    const char *why = make_bitmap(out, image.width, image.height);
    if (!why && !png_image_finish_read(&image, &white, out->rgb, 0, NULL))
        why = is_broken;
    png_image_free(&image);
    return why;
}

static const char *decode_webp(const unsigned char *bytes, size_t n, struct bitmap *out)
{
    int width, height;
    if (!WebPGetInfo(bytes, n, &width, &height))
        return is_broken;
    const char *why = make_bitmap(out, width, height);
    if (!why && !WebPDecodeRGBInto(bytes, n, out->rgb, (size_t)width * height * RGB, width * RGB))
        why = is_broken;
    return why;
}

struct gif_input {
    const unsigned char *bytes;
    size_t n;
};

static int read_gif(GifFileType *gif, GifByteType *out, int n)
{
    struct gif_input *in = gif->UserData;
    size_t taken = (size_t)n < in->n ? (size_t)n : in->n;
    memcpy(out, in->bytes, taken);
    in->bytes += taken;
    in->n -= taken;
    return (int)taken;
}

/* Goes on to the first frame. */
static bool find_frame(GifFileType *gif)
{
    GifRecordType type;
    GifByteType *extension;
    int code;
    while (DGifGetRecordType(gif, &type) == GIF_OK && type != TERMINATE_RECORD_TYPE) {
        if (type == IMAGE_DESC_RECORD_TYPE)
            return DGifGetImageDesc(gif) == GIF_OK;
        if (type == EXTENSION_RECORD_TYPE && DGifGetExtension(gif, &code, &extension) == GIF_OK)
            while (extension && DGifGetExtensionNext(gif, &extension) == GIF_OK)
                ;
    }
    return false;
}

static const char *read_frame(GifFileType *gif, struct bitmap *out)
{
    static const struct {
        int first, step;
    } passes[] = {{0, 8}, {4, 8}, {2, 4}, {1, 2}}, straight = {0, 1};
    const GifImageDesc *image = &gif->Image;
    const ColorMapObject *colours = image->ColorMap ? image->ColorMap : gif->SColorMap;
    const char *why = make_bitmap(out, image->Width, image->Height);
    unsigned char *line = why ? NULL : mem_alloc((size_t)out->width);
    int n_passes = image->Interlace ? 4 : 1;
    if (!why && !colours)
        why = is_broken;
    for (int p = 0; !why && p < n_passes; p++)
        for (int y = image->Interlace ? passes[p].first : straight.first; !why && y < out->height;
             y += image->Interlace ? passes[p].step : straight.step) {
            if (DGifGetLine(gif, line, out->width) != GIF_OK)
                why = is_broken;
            for (int x = 0; !why && x < out->width; x++) {
                int i = line[x] < colours->ColorCount ? line[x] : 0;
                const GifColorType *c = &colours->Colors[i];
                unsigned char *to = out->rgb + ((size_t)y * out->width + x) * RGB;
                to[0] = c->Red, to[1] = c->Green, to[2] = c->Blue;
            }
        }
    free(line);
    return why;
}

/* The first frame; what follows is not read. */
static const char *decode_gif(const unsigned char *bytes, size_t n, struct bitmap *out)
{
    struct gif_input in = {bytes, n};
    GifFileType *gif = DGifOpen(&in, read_gif, NULL);
    if (!gif)
        return is_broken;
    const char *why = find_frame(gif) ? read_frame(gif, out) : is_broken;
    DGifCloseFile(gif, NULL);
    return why;
}

typedef const char *decoder(const unsigned char *bytes, size_t n, struct bitmap *out);

static decoder *decoder_of(const unsigned char *bytes, size_t n)
{
    static const struct {
        const char *begins;
        size_t length, at;
        const char *then; /* at `at` */
        decoder *decode;
    } all[] = {{"\xff\xd8\xff", 3, 0, "", decode_jpeg},
               {"\x89PNG\r\n\x1a\n", 8, 0, "", decode_png},
               {"RIFF", 4, 8, "WEBP", decode_webp},
               {"GIF87a", 6, 0, "", decode_gif},
               {"GIF89a", 6, 0, "", decode_gif}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (n >= 16 && !memcmp(bytes, all[i].begins, all[i].length) &&
            !memcmp(bytes + all[i].at, all[i].then, strlen(all[i].then)))
            return all[i].decode;
    return NULL;
}

bool shrink_knows(const void *bytes, size_t n)
{
    return decoder_of(bytes, n) != NULL;
}

/* ---- scaling -------------------------------------------------------------------------------- */

/* The part of the picture that has the shape of the size: its middle, and of a high one rather its
 * upper part, where heads are. */
struct cut {
    int x, y, width, height;
};

static struct cut cut_of(const struct bitmap *b, enum shrink_size size)
{
    int w = shrink_sizes[size][0], h = shrink_sizes[size][1];
    struct cut c = {0, 0, b->width, b->height};
    if ((int64_t)b->width * h > (int64_t)b->height * w)
        c.width = (int)((int64_t)b->height * w / h);
    else
        c.height = (int)((int64_t)b->width * h / w);
    c.x = (b->width - c.width) / 2;
    c.y = (b->height - c.height) / 3;
    return c;
}

/* The mean of the pixels from (x0, y0) up to (x1, y1). */
static void put_mean(const struct bitmap *b, int x0, int y0, int x1, int y1, unsigned char *to)
{
    uint64_t sum[RGB] = {0}, n = (uint64_t)(x1 - x0) * (uint64_t)(y1 - y0);
    for (int y = y0; y < y1; y++)
        for (int x = x0; x < x1; x++)
            for (int k = 0; k < RGB; k++)
                sum[k] += b->rgb[((size_t)y * b->width + x) * RGB + k];
    for (int k = 0; k < RGB; k++)
        to[k] = (unsigned char)((sum[k] + n / 2) / n);
}

static struct bitmap scale(const struct bitmap *b, enum shrink_size size)
{
    const struct cut c = cut_of(b, size);
    bool less = c.width > shrink_sizes[size][0];
    struct bitmap out = {NULL, less ? shrink_sizes[size][0] : c.width,
                         less ? shrink_sizes[size][1] : c.height};
    out.rgb = mem_alloc((size_t)out.width * out.height * RGB);
    for (int y = 0; y < out.height; y++)
        for (int x = 0; x < out.width; x++)
            put_mean(b, c.x + (int)((int64_t)x * c.width / out.width),
                     c.y + (int)((int64_t)y * c.height / out.height),
                     c.x + (int)((int64_t)(x + 1) * c.width / out.width),
                     c.y + (int)((int64_t)(y + 1) * c.height / out.height),
                     out.rgb + ((size_t)y * out.width + x) * RGB);
    return out;
}

static bool add_jpeg(const struct bitmap *b, struct buf *out)
{
    tjhandle tj = tjInitCompress();
    unsigned char *bytes = NULL;
    unsigned long n = 0;
    bool ok = tj && !tjCompress2(tj, b->rgb, b->width, 0, b->height, TJPF_RGB, &bytes, &n,
                                 TJSAMP_420, QUALITY, 0);
    ok = ok && buf_add(out, bytes, n);
    tjFree(bytes);
    if (tj)
        tjDestroy(tj);
    return ok;
}

/* The head is `magic`, then the length of each size, four bytes, the highest first. */
enum { HEAD = sizeof magic + 4 * SHRINK_SIZES };

static size_t length_at(const unsigned char *head, enum shrink_size size)
{
    const unsigned char *p = head + sizeof magic + 4 * size;
    return (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
}

const char *shrink_picture(const void *bytes, size_t n, struct buf *out)
{
    decoder *decode = decoder_of(bytes, n);
    struct bitmap b = {NULL, 0, 0};
    unsigned char head[HEAD];
    size_t start = out->len;
    const char *why = decode ? decode(bytes, n, &b) : is_unknown;
    memcpy(head, magic, sizeof magic);
    bool ok = !why && buf_add(out, head, HEAD);
    for (int size = 0; ok && size < SHRINK_SIZES; size++) {
        size_t before = out->len;
        struct bitmap scaled = scale(&b, size);
        ok = add_jpeg(&scaled, out);
        free(scaled.rgb);
        for (int i = 0; i < 4; i++)
            head[sizeof magic + 4 * size + i] =
                (unsigned char)((out->len - before) >> (24 - 8 * i));
    }
    free(b.rgb);
    if (!ok)
        return why ? why : is_broken;
    memcpy(out->p + start, head, HEAD);
    return NULL;
}

bool shrink_part(const void *bytes, size_t n, enum shrink_size size, const char **part,
                 size_t *length)
{
    const unsigned char *head = bytes;
    if (n < HEAD || memcmp(head, magic, sizeof magic) != 0)
        return false;
    size_t first = length_at(head, SHRINK_THUMBNAIL), second = length_at(head, SHRINK_PICTURE);
    if (first > n - HEAD || second > n - HEAD - first)
        return false;
    *part = (const char *)head + HEAD + (size == SHRINK_PICTURE ? first : 0);
    *length = size == SHRINK_PICTURE ? second : first;
    return true;
}

/* ---- the process ---------------------------------------------------------------------------- */

/* From here on, the process can only write and end: anything else kills it, but a request for more
 * memory, which fails. So all memory that it will get is reserved before. */
static bool lock_in(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return true; /* the sanitizers make other calls */
#else
    static const int allowed[] = {SCMP_SYS(write), SCMP_SYS(exit), SCMP_SYS(exit_group)},
                     refused[] = {SCMP_SYS(brk), SCMP_SYS(mmap), SCMP_SYS(mremap), SCMP_SYS(munmap),
                                  SCMP_SYS(madvise)};
    enum { HEAP = 192 << 20 };
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL);
    int error = !filter;
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++)
        error = error ? error : seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        error = error ? error : seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOMEM), refused[i], 0);
    mallopt(M_MMAP_MAX, 0);
    mallopt(M_TRIM_THRESHOLD, INT_MAX);
    free(mem_alloc(HEAP));
    return !error && !prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) && !seccomp_load(filter);
#endif
}

int shrink_main(void)
{
    struct buf in, out;
    buf_init(&in, SHRINK_MAX_BYTES);
    buf_init(&out, SHRINK_MAX_OUT);
    if (!file_append("-", &in) || in.full || !lock_in() ||
        shrink_picture(buf_text(&in), in.len, &out))
        _exit(1);
    ssize_t n = 0;
    for (size_t at = 0; at < out.len && n >= 0; at += (size_t)n)
        n = write(STDOUT_FILENO, out.p + at, out.len - at);
    _exit(n < 0);
}
