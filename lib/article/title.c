/* Recognises a publisher's name at the end of a title; see title.h. Used by article.c and
 * storyctl. */
#include "article/title.h"

#include "base/mem.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct title_piece {
    const char *p;
    size_t n;
};

static bool is_sign(char c) /* neither letter nor digit; non-ASCII bytes count as letters */
{
    return (unsigned char)c < 128 && !isalnum((unsigned char)c);
}

/* Compares only letters and digits, ignoring case. */
static bool same_letters(struct title_piece a, struct title_piece b)
{
    size_t i = 0, k = 0;
    for (;;) {
        while (i < a.n && is_sign(a.p[i]))
            i++;
        while (k < b.n && is_sign(b.p[k]))
            k++;
        if (i == a.n || k == b.n)
            return i == a.n && k == b.n;
        if (tolower((unsigned char)a.p[i++]) != tolower((unsigned char)b.p[k++]))
            return false;
    }
}

static struct title_piece piece_of(const char *text)
{
    return (struct title_piece){text, strlen(text)};
}

/* A feed's name often includes a section of the site: "World | Harbour Post". */
static bool is_part_of(struct title_piece tail, const char *name)
{
    enum { MOST_NAME = 200 }; /* a longer text is not a name, and would be slow to compare */
    static const char *const separators[] = {" - ", " | ",        " > ",
                                             ": ",  " \xc2\xbb ", " \xe2\x80\x93 "};
    if (strlen(name) > MOST_NAME)
        return false;
    for (const char *p = name; *p;) {
        const char *end = p + strlen(p), *next = end;
        for (size_t i = 0; i < sizeof separators / sizeof *separators; i++) {
            const char *at = strstr(p, separators[i]);
            if (at && at < end) {
                end = at;
                next = at + strlen(separators[i]);
            }
        }
        if (end > p && same_letters(tail, (struct title_piece){p, (size_t)(end - p)}))
            return true;
        p = next;
    }
    return false;
}

/* ---- matching names with domains ("The New York Times", nytimes.com) ------------------------- */

enum { MOST_WORDS = 6, MOST_LETTERS = 24 };

struct title_name {
    struct title_piece words[MOST_WORDS];
    size_t n;
};

/* False if it has more words than a name. */
static bool split_name(struct title_piece text, struct title_name *out)
{
    out->n = 0;
    for (size_t i = 0; i < text.n;) {
        size_t from = i;
        while (i < text.n && !is_sign(text.p[i]))
            i++;
        if (i == from)
            i++;
        else if (out->n == MOST_WORDS)
            return false;
        else
            out->words[out->n++] = (struct title_piece){text.p + from, i - from};
    }
    return out->n > 0;
}

static bool is_word(struct title_piece word, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(list[i]) == word.n && !strncasecmp(list[i], word.p, word.n))
            return true;
    return false;
}

/* Whether the words from `at` on, or prefixes of them, spell the label. Small words may be skipped,
 * and so may generic words at the end such as "news". */
static bool makes_up(const struct title_name *name, size_t at, const char *label, size_t n)
{
    static const char *const small[] = {"the", "of", "and", "for", "de", "la", "le", "der", "die"};
    static const char *const any[] = {"news", "online", "tv", "radio", "magazine", "com"};
    if (at == name->n)
        return n == 0;
    struct title_piece word = name->words[at];
    if ((n == 0 && at && is_word(word, any, sizeof any / sizeof *any)) ||
        is_word(word, small, sizeof small / sizeof *small))
        if (makes_up(name, at + 1, label, n))
            return true;
    for (size_t m = 1; m <= n && m <= word.n && !strncasecmp(label, word.p, m); m++)
        if ((m == word.n || name->n > 1) && makes_up(name, at + 1, label + m, n - m))
            return true;
    return false;
}

static bool names_domain(struct title_piece tail, const char *domain)
{
    struct title_piece label = {domain, strcspn(domain, ".")};
    struct title_name name;
    return same_letters(tail, piece_of(domain)) || (label.n > 2 && same_letters(tail, label)) ||
           (label.n > 1 && label.n <= MOST_LETTERS && split_name(tail, &name) &&
            makes_up(&name, 0, label.p, label.n));
}

bool title_names_domain(const char *name, size_t n, const char *domain)
{
    return names_domain((struct title_piece){name, n}, domain);
}

/* ---- the end --------------------------------------------------------------------------------- */

static bool names_publisher(struct title_piece tail, const struct title_publisher *p)
{
    for (size_t i = 0; i < TITLE_NAMES; i++)
        if (p->names[i] && is_part_of(tail, p->names[i]))
            return true;
    return p->domain && names_domain(tail, p->domain);
}

/* True for "harbourpost.example", "Harbour Post"; false for "what we know", "a surprise?". */
static bool looks_like_name(struct title_piece tail)
{
    struct title_name name;
    unsigned char first = (unsigned char)*tail.p, last = (unsigned char)tail.p[tail.n - 1];
    bool address = memchr(tail.p, '.', tail.n) && !memchr(tail.p, ' ', tail.n);
    return (isupper(first) || isdigit(first) || first >= 128 || address) && !strchr("?!.:", last) &&
           split_name(tail, &name);
}

struct title_end {
    const char *at; /* the last separator, NULL: none */
    struct title_piece tail;
    bool dash;
};

static struct title_end last_part(const char *title)
{
    static const char *const separators[] = {
        " - ", " | ", " \xe2\x80\x93 ", " \xe2\x80\x94 ", " :: ", " \xc2\xb7 "};
    struct title_end end = {.at = NULL};
    for (size_t i = 0; i < sizeof separators / sizeof *separators; i++)
        for (const char *at = title; (at = strstr(at, separators[i])); at++)
            if (at > title && (!end.at || at > end.at))
                end = (struct title_end){at, piece_of(at + strlen(separators[i])), i == 0};
    return end;
}

const char *title_end(const char *title, const struct title_publisher *p, const char **name)
{
    struct title_end end = last_part(title);
    if (!end.at || !end.tail.n ||
        (!names_publisher(end.tail, p) && !(p->carried && end.dash && looks_like_name(end.tail))))
        return NULL;
    if (name)
        *name = end.tail.p;
    return end.at;
}

char *title_alone(const struct publishers *p, const char *title, const char *publisher,
                  const char *url)
{
    if (!last_part(title).at)
        return mem_str(title);
    char *domain = publisher_of_url(p, url);
    const struct title_publisher who = {
        .names = {publisher}, .domain = domain, .carried = publisher_may_be_transport(publisher)};
    const char *end = title_end(title, &who, NULL);
    free(domain);
    return mem_strn(title, end ? (size_t)(end - title) : strlen(title));
}
