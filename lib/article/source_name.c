/* Finds a publisher's name in the title of a feed; see source_name.h. Used by article.c and
 * lib/ingest. */
#include "article/source_name.h"

#include "article/limits.h"
#include "article/title.h"
#include "base/mem.h"
#include "base/utf8.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "sources_table.h" /* generated from config/sources.conf */

struct name_part {
    const char *p;
    size_t n;
};

static struct name_part trim_title_part(struct name_part part)
{
    static const char signs[] = " \t\n\r-|:";
    while (part.n && strchr(signs, *part.p)) {
        part.p++;
        part.n--;
    }
    while (part.n && strchr(signs, part.p[part.n - 1]))
        part.n--;
    return part;
}

/* The next part of a title; false at its end. */
static bool next_part(const char **title, struct name_part *part)
{
    static const char *const separators[] = {" - ",
                                             " | ",
                                             ": ",
                                             " > ",
                                             " / ",
                                             " :: ",
                                             " \xc2\xbb ",
                                             " \xc2\xb7 ",
                                             " \xe2\x80\xa2 ",
                                             " \xe2\x80\x93 ",
                                             " \xe2\x80\x94 "};
    const char *end = *title + strlen(*title), *next = end;
    for (size_t i = 0; i < sizeof separators / sizeof *separators; i++) {
        const char *at = strstr(*title, separators[i]);
        if (at && at < end) {
            end = at;
            next = at + strlen(separators[i]);
        }
    }
    *part = trim_title_part((struct name_part){*title, (size_t)(end - *title)});
    bool any = **title;
    *title = next;
    return any;
}

/* "www.kestrel.example": no better than the domain. "TheKestrel.example" is a name. */
static bool is_host_alone(struct name_part part)
{
    bool dot = false;
    for (size_t i = 0; i < part.n; i++) {
        unsigned char c = (unsigned char)part.p[i];
        if (c <= ' ' || c >= 0x80 || isupper(c))
            return false;
        dot |= c == '.';
    }
    return dot;
}

static bool is_generic(struct name_part part)
{
    for (int i = SOURCES_GENERIC; i < SOURCES_GENERIC_END; i++)
        if (strlen(sources_table[i].name) == part.n &&
            !strncasecmp(sources_table[i].name, part.p, part.n))
            return true;
    return !part.n || is_host_alone(part);
}

/* An account has the name of its platform in its domain, not its own. */
static bool is_like_domain(struct name_part part, const char *domain)
{
    return !strchr(domain, '/') && title_names_domain(part.p, part.n, domain);
}

char *source_name(const char *title, const char *domain, bool *by_domain)
{
    size_t n = strlen(title);
    char *cut = mem_strn(title, n > ARTICLE_MAX_NAME ? utf8_cut(title, ARTICLE_MAX_NAME) : n);
    const char *left = cut;
    struct name_part part, first = {NULL, 0};
    *by_domain = false;
    while (!*by_domain && next_part(&left, &part)) {
        if (is_generic(part))
            continue;
        *by_domain = is_like_domain(part, domain);
        if (*by_domain || !first.p)
            first = part;
    }
    char *name = first.p ? mem_strn(first.p, first.n) : NULL;
    free(cut);
    return name;
}
