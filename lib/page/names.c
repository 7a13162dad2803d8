/* Looks up the cue words of config/pages.conf; see names.h. Used by page_read.c, meta.c and
 * text.c. */
#define _GNU_SOURCE /* strcasestr */
#include "page/names.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "pages_table.h" /* generated from config/pages.conf */

static const struct {
    int begin, end;
} rows[] = {
    [NAMES_BESIDE] = {PAGES_BESIDE, PAGES_BESIDE_END},
    [NAMES_ARTICLE] = {PAGES_ARTICLE, PAGES_ARTICLE_END},
    [NAMES_LEAD] = {PAGES_LEAD, PAGES_LEAD_END},
    [NAMES_LINE] = {PAGES_LINE, PAGES_LINE_END},
    [NAMES_AUTHOR] = {PAGES_AUTHOR, PAGES_AUTHOR_END},
    [NAMES_DATE] = {PAGES_DATE, PAGES_DATE_END},
    [NAMES_BEFORE_NAME] = {PAGES_BEFORE_NAME, PAGES_BEFORE_NAME_END},
    [NAMES_NOBODY] = {PAGES_NOBODY, PAGES_NOBODY_END},
    [NAMES_PAY] = {PAGES_PAY, PAGES_PAY_END},
    [NAMES_WALL] = {PAGES_WALL, PAGES_WALL_END},
};

static bool ends_part(const char *p)
{
    return !isalpha((unsigned char)*p) || isupper((unsigned char)*p);
}

/* Whether a part of a name starts there: after a separator, or at a capital after a small
 * letter. */
static bool begins_part(const char *name, const char *at)
{
    return at == name || !isalnum((unsigned char)at[-1]) ||
           (islower((unsigned char)at[-1]) && isupper((unsigned char)*at));
}

/* Rows are sorted by name. */
bool names_has(enum names of, const char *text)
{
    for (const char *at = text; *at; at++) {
        int first = tolower((unsigned char)*at), low = rows[of].begin, high = rows[of].end;
        if (!isalpha(first) || !begins_part(text, at))
            continue;
        while (low < high) {
            int mid = low + (high - low) / 2;
            if ((unsigned char)*pages_table[mid].name < first)
                low = mid + 1;
            else
                high = mid;
        }
        for (; low < rows[of].end && (unsigned char)*pages_table[low].name == first; low++) {
            size_t n = strlen(pages_table[low].name);
            if (!strncasecmp(at, pages_table[low].name, n) &&
                (ends_part(at + n) || (at[n] == 's' && ends_part(at + n + 1))))
                return true;
        }
    }
    return false;
}

size_t names_begin(enum names of, const char *text)
{
    size_t longest = 0;
    for (int i = rows[of].begin; i < rows[of].end; i++) {
        const char *name = pages_table[i].name;
        size_t n = strlen(name);
        if (n > longest && !strncasecmp(text, name, n) &&
            (!isalnum((unsigned char)name[n - 1]) || !isalnum((unsigned char)text[n])))
            longest = n;
    }
    return longest;
}

bool names_in(enum names of, const char *text)
{
    for (int i = rows[of].begin; i < rows[of].end; i++)
        if (strcasestr(text, pages_table[i].name))
            return true;
    return false;
}
