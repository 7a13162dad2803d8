/* Converts and stores the values of feeds and items; see fields.h. Settles ambiguous dates once the
 * whole document has been read. Used by build.c and json.c. */
#include "feed/fields.h"

#include "base/escape.h"
#include "base/mem.h"
#include "base/nfc.h"
#include "base/url.h"
#include "base/utf8.h"
#include "feed/html.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

_Static_assert(DATE_NONE == FEED_NO_TIME, "one value for no date");

enum field_kind { SPECIAL, PLAIN, AUTHOR, TITLE, RAW, MARKUP, ADDRESS, DATE };

static const size_t nowhere = (size_t)-1;

/* How a field is stored, and its offsets in a feed and in an item. */
static const struct slot {
    enum field_kind kind;
    size_t in_feed, in_item;
} slots[F_COUNT] = {
#define SLOT(kind, feed_member, item_member)                                                       \
    {                                                                                              \
        kind, offsetof(struct feed, feed_member), offsetof(struct feed_item, item_member)          \
    }
#define FEED_SLOT(kind, member)                                                                    \
    {                                                                                              \
        kind, offsetof(struct feed, member), (size_t)-1                                            \
    }
#define ITEM_SLOT(kind, member)                                                                    \
    {                                                                                              \
        kind, (size_t)-1, offsetof(struct feed_item, member)                                       \
    }
    [F_TITLE] = SLOT(TITLE, title, title),
    [F_LINK] = SLOT(ADDRESS, link, link),
    [F_ID] = SLOT(RAW, id, id),
    [F_SUMMARY] = SLOT(MARKUP, description, summary),
    [F_CONTENT] = ITEM_SLOT(MARKUP, content),
    [F_AUTHOR] = SLOT(AUTHOR, author, author),
    [F_PUBLISHED] = SLOT(DATE, published, published),
    [F_UPDATED] = SLOT(DATE, updated, updated),
    [F_LANGUAGE] = SLOT(RAW, language, language),
    [F_SOURCE_TITLE] = ITEM_SLOT(PLAIN, source_title),
    [F_SOURCE_URL] = ITEM_SLOT(ADDRESS, source_url),
    [F_ORIG_LINK] = ITEM_SLOT(ADDRESS, orig_link),
    [F_IMAGE] = ITEM_SLOT(ADDRESS, image),
    [F_SELF] = FEED_SLOT(ADDRESS, self),
    [F_HUB] = FEED_SLOT(ADDRESS, hub),
    [F_NEXT] = FEED_SLOT(ADDRESS, next),
    [F_PREV_ARCHIVE] = FEED_SLOT(ADDRESS, prev_archive),
};

void fields_init(struct feed_fields *s)
{
    *s = (struct feed_fields){
        .feed = mem_zero(sizeof *s->feed), .first = DATE_NONE, .last = DATE_NONE};
    s->feed->published = s->feed->updated = FEED_NO_TIME;
    memset(s->feed_has, -1, sizeof s->feed_has);
    buf_init(&s->scratch, FEED_MAX_TEXT * 2);
    buf_init(&s->more, FEED_MAX_TEXT * 2);
}

void fields_free(struct feed_fields *s)
{
    feed_free(s->feed);
    free(s->open);
    buf_free(&s->scratch);
    buf_free(&s->more);
}

/* Whether p is "www.kestrel.example", possibly with a path: an address without its scheme, as
 * browsers display it. Relative addresses do not look like this. */
static bool is_bare_host(const char *p)
{
    size_t host = strcspn(p, "/?#:");
    const char *dot = host > 4 && !strncasecmp(p, "www.", 4) ? memchr(p + 5, '.', host - 5) : NULL;
    return dot && dot + 1 < p + host && !memchr(p, ' ', host);
}

/* NULL if it is not an http address. An address without a scheme gets that of the document; a
 * relative one stays relative if no base is known. */
static char *whole_address(struct feed_fields *s, const char *base, const char *p)
{
    struct buf whole;
    buf_init(&whole, FEED_MAX_TEXT * 2);
    if (is_bare_host(p)) {
        bool plain_http = base && !strncasecmp(base, "http:", 5);
        buf_addf(&whole, "%s://%s", plain_http ? "http" : "https", p);
        p = buf_text(&whole);
    }
    char *url = url_resolve(base, p), *kept = NULL;
    if (url_is_http(url) || !url_is_absolute(url))
        kept = texts_add(&s->feed->texts, url);
    buf_free(&whole);
    free(url);
    return kept;
}

bool fields_item_begin(struct feed_fields *s)
{
    struct feed *f = s->feed;
    if (f->n_items >= FEED_MAX_ITEMS) {
        f->dropped++;
        return false;
    }
    MEM_GROW(f->items, f->n_items, s->items_room);
    s->item = &f->items[f->n_items++];
    *s->item = (struct feed_item){.published = FEED_NO_TIME, .updated = FEED_NO_TIME};
    memset(s->item_has, -1, sizeof s->item_has);
    s->categories_room = s->enclosures_room = 0;
    memset(s->item_open, 0, sizeof s->item_open);
    return true;
}

static void keep_open_dates(struct feed_fields *s, const struct open_date two[2])
{
    for (size_t i = 0; i < 2; i++)
        if (two[i].text) {
            MEM_GROW(s->open, s->n_open, s->open_room);
            s->open[s->n_open++] = two[i];
        }
}

void fields_item_end(struct feed_fields *s)
{
    struct feed_item *i = s->item;
    struct texts *texts = &s->feed->texts;
    if (i && i->id_is_link) {
        i->id_is_link = i->id && url_is_http(i->id);
        if (i->id_is_link && !i->link)
            i->link = texts_add(texts, i->id);
        else if (i->id && !i->link && is_bare_host(i->id))
            i->link = whole_address(s, s->feed->link, i->id);
    }
    if (i && !i->link && i->orig_link)
        i->link = texts_add(texts, i->orig_link);
    if (i && !i->link && i->n_enclosures) /* better than no address at all */
        i->link = texts_add(texts, i->enclosures[0].url);
    if (i)
        keep_open_dates(s, s->item_open);
    s->item = NULL;
}

/* ---- values ---------------------------------------------------------------------------------- */
static void trim_value(const char **p, size_t *n)
{
    while (*n && (unsigned char)**p <= ' ')
        (*p)++, (*n)--;
    while (*n && (unsigned char)(*p)[*n - 1] <= ' ')
        (*n)--;
}

/* Whether the text is already squeezed, as most titles are: all white space is single blanks. */
static bool is_squeezed(const char *p, size_t n)
{
    bool blank = true; /* also excludes a leading one */
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)p[i] > ' ')
            blank = false;
        else if (blank || p[i] != ' ')
            return false;
        else
            blank = true;
    }
    return !blank;
}

/* Replaces runs of white space by one blank. */
static void squeeze_blanks(struct buf *out, const char *p, size_t n)
{
    const char *end = p + n;
    if (!out->len && is_squeezed(p, n)) {
        buf_add(out, p, n);
        return;
    }
    while (p < end) {
        const char *start = p;
        while (p < end && (unsigned char)*p > ' ')
            p++;
        if (p > start) {
            if (out->len)
                buf_addc(out, ' ');
            buf_add(out, start, (size_t)(p - start));
        }
        while (p < end && (unsigned char)*p <= ' ')
            p++;
    }
}

/* Normalises a plain text, which is in `more` or in `scratch`, to NFC in the other buffer. */
static void compose(struct feed_fields *s, const char **p, size_t *n)
{
    struct buf *out = *p == s->more.p ? &s->scratch : &s->more;
    if (nfc_is(*p, *n))
        return;
    buf_clear(out);
    nfc_add(out, *p, *n);
    *p = buf_text(out);
    *n = out->len;
}

static void plain_value(struct feed_fields *s, const char **p, size_t *n, enum fields_type type)
{
    buf_clear(&s->more);
    if (type != FIELDS_PLAIN && (memchr(*p, '<', *n) || memchr(*p, '&', *n))) {
        html_to_text(&s->more, *p, *n);
        buf_clear(&s->scratch);
        squeeze_blanks(&s->scratch, buf_text(&s->more), s->more.len);
        *p = buf_text(&s->scratch);
        *n = s->scratch.len;
    } else {
        squeeze_blanks(&s->more, *p, *n);
        *p = buf_text(&s->more);
        *n = s->more.len;
    }
    compose(s, p, n);
}

static void markup(struct feed_fields *s, const char **p, size_t *n, enum fields_type type,
                   const char *base)
{
    bool is_plain = type == FIELDS_PLAIN;
    if (is_plain ? !memchr(*p, '<', *n) && !memchr(*p, '&', *n) : !base || !memchr(*p, '<', *n))
        return;
    buf_clear(&s->more);
    if (is_plain)
        escape(&s->more, ESCAPE_TEXT, *p, *n);
    else
        html_absolute(&s->more, *p, *n, base);
    *p = buf_text(&s->more);
    *n = s->more.len;
}

static void set_author(char **to, const char *p, size_t n)
{
    free(*to);
    *to = mem_strn(p, n);
}

/* A title with markup is kept as text and as markup. */
static void title_markup(struct feed_fields *s, const char *p, size_t n, enum fields_type type,
                         const char *base)
{
    char **to = s->item ? &s->item->title_html : &s->feed->title_html;
    *to = NULL;
    if (type != FIELDS_PLAIN && memchr(p, '<', n) && html_looks_like(p, n)) {
        markup(s, &p, &n, FIELDS_HTML, base);
        *to = texts_addn(&s->feed->texts, p, n);
    }
}

/* ---- dates --------------------------------------------------------------------------------------
 *
 * "05/03/2024" is in March or in May, and "listopad" is October in Croatian, November in Polish:
 * the rest of the document resolves what a text leaves open. The order of day and month is that of
 * the feed's unambiguous dates; without any, the order in which the feed's dates are closer
 * together. */
static const char *language_of_item(const struct feed_fields *s, const struct feed_item *i)
{
    return i && i->language ? i->language : s->feed->language;
}

static void note_sure_date(struct feed_fields *s, const struct date *d, int64_t t)
{
    if (d->usual != DATE_ANY_ORDER && d->day_first != d->month_first) {
        s->day_first += d->day_first != DATE_NONE;
        s->month_first += d->month_first != DATE_NONE;
    }
    s->first = s->first == DATE_NONE || t < s->first ? t : s->first;
    s->last = s->last == DATE_NONE || t > s->last ? t : s->last;
}

static bool set_date(struct feed_fields *s, int64_t *to, bool updated, const char *text, size_t n)
{
    const char *lang = language_of_item(s, s->item);
    struct date d = date_read(text, lang);
    int64_t t = date_in_order(&d, DATE_ANY_ORDER);
    if (t == DATE_NONE && !d.needs_language)
        return false;
    struct open_date *open = &(s->item ? s->item_open : s->feed_open)[updated];
    *open = (struct open_date){.text = NULL};
    bool both = d.day_first != DATE_NONE && d.month_first != DATE_NONE;
    if (d.needs_language || (both && d.day_first != d.month_first))
        *open = (struct open_date){.date = d,
                                   .text = texts_addn(&s->feed->texts, text, n),
                                   .lang = lang,
                                   .item = s->item ? s->feed->n_items - 1 : FIELDS_OF_FEED,
                                   .updated = updated};
    else
        note_sure_date(s, &d, t);
    if (t != DATE_NONE)
        *to = t;
    return t != DATE_NONE;
}

/* The time from the first date to the last if all open dates are read in that order. */
static int64_t span(const struct feed_fields *s, enum date_order order)
{
    int64_t first = s->first, last = s->last;
    for (size_t i = 0; i < s->n_open; i++) {
        int64_t t = date_in_order(&s->open[i].date, order);
        if (t == DATE_NONE)
            continue;
        first = first == DATE_NONE || t < first ? t : first;
        last = last == DATE_NONE || t > last ? t : last;
    }
    return last - first;
}

static enum date_order order_of(const struct feed_fields *s)
{
    enum { CLOSER = 2 }; /* minimum factor */
    if (s->day_first != s->month_first)
        return s->day_first > s->month_first ? DATE_DAY_FIRST : DATE_MONTH_FIRST;
    int64_t by_day = span(s, DATE_DAY_FIRST), by_month = span(s, DATE_MONTH_FIRST);
    if (by_day == by_month || (by_day < by_month * CLOSER && by_month < by_day * CLOSER))
        return DATE_ANY_ORDER;
    return by_day < by_month ? DATE_DAY_FIRST : DATE_MONTH_FIRST;
}

static void settle_dates(struct feed_fields *s)
{
    if (s->item)
        keep_open_dates(s, s->item_open);
    keep_open_dates(s, s->feed_open);
    for (size_t i = 0; i < s->n_open; i++) {
        struct open_date *o = &s->open[i];
        const char *lang =
            language_of_item(s, o->item == FIELDS_OF_FEED ? NULL : &s->feed->items[o->item]);
        if (lang != o->lang) /* the language came after the date */
            o->date = date_read(o->text, lang);
    }
    enum date_order order = s->n_open ? order_of(s) : DATE_ANY_ORDER;
    for (size_t i = 0; i < s->n_open; i++) {
        const struct open_date *o = &s->open[i];
        struct feed_item *item = o->item == FIELDS_OF_FEED ? NULL : &s->feed->items[o->item];
        int64_t *published = item ? &item->published : &s->feed->published;
        int64_t *updated = item ? &item->updated : &s->feed->updated;
        int64_t t = date_in_order(&o->date, order);
        if (t != DATE_NONE)
            *(o->updated ? updated : published) = t;
    }
}

struct feed *fields_take(struct feed_fields *s)
{
    settle_dates(s);
    struct feed *f = s->feed;
    s->feed = NULL;
    return f;
}

static bool convert_and_set(struct feed_fields *s, void *to, enum field_kind kind, const char *p,
                            size_t n, enum fields_type type, const char *base)
{
    if (kind == ADDRESS) {
        char *kept = whole_address(s, base, p);
        if (kept)
            *(char **)to = kept;
        return kept;
    }
    if (kind == TITLE)
        title_markup(s, p, n, type, base);
    if (kind == PLAIN || kind == AUTHOR || kind == TITLE)
        plain_value(s, &p, &n, type);
    else if (kind == MARKUP)
        markup(s, &p, &n, type, base);
    if (n && kind == AUTHOR)
        set_author(to, p, n);
    else if (n)
        *(char **)to = texts_addn(&s->feed->texts, p, n);
    return n > 0;
}

/* Copies a cleaned and trimmed text into `scratch`; false if nothing is left. */
static bool clean_value(struct feed_fields *s, const char **p, size_t *n)
{
    trim_value(p, n);
    if (!*n)
        return false;
    buf_clear(&s->scratch);
    if (*n > FEED_MAX_TEXT) {
        s->feed->dropped++;
        *n = utf8_cut(*p, FEED_MAX_TEXT);
    }
    utf8_clean(&s->scratch, *p, *n);
    *p = buf_text(&s->scratch);
    *n = s->scratch.len;
    trim_value(p, n);
    if (*n)
        s->scratch.p[*p + *n - s->scratch.p] = 0;
    return *n > 0;
}

/* A positive count, or 0 if the text is invalid. */
static int read_count(const char *text)
{
    long n = strtol(text, NULL, 10);
    return n > 0 && n < INT_MAX ? (int)n : 0;
}

static int period(const char *text)
{
    static const struct {
        const char *name;
        int seconds;
    } periods[] = {{"hourly", 3600},
                   {"daily", 86400},
                   {"weekly", 7 * 86400},
                   {"monthly", 30 * 86400},
                   {"yearly", 365 * 86400}};
    for (size_t i = 0; i < sizeof periods / sizeof *periods; i++)
        if (!strcasecmp(text, periods[i].name))
            return periods[i].seconds;
    return 0;
}

/* Hours are counted from 0 to 23; some feeds count to 24. */
static unsigned hour(const char *text)
{
    char *end;
    long n = strtol(text, &end, 10);
    return end != text && n >= 0 && n <= 24 ? 1u << n % 24 : 0;
}

static unsigned day(const char *text)
{
    static const char *const days[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
    for (unsigned i = 0; i < 7; i++)
        if (!strncasecmp(text, days[i], 3))
            return 1u << i;
    return 0;
}

/* Values about how often the feed is updated. */
static void store_rhythm(struct feed *f, enum rules_field field, const char *p)
{
    if (field == F_TTL)
        f->ttl = read_count(p);
    else if (field == F_UPDATE_PERIOD)
        f->update_period = period(p);
    else if (field == F_UPDATE_FREQUENCY)
        f->update_frequency = read_count(p);
    else if (field == F_SKIP_HOUR)
        f->skip_hours |= hour(p);
    else if (field == F_SKIP_DAY)
        f->skip_days |= day(p);
}

void fields_text(struct feed_fields *s, enum rules_field field, const char *p, size_t n,
                 enum fields_type type, const char *base, int priority)
{
    const struct slot *slot = &slots[field];
    size_t offset = s->item ? slot->in_item : slot->in_feed;
    signed char *has = s->item ? &s->item_has[field] : &s->feed_has[field];
    int least = slot->kind == DATE ? priority + 1 : priority; /* of two dates the last counts */
    if (offset == nowhere || *has >= least || !clean_value(s, &p, &n))
        return;
    char *record = s->item ? (char *)s->item : (char *)s->feed;
    if (slot->kind == SPECIAL)
        store_rhythm(s->feed, field, p);
    else if (slot->kind == DATE
                 ? set_date(s, (int64_t *)(record + offset), field == F_UPDATED, p, n)
                 : convert_and_set(s, record + offset, slot->kind, p, n, type, base))
        *has = (signed char)priority;
}

/* Each name is searched for among the earlier ones, so their length is limited. */
enum { ENOUGH_AUTHORS = 2000 };

void fields_author(struct feed_fields *s, const char *name, int priority)
{
    signed char *has = s->item ? &s->item_has[F_AUTHOR] : &s->feed_has[F_AUTHOR];
    char **author = s->item ? &s->item->author : &s->feed->author;
    if (*has != priority) {
        fields_text(s, F_AUTHOR, name, strlen(name), FIELDS_UNSAID, NULL, priority);
        return;
    }
    if (strlen(*author) >= ENOUGH_AUTHORS) {
        s->feed->dropped++;
        return;
    }
    char *before = *author;
    *author = NULL;
    *has = -1;
    fields_text(s, F_AUTHOR, name, strlen(name), FIELDS_UNSAID, NULL, priority);
    if (*author && !strstr(before, *author)) {
        struct buf b;
        buf_init(&b, FEED_MAX_TEXT);
        buf_addf(&b, "%s, %s", before, *author);
        free(*author);
        *author = buf_take(&b);
        free(before);
    } else {
        free(*author);
        *author = before;
        *has = (signed char)priority;
    }
}

void fields_inherit_author(struct feed_fields *s)
{
    for (size_t i = 0; s->feed->author && i < s->feed->n_items; i++)
        if (!s->feed->items[i].author)
            s->feed->items[i].author = mem_str(s->feed->author);
}

void fields_category(struct feed_fields *s, const char *p, size_t n)
{
    struct feed_item *i = s->item;
    if (!i || !clean_value(s, &p, &n))
        return;
    plain_value(s, &p, &n, FIELDS_UNSAID);
    for (size_t k = 0; k < i->n_categories; k++)
        if (!strcmp(i->categories[k], p))
            return;
    if (i->n_categories >= FEED_MAX_CATEGORIES) {
        s->feed->dropped++;
    } else if (n) {
        MEM_GROW(i->categories, i->n_categories, s->categories_room);
        i->categories[i->n_categories++] = texts_addn(&s->feed->texts, p, n);
    }
}

void fields_enclosure(struct feed_fields *s, const char *url, size_t n, const char *type,
                      const char *length, const char *base)
{
    struct feed_item *i = s->item;
    if (!i || !clean_value(s, &url, &n))
        return;
    if (i->n_enclosures >= FEED_MAX_CATEGORIES) {
        s->feed->dropped++;
        return;
    }
    char *kept = whole_address(s, base, url);
    if (!kept)
        return;
    MEM_GROW(i->enclosures, i->n_enclosures, s->enclosures_room);
    struct feed_enclosure *e = &i->enclosures[i->n_enclosures++];
    char *end = NULL;
    long long bytes = length ? strtoll(length, &end, 10) : -1;
    *e = (struct feed_enclosure){kept, NULL, end == length ? -1 : bytes};
    n = type ? strlen(type) : 0;
    if (type && clean_value(s, &type, &n))
        e->type = texts_addn(&s->feed->texts, type, n);
}
