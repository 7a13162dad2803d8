/* Unicode normalisation to NFC; see nfc.h. Uses tables generated at build time (gen/make_nfc.c) to
 * skip text that is already normalised, and utf8proc for the rest. */
#include "base/nfc.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* Characters that normalisation may change or may combine with the preceding one (NFC_QC is not
 * Yes). */
struct range {
    uint32_t first, last;
};

#include "nfc_table.h" /* unsure, plain: made by lib/base/gen/nfc.c */

static bool is_unsure(uint32_t c)
{
    size_t low = 0, high = sizeof unsure / sizeof *unsure;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (unsure[mid].last < c)
            low = mid + 1;
        else
            high = mid;
    }
    return low < sizeof unsure / sizeof *unsure && unsure[low].first <= c;
}

/* Neither unsure nor a mark, as nearly all characters are; avoids lookups in the larger tables. */
static bool is_plain(uint32_t c)
{
    return c < PLAIN_END ? plain[c / 8] >> c % 8 & 1 : c < 0xA66F || (c >= 0xAC00 && c < 0xD7A4);
}

struct character {
    size_t length; /* bytes */
    int class;     /* combining class, by which marks are sorted; 0 for all other characters */
    bool unsure;
};

/* Invalid bytes count as characters that need no change. */
static struct character look(const char *p, const char *end)
{
    uint32_t c;
    struct character found = {.length = utf8_decode(p, end, &c)};
    if (!found.length)
        found.length = 1;
    else if (!is_plain(c)) {
        found.class = utf8proc_get_property((utf8proc_int32_t)c)->combining_class;
        found.unsure = is_unsure(c);
    }
    return found;
}

/* Finds the first piece that may not be normalised. It starts at a character that cannot combine
 * with the preceding ones and ends before the next such character. Returns `end` if there is
 * none. */
static const char *find_unsure(const char *p, const char *end, const char **behind)
{
    const char *start = p;
    int class = 0;
    bool sure = true;
    while (p < end) {
        size_t ascii = sure ? utf8_ascii(p, (size_t)(end - p)) : 0;
        if (ascii) {
            start = p + ascii - 1; /* the last ASCII character may be followed by a mark */
            p += ascii;
            class = 0;
            continue;
        }
        struct character c = look(p, end);
        if (!c.unsure && !c.class) {
            if (!sure)
                break;
            start = p;
        }
        sure &= !c.unsure && (!c.class || c.class >= class);
        class = c.class;
        p += c.length;
    }
    *behind = p;
    return sure ? end : start;
}

bool nfc_is(const char *p, size_t n)
{
    const char *behind;
    return find_unsure(p, p + n, &behind) == p + n;
}

static void add_piece(struct buf *out, const char *p, size_t n)
{
    if (!n)
        return;
    utf8proc_uint8_t *made = NULL;
    utf8proc_ssize_t length = -1;
    if (n <= NFC_RUN)
        length = utf8proc_map((const utf8proc_uint8_t *)p, (utf8proc_ssize_t)n, &made,
                              UTF8PROC_COMPOSE | UTF8PROC_STABLE);
    if (length < 0)
        buf_add(out, p, n);
    else
        buf_add(out, made, (size_t)length);
    free(made);
}

void nfc_add(struct buf *out, const char *p, size_t n)
{
    const char *end = p + n, *behind;
    for (; p < end; p = behind) {
        const char *piece = find_unsure(p, end, &behind);
        buf_add(out, p, (size_t)(piece - p));
        add_piece(out, piece, (size_t)(behind - piece));
    }
}

char *nfc_str(const char *s)
{
    struct buf b;
    size_t n = strlen(s);
    if (nfc_is(s, n))
        return mem_strn(s, n);
    buf_init(&b, 3 * n + 1); /* NFC grows a text by a factor of 3 at most */
    nfc_add(&b, s, n);
    return buf_take(&b);
}
