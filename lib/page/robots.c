/* Parses robots.txt, answers whether an address is allowed, and writes shortened rules for the
 * store; see robots.h. Paths are compared by robots_path.c. Used by lib/ingest and rights.c. */
#include "page/robots.h"

#include "base/mem.h"
#include "base/texts.h"
#include "base/url.h"
#include "page/robots_path.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct rule {
    const char *pattern; /* in the form of page/robots_path.h; never empty */
    size_t n;
    bool allow;
};

struct robots {
    struct rule *rules; /* sorted: disallows first, then by octets; without duplicates */
    size_t n, capacity;
    struct texts texts;
    int64_t delay;
    bool shortened; /* it disallows more than the site does */
};

static const char head[] = "# The rules of the site's robots.txt for this robot\n";
static const char note[] = "# Shortened: more is disallowed here than there, never less";
static const char *const lines[] = {"Disallow: ", "Allow: "}; /* indexed by `allow` */

/* ---- rules ----------------------------------------------------------------------------------- */

static int by_octets(const void *a, const void *b)
{
    const struct rule *x = a, *y = b;
    if (x->allow != y->allow)
        return x->allow - y->allow;
    int order = memcmp(x->pattern, y->pattern, x->n < y->n ? x->n : y->n);
    return order ? order : (x->n > y->n) - (x->n < y->n);
}

static void drop_repeated(struct robots *r)
{
    size_t kept = 0;
    if (r->n)
        qsort(r->rules, r->n, sizeof *r->rules, by_octets);
    for (size_t i = 0; i < r->n; i++)
        if (!kept || by_octets(&r->rules[kept - 1], &r->rules[i]) != 0)
            r->rules[kept++] = r->rules[i];
    r->n = kept;
}

/* The number of leading rules that fit within `most` rules and, when written, within `bytes`
 * bytes. */
static size_t fitting(const struct rule *rules, size_t n, size_t most, size_t bytes)
{
    size_t i = 0;
    for (; i < n && i < most; i++) {
        size_t line = strlen(lines[rules[i].allow]) + rules[i].n + 1;
        if (line > bytes)
            break;
        bytes -= line;
    }
    return i;
}

/* Shortens a pattern to a prefix, which matches everything that the pattern does. */
static struct rule cut_rule(struct rule rule, size_t most)
{
    if (rule.n <= most)
        return rule;
    rule.n = most;
    for (size_t i = 1; i <= 2 && i < most; i++)
        if (rule.pattern[most - i] == '%')
            rule.n = most - i; /* does not split an encoded octet */
    return rule;
}

/* Whether one pattern is a prefix of the other, and so matches everything that it does. (None with
 * a `$` is.) */
static bool covers(const struct rule *a, const struct rule *b)
{
    return a->n <= b->n && !memcmp(a->pattern, b->pattern, a->n);
}

/* Copies the rules, shortened to `most` bytes, into `out`, without those that another one then
 * covers. In sorted order, these follow the one that covers them. */
static size_t broaden(const struct rule *rules, size_t n, size_t most, struct rule *out)
{
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        out[i] = cut_rule(rules[i], most);
    qsort(out, n, sizeof *out, by_octets);
    for (size_t i = 0; i < n; i++)
        if (!kept || !covers(&out[kept - 1], &out[i]))
            out[kept++] = out[i];
    return kept;
}

/* Makes the rules fit by dropping allows or, if that is not enough, by shortening disallows; both
 * disallow more. Allows are not kept together with shortened disallows: a shortened disallow could
 * become shorter than an allow that it should override. */
static void shorten(struct robots *r, size_t most, size_t bytes)
{
    size_t disallows = 0, low = 1, high = ROBOTS_MAX_PATTERN;
    size_t fit = fitting(r->rules, r->n, most, bytes);
    if (fit == r->n)
        return;
    while (disallows < r->n && !r->rules[disallows].allow)
        disallows++;
    r->shortened = true;
    r->n = fit;
    if (fit >= disallows)
        return;
    struct rule *out = mem_alloc(disallows * sizeof *out);
    while (low < high) { /* shortened to one byte, they fit */
        size_t middle = (low + high + 1) / 2, n = broaden(r->rules, disallows, middle, out);
        if (fitting(out, n, most, bytes) == n)
            low = middle;
        else
            high = middle - 1;
    }
    r->n = broaden(r->rules, disallows, low, out);
    memcpy(r->rules, out, r->n * sizeof *out);
    free(out);
}

/* ---- reading --------------------------------------------------------------------------------- */

static size_t token_length(const char *p, size_t n)
{
    static const char chars[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    size_t i = 0;
    while (i < n && p[i] && strchr(chars, p[i]))
        i++;
    return i;
}

bool robots_names(const char *name, size_t n, const char *agent)
{
    size_t length = token_length(agent, strlen(agent));
    return length && token_length(name, n) == length && !strncasecmp(name, agent, length);
}

static bool is_blank_char(char c)
{
    return c == ' ' || c == '\t' || c == '\v' || c == '\f';
}

static struct url_part trim_part(const char *p, const char *end)
{
    while (p < end && is_blank_char(*p))
        p++;
    while (end > p && is_blank_char(end[-1]))
        end--;
    return (struct url_part){p, (size_t)(end - p)};
}

static bool is_field_name(struct url_part part, const char *word)
{
    return part.n == strlen(word) && !strncasecmp(part.p, word, part.n);
}

static struct url_part next_robots_line(const char **p, const char *end)
{
    const char *start = *p;
    while (*p < end && **p != '\n' && **p != '\r')
        (*p)++;
    struct url_part line = {start, (size_t)(*p - start)};
    *p += *p < end;
    return line;
}

/* Splits "key: value # comment"; false for any other line. */
static bool split(struct url_part line, struct url_part *key, struct url_part *value)
{
    const char *comment = memchr(line.p, '#', line.n);
    const char *end = comment ? comment : line.p + line.n;
    const char *colon = memchr(line.p, ':', (size_t)(end - line.p));
    if (!colon)
        return false;
    *key = trim_part(line.p, colon);
    *value = trim_part(colon + 1, end);
    return true;
}

/* Reads seconds with an optional fraction; trailing words are ignored. */
static int64_t read_delay(struct url_part v)
{
    int64_t ms = 0, unit = 1000;
    size_t i = 0, digits = 0;
    bool fraction = false;
    for (; i < v.n && !is_blank_char(v.p[i]); i++) {
        bool digit = v.p[i] >= '0' && v.p[i] <= '9';
        if (!digit && (v.p[i] != '.' || fraction))
            return -1;
        fraction |= !digit;
        if (!digit)
            continue;
        digits++;
        unit = fraction ? unit / 10 : unit;
        ms = (fraction ? ms : ms * 10) + (v.p[i] - '0') * unit;
        if (ms > ROBOTS_MAX_DELAY)
            ms = ROBOTS_MAX_DELAY;
    }
    return digits ? ms : -1;
}

static void add_rule(struct robots *r, struct url_part value, bool allow)
{
    struct buf b;
    if (!value.n || (*value.p != '/' && *value.p != '*'))
        return;
    buf_init(&b, ROBOTS_MAX_PATTERN);
    robots_path_add(&b, value.p, value.n, true);
    r->shortened |= b.full;
    if (!b.full || !allow) {
        MEM_GROW(r->rules, r->n, r->capacity);
        r->rules[r->n++] = (struct rule){texts_addn(&r->texts, b.p, b.len), b.len, allow};
    }
    buf_free(&b);
}

/* Whether the group is for the agent, or without an agent for all. */
static bool names(struct url_part value, const char *agent)
{
    if (agent)
        return robots_names(value.p, value.n, agent);
    return value.n && *value.p == '*' && (value.n == 1 || is_blank_char(value.p[1]));
}

/* Adds the rules of the groups for `agent`; false if there are none. Only a rule ends a group's
 * initial user-agent lines: by RFC 9309, other records do not. */
static bool read_groups(struct robots *r, const char *p, const char *end, const char *agent)
{
    bool found = false, ours = false, beginning = false;
    while (p < end) {
        struct url_part line = next_robots_line(&p, end), key, value;
        if (is_field_name(line, note))
            r->shortened = true;
        if (!split(line, &key, &value))
            continue;
        bool allow = is_field_name(key, "allow");
        if (is_field_name(key, "user-agent")) {
            ours = names(value, agent) || (ours && beginning);
            found |= ours;
            beginning = true;
        } else if (allow || is_field_name(key, "disallow")) {
            beginning = false;
            if (ours)
                add_rule(r, value, allow);
        } else if (ours && is_field_name(key, "crawl-delay")) {
            int64_t delay = read_delay(value);
            r->delay = delay > r->delay ? delay : r->delay;
        }
    }
    return found;
}

/* Drops a last line that may be truncated: a truncated allow could allow everything. */
static size_t whole_lines(const char *bytes, size_t n)
{
    if (n < ROBOTS_MAX_BYTES)
        return n;
    n = ROBOTS_MAX_BYTES;
    while (n && bytes[n - 1] != '\n' && bytes[n - 1] != '\r')
        n--;
    return n;
}

struct robots *robots_read(const char *bytes, size_t n, const char *agent)
{
    static const char mark[] = "\xef\xbb\xbf";
    struct robots *r = mem_zero(sizeof *r);
    const char *p = n ? bytes : "", *end = p + whole_lines(p, n);
    r->delay = -1;
    if (end - p >= 3 && !memcmp(p, mark, 3))
        p += 3;
    if (!read_groups(r, p, end, agent))
        read_groups(r, p, end, NULL);
    drop_repeated(r);
    shorten(r, ROBOTS_MAX_RULES, SIZE_MAX);
    return r;
}

void robots_free(struct robots *r)
{
    if (!r)
        return;
    texts_free(&r->texts);
    free(r->rules);
    free(r);
}

/* ---- answers --------------------------------------------------------------------------------- */

static bool decide_path(const struct robots *r, struct url_part path)
{
    size_t longest[2] = {0}; /* indexed by `allow` */
    for (size_t i = 0; i < r->n; i++) {
        const struct rule *rule = &r->rules[i];
        if (rule->n > longest[rule->allow] &&
            robots_path_match((struct url_part){rule->pattern, rule->n}, path))
            longest[rule->allow] = rule->n;
    }
    return longest[true] >= longest[false];
}

bool robots_allow(const struct robots *r, const char *url)
{
    struct buf path;
    if (!url_is_http(url))
        return false;
    buf_init(&path, ROBOTS_MAX_PATH);
    robots_path_of(&path, url);
    bool allow = path.full ? !r->n || r->rules[0].allow
                           : !strcmp(buf_text(&path), "/robots.txt") ||
                                 decide_path(r, (struct url_part){path.p, path.len});
    buf_free(&path);
    return allow;
}

int64_t robots_delay(const struct robots *r)
{
    return r->delay;
}

bool robots_pattern(const char *pattern, const char *path)
{
    struct buf p, text;
    buf_init(&p, 3 * strlen(pattern));
    buf_init(&text, ROBOTS_MAX_PATH);
    robots_path_add(&p, pattern, strlen(pattern), true);
    robots_path_add(&text, path, strlen(path), false);
    bool matches = p.len && robots_path_match((struct url_part){p.p, p.len},
                                              (struct url_part){buf_text(&text), text.len});
    buf_free(&p);
    buf_free(&text);
    return matches;
}

/* ---- writing --------------------------------------------------------------------------------- */

static void write_delay(int64_t ms, struct buf *out)
{
    if (ms >= 0)
        buf_addf(out, "Crawl-delay: %" PRId64 ".%03" PRId64 "\n", ms / 1000, ms % 1000);
}

void robots_write(const struct robots *r, struct buf *out)
{
    enum { REST = 128 /* for lines other than rules */ };
    struct robots kept = *r;
    kept.rules = mem_alloc((r->n + 1) * sizeof *r->rules);
    if (r->n)
        memcpy(kept.rules, r->rules, r->n * sizeof *r->rules);
    shorten(&kept, ROBOTS_MAX_RULES, ROBOTS_MAX_KEPT - sizeof head - sizeof note - REST);
    buf_adds(out, head);
    if (kept.shortened)
        buf_addf(out, "%s\n", note);
    buf_adds(out, "User-agent: *\n");
    write_delay(kept.delay, out);
    for (size_t i = 0; i < kept.n; i++)
        buf_addf(out, "%s%.*s\n", lines[kept.rules[i].allow], (int)kept.rules[i].n,
                 kept.rules[i].pattern);
    if (!kept.n)
        buf_adds(out, "Disallow:\n");
    free(kept.rules);
}
