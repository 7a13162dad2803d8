/* Detects the encoding of a document and converts it to UTF-8 with iconv; see charset.h. It works
 * in slices, so that a large document does not block the event loop. Used by parser.c, opml.c and
 * lib/page. */
#define _GNU_SOURCE /* memmem, strcasestr */
#include "feed/charset.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <ctype.h>
#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_CANDIDATES = 5, MAX_GUESSED = 1 << 16, MIN_SLICE = 64 /* more than a character */ };

/* Encodings recognised by the first bytes. The encoded form of "<?" counts as much as a byte order
 * mark: a declaration of an 8-bit encoding cannot be true in a document of wider characters. */
static const struct mark {
    const char *bytes;
    size_t n;
    const char *name;
    size_t skip;
} marks[] = {
    {"\0\0\xfe\xff", 4, "utf-32be", 4}, {"\xff\xfe\0\0", 4, "utf-32le", 4},
    {"\xef\xbb\xbf", 3, "utf-8", 3},    {"\xfe\xff", 2, "utf-16be", 2},
    {"\xff\xfe", 2, "utf-16le", 2},     {"\0\0\0<", 4, "utf-32be", 0},
    {"<\0\0\0", 4, "utf-32le", 0},      {"\0<\0", 3, "utf-16be", 0},
    {"<\0", 2, "utf-16le", 0},          {"\x4c\x6f\xa7\x94", 4, "cp037", 0},
};

/* Names that the C library does not know, or that are commonly used for another encoding. */
static const struct {
    const char *name, *real;
} aliases[] = {
    {"gb2312", "gb18030"},
    {"gb_2312-80", "gb18030"},
    {"gbk", "gb18030"},
    {"x-gbk", "gb18030"},
    {"x-sjis", "cp932"},
    {"shift_jis", "cp932"},
    {"shift-jis", "cp932"},
    {"sjis", "cp932"},
    {"euc-kr", "cp949"},
    {"ks_c_5601-1987", "cp949"},
    {"ansi", "windows-1252"},
    {"latin-1", "iso-8859-1"},
    {"macroman", "macintosh"},
    {"mac-roman", "macintosh"},
    {"x-mac-roman", "macintosh"},
    {"maclatin2", "mac-centraleurope"},
    {"mac-latin2", "mac-centraleurope"},
    {"macturkish", "macintosh"},
    {"mac-turkish", "macintosh"},
    {"maciceland", "mac-is"},
    {"mac-iceland", "mac-is"},
    {"x-mac-cyrillic", "mac-cyrillic"},
    {"iso8859-11", "tis-620"},
    {"iso-8859-11", "tis-620"},
    {"cp65001", "utf-8"},
    {"unicode", "utf-16"},
    {"utf8mb4", "utf-8"},
    {"x-user-defined", "windows-1252"},
    {"utf-7", "utf-7"},
};

static const struct mark *find_mark(const char *p, size_t n)
{
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (n >= marks[i].n && !memcmp(p, marks[i].bytes, marks[i].n))
            return &marks[i];
    return NULL;
}

static bool wide(const struct mark *m)
{
    return m && m->name[0] == 'u' && strcmp(m->name, "utf-8") != 0;
}

/* Copies a name in lower case, up to the first character that cannot be part of one. */
static void copy_name(char name[CHARSET_NAME], const char *p, const char *end)
{
    size_t n = 0;
    while (p < end && (isspace((unsigned char)*p) || *p == '"' || *p == '\''))
        p++;
    for (; p < end && n < CHARSET_NAME - 1; p++) {
        if (!isalnum((unsigned char)*p) && !strchr("-_.:+", *p))
            break;
        name[n++] = (char)tolower((unsigned char)*p);
    }
    name[n] = 0;
}

static void from_header(char name[CHARSET_NAME], const char *content_type)
{
    const char *p = content_type ? strcasestr(content_type, "charset") : NULL;
    name[0] = 0;
    if (!p)
        return;
    for (p += 7; isspace((unsigned char)*p); p++)
        ;
    if (*p == '=')
        copy_name(name, p + 1, p + strlen(p));
}

static bool iconv_all(struct buf *out, const char *encoding, const char *p, size_t n, bool strict);

/* The encoding that the XML declaration specifies. */
static void from_declaration(char name[CHARSET_NAME], const char *p, size_t n,
                             const struct mark *mark)
{
    struct buf start;
    name[0] = 0;
    n = n < CHARSET_SNIFF ? n : CHARSET_SNIFF;
    buf_init(&start, CHARSET_SNIFF * 4);
    if (mark && strcmp(mark->name, "utf-8") != 0) {
        iconv_all(&start, mark->name, p + mark->skip, (n - mark->skip) & ~(size_t)3, false);
        p = start.p;
        n = start.len;
    }
    const char *declaration = n ? memmem(p, n, "<?xml", 5) : NULL;
    if (declaration) {
        const char *end = memchr(declaration, '>', n - (size_t)(declaration - p));
        if (!end)
            end = p + n;
        const char *s = memmem(declaration, (size_t)(end - declaration), "encoding", 8);
        s = s ? memchr(s, '=', (size_t)(end - s)) : NULL;
        if (s)
            copy_name(name, s + 1, end);
    }
    buf_free(&start);
}

static bool is_utf8_name(const char *name)
{
    return !strcmp(name, "utf-8") || !strcmp(name, "utf8") || !strcmp(name, "us-ascii") ||
           !strcmp(name, "ascii");
}

/* All names are shorter than CHARSET_NAME: they come from the tables here or were truncated on
 * reading. */
static const char *set_name(char to[CHARSET_NAME], const char *name)
{
    size_t n = strlen(name);
    if (n >= CHARSET_NAME)
        abort();
    memcpy(to, name, n + 1);
    return to;
}

bool charset_is_utf8(const char *p, size_t n, const char *content_type, char name[CHARSET_NAME])
{
    char header[CHARSET_NAME], declared[CHARSET_NAME];
    const struct mark *mark = find_mark(p, n);
    from_header(header, content_type);
    from_declaration(declared, p, n, mark);
    set_name(name, mark ? mark->name : header[0] ? header : declared[0] ? declared : "utf-8");
    return is_utf8_name(name);
}

/* ---- conversion ------------------------------------------------------------------------------ */

/* gcc takes the -1 of iconv_open() for something to be closed. */
#pragma GCC diagnostic ignored "-Wanalyzer-malloc-leak"
static iconv_t open_converter(const char *encoding)
{
    char name[CHARSET_NAME + 8];
    const char *real = encoding;
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++)
        if (!strcmp(aliases[i].name, encoding))
            real = aliases[i].real;
    iconv_t cd = iconv_open("UTF-8", real);
    if (cd != (iconv_t)-1)
        return cd;
    size_t n = strlen(real); /* tries the name with hyphens, without "cs", and with "cp" in front */
    memcpy(name, real, n + 1);
    for (char *c = name; *c; c++)
        if (*c == '_')
            *c = '-';
    cd = iconv_open("UTF-8", name);
    if (cd != (iconv_t)-1)
        return cd;
    if (!strncmp(name, "cs", 2) && (cd = iconv_open("UTF-8", name + 2)) != (iconv_t)-1)
        return cd;
    memcpy(name, "cp", 2);
    memcpy(name + 2, real, n + 1);
    return iconv_open("UTF-8", name);
}

/* Converts `*left` bytes at `*p`; a truncated character at the end stays unread if `more` bytes
 * follow. Strict: returns false at the first invalid byte. Otherwise each invalid byte becomes
 * U+FFFD. */
static bool convert(iconv_t cd, struct buf *out, const char **p, size_t *left, bool more,
                    bool strict)
{
    char piece[16384], *in;
    memcpy(&in, p, sizeof in); /* iconv takes char **, but does not write there */
    bool ok = true;
    while (*left && (ok || !strict)) {
        char *to = piece;
        size_t room = sizeof piece;
        size_t result = iconv(cd, &in, left, &to, &room);
        buf_add(out, piece, (size_t)(to - piece));
        if (result != (size_t)-1 || errno == E2BIG)
            continue;
        if (errno == EINVAL && more)
            break;
        ok = false;
        buf_add(out, "\xef\xbf\xbd", 3);
        in++;
        (*left)--;
    }
    memcpy(p, &in, sizeof in);
    return ok && !out->full;
}

/* Converts everything; also false if the encoding is unknown. */
static bool iconv_all(struct buf *out, const char *encoding, const char *p, size_t n, bool strict)
{
    iconv_t cd = open_converter(encoding);
    if (cd == (iconv_t)-1)
        return false;
    bool ok = convert(cd, out, &p, &n, false, strict);
    iconv_close(cd);
    return ok;
}

/* Whether text that is not fully valid UTF-8 is more likely in an older encoding. */
static bool rather_legacy(const char *p, size_t n)
{
    size_t good = 0, bad = 0;
    const char *end = p + n;
    uint32_t c;
    while (p < end) {
        size_t len = utf8_decode(p, end, &c);
        good += len > 1;
        bad += len == 0;
        p += len ? len : 1;
    }
    return bad > good;
}

/* Criteria for text in an undeclared encoding: it decodes without an error, and that percentage of
 * its letters is in the script of the encoding. Tried in this order. */
static const struct {
    const char *name;
    uint32_t first, last;
    size_t percent;
} guesses[] = {
    {"shift_jis", 0x3040, 0x30ff, 20}, {"euc-jp", 0x3040, 0x30ff, 20},
    {"euc-kr", 0xac00, 0xd7a3, 80},    {"gb2312", 0x4e00, 0x9fff, 70},
    {"big5", 0x4e00, 0x9fff, 70},      {"tis-620", 0x0e01, 0x0e5b, 80},
    {"koi8-r", 0x0430, 0x044f, 60},    {"windows-1251", 0x0430, 0x044f, 60},
};

/* Whether most non-ASCII letters are adjacent, as in these scripts; in Latin ones they are
 * isolated. */
static bool in_runs(const char *p, size_t n)
{
    size_t high = 0, beside = 0;
    for (size_t i = 0; i < n; i++) {
        if (!(p[i] & 0x80))
            continue;
        high++;
        beside += (i > 0 && p[i - 1] & 0x80) || (i + 1 < n && p[i + 1] & 0x80);
    }
    return beside * 10 > high * 6;
}

static size_t percent_between(const struct buf *text, uint32_t first, uint32_t last)
{
    size_t all = 0, within = 0;
    const char *p = buf_text(text), *end = p + text->len;
    uint32_t c = 0;
    while (p < end) {
        size_t len = utf8_decode(p, end, &c);
        all += c >= 0x80;
        within += c >= first && c <= last;
        p += len ? len : 1;
    }
    return all ? within * 100 / all : 0;
}

static const char *guess(const char *p, size_t n)
{
    const char *found = NULL;
    if (n > MAX_GUESSED) /* truncate after a character that is the same in all of them */
        for (n = MAX_GUESSED; n && p[n - 1] != '\n' && p[n - 1] != ' '; n--)
            ;
    if (!in_runs(p, n))
        return "windows-1252";
    for (size_t i = 0; i < sizeof guesses / sizeof *guesses && !found; i++) {
        struct buf text;
        buf_init(&text, MAX_GUESSED * 4);
        if (iconv_all(&text, guesses[i].name, p, n, true) &&
            percent_between(&text, guesses[i].first, guesses[i].last) >= guesses[i].percent)
            found = guesses[i].name;
        buf_free(&text);
    }
    return found ? found : "windows-1252";
}

/* Possible encodings of the document, most likely first. */
static int list_candidates(char names[MAX_CANDIDATES][CHARSET_NAME], const char *p, size_t n,
                           const char *content_type, const struct mark *mark)
{
    char header[CHARSET_NAME], declared[CHARSET_NAME];
    int count = 0;
    from_header(header, content_type);
    from_declaration(declared, p, n, mark);
    if (mark && (mark->skip || wide(mark)))
        set_name(names[count++], mark->name);
    const char *said[] = {header, declared};
    for (size_t i = 0; i < 2; i++) {
        bool needs_wide = !strncmp(said[i], "utf-16", 6) || !strncmp(said[i], "utf-32", 6) ||
                          !strncmp(said[i], "ucs-", 4) || !strncmp(said[i], "iso-10646", 9);
        if (said[i][0] && needs_wide == wide(mark))
            set_name(names[count++], said[i]);
    }
    if (mark && !mark->skip && !wide(mark))
        set_name(names[count++], mark->name);
    set_name(names[count++], "utf-8");
    return count;
}

struct charset_reader {
    const char *p; /* without a byte order mark */
    size_t n;
    bool checked, wide;      /* UTF-8 check is complete; a mark indicates UTF-16 or UTF-32 */
    bool valid_utf8, longer; /* so far; some character is longer than a byte */
    char names[MAX_CANDIDATES][CHARSET_NAME];
    int count, tried; /* candidates */
    bool loosely;     /* none fits: use the most likely one and replace invalid characters */
    bool done, as_it_is;
    char name[CHARSET_NAME];
    iconv_t cd; /* of the candidate being tried, if `open` */
    bool open;
    const char *at; /* what to read next */
    struct buf out;
};

struct charset_reader *charset_reader_new(const char *p, size_t n, const char *content_type)
{
    struct charset_reader *c = mem_zero(sizeof *c);
    const struct mark *mark = find_mark(p, n);
    c->count = list_candidates(c->names, p, n, content_type, mark);
    c->p = p + (mark ? mark->skip : 0);
    c->n = n - (mark ? mark->skip : 0);
    c->at = c->p;
    c->wide = wide(mark);
    c->valid_utf8 = true;
    set_name(c->name, c->names[0]);
    buf_init(&c->out, n * 4 + 16);
    return c;
}

/* Text in another encoding is hardly ever valid UTF-8 once it leaves ASCII, but servers and
 * templates often declare a wrong encoding: valid multi-byte UTF-8 overrides any declaration. (Pure
 * ASCII may be ISO-2022-JP, HZ or UTF-7; there the declaration counts.) If the document was cut in
 * the middle of a character, that character is dropped. */
static void check_slice(struct charset_reader *c, size_t n)
{
    size_t whole = c->n ? utf8_cut(c->p, c->n) : 0, left = (size_t)(c->p + whole - c->at);
    size_t slice = n < left ? utf8_cut(c->at, n) : left;
    c->valid_utf8 = utf8_valid(c->at, slice);
    c->longer |= utf8_ascii(c->at, slice) < slice;
    c->at += slice;
    c->checked = !c->valid_utf8 || slice == left;
    if (!c->checked)
        return;
    bool said = !strcmp(c->names[0], "utf-8") || !strcmp(c->names[0], "utf8");
    if (c->valid_utf8 && c->longer && !c->wide) {
        c->tried = said && whole == c->n ? 0 : c->count - 1; /* the last is UTF-8 */
        c->n = whole;
        c->done = c->as_it_is = true;
    }
    c->valid_utf8 &= whole == c->n;
}

static void close_converter(struct charset_reader *c)
{
    if (c->open)
        iconv_close(c->cd);
    c->open = false;
}

static bool start_converter(struct charset_reader *c, const char *name)
{
    buf_clear(&c->out);
    c->at = c->p;
    c->cd = open_converter(name);
    c->open = c->cd != (iconv_t)-1;
    return c->open;
}

/* Converts a slice; false if it is invalid in this encoding. */
static bool convert_slice(struct charset_reader *c, size_t n, bool strict)
{
    size_t left = (size_t)(c->p + c->n - c->at), slice = n < left ? n : left;
    bool more = slice < left;
    if (!convert(c->cd, &c->out, &c->at, &slice, more, strict) && strict)
        return false;
    c->done = c->at == c->p + c->n;
    return true;
}

static void next_candidate(struct charset_reader *c)
{
    close_converter(c);
    if (++c->tried < c->count)
        return;
    c->loosely = true;
    if (is_utf8_name(c->name) && rather_legacy(c->p, c->n))
        set_name(c->name, guess(c->p, c->n));
    if (is_utf8_name(c->name)) {
        buf_clear(&c->out);
        utf8_clean(&c->out, c->p, c->n);
        c->done = true;
    } else if (!start_converter(c, c->name)) {
        start_converter(c, set_name(c->name, "windows-1252"));
    }
}

bool charset_read(struct charset_reader *c, size_t n)
{
    const char *name = c->names[c->tried];
    n = n < MIN_SLICE ? MIN_SLICE : n;
    if (c->done)
        return false;
    if (!c->checked) {
        check_slice(c, n);
    } else if (c->loosely) {
        convert_slice(c, n, false);
    } else if (is_utf8_name(name)) {
        c->done = c->as_it_is = c->valid_utf8 && !(c->longer && strstr(name, "ascii"));
        if (!c->done)
            next_candidate(c);
    } else if ((!c->open && !start_converter(c, name)) || !convert_slice(c, n, true)) {
        next_candidate(c);
    }
    return !c->done;
}

const char *charset_text(const struct charset_reader *c, size_t *n)
{
    *n = c->as_it_is ? c->n : c->out.len;
    return c->as_it_is ? c->p : buf_text(&c->out);
}

bool charset_name(const struct charset_reader *c, char name[CHARSET_NAME])
{
    const char *found = c->loosely ? c->name : c->names[c->tried];
    set_name(name, !c->loosely && !strncmp(found, "gb", 2) ? "gb18030" : found);
    return c->tried == 0;
}

void charset_reader_free(struct charset_reader *c)
{
    if (!c)
        return;
    close_converter(c);
    buf_free(&c->out);
    free(c);
}

bool charset_convert(struct buf *out, const char *p, size_t n, const char *content_type,
                     char name[CHARSET_NAME])
{
    struct charset_reader *c = charset_reader_new(p, n, content_type);
    size_t length;
    while (charset_read(c, n))
        ;
    const char *text = charset_text(c, &length);
    buf_add(out, text, length);
    bool fits = charset_name(c, name);
    charset_reader_free(c);
    return fits;
}
