/* Finds the news agency that a text is credited to, by datelines, brackets and last lines; see
 * credit.h. Used by article.c, lib/ingest and lib/digest. */
#include "article/credit.h"

#include "base/utf8.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <utf8proc.h>

#include "agencies_table.h" /* generated from config/agencies.conf */

enum {
    HEAD = 160, /* bytes at the start of a text in which a dateline must end */
    TAIL = 120, /* bytes at the end of a text in which a credit must occur */
    BRACKET = 60,
};

struct credit_span {
    const char *p, *end;
};

/* Brackets around an agency's name in datelines and last words; a pair of equal marks is a
 * slash. */
static const char *const brackets[][2] = {
    {"(", ")"}, {"[", "]"}, {"/", "/"}, {"（", "）"}, {"［", "］"}, {"【", "】"}, {"〔", "〕"},
};

/* Whether a bracket may open with that byte; decides most cases cheaply. */
static bool may_open(char c)
{
    return c == '(' || c == '[' || c == '/' || (unsigned char)c >= 0xE0;
}

static bool begins_with(const char *p, const char *end, const char *with)
{
    size_t n = strlen(with);
    return p < end && *p == *with && (size_t)(end - p) >= n && !memcmp(p, with, n);
}

/* Sections of the table. */
enum credit_section { WORDS, PICTURES, DISPATCH, AGENCIES };
static const struct {
    int from, end;
} sections[] = {
    [WORDS] = {AGENCIES_WORDS, AGENCIES_WORDS_END},
    [PICTURES] = {AGENCIES_PICTURES, AGENCIES_PICTURES_END},
    [DISPATCH] = {AGENCIES_DISPATCH, AGENCIES_DISPATCH_END},
    [AGENCIES] = {AGENCIES_AGENCIES, AGENCIES_AGENCIES_END},
};

/* The first row of the section whose name does not start with a lower byte. */
static int first_row(enum credit_section section, char c)
{
    int from = sections[section].from, end = sections[section].end;
    while (from < end) {
        int mid = (from + end) / 2;
        if ((unsigned char)*agencies_table[mid].name < (unsigned char)c)
            from = mid + 1;
        else
            end = mid;
    }
    return from;
}

/* The longest name of a section at p, its length in *n; -1 for none. */
static int row_at(enum credit_section section, const char *p, const char *end, size_t *n)
{
    int best = -1;
    *n = 0;
    for (int i = p < end ? first_row(section, *p) : sections[section].end;
         i < sections[section].end && *agencies_table[i].name == *p; i++)
        if (begins_with(p, end, agencies_table[i].name) && strlen(agencies_table[i].name) > *n) {
            best = i;
            *n = strlen(agencies_table[i].name);
        }
    return best;
}

static bool is_letter_at(const char *p, const char *end)
{
    uint32_t c;
    if (!utf8_decode(p, end, &c))
        return false;
    utf8proc_category_t k = utf8proc_category((utf8proc_int32_t)c);
    return k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_LO;
}

static bool is_letter_before(const char *p, const char *begin)
{
    const char *at = p;
    while (at > begin && ((unsigned char)*--at & 0xC0) == 0x80)
        ;
    return at < p && is_letter_at(at, p);
}

/* Han and Kana are written without blanks: "ワシントン共同" ends with an agency's name. */
static bool is_unspaced_name(const char *name)
{
    return (unsigned char)*name >= 0xE3;
}

/* The first agency named in the span as a separate word; *after is the end of its name. */
static const char *agency_in(struct credit_span s, const char **after)
{
    for (const char *p = s.p; p < s.end; p++) {
        size_t n;
        int row = row_at(AGENCIES, p, s.end, &n);
        if (row < 0 || is_letter_at(p + n, s.end) ||
            (!is_unspaced_name(p) && is_letter_before(p, s.p)))
            continue;
        *after = p + n;
        return agencies_table[row].value;
    }
    return NULL;
}

static bool has_row(struct credit_span s, enum credit_section section)
{
    size_t n;
    for (const char *p = s.p; p < s.end; p++)
        if (row_at(section, p, s.end, &n) >= 0)
            return true;
    return false;
}

/* NULL for a picture credit: "(AP Photo/...)". */
static const char *text_agency_in(struct credit_span s)
{
    const char *after;
    return has_row(s, PICTURES) ? NULL : agency_in(s, &after);
}

/* The next brackets of the span, with their content in *inside; p is NULL if there are none. */
static struct credit_span next_bracket(struct credit_span s, struct credit_span *inside)
{
    for (const char *p = s.p; p < s.end; p++)
        for (size_t i = 0; may_open(*p) && i < sizeof brackets / sizeof *brackets; i++) {
            if (!begins_with(p, s.end, brackets[i][0]))
                continue;
            const char *from = p + strlen(brackets[i][0]);
            for (const char *q = from; q < s.end && q - from <= BRACKET; q++)
                if (begins_with(q, s.end, brackets[i][1])) {
                    *inside = (struct credit_span){from, q};
                    return (struct credit_span){p, q + strlen(brackets[i][1])};
                }
        }
    return (struct credit_span){NULL, NULL};
}

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && isspace((unsigned char)*p))
        p++;
    return p;
}

/* Whether a separator between a credit and the text follows: a dash, a colon, the end of a line or
 * of the text. */
static bool is_break(const char *p, const char *end)
{
    static const char *const marks[] = {"-", "–", "—", "―", ":", "：", ".", "=", "＝", "|", "/"};
    while (p < end && *p == ' ')
        p++;
    if (p == end || *p == '\n')
        return true;
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (begins_with(p, end, marks[i]))
            return true;
    return false;
}

/* Skips a word of credit and what may follow it ("By The ", "© 2026 "); returns p if there is
 * none. */
static const char *skip_words(const char *p, const char *end)
{
    size_t n;
    if (row_at(WORDS, p, end, &n) < 0)
        return p;
    p = skip_blanks(p + n, end);
    while (p < end && isdigit((unsigned char)*p))
        p++;
    p = skip_blanks(p, end);
    return begins_with(p, end, "The ") || begins_with(p, end, "the ") ? p + 4 : p;
}

/* Finds an agency at the start: "AP - Text", "By Associated Press\nText",
 * "新华社北京11月22日电". */
static const char *leading_credit(struct credit_span head)
{
    size_t n, m;
    const char *p = skip_words(head.p, head.end);
    int row = row_at(AGENCIES, p, head.end, &n);
    if (row < 0)
        return NULL;
    struct credit_span rest = {p + n,
                               head.end - p - (ptrdiff_t)n > BRACKET ? p + n + BRACKET : head.end};
    bool dispatch = false;
    for (const char *q = rest.p; q < rest.end && !dispatch; q++)
        dispatch = row_at(DISPATCH, q, rest.end, &m) >= 0;
    return is_break(rest.p, head.end) || dispatch ? agencies_table[row].value : NULL;
}

static const char *dateline(struct credit_span head)
{
    struct credit_span inside, at, rest = head;
    while ((at = next_bracket(rest, &inside)).p) {
        size_t n;
        bool first = at.p == head.p || (unsigned char)*at.p >= 0xE3;
        const char *agency = first || is_break(at.end, head.end) ? text_agency_in(inside) : NULL;
        if (!agency && row_at(AGENCIES, inside.p, inside.end, &n) >= 0 && has_row(inside, DISPATCH))
            agency = leading_credit(inside);
        if (agency)
            return agency;
        rest.p = at.end;
    }
    /* without brackets: "МОСКВА, 22 ноя — РИА Новости. " */
    for (const char *p = head.p; p < head.end; p++)
        if (begins_with(p, head.end, "— ")) {
            size_t n;
            p += strlen("— ");
            int row = row_at(AGENCIES, p, head.end, &n);
            return row >= 0 && begins_with(p + n, head.end, ".") ? agencies_table[row].value : NULL;
        }
    return NULL;
}

static bool only_marks(const char *p, const char *end)
{
    for (; p < end; p++)
        if (isalnum((unsigned char)*p) || (unsigned char)*p >= 0x80)
            return false;
    return true;
}

static const char *last_line(struct credit_span s)
{
    const char *p = s.end;
    while (p > s.p && p[-1] != '\n')
        p--;
    return p;
}

/* Finds an agency at the end: "(dpa)", a last line "EFE", "© 2026 AFP". */
static const char *trailing_credit(struct credit_span tail)
{
    struct credit_span inside, at, rest = tail;
    const char *after, *agency;
    while ((at = next_bracket(rest, &inside)).p) {
        if (only_marks(at.end, tail.end) && (agency = text_agency_in(inside)))
            return agency;
        rest.p = at.p + 1;
    }
    for (const char *p = tail.p; p < tail.end; p++) {
        if (p > tail.p && isalnum((unsigned char)p[-1]))
            continue;
        const char *name = skip_words(p, tail.end);
        bool own_line = p == last_line(tail) && p > tail.p;
        if ((name == p && !own_line) || is_letter_before(p, tail.p))
            continue;
        size_t n;
        int row = row_at(AGENCIES, name, tail.end, &n);
        after = row < 0 ? NULL : name + n;
        if (after && !is_letter_at(after, tail.end) && is_break(after, tail.end) &&
            (name > p || only_marks(after, tail.end)))
            return agencies_table[row].value;
    }
    return NULL;
}

const char *credit_of_text(const char *text)
{
    if (!text)
        return NULL;
    size_t n = strlen(text);
    while (n && isspace((unsigned char)text[n - 1]))
        n--;
    const char *end = text + n, *from = n > TAIL ? end - TAIL : text;
    while (from < end && ((unsigned char)*from & 0xC0) == 0x80)
        from++;
    struct credit_span head = {text, n > HEAD ? text + utf8_cut(text, HEAD) : end},
                       tail = {from, end};
    const char *agency = leading_credit(head);
    if (!agency)
        agency = dateline(head);
    return agency ? agency : trailing_credit(tail);
}

const char *credit_of_author(const char *author)
{
    return author ? text_agency_in((struct credit_span){author, author + strlen(author)}) : NULL;
}

const char *credit_of_site(const char *domain)
{
    for (int i = AGENCIES_SITES; i < AGENCIES_SITES_END; i++)
        if (!strcmp(agencies_table[i].name, domain))
            return agencies_table[i].value;
    return NULL;
}
