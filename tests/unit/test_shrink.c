/* Scaling of pictures: each format, each size, and what is refused. */
#include "unit.h"

#include "base/mem.h"
#include "pages/shrink.h"

#include <gif_lib.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>
#include <webp/encode.h>

enum { WIDTH = 900, HEIGHT = 600, MOST = 8 << 20 };

/* The left half red, the right half blue. */
static unsigned char *halves(int width, int height)
{
    unsigned char *rgb = mem_zero((size_t)width * height * 3);
    for (int i = 0; i < width * height; i++)
        rgb[3 * i + (i % width < width / 2 ? 0 : 2)] = 255;
    return rgb;
}

static void encode_jpeg(const unsigned char *rgb, int width, int height, struct buf *out)
{
    tjhandle tj = tjInitCompress();
    unsigned char *bytes = NULL;
    unsigned long n = 0;
    assert_int_equal(tjCompress2(tj, rgb, width, 0, height, TJPF_RGB, &bytes, &n, TJSAMP_444, 90,
                                 TJFLAG_PROGRESSIVE),
                     0);
    buf_add(out, bytes, n);
    tjFree(bytes);
    tjDestroy(tj);
}

static void encode_png(const unsigned char *rgb, int width, int height, struct buf *out)
{
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)width,
                       .height = (png_uint_32)height,
                       .format = PNG_FORMAT_RGB};
    png_alloc_size_t n = MOST;
    void *bytes = mem_alloc(n);
    assert_true(png_image_write_to_memory(&image, bytes, &n, 0, rgb, 0, NULL));
    buf_add(out, bytes, n);
    free(bytes);
}

static void encode_webp(const unsigned char *rgb, int width, int height, struct buf *out)
{
    uint8_t *bytes;
    size_t n = WebPEncodeRGB(rgb, width, height, width * 3, 90, &bytes);
    assert_true(n > 0);
    buf_add(out, bytes, n);
    WebPFree(bytes);
}

static int write_gif(GifFileType *gif, const GifByteType *bytes, int n)
{
    return buf_add(gif->UserData, bytes, (size_t)n) ? n : 0;
}

/* Interlaced. */
static void encode_gif(const unsigned char *rgb, int width, int height, struct buf *out)
{
    static const int first[] = {0, 4, 2, 1}, step[] = {8, 8, 4, 2};
    const GifColorType colours[] = {{255, 0, 0}, {0, 0, 255}};
    ColorMapObject *map = GifMakeMapObject(2, colours);
    GifByteType *line = mem_alloc((size_t)width);
    GifFileType *gif = EGifOpen(out, write_gif, NULL);
    EGifPutScreenDesc(gif, width, height, 1, 0, map);
    EGifPutImageDesc(gif, 0, 0, width, height, true, NULL);
    for (int pass = 0; pass < 4; pass++)
        for (int y = first[pass]; y < height; y += step[pass]) {
            for (int x = 0; x < width; x++)
                line[x] = rgb[((size_t)y * width + x) * 3] == 0;
            assert_int_equal(EGifPutLine(gif, line, width), GIF_OK);
        }
    EGifCloseFile(gif, NULL);
    GifFreeMapObject(map);
    free(line);
}

typedef void encoder(const unsigned char *rgb, int width, int height, struct buf *out);
static encoder *const encoders[] = {encode_jpeg, encode_png, encode_webp, encode_gif};
enum { FORMATS = sizeof encoders / sizeof *encoders };

static const char *shrink_of(encoder *encode, int width, int height, struct buf *out)
{
    struct buf in;
    unsigned char *rgb = halves(width, height);
    buf_init(&in, MOST);
    buf_init(out, SHRINK_MAX_OUT);
    encode(rgb, width, height, &in);
    free(rgb);
    assert_true(shrink_knows(in.p, in.len));
    const char *why = shrink_picture(in.p, in.len, out);
    buf_free(&in);
    return why;
}

/* A JPEG of that size, red on the left and blue on the right. */
static void check_part(const struct buf *b, enum shrink_size size, int width, int height)
{
    const char *part;
    size_t n;
    int is_width, is_height, subsampling, colours;
    assert_true(shrink_part(b->p, b->len, size, &part, &n));
    tjhandle tj = tjInitDecompress();
    assert_int_equal(tjDecompressHeader3(tj, (const unsigned char *)part, n, &is_width, &is_height,
                                         &subsampling, &colours),
                     0);
    assert_int_equal(is_width, width);
    assert_int_equal(is_height, height);
    unsigned char *rgb = mem_alloc((size_t)width * height * 3);
    assert_int_equal(
        tjDecompress2(tj, (const unsigned char *)part, n, rgb, width, 0, height, TJPF_RGB, 0), 0);
    const unsigned char *left = rgb, *right = rgb + ((size_t)width * height - 1) * 3;
    assert_true(left[0] > 220 && left[1] < 40 && left[2] < 40);
    assert_true(right[0] < 40 && right[1] < 40 && right[2] > 220);
    free(rgb);
    tjDestroy(tj);
}

static void every_format_is_scaled_to_every_size(void **state)
{
    (void)state;
    for (size_t f = 0; f < FORMATS; f++)
        for (int high = 0; high < 2; high++) {
            struct buf b;
            assert_null(shrink_of(encoders[f], high ? 700 : 2400, high ? 2000 : 800, &b));
            for (int size = 0; size < SHRINK_SIZES; size++)
                check_part(&b, size, shrink_sizes[size][0], shrink_sizes[size][1]);
            assert_true(b.len < 64 << 10);
            buf_free(&b);
        }
}

static void a_small_picture_is_not_enlarged(void **state)
{
    (void)state;
    struct buf b;
    assert_null(shrink_of(encode_png, 320, 180, &b));
    check_part(&b, SHRINK_THUMBNAIL, 224, 126);
    check_part(&b, SHRINK_PICTURE, 320, 180);
    buf_free(&b);
}

static void pixels_that_count_readers_and_bombs_are_refused(void **state)
{
    (void)state;
    for (size_t f = 0; f < FORMATS; f++) {
        struct buf b;
        assert_string_equal(shrink_of(encoders[f], 64, 64, &b), "it is too small");
        buf_free(&b);
        assert_string_equal(shrink_of(encoders[f], 16000, 1600, &b), "it has too many pixels");
        assert_int_equal(b.len, 0);
        buf_free(&b);
    }
}

static void what_is_cut_or_no_picture_is_refused_without_harm(void **state)
{
    (void)state;
    static const char *const others[] = {"", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
                                         "<html><body>Not found</body></html>",
                                         "BM6\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "RIFF----WAVEfmt     "};
    struct buf in, out;
    unsigned char *rgb = halves(WIDTH, HEIGHT);
    buf_init(&out, SHRINK_MAX_OUT);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_false(shrink_knows(others[i], strlen(others[i])));
        assert_non_null(shrink_picture(others[i], strlen(others[i]), &out));
    }
    for (size_t f = 0; f < FORMATS; f++) {
        buf_init(&in, MOST);
        encoders[f](rgb, WIDTH, HEIGHT, &in);
        for (size_t n = 0; n < in.len; n += in.len / 40 + 1) {
            char *exact = mem_alloc(n + 1); /* so that a sanitizer sees what is read behind it */
            memcpy(exact, in.p, n);
            const char *part;
            size_t length;
            buf_clear(&out);
            if (!shrink_picture(exact, n, &out)) /* a JPEG may be shown in part */
                assert_true(shrink_part(out.p, out.len, SHRINK_PICTURE, &part, &length));
            else
                assert_int_equal(out.len, 0);
            free(exact);
        }
        buf_free(&in);
    }
    free(rgb);
    buf_free(&out);
}

static void parts_lie_within_what_was_written(void **state)
{
    (void)state;
    struct buf b;
    const char *part;
    size_t n;
    assert_null(shrink_of(encode_png, WIDTH, HEIGHT, &b));
    assert_true(shrink_part(b.p, b.len, SHRINK_PICTURE, &part, &n));
    assert_ptr_equal(part + n, b.p + b.len);
    assert_false(shrink_part(b.p, b.len - 1, SHRINK_PICTURE, &part, &n));
    assert_false(shrink_part(b.p, 15, SHRINK_THUMBNAIL, &part, &n));
    memset(b.p + 8, 0xff, 8);
    assert_false(shrink_part(b.p, b.len, SHRINK_THUMBNAIL, &part, &n));
    b.p[0] = 'S';
    assert_false(shrink_part(b.p, b.len, SHRINK_THUMBNAIL, &part, &n));
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_format_is_scaled_to_every_size),
        cmocka_unit_test(a_small_picture_is_not_enlarged),
        cmocka_unit_test(pixels_that_count_readers_and_bombs_are_refused),
        cmocka_unit_test(what_is_cut_or_no_picture_is_refused_without_harm),
        cmocka_unit_test(parts_lie_within_what_was_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
