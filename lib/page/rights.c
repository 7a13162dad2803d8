/* Reads robots directives and TDM reservations; see rights.h. It does not act on them. Used by
 * daemon/pages and lib/ingest. */
#include "page/rights.h"

#include "base/buf.h"
#include "base/url.h"
#include "page/robots.h"
#include "page/robots_path.h"

#include <jansson.h>
#include <string.h>
#include <strings.h>

void rights_none(struct rights *r)
{
    *r = (struct rights){.max_snippet = -1};
}

/* ---- directives ------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    bool noarchive, nosnippet, noindex;
} directives[] = {
    {.name = "noindex", .noindex = true},     {.name = "none", .noindex = true},
    {.name = "noarchive", .noarchive = true}, {.name = "nocache", .noarchive = true},
    {.name = "nosnippet", .nosnippet = true},
};

static bool is_directive(struct url_part word, const char *name)
{
    return word.n == strlen(name) && !strncasecmp(word.p, name, word.n);
}

static void limit_snippet(struct rights *r, int32_t most)
{
    if (r->max_snippet < 0 || most < r->max_snippet)
        r->max_snippet = most;
    r->nosnippet = r->max_snippet == 0;
}

static void apply_directive(struct rights *r, struct url_part word)
{
    for (size_t i = 0; i < sizeof directives / sizeof *directives; i++)
        if (is_directive(word, directives[i].name)) {
            r->noindex |= directives[i].noindex;
            r->noarchive |= directives[i].noarchive;
            if (directives[i].nosnippet)
                limit_snippet(r, 0);
        }
}

/* "-1" and anything other than a number set no limit. */
static void apply_max_snippet(struct rights *r, struct url_part number)
{
    int32_t most = 0;
    for (size_t i = 0; i < number.n; i++) {
        char c = number.p[i];
        if (c < '0' || c > '9')
            return;
        most = most > (INT32_MAX - 9) / 10 ? INT32_MAX : most * 10 + (c - '0');
    }
    if (number.n)
        limit_snippet(r, most);
}

static const char *skip_chars(const char *p, const char *chars)
{
    return p + strspn(p, chars);
}

/* Reads a word, up to a space, comma, colon or semicolon. */
static struct url_part take_word(const char **p)
{
    const char *start = *p;
    *p += strcspn(*p, ",;: \t\r\n\v\f");
    return (struct url_part){start, (size_t)(*p - start)};
}

/* Skips a date: "25 Jun 2026 15:00:00 UTC", "Thursday, 25-Jun-26 15:00:00 UTC". */
static const char *skip_date(const char *p)
{
    p = skip_chars(p, " \t");
    p += strspn(p, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    p = skip_chars(p, " \t,");
    return p + strcspn(p, ",");
}

static bool is_for(struct url_part name, const char *agent)
{
    return is_directive(name, "*") || is_directive(name, "robots") ||
           (agent && robots_names(name.p, name.n, agent));
}

void rights_add_robots(struct rights *r, const char *p, const char *agent)
{
    bool ours = true;
    for (p = skip_chars(p, ",;: \t\r\n\v\f"); *p; p = skip_chars(p, ",;: \t\r\n\v\f")) {
        struct url_part word = take_word(&p);
        const char *colon = skip_chars(p, " \t");
        if (*colon != ':') {
            if (ours)
                apply_directive(r, word);
            continue;
        }
        p = skip_chars(colon + 1, " \t");
        if (is_directive(word, "unavailable_after")) {
            p = skip_date(p);
        } else if (word.n > 4 && !strncasecmp(word.p, "max-", 4)) { /* -image-preview etc. */
            struct url_part value = take_word(&p);
            if (ours && is_directive(word, "max-snippet"))
                apply_max_snippet(r, value);
        } else {
            ours = is_for(word, agent);
        }
    }
}

void rights_add_tdm(struct rights *r, const char *p)
{
    static const char between[] = ", \t\r\n\"";
    for (p = skip_chars(p, between); *p; p = skip_chars(p, between)) {
        bool one_digit = strcspn(p, between) == 1;
        r->tdm_reserved |= one_digit && *p == '1';
        r->tdm_said |= one_digit && (*p == '1' || *p == '0');
        p += strcspn(p, between);
    }
}

/* ---- tdmrep.json ----------------------------------------------------------------------------- */

static int reservation(const json_t *rule)
{
    const json_t *value = json_object_get(rule, "tdm-reservation");
    const char *text = json_string_value(value);
    if (text)
        return !strcmp(text, "1") ? 1 : !strcmp(text, "0") ? 0 : -1;
    json_int_t number = json_is_integer(value) ? json_integer_value(value) : -1;
    return number == 1 || number == 0 ? (int)number : -1;
}

static bool is_located(const json_t *rule, const struct buf *path)
{
    const char *location = json_string_value(json_object_get(rule, "location"));
    const char *query = strchr(path->p, '?');
    struct url_part whole = {path->p, path->len};
    struct url_part alone = {path->p, query ? (size_t)(query - path->p) : path->len};
    struct buf pattern;
    if (!location || !*location)
        return false;
    buf_init(&pattern, TDMREP_MAX_BYTES);
    robots_path_add(&pattern, location, strlen(location), true);
    struct url_part p = {buf_text(&pattern), pattern.len};
    bool is = robots_path_match(p, alone) || robots_path_match(p, whole);
    buf_free(&pattern);
    return is;
}

int tdmrep_reserves(const char *json, size_t n, const char *url)
{
    static const char mark[] = "\xef\xbb\xbf";
    size_t marked = n >= 3 && !memcmp(json, mark, 3) ? 3 : 0;
    json_t *rules = NULL;
    struct buf path;
    int reserves = -1;
    if (n > marked && n <= TDMREP_MAX_BYTES && url_is_http(url))
        rules = json_loadb(json + marked, n - marked, 0, NULL);
    buf_init(&path, ROBOTS_MAX_PATH);
    if (rules)
        robots_path_of(&path, url);
    for (size_t i = 0; i < json_array_size(rules) && i < TDMREP_MAX_RULES && reserves < 0; i++) {
        const json_t *rule = json_array_get(rules, i);
        int says = reservation(rule);
        if (says >= 0 && is_located(rule, &path))
            reserves = says;
    }
    buf_free(&path);
    json_decref(rules);
    return reserves;
}
